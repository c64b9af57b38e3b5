"""Activations: before, after, and the gate that the gradient has to pass."""

from __future__ import annotations

from typing import cast

import numpy as np

from core.inspect.trace import Stage
from core.layers import GELU, Activation, LeakyReLU, ReLU, Sigmoid, Tanh
from core.tensor import Array
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import MakeWords, Words, describe
from viz_app.scene.panels import made, tensor
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Scene
from viz_app.scene.tables import channel_row

# An open gate lets a gradient through as it is.
one_scale("backward", ReLU, ("g_X_out", "g_X_in"))


@view("forward", Activation)
def forward(look: Look) -> Scene:
    """X^(in) → X^(out), or the slope at each number, and how many slopes are zero."""
    panels = {"X_in": tensor(look, "X_in")}
    if "gate" not in look.at_work:
        panels["X_out"] = tensor(look, "X_out")
        return Scene(made(panels, "X_out"), ["X_in", "→", "X_out"])
    closed, dead = look.arrays["closed"], look.arrays.get("dead")
    sample = min(look.sample, len(closed) - 1)
    zeros = f"closed: {_share(closed[sample])}"
    panels["closed"] = channel_row(look, "closed", sample=sample)
    if dead is not None:
        zeros += f" here, dead: {_share(dead)}"
        panels["dead"] = channel_row(look, "dead")
    counts = list(panels)[1:]
    panels["gate"] = tensor(look, "gate", note=zeros)
    layout = ["X_in", "→", ["gate", {"table": counts}]]
    return Scene(made(panels, "gate", *counts), layout, scroll={"c": look.channel})


def _share(zeros: Array) -> str:
    """Return how many of the numbers are 1; some may be covered."""
    share = zeros.mean()
    return "?" if np.isnan(share) else f"{share:.0%}"


# The backward pass of ReLU is its own, and gives the same.
@view("backward", Activation, ReLU)
def backward(look: Look) -> Scene:
    """X^(in) → gate; then g(L, X^(out)) × gate = g(L, X^(in))."""
    if "g_X_in" not in look.at_work:
        panels = {key: tensor(look, key) for key in ("X_in", "gate")}
        return Scene(made(panels, "gate"), ["X_in", "→", "gate"])
    panels = {key: tensor(look, key) for key in ("g_X_out", "gate", "g_X_in")}
    layout = ["g_X_out", "×", "gate", "=", "g_X_in"]
    return Scene(made(panels, "g_X_in"), layout)


ROUTE = r"<g_X_in> = <g_X_out> \cdot <gate>"


def _words(output: tuple[str, str], gate: tuple[str, str], backward: str) -> Words:
    """Return the words of one function: f, its slope, and what the slope does to the gradient."""
    return {
        ("forward", "output"): output,
        ("forward", "gate"): gate,
        ("backward", "gate"): gate,
        ("backward", "input gradient"): (backward, ROUTE),
    }


WORDS: dict[type[Activation], Words] = {
    ReLU: _words(
        (
            "Positive numbers pass as they are, all others become 0.",
            r"<X_out> = \max(<X_in>, 0)",
        ),
        (
            "The gate is open (1) or closed (0){dead}.",
            r"<gate> = 1 \text{ if } <X_in> > 0, \; 0 \text{ else}",
        ),
        "An open gate lets the gradient through unchanged, a closed one stops it.",
    ),
    LeakyReLU: _words(
        (
            "Positive numbers pass as they are, negative ones shrink by a small slope α.",
            r"<X_out> = <X_in> \text{ if } <X_in> > 0, \; <alpha> \, <X_in> \text{ else}",
        ),
        (
            "The gate is 1 or α: with α above 0 it never closes, so no unit can die.",
            r"<gate> = 1 \text{ if } <X_in> > 0, \; <alpha> \text{ else}",
        ),
        "The gradient passes unchanged, or shrinks by the slope α.",
    ),
    Sigmoid: _words(
        (
            "Every number is squeezed between 0 and 1, with 1/2 for 0.",
            r"<X_out> = \frac{1}{1 + \exp(-<X_in>)}",
        ),
        (
            "The slope is at most 1/4 and almost 0 far from 0: there the unit is saturated.",
            r"<gate> = <X_out> \, (1 - <X_out>)",
        ),
        "The gradient shrinks to a quarter at most, and to almost nothing at saturated units.",
    ),
    Tanh: _words(
        (
            "Every number is squeezed between −1 and 1, with 0 for 0.",
            r"<X_out> = \tanh(<X_in>)",
        ),
        (
            "The slope is 1 at 0 and almost 0 far from it: there the unit is saturated.",
            r"<gate> = 1 - <X_out>^2",
        ),
        "Near 0 the gradient passes almost unchanged, at saturated units almost nothing of it.",
    ),
    GELU: _words(
        (
            "Each number is multiplied by Φ, the chance that a normal number is below it.",
            r"<X_out> = <X_in> \, \Phi(<X_in>)",
        ),
        (
            "The slope goes smoothly from 0 to 1, a little below 0 and above 1 on the way.",
            r"<gate> = \Phi(<X_in>) + <X_in> \, \varphi(<X_in>), \; \varphi = \Phi'",
        ),
        "The gradient is multiplied by the slope: most of it passes at large positive numbers.",
    ),
}

ANY: Words = _words(
    ("Every number goes through the same function f.", "=X_out"),
    ("The gate is the slope of f at each number; a unit with slope 0 is closed.", "=gate"),
    "Each gradient is multiplied by the slope.",
)


# Of a training batch; a picture that is asked about does not tell it.
DEAD = "; a unit closed in every sample of a batch is dead"
# The method that an inner stage's words describe, besides those of every layer.
DESCRIBED = {"output": "function", "gate": "slope", "input gradient": "slope"}


def _words_of(kind: type[Activation], words: Words) -> MakeWords:
    def make(stage: Stage) -> Words:
        # A subclass with another function or slope is no longer what the words say of it.
        said = {
            at: own if _is_of(kind, type(stage.maker), DESCRIBED[at[1]]) else ANY[at]
            for at, own in words.items()
        }
        dead = DEAD if cast(Activation, stage.maker).training else ""
        return {at: (text.format(dead=dead), latex) for at, (text, latex) in said.items()}

    return make


def _is_of(kind: type, maker: type, method: str) -> bool:
    return getattr(maker, method, None) is getattr(kind, method)


describe(ANY, Activation)
for _kind, _of_kind in WORDS.items():
    describe(_words_of(_kind, _of_kind), _kind)

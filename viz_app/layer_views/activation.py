"""Activations: before, after, and the gate that the gradient has to pass."""

from __future__ import annotations

from core.inspect.trace import Stage
from core.layers import GELU, Activation, LeakyReLU, ReLU, Sigmoid, Tanh
from viz_app.scene.panels import made, tensor
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Panel, Scene
from viz_app.scene.tables import channel_page, channel_row
from viz_app.scene.words import MakeWords, Words, describe

SIDE = 176  # px of an image: eight cells that print their numbers
MOST = 60  # px of a cell of a small image
TABLE = 184  # px of a row of the table: four channels


@view("forward", Activation)
def forward(look: Look) -> Scene:
    """X^(in) → X^(out), the slope at each number, and how many slopes are zero."""
    closed, dead = look.arrays["closed"], look.arrays["dead"]
    sample = min(look.sample, len(closed) - 1)
    zeros = f"closed: {closed[sample].mean():.0%} here, dead: {dead.mean():.0%}"
    panels = {
        "X_in": _image(look, "X_in"),
        "X_out": _image(look, "X_out"),
        "gate": _image(look, "gate", zeros),
        "closed": channel_row(look, "closed", TABLE, sample=sample),
        "dead": channel_row(look, "dead", TABLE),
    }
    table = {"table": ["closed", "dead"]}
    scroll = {"c": channel_page(look, len(dead), TABLE)}
    layout = ["X_in", "→", "X_out", "gate", table]
    return Scene(made(panels, *(look.fresh - {"X_in"})), layout, scroll=scroll)


@view("backward", Activation)
def backward(look: Look) -> Scene:
    """X^(in) → gate × g(L, X^(out)) = g(L, X^(in))."""
    keys = ("X_in", "gate", "g_X_out", "g_X_in")
    panels = {key: _image(look, key) for key in keys}
    layout = ["X_in", "→", "gate", "×", "g_X_out", "=", "g_X_in"]
    return Scene(made(panels, *(look.fresh - {"X_in", "g_X_out"})), layout)


def _image(look: Look, key: str, note: str = "") -> Panel:
    return tensor(look, key, width=SIDE, height=SIDE, note=note, most=MOST)


ROUTE = r"g(L, X^{(in)}) = g(L, X^{(out)}) \cdot f'(X^{(in)})"


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
            r"f(x) = \max(x, 0)",
        ),
        (
            "The gate is open (1) or closed (0); a unit closed in every sample of a batch is dead.",
            r"f'(x) = 1 \; (x > 0), \; 0 \; (x \leq 0)",
        ),
        "An open gate lets the gradient through unchanged, a closed one stops it.",
    ),
    LeakyReLU: _words(
        (
            "Positive numbers pass as they are, negative ones shrink by a small slope a.",
            r"f(x) = x \; (x > 0), \; a x \; (x \leq 0)",
        ),
        (
            "The gate is 1 or a: with a above 0 it never closes, so no unit can die.",
            r"f'(x) = 1 \; (x > 0), \; a \; (x \leq 0)",
        ),
        "The gradient passes unchanged, or shrinks by the slope a.",
    ),
    Sigmoid: _words(
        (
            "Every number is squeezed between 0 and 1, with 1/2 for 0.",
            r"f(x) = \frac{1}{1 + e^{-x}}",
        ),
        (
            "The slope is at most 1/4 and almost 0 far from 0: there the unit is saturated.",
            r"f'(x) = f(x) \, (1 - f(x))",
        ),
        "The gradient shrinks to a quarter at most, and to almost nothing at saturated units.",
    ),
    Tanh: _words(
        (
            "Every number is squeezed between −1 and 1, with 0 for 0.",
            r"f(x) = \tanh x = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}",
        ),
        (
            "The slope is 1 at 0 and almost 0 far from it: there the unit is saturated.",
            r"f'(x) = 1 - f(x)^2",
        ),
        "Near 0 the gradient passes almost unchanged, at saturated units almost nothing of it.",
    ),
    GELU: _words(
        (
            "Each number is multiplied by Φ(x), the chance that a normal number is below x.",
            r"f(x) = x \, \Phi(x)",
        ),
        (
            "The slope goes smoothly from 0 to 1, a little below 0 and above 1 on the way.",
            r"f'(x) = \Phi(x) + x \, \varphi(x), \; \varphi = \Phi'",
        ),
        "The gradient is multiplied by the slope: most of it passes at large positive numbers.",
    ),
}

ANY: Words = _words(
    ("Every number goes through the same function f.", "=X_out"),
    ("The gate is the slope of f at each number; a unit with slope 0 is closed.", "=gate"),
    "Each gradient is multiplied by the slope.",
)


def _words_of(kind: type[Activation], words: Words) -> MakeWords:
    def make(stage: Stage) -> Words:
        # A subclass with another function is no longer what the words say.
        return words if getattr(type(stage.maker), "function", None) is kind.function else {}

    return make


describe(ANY, Activation)
for _kind, _of_kind in WORDS.items():
    describe(_words_of(_kind, _of_kind), _kind)

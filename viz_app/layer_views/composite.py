"""Layers made of layers: branches that are added, or joined along channels."""

from __future__ import annotations

from math import ceil
from typing import cast

from core.layers import Concat, Residual
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import made, tensor
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Panel, Scene

INPUT, OUTPUT = ("c", "y", "x"), ("o", "i", "j")

# The input is a branch where the shortcut is the input itself.
one_scale("forward", Residual, ("X_in", "body", "shortcut", "X_out"))
one_scale("backward", Residual, ("g_X_out", "g_body", "g_shortcut", "g_X_in"))
one_scale("forward", Concat, ("X_in", "branch*", "X_out"))
one_scale("backward", Concat, ("g_X_out", "g_branch*"), ("term_branch*", "g_X_in"))


def _image(
    look: Look,
    key: str,
    dims: tuple[str, str, str] = INPUT,
    channel: int | None = None,
) -> Panel:
    return tensor(look, key, dims, channel=channel)


def _output(look: Look) -> tuple[tuple[str, str, str], int]:
    """Names of the output's dimensions, and its channel in sight: the input's if x is a branch."""
    if cast(Residual, look.layer).shortcut is None:
        return INPUT, look.channel
    return OUTPUT, look.out_channel


@view("forward", Residual)
def forward(look: Look) -> Scene:
    """X^(in) → body + shortcut = X^(out)."""
    dims, channel = _output(look)
    panels = {"X_in": _image(look, "X_in")}
    for key in ("body", "shortcut", "X_out"):
        panels[key] = _image(look, key, dims, channel)
    return Scene(made(panels, "X_out"), ["X_in", "→", "body", "+", "shortcut", "=", "X_out"])


@view("backward", Residual)
def backward(look: Look) -> Scene:
    """g(L, X^(out)) → what comes back through each branch, and its sum."""
    dims, channel = _output(look)
    panels = {"g_X_out": _image(look, "g_X_out", dims, channel)}
    for key in ("g_body", "g_shortcut", "g_X_in"):
        panels[key] = _image(look, key)
    layout = ["g_X_out", "→", "g_body", "+", "g_shortcut", "=", "g_X_in"]
    return Scene(made(panels, "g_X_in"), layout)


RESIDUAL: Words = {
    ("forward", "sum"): (
        "The input goes through the body, B, and past it, S; what arrives is added.",
        "<X_out> = <body> + <shortcut>",
    ),
    ("backward", "sum"): (
        "Both branches get the whole gradient; what each brings back is added.",
        "<g_X_in> = <g_body> + <g_shortcut>",
    ),
}
describe(RESIDUAL, Residual)


def _joined(look: Look, whole: str, start: str) -> tuple[dict[str, Panel], list[list[str]]]:
    """Panels of the branches and of what they are together.

    The channel in sight is one of the whole, and of the branch that it lies in.
    """
    names = [key for key in look.arrays if key.startswith(start)]
    panels, first = {whole: _image(look, whole, OUTPUT, look.out_channel)}, 0
    # Up to three stand side by side, more below each other too.
    rows = ceil(len(names) / 3)
    for key in names:
        count = look.arrays[key].shape[1]
        here = min(max(look.out_channel - first, 0), count - 1)
        panels[key] = tensor(look, key, OUTPUT, channel=here, start=first)
        first += count
    return panels, [names[k : k + rows] for k in range(0, len(names), rows)]


@view("forward", Concat)
def join(look: Look) -> Scene:
    """X^(in) → the outputs of the branches → all of their channels one after the other."""
    panels, branches = _joined(look, "X_out", "branch")
    panels["X_in"] = _image(look, "X_in")
    return Scene(made(panels, "X_out"), ["X_in", "→", *branches, "→", "X_out"])


@view("backward", Concat)
def split(look: Look) -> Scene:
    """g(L, X^(out)) → the part of each branch, or what comes back through each, and its sum."""
    if "g_X_in" not in look.at_work:
        panels, branches = _joined(look, "g_X_out", "g_branch")
        return Scene(made(panels, *(look.fresh - {"g_X_out"})), ["g_X_out", "→", *branches])
    terms = [key for key in look.arrays if key.startswith("term_branch")]
    panels = {key: _image(look, key) for key in (*terms, "g_X_in")}
    layout = [item for key in terms for item in ("+", key)][1:]
    return Scene(made(panels, "g_X_in"), [*layout, "=", "g_X_in"])


CONCAT: Words = {
    ("forward", "join"): (
        "Every branch gets the input; the channels of their outputs are put one after the other.",
        r"<X_out> = (<branch0>, <branch1>, \ldots)",
    ),
    ("backward", "split"): (
        "Every branch gets the gradients of its own channels.",
        r"<g_X_out> = (<g_branch0>, <g_branch1>, \ldots)",
    ),
    ("backward", "sum"): (
        "All branches read the same input; what each brings back is added.",
        r"<g_X_in> = <term_branch0> + <term_branch1> + \ldots",
    ),
}
describe(CONCAT, Concat)

"""Softmax: exponentials, and each divided by their sum."""

from __future__ import annotations

from core.layers import Softmax
from viz_app.layer_views.default import DATA
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import flat, made, tensor
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Panel, Scene

one_scale("forward", Softmax, ("X_in", "max"))


def _positions(look: Look, key: str) -> Panel:
    """An array with one number for each sample and position."""
    behind = look.arrays[key].ndim
    return flat(look, key, ("n", *DATA[behind][1:]))


@view("forward", Softmax)
def forward(look: Look) -> Scene:
    """X^(in) → exponentials → divided by their sum = X^(out)."""
    panels = {key: tensor(look, key) for key in ("X_in", "exp", "X_out")}
    panels |= {key: _positions(look, key) for key in ("max", "inv_sum")}
    layout = [["X_in", "max"], "→", ["exp", "inv_sum"], "→", "X_out"]
    return Scene(made(panels, *(look.fresh - {"X_in"})), layout)


@view("backward", Softmax)
def backward(look: Look) -> Scene:
    """X^(out) × (g(L, X^(out)) − the dot product of both) = g(L, X^(in))."""
    panels = {key: tensor(look, key) for key in ("X_out", "g_X_out", "g_X_in")}
    panels["dot"] = _positions(look, "dot")
    layout = ["X_out", "× (", "g_X_out", "−", "dot", ") =", "g_X_in"]
    return Scene(made(panels, *(look.fresh - {"X_out", "g_X_out"})), layout)


WORDS: Words = {
    ("forward", "softmax"): (
        "The numbers of a sample become probabilities along the channels: positive, their sum 1.",
        r"<X_out>_{c} = <exp>_{c} / \sum_{k} <exp>_{k}, \; <exp>_{c} = \exp(<X_in>_{c} - <max>)",
    ),
    ("backward", "dot product"): (
        "All outputs share one sum, so each input acts on all of them: their mean gradient.",
        r"<dot> = \sum_{c} <g_X_out>_{c} \, <X_out>_{c}",
    ),
    ("backward", "input gradient"): (
        "What counts is how far a gradient lies above that mean, times the probability.",
        r"<g_X_in> = <X_out> \, (<g_X_out> - <dot>)",
    ),
}
describe(WORDS, Softmax)

"""Activations: before, after, and the gate that the gradient has to pass."""

from __future__ import annotations

from core.layers import Activation
from viz_app.registry import Look, view
from viz_app.views.parts import made, tensor
from viz_app.views.scene import Panel, Scene
from viz_app.views.tables import channel_page, channel_row

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

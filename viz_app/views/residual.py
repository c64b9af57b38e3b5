"""The residual block: two branches and their sum, forward and backward."""

from __future__ import annotations

from typing import cast

from core.layers import Residual
from viz_app.registry import Look, view
from viz_app.views.parts import made, tensor
from viz_app.views.scene import Panel, Scene

INPUT, OUTPUT = ("c", "y", "x"), ("o", "i", "j")
MOST = 60  # px of a cell of a small image


def _output(look: Look) -> tuple[tuple[str, str, str], int]:
    """Names of the output's dimensions, and its channel in sight: the input's if x is a branch."""
    if cast(Residual, look.layer).shortcut is None:
        return INPUT, look.channel
    return OUTPUT, look.out_channel


def _image(
    look: Look, key: str, dims: tuple[str, str, str] = INPUT, channel: int | None = None
) -> Panel:
    return tensor(look, key, dims, channel=channel, width=176, height=176, most=MOST)


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

"""Batch normalisation: one channel before, normalised and after, and the statistics of all."""

from __future__ import annotations

from collections.abc import Sequence

from core.layers import BatchNorm1d, BatchNorm2d
from viz_app.registry import Look, view
from viz_app.views.parts import alike, made, tensor
from viz_app.views.scene import Panel, Scene
from viz_app.views.tables import channel_page, channel_row, histograms

SIDE = 176  # px of an image: eight cells that print their numbers
MOST = 60  # px of a cell of a small image
TABLE = 184  # px of a row of the table: four channels
BARS = 64  # px of the highest bar

STATISTICS = (
    "mean",
    "var",
    "inv_std",
    "gamma",
    "beta",
    "running_mean_before",
    "running_mean",
    "running_var_before",
    "running_var",
)
GIVEN = {"X_in", "gamma", "beta", "running_mean_before", "running_var_before"}


@view("forward", BatchNorm2d, BatchNorm1d)
def forward(look: Look) -> Scene:
    """X^(in), x̂ and X^(out) with their histograms, then the table of the channels.

    In the last inner stage X^(out), what eval mode would give, and the change stand there instead.
    """
    arrays = look.arrays
    in_eval = "eval_change" in list(look.stage.inner.values())[look.inner]
    keys = ("X_out", "X_out_eval", "eval_change") if in_eval else ("X_in", "x_hat", "X_out")
    panels = {key: _image(look, key) for key in keys}
    if in_eval:
        panels |= alike(panels["X_out"], panels["X_out_eval"])
    panels |= {f"{key}@histogram": panel for key, panel in _histograms(look, keys).items()}
    statistics = [key for key in STATISTICS if key in arrays]
    panels |= {key: channel_row(look, key, TABLE) for key in statistics}
    panels["centred"] = _image(look, "centred", 72, note="from the mean")
    layout = [
        *([key, f"{key}@histogram"] for key in keys),
        [{"table": statistics}, "centred"],
    ]
    return Scene(made(panels, *(look.fresh - GIVEN)), layout, scroll=_scroll(look, "mean"))


@view("backward", BatchNorm2d, BatchNorm1d)
def backward(look: Look) -> Scene:
    """The gradients of β, γ and x̂; then that of the input as the sum of its three terms."""
    if look.inner < 2:
        statistics = ["g_beta", "g_gamma", "gamma"]
        panels = {key: _image(look, key, small=8) for key in ("g_X_out", "x_hat", "g_x_hat")}
        panels |= {key: channel_row(look, key, TABLE) for key in statistics}
        layout: list[object] = ["g_X_out", "x_hat", {"table": statistics}, "g_x_hat"]
        scroll = _scroll(look, "gamma")
    else:
        keys = ("term_direct", "term_mean", "term_var", "g_X_in")
        panels = alike(*(_image(look, key, small=8) for key in keys))
        scroll = {}
        layout = ["term_direct", "+", "term_mean", "+", "term_var", "=", "g_X_in"]
    return Scene(made(panels, *(look.fresh - {"g_X_out", "x_hat", "gamma"})), layout, scroll=scroll)


def _image(look: Look, key: str, side: int = SIDE, note: str = "", small: int = 0) -> Panel:
    return tensor(look, key, width=side, height=side, note=note, small=small, most=MOST)


def _histograms(look: Look, keys: Sequence[str]) -> dict[str, Panel]:
    """How often the numbers of the channel in sight occur in the whole batch."""
    channel = min(look.channel, look.arrays[keys[0]].shape[1] - 1)
    parts = {key: look.arrays[key][:, channel] for key in keys}
    return histograms(look, parts, SIDE, BARS, "whole batch, ")


def _scroll(look: Look, channels: str) -> dict[str, int]:
    return {"c": channel_page(look, len(look.arrays[channels]), TABLE)}

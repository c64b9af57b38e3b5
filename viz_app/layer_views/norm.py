"""Normalisation: numbers before, normalised and after, and the statistics."""

from __future__ import annotations

from collections.abc import Sequence

from core.inspect.cell import Cell
from core.inspect.links import same
from core.inspect.trace import StepTrace
from core.layer import Layer
from core.layers.group_norm import GroupNorm, SampleNorm
from core.layers.norm import BatchNorm
from core.optim import Optimizer
from core.tensor import Array
from viz_app.layer_views.default import axes_of
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import NUMBER, alike, flat, made, tensor
from viz_app.scene.registry import Look, view
from viz_app.scene.sayings import Saying, say
from viz_app.scene.scene import Panel, Scene
from viz_app.scene.tables import channel_page, channel_row, histograms

SIDE = 176  # px of an image: eight cells that print their numbers
MOST = 60  # px of a cell of a small image
TABLE = 184  # px of a row of the table: four channels
CENTRED = 56  # px of the small image of x − μ
BARS = 64  # px of the highest bar
STATISTIC = (92, 44)  # px of the statistics of samples: two columns, two rows

STATISTICS = (
    "mean",
    "var",
    "inv_std",
    "inv_std_eval",
    "gamma",
    "beta",
    "running_mean_before",
    "running_mean",
    "running_var_before",
    "running_var",
)
GIVEN = {"X_in", "gamma", "beta", "running_mean_before", "running_var_before"}
TAKEN = {"g_X_out", "x_hat", "gamma"}


@view("forward", BatchNorm)
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
    panels["centred"] = _image(look, "centred", CENTRED, note="from the mean")
    layout = [
        *([key, f"{key}@histogram"] for key in keys),
        [{"table": statistics}, "centred"],
    ]
    return Scene(made(panels, *(look.fresh - GIVEN)), layout, scroll=_scroll(look, "mean"))


@view("backward", BatchNorm)
def backward(look: Look) -> Scene:
    """The gradients of β, γ and x̂; then that of the input as the sum of its three terms."""
    if "term_direct" in look.fresh or "g_X_in" in look.fresh:
        return _three_terms(look)
    statistics = [key for key in ("g_beta", "g_gamma", "gamma") if key in look.arrays]
    panels = {key: _image(look, key, small=8) for key in ("g_X_out", "x_hat", "g_x_hat")}
    panels |= {key: channel_row(look, key, TABLE) for key in statistics}
    layout: list[object] = ["g_X_out", "x_hat", {"table": statistics}, "g_x_hat"]
    return Scene(made(panels, *(look.fresh - TAKEN)), layout, scroll=_scroll(look, "gamma"))


def _three_terms(look: Look) -> Scene:
    keys = ("term_direct", "term_mean", "term_var", "g_X_in")
    panels = alike(*(_image(look, key, small=8) for key in keys))
    layout = ["term_direct", "+", "term_mean", "+", "term_var", "=", "g_X_in"]
    return Scene(made(panels, *look.fresh), layout)


@view("forward", SampleNorm)
def forward_within_samples(look: Look) -> Scene:
    """X^(in), x̂ and X^(out) of a sample with their histograms, and the statistics of its groups."""
    keys = ("X_in", "x_hat", "X_out")
    panels = {key: _image(look, key) for key in keys}
    sample = min(look.sample, len(look.arrays["X_in"]) - 1)
    parts = {key: look.arrays[key][sample] for key in keys}
    panels |= {
        f"{key}@histogram": shown
        for key, shown in histograms(look, parts, SIDE, BARS, "whole sample, ").items()
    }
    panels |= {key: _statistic(look, key) for key in ("mean", "var", "inv_std")}
    panels["centred"] = _image(look, "centred", CENTRED, note="from the mean")
    params = [key for key in ("gamma", "beta") if key in look.arrays]
    panels |= {key: _statistic(look, key) for key in params}
    layout = [
        *([key, f"{key}@histogram"] for key in keys),
        ["mean", "var", "inv_std"],
        [*params, "centred"],
    ]
    return Scene(made(panels, *(look.fresh - GIVEN)), layout, scroll={"c": look.channel})


@view("backward", SampleNorm)
def backward_within_samples(look: Look) -> Scene:
    """The same as for batch norm."""
    if "term_direct" in look.fresh or "g_X_in" in look.fresh:
        return _three_terms(look)
    images = [key for key in ("g_X_out", "x_hat", "g_x_hat") if key in look.arrays]
    params = [key for key in ("g_beta", "g_gamma", "gamma") if key in look.arrays]
    panels: dict[str, Panel] = {key: _image(look, key, small=8) for key in images}
    panels |= {key: _statistic(look, key) for key in params}
    *given, result = images
    layout = [*given, *([params] if params else []), result]
    return Scene(made(panels, *(look.fresh - TAKEN)), layout, scroll={"c": look.channel})


def _statistic(look: Look, key: str) -> Panel:
    """One number for each group of each sample, or a parameter."""
    array, param = look.arrays[key], key.removeprefix("g_") in ("gamma", "beta")
    names = _param_axes(look, array) if param else _group_axes(look, array)
    width, height = STATISTIC
    return flat(look, key, names, width=width, height=height, cell_width=NUMBER, note="")


def _group_axes(look: Look, array: Array) -> tuple[str, ...]:
    if isinstance(look.layer, GroupNorm):
        return "n", "g"
    return axes_of(look, look.arrays["x_hat"])[: array.ndim]


def _param_axes(look: Look, array: Array) -> tuple[str, ...]:
    """A parameter has the last axes of the data, or the channels alone."""
    if isinstance(look.layer, GroupNorm):
        return ("c",)
    return axes_of(look, look.arrays["x_hat"])[-array.ndim :]


def _image(look: Look, key: str, side: int = SIDE, note: str = "", small: int = 0) -> Panel:
    return tensor(look, key, width=side, height=side, note=note, small=small, most=MOST)


def _histograms(look: Look, keys: Sequence[str]) -> dict[str, Panel]:
    """How often the numbers of the channel in sight occur in the whole batch."""
    channel = min(look.channel, look.arrays[keys[0]].shape[1] - 1)
    parts = {key: look.arrays[key][:, channel] for key in keys}
    return histograms(look, parts, SIDE, BARS, "whole batch, ")


def _scroll(look: Look, channels: str) -> dict[str, int]:
    return {"c": channel_page(look, len(look.arrays[channels]), TABLE)}


# m is how many numbers a channel has in the batch.
WORDS: Words = {
    ("forward", "mean"): (
        "μ is the mean of a channel over all samples and pixels, m numbers in all.",
        r"<mean> = \frac{1}{<m>} \sum <X_in>",
    ),
    ("forward", "variance"): (
        "σ² is the mean squared distance from μ: how widely the channel is spread.",
        r"<var> = \frac{1}{<m>} \sum (<X_in> - <mean>)^2",
    ),
    ("forward", "normalise"): (
        "x̂ is the distance from μ in standard deviations; ε keeps the root above 0.",
        r"<x_hat> = \frac{<X_in> - <mean>}{\sqrt{<var> + <eps>}}",
    ),
    ("forward", "scale and shift"): (
        "γ and β, both learned, set spread and centre anew; the running μ and σ² follow slowly.",
        r"<X_out> = <gamma> \, <x_hat> + <beta>",
    ),
    ("forward", "eval mode"): (
        "Eval mode takes the running μ and σ², as this batch left them, not those of the batch.",
        r"<X_out_eval> = <gamma> \, \frac{<X_in> - <running_mean>}{\sqrt{<running_var> + <eps>}}"
        r" + <beta>",
    ),
    ("backward", "parameter gradients"): (
        "β moves all outputs of its channel, γ each by its x̂: add them up.",
        r"<g_beta> = \sum <g_X_out>, \; <g_gamma> = \sum <g_X_out> \, <x_hat>",
    ),
    ("backward", "normalised gradient"): (
        "x̂ was multiplied by γ, and so is its gradient.",
        r"<g_x_hat> = <gamma> \, <g_X_out>",
    ),
    ("backward", "three terms"): (
        "Each x acts through its own x̂, and through μ and σ² on all others.",
        r"<inv_std> \left( <g_x_hat> - \frac{1}{<m>} \sum <g_x_hat> "
        r"- <x_hat> \frac{1}{<m>} \sum <g_x_hat> \, <x_hat> \right)",
    ),
    ("backward", "input gradient"): (
        "The three terms together are the gradient of the input.",
        "<g_X_in> = <term_direct> + <term_mean> + <term_var>",
    ),
}

describe(WORDS, BatchNorm)


def _why_bias_is_idle(trace: StepTrace, cell: Cell) -> str:
    """Why a bias gets no gradient if nothing but batch norm reads what it is added to."""
    output = trace.layers[cell.layer].output.value
    readers = [other for other in trace.layers.values() if same(other.input.value, output)]
    is_bias = cell.array == "g_bias" or cell.inner == "bias"
    if not is_bias or not readers or not all(isinstance(other, BatchNorm) for other in readers):
        return ""
    return (
        "Why nothing? The bias moves all numbers of its channel alike, and the batch norm behind "
        "it takes the channel's mean away again: the loss does not depend on this bias."
    )


say({("backward", "g_bias"): Saying(why=_why_bias_is_idle)}, Layer)
say({("update", "gradient"): Saying(why=_why_bias_is_idle)}, Optimizer)


GROUPS: Words = {
    **WORDS,
    ("forward", "mean"): (
        "μ is the mean of a group of channels of one sample, m numbers in all.",
        r"<mean> = \frac{1}{<m>} \sum <X_in>",
    ),
    ("forward", "variance"): (
        "σ² is the mean squared distance from μ: how widely the group is spread.",
        r"<var> = \frac{1}{<m>} \sum (<X_in> - <mean>)^2",
    ),
    ("forward", "scale and shift"): (
        "γ and β, both learned, set spread and centre anew; no sample depends on another.",
        r"<X_out> = <gamma> \, <x_hat> + <beta>",
    ),
    ("backward", "parameter gradients"): (
        "β moves all numbers that share it, γ each by its x̂: add them up.",
        r"<g_beta> = \sum <g_X_out>, \; <g_gamma> = \sum <g_X_out> \, <x_hat>",
    ),
}
SAMPLES: Words = {
    **GROUPS,
    ("forward", "mean"): (
        "μ is the mean over the last axes of one sample, m numbers in all.",
        r"<mean> = \frac{1}{<m>} \sum <X_in>",
    ),
    ("forward", "variance"): (
        "σ² is the mean squared distance from μ: how widely these numbers are spread.",
        r"<var> = \frac{1}{<m>} \sum (<X_in> - <mean>)^2",
    ),
}
describe(GROUPS, GroupNorm)
describe(SAMPLES, SampleNorm)

"""Normalisation: numbers before, normalised and after, and the statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from core.inspect.cell import Cell
from core.inspect.links import same
from core.inspect.trace import Stage, StepTrace
from core.layer import Layer
from core.layers.group_norm import GroupNorm, SampleNorm
from core.layers.norm import BatchNorm
from core.optim import Optimizer
from core.tensor import Array
from viz_app.layer_views.default import axes_of
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import awaited, flat, made, rounded, tensor
from viz_app.scene.registry import Look, view
from viz_app.scene.sayings import Saying, say
from viz_app.scene.scene import Panel, Scene
from viz_app.scene.tables import channel_row, histograms

GIVEN = {"X_in", "gamma", "beta", "running_mean_before", "running_var_before"}
# In eval mode these are given too.
KEPT = {"running_mean", "running_var"}
TAKEN = {"g_X_out", "x_hat", "gamma"}
MANY = 8  # channels: more find no room between images

for _kind in (BatchNorm, SampleNorm):
    one_scale("forward", _kind, ("X_out", "X_out_eval"))
    one_scale("backward", _kind, ("term_direct", "term_mean", "term_var", "g_X_in"))


@view("forward", BatchNorm)
def forward(look: Look) -> Scene:
    """A step of a channel: its mean, its variance, x̂, X^(out); or what eval mode would give."""
    work = look.at_work
    if "eval_change" in work:
        return _eval_mode(look)
    before, numbers, after = _step(look)
    images = [key for key in (before, after) if key]
    panels = _with_histograms(look, images)
    remembered = [key for key in work if key.startswith("running_") and key not in numbers]
    panels |= {key: channel_row(look, key) for key in (*numbers, *remembered)}
    panels = made(panels, *(look.fresh - GIVEN - {key for key in numbers if key in KEPT}))
    tables = [{"table": numbers}, *([{"table": remembered}] if remembered else [])]
    layout: list[object]
    if _is_wide(look, before):
        above = [item for key in images for item in ("→", key, f"{key}@histogram")][1:]
        whole = _above(above, *tables)
        return Scene(panels, whole, scroll=_scroll(look))
    if remembered:
        # So many numbers leave no room between the images.
        sides = ([key, f"{key}@histogram"] for key in images)
        layout = [next(sides), _sign(after), tables, "=", next(sides)]
        return Scene(panels, layout, scroll=_scroll(look))
    between = [*tables, *(f"{key}@histogram" for key in images)]
    layout = [before, _sign(after), between, "=", after] if after else [before, "→", between]
    return Scene(panels, layout, scroll=_scroll(look))


def _step(look: Look) -> tuple[str, list[str], str]:
    """Return the numbers that an inner stage takes, the statistics, and the numbers it makes.

    The last is empty where the statistics are what it makes.
    """
    work = look.at_work
    if "X_out" in work:
        return "x_hat", [key for key in ("gamma", "beta") if key in look.arrays], "X_out"
    if "x_hat" in work:
        return "centred", [key for key in ("running_var", "inv_std") if key in work], "x_hat"
    if "running_mean" in work:
        return "X_in", ["running_mean"], "centred"
    if "var" in work:
        return "centred", ["mean", "var"], ""
    return "X_in", ["mean"], ""


def _is_wide(look: Look, image: str) -> bool:
    """Return whether a number for each channel takes the width of the board."""
    return bool(look.arrays[image].shape[1] > MANY)


def _above(images: Sequence[str], *tables: Mapping[str, Sequence[str]]) -> list[object]:
    """Images beside each other, and below them tables as wide as the board."""
    return [[{"grid": [list(images)]}, *tables]]


def _eval_mode(look: Look) -> Scene:
    """X^(out) of eval mode, less that of training mode, is the change."""
    keys = ("X_out_eval", "X_out", "eval_change")
    panels = {key: _image(look, key) for key in keys}
    panels["inv_std_eval"] = channel_row(look, "inv_std_eval")
    layout: list[object]
    layout = [["X_out_eval", {"table": ["inv_std_eval"]}], "−", "X_out", "=", "eval_change"]
    if _is_wide(look, "X_out"):
        layout = _above(
            ["X_out_eval", "−", "X_out", "=", "eval_change"], {"table": ["inv_std_eval"]}
        )
    made_here = made(panels, *(look.fresh - GIVEN))
    return Scene(made_here, layout, scroll=_scroll(look))


@view("backward", BatchNorm)
def backward(look: Look) -> Scene:
    """The gradients of β and γ; that of x̂; then that of the input as the sum of three terms."""
    work = look.at_work
    if "term_direct" in work or ("g_X_in" in work and "g_x_hat" not in work):
        return _three_terms(look)
    layout: list[object]
    if "g_X_in" in work:
        panels = {key: _image(look, key) for key in ("g_x_hat", "g_X_in")}
        panels["inv_std"] = channel_row(look, "inv_std")
        layout = ["g_x_hat", "×", {"table": ["inv_std"]}, "=", "g_X_in"]
        if _is_wide(look, "g_x_hat"):
            layout = _above(["g_x_hat", "× 1/σ =", "g_X_in"], {"table": ["inv_std"]})
        return Scene(made(panels, "g_X_in"), layout, scroll=_scroll(look))
    if "g_x_hat" in work:
        panels = {key: _image(look, key) for key in ("g_X_out", "g_x_hat")}
        panels["gamma"] = channel_row(look, "gamma")
        layout = ["g_X_out", "×", {"table": ["gamma"]}, "=", "g_x_hat"]
        if _is_wide(look, "g_X_out"):
            layout = _above(["g_X_out", "× γ =", "g_x_hat"], {"table": ["gamma"]})
    else:
        panels = {key: _image(look, key) for key in ("g_X_out", "x_hat")}
        statistics = [key for key in ("g_beta", "g_gamma") if key in look.arrays]
        for key, factors in (("g_beta", ("g_X_out",)), ("g_gamma", ("g_X_out", "x_hat"))):
            if key in statistics:
                row = channel_row(look, key)
                panels[key] = rounded(row, *(look.arrays[name] for name in factors))
        layout = ["g_X_out", "·", "x_hat", "→", {"table": statistics}]
        if _is_wide(look, "g_X_out") and statistics:
            layout = _above(["g_X_out", "·", "x_hat", "→"], {"table": statistics})
    return Scene(made(panels, *(look.fresh - TAKEN)), layout, scroll=_scroll(look))


def _three_terms(look: Look) -> Scene:
    """The terms, and their sum as soon as it is computed."""
    terms = ("term_direct", "term_mean", "term_var")
    panels = {key: _image(look, key) for key in (*terms, "g_X_in")}
    direct = look.arrays["term_direct"]
    panels |= {key: rounded(panels[key], direct) for key in ("term_mean", "term_var", "g_X_in")}
    if "g_X_in" not in look.at_work:
        panels["g_X_in"] = awaited(panels["g_X_in"])
    layout = ["term_direct", "+", "term_mean", "+", "term_var", "=", "g_X_in"]
    result = ("g_X_in",) if "g_X_in" in look.at_work else terms
    return Scene(made(panels, *result), layout)


@view("forward", SampleNorm)
def forward_within_samples(look: Look) -> Scene:
    """A step of a sample: the means of its groups, their variances, x̂ and X^(out)."""
    before, numbers, after = _step(look)
    panels = {key: tensor(look, key) for key in (before, after) if key}
    panels |= {key: _statistic(look, key) for key in numbers}
    layout: list[object] = [before, _sign(after)]
    layout += [numbers] if numbers else []
    layout += ["=", after] if after else []
    return Scene(made(panels, *(look.fresh - GIVEN)), layout, scroll=_scroll(look))


@view("backward", SampleNorm)
def backward_within_samples(look: Look) -> Scene:
    """The same as for batch norm."""
    work = look.at_work
    if "term_direct" in work or "g_X_in" in work:
        return _three_terms(look)
    images = [key for key in ("g_X_out", "x_hat", "g_x_hat") if key in work]
    params = [key for key in ("g_beta", "g_gamma", "gamma") if key in work]
    panels: dict[str, Panel] = {key: tensor(look, key) for key in images}
    panels |= {key: _statistic(look, key) for key in params}
    if "g_x_hat" in images:
        layout: list[object] = ["g_X_out", "×", params, "=", "g_x_hat"]
        layout = [item for item in layout if item != []]
    else:
        layout = [*images, "→", params]
    return Scene(made(panels, *(look.fresh - TAKEN)), layout, scroll=_scroll(look))


def _statistic(look: Look, key: str) -> Panel:
    """One number for each group of each sample, or a parameter."""
    array, param = look.arrays[key], key.removeprefix("g_") in ("gamma", "beta")
    names = _param_axes(look, array) if param else _group_axes(look, array)
    return flat(look, key, names, note="")


def _group_axes(look: Look, array: Array) -> tuple[str, ...]:
    if isinstance(look.layer, GroupNorm):
        return "n", "g"
    return axes_of(look, look.arrays["x_hat"])[: array.ndim]


def _param_axes(look: Look, array: Array) -> tuple[str, ...]:
    """A parameter has the last axes of the data, or the channels alone."""
    if isinstance(look.layer, GroupNorm):
        return ("c",)
    return axes_of(look, look.arrays["x_hat"])[-array.ndim :]


def _sign(after: str) -> str:
    """Return what stands between the numbers before and the statistics."""
    if after == "centred":
        return "−"
    return "×" if after == "x_hat" else "→"


def _image(look: Look, key: str, note: str = "") -> Panel:
    """The channel in sight of the sample in sight, below it that of all samples: one statistic."""
    return tensor(look, key, note=note, thumbs="samples")


def _with_histograms(look: Look, keys: Sequence[str]) -> dict[str, Panel]:
    """Images, and how often the numbers of the channel in sight occur in all samples."""
    channel = min(look.channel, look.arrays[keys[0]].shape[1] - 1)
    parts = {key: look.arrays[key][:, channel] for key in keys}
    found = histograms(look, parts, f"{'picture' if look.trace.is_probe else 'whole batch'}, ")
    panels = {key: _image(look, key) for key in keys}
    return panels | {f"{key}@histogram": panel for key, panel in found.items()}


def _scroll(look: Look) -> dict[str, int]:
    return {"c": look.channel}


# m is how many numbers a channel has in the batch.
WORDS: Words = {
    ("forward", "mean"): (
        "μ is the mean of a channel over the whole batch, m numbers in all.",
        r"<mean> = \frac{1}{<m>} \sum <X_in>",
    ),
    ("forward", "variance"): (
        "σ² is the mean squared distance from μ: how widely the channel is spread.",
        r"<var> = \frac{1}{<m>} \sum <centred>^2",
    ),
    ("forward", "normalise"): (
        "x̂ is the distance from μ in standard deviations; ε keeps the root above 0.",
        r"<x_hat> = <centred> \, <inv_std>, \; <inv_std> = 1 / \sqrt{<var> + <eps>}",
    ),
    ("forward", "scale and shift"): (
        "γ and β, both learned, set spread and centre anew; μ^(run) and σ^{2(run)} follow slowly.",
        r"<X_out> = <gamma> \, <x_hat> + <beta>",
    ),
    ("forward", "eval mode"): (
        "Eval mode takes the running μ^(run) and σ^{2(run)}, as this batch left them.",
        r"<X_out_eval> = <gamma> \, \frac{<X_in> - <running_mean>}{\sqrt{<running_var> + <eps>}}"
        r" + <beta>, \; <eval_change> = <X_out_eval> - <X_out>",
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
        r"<term_direct> = <inv_std> <g_x_hat>, \;"
        r" <term_mean> = -\frac{1}{<m>} <inv_std> \sum <g_x_hat>, \;"
        r" <term_var> = -\frac{1}{<m>} <inv_std> <x_hat> \sum <g_x_hat> \, <x_hat>",
    ),
    ("backward", "input gradient"): (
        "The three terms together are the gradient of the input.",
        "<g_X_in> = <term_direct> + <term_mean> + <term_var>",
    ),
}

# In eval mode μ and σ² are what training left.
EVAL_WORDS: Words = {
    **WORDS,
    ("forward", "running mean"): (
        "Eval mode subtracts μ^(run), the mean that training has kept, whatever is asked.",
        "<centred> = <X_in> - <running_mean>",
    ),
    ("forward", "running variance"): (
        "x̂ is the distance from μ^(run) in running standard deviations; ε keeps the root above 0.",
        r"<x_hat> = <centred> \, <inv_std>, \; <inv_std> = 1 / \sqrt{<running_var> + <eps>}",
    ),
    ("forward", "scale and shift"): (
        "γ and β, both learned, set spread and centre anew; the running statistics stay.",
        r"<X_out> = <gamma> \, <x_hat> + <beta>",
    ),
    ("backward", "constant statistics"): (
        "μ^(run) and σ^{2(run)} do not depend on x: each x acts through its own x̂ alone.",
        r"<g_X_in> = <inv_std> \, <g_x_hat>",
    ),
}


def _words(stage: Stage) -> Words:
    return WORDS if cast(BatchNorm, stage.maker).training else EVAL_WORDS


describe(_words, BatchNorm)


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
        r"<var> = \frac{1}{<m>} \sum <centred>^2",
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
        r"<var> = \frac{1}{<m>} \sum <centred>^2",
    ),
}
describe(GROUPS, GroupNorm)
describe(SAMPLES, SampleNorm)

"""Pooling: what each window becomes, and how its gradient comes back."""

from __future__ import annotations

from typing import cast

from core.inspect.explain import Cell, explain
from core.inspect.trace import Stage, StepTrace
from core.layers import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from core.layers.pool import Pool2d
from core.tensor import Array
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import awaited, flat, images, made, matrix
from viz_app.scene.registry import Look, view
from viz_app.scene.sayings import Saying, say
from viz_app.scene.scene import Geometry, Panel, Scene

INPUT, OUTPUT = ("c", "y", "x"), ("c", "i", "j")

# Averages are other numbers.
one_scale("forward", MaxPool2d, ("X_in", "X_out"))
one_scale("backward", MaxPool2d, ("g_X_out", "g_X_in"))


def _geometry(look: Look) -> Geometry:
    layer = cast(Pool2d, look.layer)
    height, width = layer.output.shape[2:]
    return Geometry.of(layer.windows(*layer.input.shape[2:]), (height, width))


def _overlap(look: Look) -> bool:
    layer = cast(Pool2d, look.layer)
    return any(k > s for k, s in zip(layer.kernel_size, layer.stride, strict=True))


def _image(
    look: Look,
    key: str,
    dims: tuple[str, str, str],
    *,
    note: str = "",
    marks: Array | None = None,
) -> Panel:
    return images(look, key, dims, note=note, marks=marks)


def _input(look: Look, key: str) -> Panel:
    """An input, or its gradient, with the winners marked."""
    won = look.arrays["mask"] > 0
    here = min(look.channel, won.shape[1] - 1)
    note = f"◥ won its window, channel {here} of {won.shape[1]}"
    return _image(look, key, INPUT, marks=won, note=note)


def _mask(look: Look) -> Panel:
    counts = _overlap(look)
    note = "how many windows each cell won" if counts else "1: won its window, 0: did not"
    return _image(look, "mask", INPUT, note=note)


def _winner(look: Look) -> Panel:
    """The winners, with the places of a window counted from its top left."""
    width = cast(Pool2d, look.layer).kernel_size[1]
    note = f"{width} · row + column in the window"
    return _image(look, "winner", OUTPUT, note=note)


@view("forward", MaxPool2d)
def largest(look: Look) -> Scene:
    """X^(in) and the places of its windows; who won each; the winners are X^(out)."""
    output = _image(look, "X_out", OUTPUT)
    if "winner" in look.at_work:
        panels = {
            "X_in": _input(look, "X_in"), "winner": _winner(look), "mask": _mask(look)
        }  # fmt: skip
        layout = ["X_in", "→", "winner", "mask"]
    elif "X_out" in look.at_work:
        panels = {"X_in": _input(look, "X_in"), "winner": _winner(look), "X_out": output}
        layout = ["X_in", "→", "winner", "→", "X_out"]
    else:
        panels = {"X_in": _image(look, "X_in", INPUT), "X_out": awaited(output)}
        layout = ["X_in", "→", "X_out"]
    return Scene(made(panels, *(look.fresh - {"X_in"})), layout, _geometry(look))


@view("backward", MaxPool2d)
def route(look: Look) -> Scene:
    """g(L, X^(out)) goes to who won: g(L, X^(in)), zero for all others."""
    panels = {
        "g_X_out": _image(look, "g_X_out", OUTPUT),
        "winner": _winner(look),
        "g_X_in": _input(look, "g_X_in"),
    }
    layout = ["g_X_out", "→", "winner", "→", "g_X_in"]
    spare = {"mask": _mask(look)}
    return Scene(made(panels, "g_X_in"), layout, _geometry(look), spare=spare)


@view("forward", AvgPool2d)
def average(look: Look) -> Scene:
    """Windows on the left, their means on the right; between them the share of a cell."""
    panels = {
        "X_in": _image(look, "X_in", INPUT),
        "X_out": _image(look, "X_out", OUTPUT),
    }
    between = _shares(look, panels)
    return Scene(made(panels, "X_out"), ["X_in", *between, "→", "X_out"], _geometry(look))


def _shares(look: Look, panels: dict[str, Panel]) -> list[str]:
    """Add the share of a cell in each window, where these differ; return what stands there."""
    if "share" not in look.arrays:
        return []
    panels["share"] = flat(look, "share", ("i", "j"))
    return ["×", "share"]


@view("backward", AvgPool2d)
def spread(look: Look) -> Scene:
    """The gradient of each mean, and the equal shares of it below its window."""
    kh, kw = cast(Pool2d, look.layer).kernel_size
    panels = {
        "g_X_out": _image(look, "g_X_out", OUTPUT),
        "g_X_in": _image(look, "g_X_in", INPUT),
    }
    between = _shares(look, panels)
    way = [*between, "→"] if between else [f"÷ {kh * kw} →"]
    layout = ["g_X_out", *way, "g_X_in"]
    return Scene(made(panels, "g_X_in"), layout, _geometry(look))


@view("forward", GlobalAvgPool2d)
def channel_means(look: Look) -> Scene:
    """The channels of the sample in sight, and one number of each for all samples."""
    panels = {"X_in": _image(look, "X_in", INPUT), "X_out": _row(look, "X_out")}
    return Scene(made(panels, "X_out"), ["X_in", "→", "X_out"], scroll=_scroll(look))


@view("backward", GlobalAvgPool2d)
def channel_shares(look: Look) -> Scene:
    """The gradient of each mean, and the same share of it for every pixel of the channel."""
    height, width = look.arrays["g_X_in"].shape[2:]
    panels = {
        "g_X_out": _row(look, "g_X_out"),
        "g_X_in": _image(look, "g_X_in", INPUT),
    }
    layout = ["g_X_out", f"÷ {height * width} →", "g_X_in"]
    return Scene(made(panels, "g_X_in"), layout, scroll=_scroll(look))


def _row(look: Look, key: str) -> Panel:
    """An array (N, C, 1, 1) as a matrix: a row for each sample."""
    n, c = look.arrays[key].shape[:2]
    return matrix(
        look,
        key,
        (("n", n),),
        (("c", c), ("i", 1), ("j", 1)),
        array=look.arrays[key].reshape(n, c),
        index="dims",
        note="n × c",
    )


def _scroll(look: Look) -> dict[str, int]:
    return {"n": look.sample, "c,i,j": look.channel}


MAX: Words = {
    ("forward", "windows"): (
        "A window of k rows slides over each channel of h rows: p of them fit below each other.",
        r"<X_out> = \max_{\text{window}} <X_in>, \; "
        r"<out_size> = \lfloor (<height> + 2\,<padding> - <kernel_size>) / <stride> \rfloor + 1",
    ),
    ("forward", "winner"): (
        "The largest number of a window wins; the first in row-major order wins a tie.",
        "=winner",
    ),
    ("forward", "output"): (
        "Only the winner of each window goes on; nothing is learned here.",
        "=X_out",
    ),
    ("backward", "route"): (
        "Each gradient goes to the winner of its window alone; several wins add up.",
        r"<g_X_in> = \sum_{\text{windows won}} <g_X_out>",
    ),
}
AVERAGE: Words = {
    ("forward", "output"): (
        "Each window becomes its mean; zeros of a padding, if there is one, count as well.",
        "=X_out",
    ),
    ("backward", "input gradient"): (
        "Every cell of a window gets an equal share of its gradient; shares add up.",
        r"<g_X_in> = \frac{1}{<kernel_size>^2} \sum_{\mathrm{windows}} <g_X_out>",
    ),
}
GLOBAL: Words = {
    ("forward", "output"): (
        "Each channel becomes one number, the mean of its pixels.",
        r"<X_out>_{n,c} = \frac{1}{<height> <width>} \sum_{y,x} <X_in>_{n,c,y,x}",
    ),
    ("backward", "input gradient"): (
        "Every pixel of a channel gets the same share of its gradient.",
        r"<g_X_in>_{n,c,y,x} = \frac{1}{<height> <width>} \, <g_X_out>_{n,c}",
    ),
}

describe(MAX, MaxPool2d)


def _why_first(trace: StepTrace, cell: Cell) -> str:
    values = explain(trace, cell).terms.values
    ties = int((values == values.max()).sum())
    if ties < 2:
        return ""
    return (
        f"A tie of {ties} cells. Why the first of them? Exactly one must win, because it gets the "
        "whole gradient; which one is free, and with a fixed rule every run gives the same numbers."
    )


say({("forward", "winner"): Saying(why=_why_first)}, MaxPool2d)

# Windows that count different numbers of cells have shares of their own.
SHARES: Words = {
    ("forward", "output"): (
        "Each window becomes the mean of the cells that count in it.",
        "=X_out",
    ),
    ("backward", "input gradient"): (
        "Every cell of a window gets the window's share of its gradient; shares add up.",
        r"<g_X_in> = \sum_{\mathrm{windows}} <share> \, <g_X_out>",
    ),
}


def _average(stage: Stage) -> Words:
    return SHARES if "share" in stage.names else AVERAGE


describe(_average, AvgPool2d)
describe(GLOBAL, GlobalAvgPool2d)

"""Convolution: windows, X^(col), the product, and the same things backwards."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from core.inspect.cell import Cell
from core.inspect.trace import Stage, StepTrace
from core.kernels.im2col import Windows
from core.layers import Conv2d
from core.symbols import symbol
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import awaited, images, made, matrix, rounded
from viz_app.scene.registry import Look, view
from viz_app.scene.sayings import Saying, Sayings, say
from viz_app.scene.scene import Axis, Geometry, Layout, Panel, Scene
from viz_app.style.typeset import mathml

# Of what is fresh, what the layer does not make.
GIVEN = {"X_in", "kernels", "K", "bias", "g_X_out", "g_X_out_matrix"}
# How many columns of X^(col) that are empty stand before the first that is not.
BEFORE = 2
# How many kernels are enough to see beside X^(col).
FEW = 2
FLAT = 2  # rows, at most, of a product that stands above its image
# What the rows and columns of X^(col) stand for.
COLUMNS = "(c, s, t) × (n, i, j)"

one_scale("forward", Conv2d, ("X_in", "X_col"), ("kernels", "K"), ("K_X_col", "bias", "X_out"))
one_scale("backward", Conv2d, ("g_X_out", "g_X_out_matrix"), ("g_K", "g_weight"))


class _Shapes:
    """The axes that the matrices of one convolution share."""

    def __init__(self, look: Look) -> None:
        layer = cast(Conv2d, look.layer)
        self.layer = layer
        n, _, height, width = layer.output.shape
        (kh, kw), c = layer.kernel_size, layer.in_channels
        self.weights: Axis = (("c", c), ("s", kh), ("t", kw))
        self.cells: Axis = (("n", n), ("i", height), ("j", width))
        self.outputs: Axis = (("o", layer.out_channels),)
        own, outs = c // layer.groups, layer.out_channels // layer.groups
        # The columns of K: in several groups, a kernel sees the channels of its own group only.
        self.kernel: Axis = (("q" if layer.groups > 1 else "c", own), ("s", kh), ("t", kw))
        groups = (own, outs) if layer.groups > 1 else None
        self.geometry = Geometry.of(layer.windows(), (height, width), groups)
        per_sample = height * width
        self.sample = min(look.sample, n - 1)
        # The columns of X^(col) that belong to the sample in sight.
        self.columns = (self.sample * per_sample, (self.sample + 1) * per_sample)
        self.channel = min(look.channel, c - 1)
        self.out_channel = min(look.out_channel, layer.out_channels - 1)
        self.first_weight = self.channel * kh * kw

    def image(self, look: Look, key: str) -> Panel:
        """The input with the ring of padding that windows reach, or its gradient."""
        if key != "X_in":
            return images(look, key)
        height, width = self.layer.input.shape[2:]
        ring = _ring(self.layer.windows(), self.geometry.output, (height, width))
        return images(look, key, padding=ring)

    def windows(self, look: Look, key: str, *operands: str) -> Panel:
        """X^(col), or its gradient: the columns of the sample in sight."""
        rows = int(np.prod([size for _, size in self.weights]))
        panel = matrix(
            look, key, self.weights, self.cells, block=(0, rows, *self.columns), note=COLUMNS
        )
        return rounded(panel, *(look.arrays[name] for name in operands)) if operands else panel

    def outputs_of(self, look: Look, key: str, *operands: str) -> Panel:
        """What each kernel gives, or the gradient of it: the columns of the sample in sight."""
        block = (0, self.layer.out_channels, *self.columns)
        panel = matrix(look, key, self.outputs, self.cells, block=block, note="c_out × n p²")
        panel = replace(panel, enough=FEW)
        return rounded(panel, *(look.arrays[name] for name in operands)) if operands else panel

    def scroll(self) -> dict[str, int]:
        """First row of each matrix in sight: that of the channel in sight."""
        kh, kw = self.layer.kernel_size
        own = self.channel % self.kernel[0][1]
        return {"c,s,t": self.first_weight, "q,s,t": own * kh * kw, "o": self.out_channel}

    def scene(
        self,
        look: Look,
        panels: dict[str, Panel],
        layout: Layout,
        spare: dict[str, Panel] | None = None,
    ) -> Scene:
        """Return the scene of an inner stage; what it made is marked."""
        given = GIVEN if look.stage.phase == "forward" else GIVEN | {"X_col"}
        return Scene(
            made(panels, *(look.fresh - given)), layout, self.geometry, scroll=self.scroll(),
            start=self.start(look), spare=spare or {},
        )  # fmt: skip

    def kernel_note(self) -> str:
        """Say what rows and columns of K are."""
        groups = self.layer.groups
        return "c_out × c_in k²" if groups == 1 else f"c_out × c_in k² / {groups} groups"

    def start(self, look: Look) -> dict[str, int]:
        """First column in sight: shortly before the first that is not empty."""
        first, last = self.columns
        filled = np.flatnonzero(look.arrays["X_col"][:, first:last].any(axis=0))
        return {"n,i,j": max(0, int(filled[0]) - BEFORE)} if filled.size else {}


def _ring(
    windows: Windows, output: tuple[int, int], size: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return how many rows above and below, columns left and right, windows reach beyond it."""

    def beyond(axis: int) -> tuple[int, int]:
        before = windows.before[axis]
        span = (windows.kernel[axis] - 1) * windows.dilation[axis] + 1
        end = (output[axis] - 1) * windows.stride[axis] + span - before
        return before, max(0, end - size[axis])

    return (*beyond(0), *beyond(1))


@view("forward", Conv2d)
def forward(look: Look) -> Scene:
    """A kernel on the image; windows as columns; K X^(col); its rows as images."""
    of = _Shapes(look)
    if "X_out" in look.at_work:
        return _reshape(look, of)
    if "K_X_col" in look.at_work:
        return _multiply(look, of)
    panels = {"X_in": of.image(look, "X_in")}
    if "X_col" in look.at_work:
        panels["X_col"] = of.windows(look, "X_col")
        layout = ["X_in", "→", "X_col"]
    else:
        panels["kernels"] = kernel(look, of, "kernels")
        panels["X_out"] = awaited(_output(look, of, "X_out"))
        layout = ["X_in", "∗", "kernels", "→", "X_out"]
    return of.scene(look, panels, layout)


def _multiply(look: Look, of: _Shapes) -> Scene:
    """The product as on paper: X^(col) above the result, K beside it; the image above K."""
    panels = {
        "X_in": of.image(look, "X_in"),
        "X_col": of.windows(look, "X_col"),
        "K": replace(matrix(look, "K", of.outputs, of.kernel, note=of.kernel_note()), enough=FEW),
        "K_X_col": of.outputs_of(look, "K_X_col", "X_col", "K"),
    }
    layout: list[object] = [{"grid": [["X_in", "X_col"], ["K", "K_X_col"]]}]
    return of.scene(look, panels, layout)


def _reshape(look: Look, of: _Shapes) -> Scene:
    """A row of the product and its bias become an image."""
    panels = {"K_X_col": of.outputs_of(look, "K_X_col"), "X_out": _output(look, of, "X_out")}
    product = ["K_X_col"]
    if of.layer.bias is not None:
        panels["bias"] = matrix(
            look, "bias", of.outputs, (), array=look.arrays["bias"][:, None], index="r", note=""
        )
        product += ["+", "bias"]
    # A long row stands above its image, which then has the height.
    is_flat = look.arrays["K_X_col"].shape[0] <= FLAT
    layout: list[object] = [*product, "→", "X_out"]
    if is_flat:
        layout = [[{"grid": [[*product, "→"]]}, "X_out"]]
    return of.scene(look, panels, layout)


@view("backward", Conv2d)
def backward(look: Look) -> Scene:
    """The gradient of the kernels as a product, that of X^(col) by K^T, and col2im."""
    of = _Shapes(look)
    if "g_X_in" in look.at_work:
        draw = _folded
    elif "g_X_col" in look.at_work:
        draw = _column_gradient
    else:
        draw = _kernel_gradient
    panels, layout, spare = draw(look, of)
    return of.scene(look, panels, layout, spare)


# Panels, their layout, and panels that are not in it.
Drawn = tuple[dict[str, Panel], list[object], dict[str, Panel]]


def _summed(look: Look) -> str:
    return "of this picture" if look.trace.is_probe else "summed over all samples"


def _kernel_gradient(look: Look, of: _Shapes) -> Drawn:
    """Everything where it stood in the forward pass, with g(L, K) in the place of K."""
    panels = {
        "g_X_out_matrix": of.outputs_of(look, "g_X_out_matrix"),
        "X_col": of.windows(look, "X_col"),
        "g_K": rounded(
            replace(
                matrix(look, "g_K", of.outputs, of.kernel, note=_summed(look)),
                enough=FEW,
            ),
            look.arrays["g_X_out_matrix"], look.arrays["X_col"],
        ),
    }  # fmt: skip
    above = ""
    if "g_bias" in look.arrays:
        panels["g_bias"] = rounded(
            matrix(look, "g_bias", (), of.outputs, index="c", note="row sums"),
            look.arrays["g_X_out_matrix"],
        )
        above = "g_bias"
    spare = {"g_X_out": _output(look, of, "g_X_out")}
    # A frozen param has no gradient.
    if "g_weight" in look.arrays:
        spare["g_weight"] = kernel(look, of, "g_weight")
    layout: list[object] = [{"grid": [[above, "", "X_col"], ["g_K", "=", "g_X_out_matrix"]]}]
    return panels, layout, spare


def _column_gradient(look: Look, of: _Shapes) -> Drawn:
    """The product as on paper: K^T beside the result, the gradients of the outputs above it."""
    kernels = look.arrays["K"]
    panels = {
        "K": matrix(
            look, "K", of.kernel, of.outputs, array=kernels.T, index="cr",
            title=look.transposed("K", 2), note=of.kernel_note(),
        ),
        "g_X_out_matrix": of.outputs_of(look, "g_X_out_matrix"),
        "g_X_col": of.windows(look, "g_X_col", "g_X_out_matrix", "K"),
    }  # fmt: skip
    return panels, [{"grid": [["", "g_X_out_matrix"], ["K", "g_X_col"]]}], {}


def _folded(look: Look, of: _Shapes) -> Drawn:
    panels = {
        "g_X_col": of.windows(look, "g_X_col"),
        "g_X_in": rounded(of.image(look, "g_X_in"), look.arrays["g_X_col"]),
    }
    height, width = of.layer.input.shape[2:]
    visits = matrix(look, "visits", (("y", height),), (("x", width),))
    return panels, ["g_X_col", "→", "g_X_in"], {"visits": replace(visits, square=True)}


def _output(look: Look, of: _Shapes, key: str) -> Panel:
    return images(look, key, ("o", "i", "j"), channel=of.out_channel)


def kernel(look: Look, of: _Shapes, key: str) -> Panel:
    """The kernel of the output channel in sight, for each input channel."""
    whole = look.arrays[key]
    panel = images(
        look,
        key,
        (of.kernel[0][0], "s", "t"),
        channel=of.channel % of.kernel[0][1],
        array=whole[of.out_channel : of.out_channel + 1],
        note=f"channel {of.channel}",
        fixed={"o": of.out_channel},
    )
    name = mathml(symbol(key, whole.ndim).latex, look.notation, is_inline=True)
    return replace(panel, title=f"{name}, kernel {of.out_channel}")


COLUMNS_OF = (
    r"<X_col> \in \mathbb{R}^{<in_channels> <kernel_size>^2 \times <samples> <out_size>^2}, \; "
)
SIZE = r"<out_size> = \lfloor (<height> + 2\,<padding> - <kernel_size>) / <stride> \rfloor + 1"

WORDS: Words = {
    ("forward", "slide"): (
        "K slides over X^(in): the products of the numbers that meet add up to one cell.",
        r"<X_out> = <X_in> \ast <kernels> + <bias>",
    ),
    ("forward", "unroll"): (
        "Every window becomes one column of X^(col); of h rows, p windows of k rows fit below each "
        "other.",
        COLUMNS_OF + SIZE,
    ),
    ("forward", "multiply"): (
        "One matrix product does the whole layer: a row of K times a column of X^(col) is one "
        "output cell.",
        "=K_X_col",
    ),
    ("forward", "reshape"): (
        "Each row of the product, and its bias, is an output channel, folded back into images.",
        "<X_out> = <K_X_col> + <bias>",
    ),
    ("backward", "kernel gradient"): (
        "Each kernel weight collects the gradient of every output it touched.",
        r"<g_K> = <g_X_out> \, (<X_col>)^{\top}",
    ),
    ("backward", "column gradient"): (
        "Each entry of X^(col) gets the gradient of the outputs it went into, weighted by the "
        "kernels.",
        r"<g_X_col> = <K>^{\top} <g_X_out>",
    ),
    ("backward", "col2im"): (
        "Windows overlap: a pixel adds up the gradients of all its copies in X^(col).",
        r"<g_X_in> = \mathrm{col2im}(<g_X_col>)",
    ),
}
# What dilation and groups change.
DILATED = (
    "Every window becomes one column of X^(col); p windows of k rows, d steps apart, fit below "
    "each other.",
    COLUMNS_OF
    + r"<out_size> = \lfloor (<height> + 2\,<padding> - <dilation> (<kernel_size> - 1) - 1)"
    r" / <stride> \rfloor + 1",
)
GROUPED = (
    "Each group has a product of its own: its rows of K times the rows of X^(col) of its channels.",
    r"<K_X_col>_{\mathrm{group}} = <K>_{\mathrm{group}} <X_col>_{\mathrm{group}}",
)


def _words(stage: Stage) -> Words:
    """Return the words for a convolution with its options."""
    layer, words = cast(Conv2d, stage.maker), dict(WORDS)
    if layer.dilation != (1, 1):
        words["forward", "unroll"] = DILATED
    if layer.groups > 1:
        words["forward", "multiply"] = GROUPED
    if layer.bias is None:
        for inner in ("slide", "reshape"):
            text, equation = words["forward", inner]
            plain = text.replace(", and its bias,", "")
            words["forward", inner] = plain, equation.partition(" + <bias>")[0]
    return words


describe(_words, Conv2d)


def _why_columns(trace: StepTrace, cell: Cell) -> str:
    height, width = cast(Conv2d, trace.layers[cell.layer]).kernel_size
    return (
        f"Why copy? A pixel stands in X^(col) up to {height * width} times, which costs memory, "
        "but all windows become one product of matrices. That is what processors do fastest: "
        "numbers lie side by side, and each one that is loaded serves all kernels."
    )


SAYINGS: Sayings = {
    ("forward", "X_col"): Saying(why=_why_columns),
    ("forward", "K_X_col"): Saying("Row {} times column {}", onto="X_out"),
    ("forward", "X_out"): Saying("Kernel {1} times window ({2}, {3})"),
    ("backward", "g_K"): Saying("Row {} of g(L, X^(out)) times row {} of X^(col)", onto="g_weight"),
    ("backward", "g_X_col"): Saying("Column {} of K times column {} of g(L, X^(out))"),
}
say(SAYINGS, Conv2d)

"""Convolution: windows, X^(col), the product, and the same things backwards.

16 columns of X^(col) are in sight: all that a 6×6 image has with a kernel of 3×3.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from core.inspect.trace import Stage
from core.layers import Conv2d
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import NUMBER, images, made, matrix
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import PRINTS, Axis, Geometry, Panel, Scene
from viz_app.style.notation import title_of

WEIGHTS, COLUMNS = 9 * PRINTS, 16 * PRINTS  # px of the rows of K, and of X^(col)
SIGNED, NEARLY = 28, 26  # px of a cell with room for two digits behind a minus; with nearly so much
# Of what is fresh, what forward and backward do not make.
GIVEN, TAKEN = {"X_in", "kernels", "K", "bias"}, {"g_X_out", "g_X_out_matrix", "X_col", "K"}
# With what the rows and columns stand for.
COLUMNS_TITLE = f'{title_of("X_col", 2)} <span class="axes">(c, s, t) × (n, i, j)</span>'


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

    def scroll(self) -> dict[str, int]:
        """First row of each matrix in sight: that of the channel in sight."""
        kh, kw = self.layer.kernel_size
        own = self.channel % self.kernel[0][1]
        return {"c,s,t": self.first_weight, "q,s,t": own * kh * kw, "o": self.out_channel}

    def kernel_note(self) -> str:
        """Say what rows and columns of K are."""
        groups = self.layer.groups
        return "c_out × c_in k²" if groups == 1 else f"c_out × c_in k² / {groups} groups"

    def start(self, look: Look) -> dict[str, int]:
        """First column in sight: shortly before the first that is not empty."""
        first, last = self.columns
        filled = np.flatnonzero(look.arrays["X_col"][:, first:last].any(axis=0))
        if not filled.size or filled[0] < COLUMNS // PRINTS:
            return {}
        return {"n,i,j": int(filled[0]) - 2}


@view("forward", Conv2d)
def forward(look: Look) -> Scene:
    """Kernels and input, X^(col), K X^(col) and the output, with K, X^(col) in product order."""
    of = _Shapes(look)
    c0, c1 = of.columns
    rows = of.layer.in_channels * of.layer.kernel_size[0] * of.layer.kernel_size[1]
    outs = of.layer.out_channels
    panels = {
        "X_in": images(
            look, "X_in", width=176, height=176 if of.layer.in_channels == 1 else 144, small=4
        ),
        "kernels": kernel(look, of, "kernels", SIGNED),
        "X_col": matrix(
            look, "X_col", of.weights, of.cells, block=(0, rows, c0, c1), width=COLUMNS, height=200,
            note="c_in k² × n p²", title=COLUMNS_TITLE,
        ),
        "K": matrix(
            look, "K", of.outputs, of.kernel, width=WEIGHTS, height=44, note=of.kernel_note()
        ),
        "K_X_col": matrix(
            look, "K_X_col", of.outputs, of.cells, block=(0, outs, c0, c1), width=COLUMNS,
            height=44, note="c_out × n p²",
        ),
        "X_out": images(
            look, "X_out", ("o", "i", "j"), channel=of.out_channel, width=176, height=176
        ),
    }  # fmt: skip
    product = {"grid": [["X_in", "X_col"], ["K", "K_X_col"]]}
    left = ["kernels"]
    if of.layer.bias is not None:
        panels["bias"] = matrix(
            look, "bias", of.outputs, (), array=look.arrays["bias"][:, None], index="r",
            cell_width=NUMBER, height=(6 if of.layer.in_channels == 1 else 3) * PRINTS,
            note="one a row",
        )  # fmt: skip
        left.append("bias")
    return Scene(
        made(panels, *(look.fresh - GIVEN)),
        [left, product, "X_out"],
        of.geometry,
        scroll=of.scroll(),
        start=of.start(look),
    )


@view("backward", Conv2d)
def backward(look: Look) -> Scene:
    """The gradient of the kernels as a product, or of the input by K^T g and col2im."""
    of = _Shapes(look)
    scene = _kernel_gradient if look.inner == 0 else _input_gradient
    return scene(look, of)


def _kernel_gradient(look: Look, of: _Shapes) -> Scene:
    c0, c1 = of.columns
    rows = of.layer.in_channels * of.layer.kernel_size[0] * of.layer.kernel_size[1]
    outs = of.layer.out_channels
    panels = {
        "g_X_out": images(
            look, "g_X_out", ("o", "i", "j"), channel=of.out_channel, width=176, height=176,
            small=4,
        ),
        "g_X_out_matrix": matrix(
            look, "g_X_out_matrix", of.outputs, of.cells, block=(0, outs, c0, c1), width=COLUMNS,
            height=44, note="n p²",
        ),
        "X_col": matrix(
            look, "X_col", of.weights, of.cells, block=(0, rows, c0, c1), width=COLUMNS, height=200,
            note="c_in k² × n p²", title=COLUMNS_TITLE,
        ),
        "g_K": matrix(
            look, "g_K", of.outputs, of.kernel, cell_width=SIGNED, width=9 * SIGNED, height=66,
            note="summed over all samples",
        ),
    }  # fmt: skip
    right = ["g_K"]
    # A frozen param has no gradient.
    if "g_weight" in look.arrays:
        panels["g_weight"] = kernel(look, of, "g_weight", PRINTS)
        right.append("g_weight")
    if "g_bias" in look.arrays:
        panels["g_bias"] = matrix(
            look, "g_bias", (), of.outputs, index="c", cell_width=SIGNED,
            width=9 * SIGNED, note="row sums",
        )  # fmt: skip
        right.append("g_bias")
    layout = [["g_X_out"], ["g_X_out_matrix", "X_col"], "=", right]
    return Scene(
        made(panels, *(look.fresh - TAKEN)), layout, of.geometry, scroll=of.scroll(),
        start=of.start(look),
    )  # fmt: skip


def _input_gradient(look: Look, of: _Shapes) -> Scene:
    c0, c1 = of.columns
    rows = of.layer.in_channels * of.layer.kernel_size[0] * of.layer.kernel_size[1]
    outs = of.layer.out_channels
    panels = {
        "K": matrix(look, "K", of.outputs, of.kernel, width=WEIGHTS, height=66),
        "g_X_out_matrix": matrix(
            look, "g_X_out_matrix", of.outputs, of.cells, block=(0, outs, c0, c1), width=COLUMNS,
            height=44, note="n p²",
        ),
        "g_X_col": matrix(
            look, "g_X_col", of.weights, of.cells, block=(0, rows, c0, c1), width=COLUMNS,
            height=200, note="Kᵀ times the above",
        ),
        "g_X_in": images(look, "g_X_in", width=8 * SIGNED, height=8 * NEARLY),
        "visits": matrix(
            look, "visits", (("y", of.layer.input.shape[2]),), (("x", of.layer.input.shape[3]),),
            cell=_visit_cell(of), width=176, height=176,
        ),
    }  # fmt: skip
    layout = [["K", "visits"], ["g_X_out_matrix", "g_X_col"], "→", ["g_X_in"]]
    return Scene(
        made(panels, *(look.fresh - TAKEN)), layout, of.geometry, scroll=of.scroll(),
        start=of.start(look),
    )  # fmt: skip


def _visit_cell(of: _Shapes) -> int:
    height, width = of.layer.input.shape[2:]
    return max(3, min(22, 176 // height, 176 // width))


def kernel(look: Look, of: _Shapes, key: str, cell: int) -> Panel:
    """The kernel of the output channel in sight, for each input channel."""
    whole = look.arrays[key]
    panel = images(
        look,
        key,
        (of.kernel[0][0], "s", "t"),
        channel=of.channel % of.kernel[0][1],
        array=whole[of.out_channel : of.out_channel + 1],
        width=3 * cell,
        height=3 * cell,
        note=f"channel {of.channel}",
        fixed={"o": of.out_channel},
    )
    matrix_key = {"kernels": "K", "g_weight": "g_K"}[key]
    return replace(
        panel,
        title=f"{'' if key == 'kernels' else f'{panel.title} of '}kernel {of.out_channel}",
        # One scale for one quantity.
        limits=look.limits(matrix_key, look.arrays[matrix_key]),
    )


WORDS: Words = {
    ("forward", "slide"): (
        "A kernel looks at one window at a time; point at an output cell to see its own.",
        r"<out_size> = \lfloor (<height> + 2\,<padding> - <kernel_size>) / <stride> \rfloor + 1",
    ),
    ("forward", "unroll"): (
        "Every window becomes one column of X^(col), so that all of them fit in one matrix.",
        r"<X_col> \in \mathbb{R}^{<in_channels> <kernel_size>^2 \times <samples> <out_size>^2}",
    ),
    ("forward", "multiply"): (
        "One matrix product does the whole layer: a row of K times a column of X^(col) is one "
        "output cell.",
        "<X_out> = <K> <X_col> + <bias>",
    ),
    ("forward", "reshape"): (
        "Each row of the product is an output channel, folded back into images.",
        r"<X_out> \in \mathbb{R}^{<samples> \times <out_channels> \times <out_size>"
        r" \times <out_size>}",
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
    "A kernel looks at one window at a time, at cells some steps apart; point at an output cell.",
    r"<out_size> = \lfloor (<height> + 2\,<padding> - <dilation> (<kernel_size> - 1) - 1)"
    r" / <stride> \rfloor + 1",
)
GROUPED = (
    "Each group has a product of its own: its rows of K times the rows of X^(col) of its channels.",
    r"<X_out>_{\mathrm{group}} = <K>_{\mathrm{group}} <X_col>_{\mathrm{group}}"
    r" + <bias>_{\mathrm{group}}",
)


def _words(stage: Stage) -> Words:
    """Return the words for a convolution with its options."""
    layer, words = cast(Conv2d, stage.maker), dict(WORDS)
    if layer.dilation != (1, 1):
        words["forward", "slide"] = DILATED
    if layer.groups > 1:
        words["forward", "multiply"] = GROUPED
    if layer.bias is None:
        text, product = words["forward", "multiply"]
        words["forward", "multiply"] = text, product.partition(" + <bias>")[0]
    return words


describe(_words, Conv2d)

"""Layers that change the size of images without weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np

from core.errors import ShapeError, shape_in_words
from core.kernels.im2col import Pair
from core.layer import Layer, Shape
from core.layers.option import Option, sizes
from core.spec_item import SpecItem, pair_text
from core.tensor import Array


class Upsample(Layer):
    """Repeats every number of an image in a block of cells: nearest-neighbour upsampling.

    Input (N, C, H, W), output (N, C, H·SY, W·SX); the gradient of a number is the sum over its
    block.

    Args:
        scale_factor: whole number, or (SY, SX). It must be named, because PyTorch's first argument
            is the output's size. A number stands for a pair of it on assignment.

    Raises:
        ValueError: it is none, here or when it is assigned later.
    """

    keyword = "upsample"
    letters: ClassVar[Mapping[str, str]] = {"s,t": "cell ({}, {}) of the block"}
    formulas = """
        X_out[n,c,i,j]  = X_in[n, c, i//sy, j//sx]
        g_X_in[n,c,y,x] = sum[s,t](g_X_out[n, c, y*sy + s, x*sx + t])
    """

    scale_factor = Option(sizes)

    def __init__(self, *, scale_factor: int | Pair = 2) -> None:
        super().__init__()
        self.scale_factor = scale_factor

    def formula_constants(self) -> dict[str, float]:
        """Return the size of a block: sy and sx, also that of the letters s and t."""
        sy, sx = self.scale_factor
        return {"sy": sy, "sx": sx, "s": sy, "t": sx}

    def _forward(self, x: Array) -> Array:
        (n, c, h, w), (sy, sx) = x.shape, self.scale_factor
        y = self.work.array("X_out", (c, h, sy, n, w, sx), x.dtype)
        y[...] = x.transpose(1, 2, 0, 3)[:, :, None, :, :, None]
        return y.reshape(c, h * sy, n, w * sx).transpose(2, 0, 1, 3)

    def _backward(self, g: Array) -> Array:
        sy, sx = self.scale_factor
        g_in = self.work.like("g_X_in", self.input.value)
        g_in.fill(0)
        for s, t in np.ndindex(sy, sx):
            g_in += g[:, :, s::sy, t::sx]
        return g_in

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 3:
            raise ShapeError("needs images (C, H, W)", shape_in_words(input_shape))
        (c, h, w), (sy, sx) = input_shape, self.scale_factor
        return (c, h * sy, w * sx)

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        layer = cls(scale_factor=item.pair("a scale factor"))
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword} {pair_text(self.scale_factor)}"

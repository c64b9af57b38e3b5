"""Which cells a window reads, and which windows read a cell: for convolution and pooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from core.im2col import Pair
from core.tensor import Tensor


class Windowed(Protocol):
    """A layer that slides windows over an image (N, C, H, W)."""

    kernel_size: Pair
    stride: Pair
    padding: Pair
    input: Tensor
    output: Tensor


def read(layer: Windowed, i: int, j: int, s: int, t: int) -> tuple[int, int] | None:
    """Return the input cell under place (s, t) of window (i, j); None in the padding."""
    row = i * layer.stride[0] + s - layer.padding[0]
    column = j * layer.stride[1] + t - layer.padding[1]
    height, width = layer.input.shape[2:]
    return (row, column) if 0 <= row < height and 0 <= column < width else None


def readers(layer: Windowed, row: int, column: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (s, t, i, j): place (s, t) of window (i, j) lies over the input cell."""
    (kh, kw), (sh, sw), (ph, pw) = layer.kernel_size, layer.stride, layer.padding
    height, width = layer.output.shape[2:]
    for s in range(kh):
        for t in range(kw):
            (i, down), (j, across) = divmod(row + ph - s, sh), divmod(column + pw - t, sw)
            if not (down or across) and 0 <= i < height and 0 <= j < width:
                yield s, t, i, j

"""Which cells a window reads, and which windows read a cell: for convolution and pooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from core.kernels.im2col import Pair
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


def under(layer: Windowed, i: object, j: object) -> tuple[str, str]:
    """Return how the input cell under place (s, t) of window (i, j) is written."""
    return _under(layer, 0, i, "s"), _under(layer, 1, j, "t")


def over(layer: Windowed, i: object, j: object) -> tuple[str, str]:
    """Return how the window with its place (s, t) over the input cell (i, j) is written."""
    return _over(layer, 0, i, "s"), _over(layer, 1, j, "t")


def _under(layer: Windowed, axis: int, i: object, letter: str) -> str:
    stride, padding = layer.stride[axis], layer.padding[axis]
    if isinstance(i, int):
        return _plus(str(i * stride - padding), letter)
    start = str(i) if stride == 1 else f"{stride}{i}"
    return f"{_plus(start, letter)}-{padding}" if padding else _plus(start, letter)


def _over(layer: Windowed, axis: int, i: object, letter: str) -> str:
    stride, padding = layer.stride[axis], layer.padding[axis]
    start = str(i + padding) if isinstance(i, int) else _plus(str(i), str(padding))
    return f"{start}-{letter}" if stride == 1 else f"({start}-{letter})/{stride}"


def _plus(left: str, right: str) -> str:
    return "+".join(part for part in (left, right) if part != "0") or "0"

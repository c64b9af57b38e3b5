"""Windows of an image as the columns of a matrix, and back.

The write-up's form of convolution: X^(col) has one row for each weight of a kernel, ordered
(channel, s, t), and one column for each output cell, ordered (sample, i, j); then
X^(out) = K X^(col).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.errors import ShapeError
from core.tensor import Array

Pair = tuple[int, int]


def pair(value: object, name: str, least: int) -> Pair:
    """Return `value` as (vertical, horizontal).

    Raises:
        ValueError: it is not one or two whole numbers of at least `least`.
    """
    numbers = value if isinstance(value, tuple | list) else (value, value)
    if len(numbers) == 2 and all(
        isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= least for n in numbers
    ):
        return int(numbers[0]), int(numbers[1])
    raise ValueError(
        f"{name} is {value!r}; expected a whole number of at least {least}, or a pair of them"
    )


def count(value: object, name: str) -> int:
    """Return `value`.

    Raises:
        ValueError: it is not a whole number of at least 1.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1:
        return int(value)
    raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1")


def windows_shape(height: int, width: int, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """Return how many windows fit below and beside each other.

    Raises:
        ShapeError: not even one fits.
    """
    tall, wide = height + 2 * padding[0], width + 2 * padding[1]
    if tall < kernel[0] or wide < kernel[1]:
        need = max(kernel[0] - 2 * padding[0], 1), max(kernel[1] - 2 * padding[1], 1)
        raise ShapeError(f"needs an input of at least {need[0]}×{need[1]}", f"{height}×{width}")
    return (tall - kernel[0]) // stride[0] + 1, (wide - kernel[1]) // stride[1] + 1


def pad(x: Array, padding: Pair, fill: float = 0.0) -> Array:
    """Return `x` of shape (N, C, H, W) with a border of `fill`, or `x` itself without one."""
    if padding == (0, 0):
        return x
    n, c, h, w = x.shape
    (ph, pw) = padding
    padded = np.full((n, c, h + 2 * ph, w + 2 * pw), fill, x.dtype)
    padded[:, :, ph : ph + h, pw : pw + w] = x
    return padded


def windows(x: Array, kernel: Pair, stride: Pair) -> Array:
    """Return the windows of `x` (N, C, H, W) as a read-only view (N, C, OH, OW, KH, KW)."""
    n, c, h, w = x.shape
    oh, ow = windows_shape(h, w, kernel, stride, (0, 0))
    sn, sc, sh, sw = x.strides
    return as_strided(
        x,
        (n, c, oh, ow, *kernel),
        (sn, sc, sh * stride[0], sw * stride[1], sh, sw),
        writeable=False,
    )


def im2col(
    x: Array, kernel: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0), out: Array | None = None
) -> Array:
    """Return X^(col).

    Args:
        x: images of shape (N, C, H, W).
        kernel: height and width of a window (KH, KW).
        stride: steps between windows.
        padding: rows and columns of zeros on each side.
        out: where to write the result, C-contiguous.

    Returns:
        Matrix of shape (C·KH·KW, N·OH·OW).

    Raises:
        ShapeError: no window fits.
    """
    n, c, h, w = x.shape
    oh, ow = windows_shape(h, w, kernel, stride, padding)
    shape = (c * kernel[0] * kernel[1], n * oh * ow)
    col = np.empty(shape, x.dtype) if out is None else out
    parts = windows(pad(x, padding), kernel, stride).transpose(1, 4, 5, 0, 2, 3)
    np.copyto(col.reshape(parts.shape), parts)
    return col


def col2im(
    col: Array,
    shape: tuple[int, int, int, int],
    kernel: Pair,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
) -> Array:
    """Add every entry of a column matrix into the cell that it was read from.

    The adjoint of `im2col`: <im2col(x), y> = <x, col2im(y)>.

    Args:
        col: matrix of shape (C·KH·KW, N·OH·OW).
        shape: (N, C, H, W) of the images.
        kernel: height and width of a window.
        stride: steps between windows.
        padding: rows and columns on each side, whose sums are dropped.

    Returns:
        Array of shape (N, C, H, W).
    """
    n, c, h, w = shape
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    oh, ow = windows_shape(h, w, kernel, stride, padding)
    parts = col.reshape(c, kh, kw, n, oh, ow)
    image = np.zeros((c, n, h + 2 * ph, w + 2 * pw), col.dtype)
    for s in range(kh):
        for t in range(kw):
            image[:, :, s : s + sh * oh : sh, t : t + sw * ow : sw] += parts[:, s, t]
    return image[:, :, ph : ph + h, pw : pw + w].swapaxes(0, 1)

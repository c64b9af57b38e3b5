"""Windows of an image as the columns of a matrix, and back.

The write-up's form of convolution: X^(col) has one row for each weight of a kernel, ordered
(channel, s, t), and one column for each output cell, ordered (sample, i, j); then
X^(out) = K X^(col).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import as_strided

from core.errors import ShapeError
from core.tensor import Array

# A vertical and a horizontal number.
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
    """Return `value` as an int.

    Raises:
        ValueError: it is not a whole number of at least 1.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1:
        return int(value)
    raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1")


@dataclass(frozen=True)
class Windows:
    """The windows that a kernel covers as it slides over a padded image.

    Cell (s, t) of window (i, j) lies over row i·stride + s·dilation - before of the image, and the
    same for columns; a cell outside of the image lies over padding.

    Attributes:
        kernel: height and width of a window in cells.
        stride: steps between windows.
        before: rows of padding above the image, and columns left of it.
        after: rows of padding below the image, and columns right of it.
        dilation: steps between the cells of a window.
    """

    kernel: Pair
    stride: Pair = (1, 1)
    before: Pair = (0, 0)
    after: Pair = (0, 0)
    dilation: Pair = (1, 1)

    @cached_property
    def extent(self) -> Pair:
        """How many rows and columns a window spans."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1

    def padded(self, height: int, width: int) -> Pair:
        """Return the size of an image with its padding."""
        (top, left), (bottom, right) = self.before, self.after
        return height + top + bottom, width + left + right

    def count(self, height: int, width: int) -> Pair:
        """Return how many windows fit below and beside each other.

        Raises:
            ShapeError: not even one fits.
        """
        (tall, wide), (kh, kw), (sh, sw) = self.padded(height, width), self.extent, self.stride
        if tall < kh or wide < kw:
            need = max(kh - (tall - height), 1), max(kw - (wide - width), 1)
            raise ShapeError(f"needs an input of at least {need[0]}×{need[1]}", f"{height}×{width}")
        return (tall - kh) // sh + 1, (wide - kw) // sw + 1

    def pad(self, x: Array, fill: float = 0.0, out: Array | None = None) -> Array:
        """Return `x` of shape (N, C, H, W) with padding of `fill`, or `x` itself without any.

        Args:
            x: images.
            fill: value of the padding.
            out: where to write the result.
        """
        n, c, h, w = x.shape
        tall, wide = self.padded(h, w)
        if (tall, wide) == (h, w):
            return x
        padded = np.empty((n, c, tall, wide), x.dtype) if out is None else out
        padded.fill(fill)
        self.unpad(padded, h, w)[...] = x
        return padded

    def unpad(self, padded: Array, height: int, width: int) -> Array:
        """Return the view of a padded array without its padding, (N, C, height, width)."""
        top, left = self.before
        return padded[:, :, top : top + height, left : left + width]

    def view(self, padded: Array) -> Array:
        """Return the windows of a padded array as a read-only view (N, C, OH, OW, KH, KW)."""
        n, c, h, w = padded.shape
        oh, ow = Windows(self.kernel, self.stride, dilation=self.dilation).count(h, w)
        sn, sc, sy, sx = padded.strides
        (sh, sw), (dh, dw) = self.stride, self.dilation
        return as_strided(
            padded,
            (n, c, oh, ow, *self.kernel),
            (sn, sc, sy * sh, sx * sw, sy * dh, sx * dw),
            writeable=False,
        )

    def slices(self, padded: Array, axis: int, count: int) -> list[Array]:
        """Return a view for each row (axis 0) or column (axis 1) of a window, over all windows.

        Args:
            padded: array of shape (N, C, H, W), padding included.
            axis: 0 or 1.
            count: how many windows lie along the axis.

        Returns:
            KH or KW writable views, of shape (N, C, count, W) or (N, C, H, count).
        """
        kernel, stride, dilation = self.kernel[axis], self.stride[axis], self.dilation[axis]
        reach = stride * (count - 1) + 1
        begins = range(0, dilation * kernel, dilation)
        if axis == 0:
            return [padded[:, :, k : k + reach : stride] for k in begins]
        return [padded[..., k : k + reach : stride] for k in begins]

    def cells(self, padded: Array, out_size: Pair) -> list[Array]:
        """Return a view for each cell (s, t) of a window, over all windows.

        Args:
            padded: array of shape (N, C, H, W), padding included.
            out_size: how many windows there are, (OH, OW).

        Returns:
            KH·KW writable views of shape (N, C, OH, OW), in row-major order of (s, t).
        """
        oh, ow = out_size
        return [cell for row in self.slices(padded, 0, oh) for cell in self.slices(row, 1, ow)]

    def under(self, axis: int, window: str, cell: str) -> str:
        """Return the row (axis 0) or column (axis 1) under a cell of a window, as index notation.

        Args:
            axis: 0 or 1.
            window: letter of the window, i or j.
            cell: letter of the cell of the window, s or t.
        """
        stride, dilation, before = self.stride[axis], self.dilation[axis], self.before[axis]
        start = window if stride == 1 else f"{window}*{stride}"
        step = cell if dilation == 1 else f"{cell}*{dilation}"
        return f"{start} + {step}" + (f" - {before}" if before else "")


def im2col(x: Array, windows: Windows, out: Array | None = None) -> Array:
    """Return X^(col).

    Args:
        x: images of shape (N, C, H, W).
        windows: where the windows lie.
        out: where to write the result, C-contiguous.

    Returns:
        Matrix of shape (C·KH·KW, N·OH·OW).

    Raises:
        ShapeError: no window fits.
    """
    n, c, h, w = x.shape
    (kh, kw), (oh, ow) = windows.kernel, windows.count(h, w)
    col = np.empty((c * kh * kw, n * oh * ow), x.dtype) if out is None else out
    view = windows.view(windows.pad(x)).transpose(1, 4, 5, 0, 2, 3)
    np.copyto(col.reshape(view.shape), view)
    return col


def col2im(col: Array, shape: tuple[int, ...], windows: Windows) -> Array:
    """Add every entry of a column matrix to the cell that it was read from.

    The adjoint of `im2col`: <im2col(x), y> = <x, col2im(y)>.

    Args:
        col: matrix of shape (C·KH·KW, N·OH·OW).
        shape: (N, C, H, W) of the images.
        windows: where the windows lie; sums that belong to padding are dropped.

    Returns:
        Array of shape (N, C, H, W), channel-major in memory.
    """
    n, c, h, w = shape
    size = windows.count(h, w)
    entries = col.reshape(c, -1, n, *size)
    image = np.zeros((c, n, *windows.padded(h, w)), col.dtype).swapaxes(0, 1)
    for position, cell in enumerate(windows.cells(image, size)):
        cell += entries[:, position].swapaxes(0, 1)
    return windows.unpad(image, h, w)

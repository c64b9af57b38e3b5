"""Pooling."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike

from core.errors import ShapeError
from core.explanations import pool
from core.explanations.parts import Rules
from core.kernels.im2col import Pair, pad, pair, windows, windows_shape
from core.layer import Layer, Shape, Stages
from core.spec_item import SpecItem, pair_text
from core.tensor import Array


class Pool2d(Layer):
    """What pooling layers share: windows of a kernel, a stride and a padding.

    Input (N, C, H, W), output (N, C, OH, OW) with OH = (H + 2·padding - KH) // stride + 1.

    Args:
        kernel_size: height and width of a window.
        stride: steps between windows; those of the kernel if None.
        padding: rows and columns on each side; at most half the kernel, as in PyTorch.
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = self.kernel_size if stride is None else pair(stride, "stride", 1)
        self.padding = pair(padding, "padding", 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"padding is {padding!r}; expected at most half of kernel_size {kernel_size!r}, "
                "or a window could lie in the padding alone"
            )

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 3:
            raise ShapeError("needs images (C, H, W)", f"{input_shape}")
        size = windows_shape(*input_shape[1:], self.kernel_size, self.stride, self.padding)
        return (input_shape[0], *size)

    def _padded(self, x: Array, name: str, fill: float) -> Array:
        """Return `x` with a border of `fill`, in memory of the layer; `x` itself without one."""
        (ph, pw), (n, c, h, w) = self.padding, x.shape
        if (ph, pw) == (0, 0):
            return x
        full = self.work.array(name, (c, h + 2 * ph, n, w + 2 * pw), x.dtype)
        full.fill(fill)
        full = full.transpose(2, 0, 1, 3)
        full[:, :, ph : ph + h, pw : pw + w] = x
        return full

    def _unpadded(self, x: Array) -> Array:
        (ph, pw), (h, w) = self.padding, x.shape[2:]
        return x[:, :, ph : h - ph, pw : w - pw]

    def _cells(self, x: Array, out_shape: Shape) -> list[Array]:
        """Return, for each position (s, t) in a window, that cell of all windows, as views."""
        (kh, kw), (sh, sw), (oh, ow) = self.kernel_size, self.stride, out_shape[-2:]
        return [
            x[:, :, s : s + sh * (oh - 1) + 1 : sh, t : t + sw * (ow - 1) + 1 : sw]
            for s in range(kh)
            for t in range(kw)
        ]

    def _output(self, name: str, x: Array, dtype: DTypeLike) -> Array:
        """Return an array of the output's shape in the memory order of the fast path."""
        c, oh, ow = self._made
        return self.work.array(name, (c, oh, len(x), ow), dtype).transpose(2, 0, 1, 3)

    def _input_grad(self) -> Array:
        """Return an array of the padded input's shape; zeros, unless `_give` writes every cell."""
        n, c, h, w = self.input.shape
        (ph, pw), (oh, ow) = self.padding, self.output.shape[2:]
        shape = (c, h + 2 * ph, n, w + 2 * pw)
        g_in = self.work.array("g_X_in", shape, self.output.grad.dtype).transpose(2, 0, 1, 3)
        (kh, kw) = self.kernel_size
        if self.stride != (kh, kw) or g_in.shape[2:] != (kh * oh, kw * ow):
            g_in.fill(0)
        return g_in

    def _give(self, target: Array, share: Array) -> None:
        """Add `share` to one cell of all windows; where they do not overlap it is all there is."""
        (kh, kw), (sh, sw) = self.kernel_size, self.stride
        if kh > sh or kw > sw:
            target += share
        else:
            np.copyto(target, share)

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        kernel = item.pair("a window size")
        layer = cls(kernel, item.option_pair("s", None), item.option_pair("p", 0))
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        words = [self.keyword, pair_text(self.kernel_size)]
        if self.stride != self.kernel_size:
            words.append(f"s{pair_text(self.stride)}")
        if self.padding != (0, 0):
            words.append(f"p{pair_text(self.padding)}")
        return " ".join(words)


class MaxPool2d(Pool2d):
    """The largest number of each window.

    y = max over the window; g(L, y) goes to the winner, the first in row-major order among equals,
    and the rest of the window gets nothing. Padding never wins.
    """

    keyword = "pool"
    rules: ClassVar[Rules] = {**Layer.rules, **pool.MAX}

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        # Each cell of all windows, a contiguous array of its own: (KH·KW, N, C, OH, OW).
        self._cell_copies: Array = np.zeros((0, 0, 0, 0, 0))

    def _forward(self, x: Array) -> Array:
        y = self._output("X_out", x, x.dtype)
        # Copied, because NumPy compares arrays with gaps several times slower.
        cells = self._cells(self._padded(x, "padded", -np.inf), y.shape)
        n, c, oh, ow = y.shape
        copies = self.work.array("cells", (len(cells), c, oh, n, ow), x.dtype)
        self._cell_copies = copies.transpose(0, 3, 1, 2, 4)
        for copy, cell in zip(self._cell_copies, cells, strict=True):
            np.copyto(copy, cell)
        return np.maximum.reduce(self._cell_copies, axis=0, out=y)

    def _backward(self, g: Array) -> Array:
        y, work = self.output.value, self.work
        g_in = self._input_grad()
        *targets, last = self._cells(g_in, y.shape)
        # What no cell has claimed yet: the first cell that equals the maximum takes it all.
        rest, share = work.like("rest", y), work.like("share", y)
        won = work.like("won", y, bool)
        np.copyto(rest, g)
        for cell, target in zip(self._cell_copies[:-1], targets, strict=True):
            np.equal(cell, y, out=won)
            np.multiply(rest, won, out=share)
            rest -= share
            self._give(target, share)
        self._give(last, rest)
        return self._unpadded(g_in)

    def winner(self) -> Array:
        """Return which cell of each window won, s·KW + t, shape (N, C, OH, OW)."""
        x = pad(self.input.value, self.padding, -np.inf)
        flat = windows(x, self.kernel_size, self.stride)
        winners: Array = flat.reshape(*flat.shape[:4], -1).argmax(axis=-1)
        return winners

    def mask(self) -> Array:
        """Return how many windows each input cell won, shape (N, C, H, W)."""
        x, winner = self.input.value, self.winner()
        wins = np.zeros_like(pad(x, self.padding))
        for position, cell in enumerate(self._cells(wins, winner.shape)):
            cell += winner == position
        return self._unpadded(wins)

    def forward_stages(self) -> Stages:  # noqa: D102
        x = self.input.value
        return {
            "windows": {"X_in": x},
            "winner": {"X_in": x, "winner": self.winner(), "mask": self.mask()},
            "output": {"X_in": x, "X_out": self.output.value},
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {
            "route": {
                "g_X_out": self.output.grad,
                "winner": self.winner(),
                "mask": self.mask(),
                "g_X_in": self.input.grad,
            }
        }


class AvgPool2d(Pool2d):
    """The mean of each window, zeros of the padding included, as in PyTorch.

    y = mean over the window; every cell of it gets g(L, y) / (KH·KW).
    """

    keyword = "avgpool"
    rules: ClassVar[Rules] = {**Layer.rules, **pool.AVERAGE}

    def _forward(self, x: Array) -> Array:
        y = self._output("X_out", x, x.dtype)
        cells = self._cells(self._padded(x, "padded", 0), y.shape)
        np.copyto(y, cells[0])
        for cell in cells[1:]:
            y += cell
        y /= len(cells)
        return y

    def _backward(self, g: Array) -> Array:
        g_in = self._input_grad()
        targets = self._cells(g_in, g.shape)
        share = self._output("share", self.input.value, g.dtype)
        np.divide(g, len(targets), out=share)
        for target in targets:
            self._give(target, share)
        return self._unpadded(g_in)


class GlobalAvgPool2d(Layer):
    """The mean of each channel: (N, C, H, W) to (N, C, 1, 1); PyTorch's AdaptiveAvgPool2d(1)."""

    keyword = "gap"
    rules: ClassVar[Rules] = {**Layer.rules, **pool.GLOBAL}

    def _forward(self, x: Array) -> Array:
        means: Array = x.mean(axis=(2, 3), keepdims=True)
        return means

    def _backward(self, g: Array) -> Array:
        x = self.input.value
        g_in = self.work.like("g_X_in", x)
        g_in[...] = g / (x.shape[2] * x.shape[3])
        return g_in

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 3:
            raise ShapeError("needs images (C, H, W)", f"{input_shape}")
        return (input_shape[0], 1, 1)

"""Pooling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike

from core.errors import ShapeError, shape_in_words
from core.kernels.im2col import Pair, Windows, pair
from core.kernels.memory import memory_order
from core.kernels.workspace import Workspace
from core.layer import Layer, Shape, Stages
from core.layers.option import Option, switch
from core.spec_item import SpecItem, pair_text
from core.tensor import Array


class Pool2d(Layer):
    """Base of the pooling layers: windows of a kernel, a stride and a padding.

    Input (N, C, H, W), output (N, C, OH, OW) with OH = (H + 2·padding - KH) // stride + 1. With
    `ceil_mode` the division is rounded up, as long as the last window begins inside the image or
    its padding above or on the left; what it covers beyond the padding belongs to no window.

    Options may be changed at any time and count from the next forward pass.

    Args:
        kernel_size: height and width of a window.
        stride: steps between windows; those of the kernel if None.
        padding: rows and columns on each side; at most half the kernel, as in PyTorch.
        ceil_mode: whether the number of windows is rounded up instead of down.

    Raises:
        ValueError: an option is out of range; the message names it.
    """

    letters: ClassVar[Mapping[str, str]] = {"s,t": "cell ({}, {})", "i,j": "window ({}, {})"}

    transient: ClassVar[frozenset[str]] = Layer.transient | {"_windows"}

    ceil_mode = Option(switch)

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self._padding = (0, 0)
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        # Where the windows lay in the last forward pass.
        self._windows = Windows((1, 1))

    @property
    def kernel_size(self) -> Pair:
        """Height and width of a window. A number stands for a pair of it on assignment."""
        return self._kernel_size

    @kernel_size.setter
    def kernel_size(self, value: int | Pair) -> None:
        kernel = pair(value, "kernel_size", 1)
        _check_half(self._padding, kernel)
        self._kernel_size = kernel

    @property
    def stride(self) -> Pair:
        """Steps between windows. A number stands for a pair of it on assignment."""
        return self._stride

    @stride.setter
    def stride(self, value: int | Pair) -> None:
        self._stride = pair(value, "stride", 1)

    @property
    def padding(self) -> Pair:
        """Rows and columns on each side. A number stands for a pair of it on assignment."""
        return self._padding

    @padding.setter
    def padding(self, value: int | Pair) -> None:
        padding = pair(value, "padding", 0)
        _check_half(padding, self._kernel_size)
        self._padding = padding

    def windows(self, height: int, width: int) -> Windows:
        """Return where the windows lie over images of this size."""
        size = (height, width) if self.ceil_mode else None
        return _windows(self.kernel_size, self.stride, self.padding, size)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 3:
            raise ShapeError("needs images (C, H, W)", shape_in_words(input_shape))
        channels, height, width = input_shape
        return (channels, *self.windows(height, width).count(height, width))

    def _place_windows(self, x: Array) -> Windows:
        """Compute and keep where the windows lie over `x`."""
        self._windows = self.windows(x.shape[2], x.shape[3])
        return self._windows

    def _array(self, name: str, size: Pair, dtype: DTypeLike) -> Array:
        """Return an array (N, C, *size) of the layer, in the memory order of the input."""
        x = self.input.value
        return self.work.like(name, x, dtype, (*x.shape[:2], *size))

    def _padded(self, x: Array, fill: float) -> Array:
        """Return `x` with padding of `fill`, in memory of the layer; `x` itself without any."""
        size = self._windows.padded(*x.shape[2:])
        if size == x.shape[2:]:
            return x
        return self._windows.pad(x, fill, self._array("padded", size, x.dtype))

    def _overlap(self, axis: int) -> bool:
        """Whether windows share rows (axis 0) or columns (axis 1)."""
        return self._windows.kernel[axis] > self._windows.stride[axis]

    def _apart(self, axis: int, size: int) -> bool:
        """Whether each of so many rows (axis 0) or columns (axis 1) lies in one window exactly."""
        kernel, stride = self._windows.kernel[axis], self._windows.stride[axis]
        return kernel == stride and size == kernel * self.out_shape[1 + axis]

    def _under(self) -> tuple[str, str]:
        """Row and column under cell (s, t) of window (i, j), as index notation."""
        windows = Windows(self.kernel_size, self.stride, self.padding)
        return windows.under(0, "i", "s"), windows.under(1, "j", "t")

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        height, width = self.kernel_size
        return {"s": height, "t": width, "i": self.output.shape[2], "j": self.output.shape[3]}

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        kernel = item.pair("a window size")
        stride = item.option_pair("s", None, "stride")
        padding = item.option_pair("p", 0, "padding")
        layer = cls(kernel, stride, padding, ceil_mode=item.flag("ceil"))
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        words = [self.keyword, pair_text(self.kernel_size)]
        if self.stride != self.kernel_size:
            words.append(f"s{pair_text(self.stride)}")
        if self.padding != (0, 0):
            words.append(f"p{pair_text(self.padding)}")
        if self.ceil_mode:
            words.append("ceil")
        return " ".join(words)


@lru_cache
def _windows(kernel: Pair, stride: Pair, padding: Pair, size: Pair | None) -> Windows:
    """Return where the windows lie; cached, because each step asks several times.

    Args:
        kernel: height and width of a window.
        stride: steps between windows.
        padding: rows and columns on each side.
        size: height and width of the images if the number of windows is rounded up.
    """
    after = list(padding)
    for axis, length in enumerate(size or ()):
        k, step, p = kernel[axis], stride[axis], padding[axis]
        last = -((k - length - 2 * p) // step)
        if last * step >= length + p:
            last -= 1
        after[axis] += max(0, last * step + k - length - 2 * p)
    return Windows(kernel, stride, padding, (after[0], after[1]))


def _check_half(padding: Pair, kernel: Pair) -> None:
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(
            f"padding is {pair_text(padding)}; expected at most half of kernel_size "
            f"{pair_text(kernel)}, because otherwise a window could lie in the padding alone"
        )


@dataclass(frozen=True)
class _Plan:
    """Arrays of a forward pass of max pooling: first rows of windows, then whole windows.

    Attributes:
        columns: contiguous copies of each column of all windows, KW arrays (N, C, H, OW), where H
            includes the padding.
        row_maxima: the largest number in each row of a window, (N, C, H, OW).
        rows: for each row of a window its maximum in all windows, KH views (N, C, OH, OW).
        y: the output.
    """

    columns: list[Array]
    row_maxima: Array
    rows: list[Array]
    y: Array


def _largest(arrays: list[Array], out: Array) -> Array:
    """Write the maximum of several arrays of one shape to `out`."""
    first, *others = arrays
    if not others:
        np.copyto(out, first)
    for k, array in enumerate(others):
        np.maximum(out if k else first, array, out=out)
    return out


class _Route:
    """Gives each gradient to the first of several cells that equals the largest of them.

    Args:
        work: owner of the scratch arrays.
        name: name of the scratch arrays there.
        targets: where the gradient of each cell goes.
        largest: the maximum of the cells.
        dtype: dtype of the gradients.
        covers: whether the targets share no memory and together are the whole array; otherwise it
            must hold zeros before, and gradients are added.
    """

    def __init__(
        self,
        work: Workspace,
        name: str,
        targets: list[Array],
        largest: Array,
        dtype: DTypeLike,
        covers: bool,
    ) -> None:
        self.targets = targets
        self.covers = covers
        self._won = work.like(f"{name} won", largest, bool)
        self._share = work.like(f"{name} share", largest, dtype)
        self._rest = work.like(f"{name} rest", largest, dtype)

    def follow(self, g: Array, largest: Array, cells: list[Array]) -> None:
        """Distribute `g`.

        Args:
            g: a gradient for each number of `largest`.
            largest: the maximum of the cells.
            cells: arrays of the shape of `largest`, in their order.
        """
        *firsts, last = self.targets
        # What no cell has claimed yet; in the end the last cell takes it.
        rest = g
        if g.strides != largest.strides and memory_order(g) != memory_order(largest):
            rest = self._rest
            np.copyto(rest, g)
        for k, target in enumerate(firsts):
            np.equal(cells[k], largest, out=self._won)
            np.multiply(rest, self._won, out=self._share)
            if self.covers:
                np.copyto(target, self._share)
            else:
                target += self._share
            is_last = target is firsts[-1]
            rest = np.subtract(
                rest, self._share, out=last if is_last and self.covers else self._rest
            )
        if not self.covers:
            last += rest
        elif rest is not last:
            np.copyto(last, rest)


class MaxPool2d(Pool2d):
    """The largest number of each window; `torch.nn.MaxPool2d` without dilation.

    y = max over the window; g(L, y) goes to the winner, the first in row-major order among equals,
    and the rest of the window gets nothing. Padding never wins, not even over -inf. As in PyTorch
    NaN is larger than any number, so that it does not disappear.
    """

    keyword = "pool"

    def _forward(self, x: Array) -> Array:
        windows, plan = self._place_windows(x), self._plan(x)
        columns = windows.slices(self._padded(x, -np.inf), 1, plan.y.shape[3])
        for copy, column in zip(plan.columns, columns, strict=True):
            # Copied, because NumPy compares arrays with gaps several times slower.
            np.copyto(copy, column)
        _largest(plan.columns, plan.row_maxima)
        return _largest(plan.rows, plan.y)

    def _plan(self, x: Array) -> _Plan:
        """Return the arrays of a forward pass."""
        windows, (_, oh, ow) = self._windows, self.out_shape

        def make() -> _Plan:
            tall, _ = windows.padded(x.shape[2], x.shape[3])
            columns = [
                self._array(f"column {t}", (tall, ow), x.dtype) for t in range(windows.kernel[1])
            ]
            row_maxima = self._array("row maxima", (tall, ow), x.dtype)
            y = self._array("X_out", (oh, ow), x.dtype)
            return _Plan(columns, row_maxima, windows.slices(row_maxima, 0, oh), y)

        return self.work.plan("forward", (x.shape, x.strides, x.dtype, windows), make)

    def _backward(self, g: Array) -> Array:
        x, y, windows = self.input.value, self.output.value, self._windows
        if not (y.size and y.min() > -np.inf):
            return self._backward_by_winner(g)
        forward = self._plan(x)

        def make() -> tuple[Array, Array, _Route, _Route]:
            tall, wide = windows.padded(x.shape[2], x.shape[3])
            _, oh, ow = self.out_shape
            g_in = self._array("g_X_in", (tall, wide), g.dtype)
            g_rows = self._array("g_rows", (tall, ow), g.dtype)
            down = _Route(
                self.work, "down", windows.slices(g_rows, 0, oh), y, g.dtype, self._apart(0, tall)
            )
            across = _Route(
                self.work,
                "across",
                windows.slices(g_in, 1, ow),
                forward.row_maxima,
                g.dtype,
                self._apart(1, wide),
            )
            return g_in, g_rows, down, across

        key = (x.shape, x.strides, g.dtype, windows)
        g_in, g_rows, down, across = self.work.plan("backward", key, make)
        if not down.covers:
            g_rows.fill(0)
        if not across.covers:
            g_in.fill(0)
        down.follow(g, y, forward.rows)
        across.follow(g_rows, forward.row_maxima, forward.columns)
        return windows.unpad(g_in, x.shape[2], x.shape[3])

    def _backward_by_winner(self, g: Array) -> Array:
        """Backward where some maximum is NaN, which equals nothing, or -inf, as padding is."""
        (height, width), (oh, ow) = self.input.shape[2:], g.shape[2:]
        g_in = self._array("g_X_in", self._windows.padded(height, width), g.dtype)
        g_in.fill(0)
        winner = self.winner()
        for position, target in enumerate(self._windows.cells(g_in, (oh, ow))):
            target += np.where(winner == position, g, 0)
        return self._windows.unpad(g_in, height, width)

    def kept_per_sample(self, input_shape: Shape) -> int:
        """As for any layer; with the columns of all windows and the way of the gradient."""
        channels, height, width = input_shape
        tall, _ = self.windows(height, width).padded(height, width)
        _, _, ow = self.output_shape(input_shape)
        return (
            super().kept_per_sample(input_shape) + (self.kernel_size[1] + 4) * channels * tall * ow
        )

    def winner(self) -> Array:
        """Return which cell of each window won, s·KW + t, shape (N, C, OH, OW)."""
        x, windows = self.input.value, self._windows
        flat = windows.view(windows.pad(x, -np.inf))
        winners: Array = flat.reshape(*flat.shape[:4], -1).argmax(axis=-1)
        # A window of -inf alone is won by its first cell, which may lie in the padding.
        oh, ow = winners.shape[2:]
        (ph, pw), (sh, sw) = windows.before, windows.stride
        first_row = np.maximum(ph - sh * np.arange(oh), 0)[:, None]
        first_column = np.maximum(pw - sw * np.arange(ow), 0)
        np.maximum(winners, first_row * windows.kernel[1] + first_column, out=winners)
        return winners

    def mask(self) -> Array:
        """Return how many windows each input cell won, shape (N, C, H, W)."""
        x, winner, windows = self.input.value, self.winner(), self._windows
        wins = np.zeros((*x.shape[:2], *windows.padded(*x.shape[2:])), x.dtype)
        for position, cell in enumerate(windows.cells(wins, (winner.shape[2], winner.shape[3]))):
            cell += winner == position
        return windows.unpad(wins, *x.shape[2:])

    def forward_stages(self) -> Stages:  # noqa: D102
        x = self.input.value
        return {
            "windows": {"X_in": x},
            "winner": {"X_in": x, "winner": self.winner(), "mask": self.mask()},
            "output": {"X_in": x, "X_out": self.output.value},
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        arrays = {"g_X_out": self.output.grad, "winner": self.winner(), "mask": self.mask()}
        return {"route": {**arrays, "g_X_in": self.input.grad}}

    @property
    def formulas(self) -> str:
        """One line of index notation for each array of the stages."""
        y, x = self._under()
        won = f"(winner[n,c,i,j] == s*{self.kernel_size[1]} + t)"
        return f"""
            X_out[n,c,i,j]  = max[s,t](X_in[n, c, {y}, {x}])
            winner[n,c,i,j] = argmax[s,t](X_in[n, c, {y}, {x}])
            mask[n,c,y,x]   = sum[s,t,i,j]({won} * at(y == {y}, x == {x}))
            g_X_in[n,c,y,x] = sum[s,t,i,j]({won} * g_X_out[n,c,i,j] * at(y == {y}, x == {x}))
        """


class AvgPool2d(Pool2d):
    """The mean of each window; `torch.nn.AvgPool2d` without `divisor_override`.

    y = sum over the window / d; every cell of the window gets g(L, y) / d. d is KH·KW, except for
    windows that reach beyond the padding, which `ceil_mode` allows: their d counts the cells inside
    the image and its padding. Without `count_include_pad` d counts the cells inside the image only.

    Args:
        kernel_size: height and width of a window.
        stride: steps between windows; those of the kernel if None.
        padding: rows and columns of zeros on each side.
        ceil_mode: whether the number of windows is rounded up instead of down.
        count_include_pad: whether the zeros of the padding count in the mean.
    """

    keyword = "avgpool"
    transient: ClassVar[frozenset[str]] = Pool2d.transient | {"_share"}
    count_include_pad = Option(switch)

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode=ceil_mode)
        self.count_include_pad = count_include_pad
        # 1 / d of each window, shape (OH, OW), or (1, 1) if all windows share one d.
        self._share: Array = np.ones((1, 1), np.float32)

    def _counted(self, axis: int) -> Pair:
        """Return the first row (axis 0) or column (axis 1) that counts in d, and the last."""
        border = self.padding[axis] if self.count_include_pad else 0
        return -border, self.input.shape[2 + axis] + border - 1

    def _shares(self) -> Array:
        counts = []
        for axis in (0, 1):
            (first, last), windows = self._counted(axis), np.arange(self.out_shape[axis + 1])
            cells = np.arange(self.kernel_size[axis]) - self.padding[axis]
            row = windows[:, None] * self.stride[axis] + cells
            counts.append(((first <= row) & (row <= last)).sum(axis=1))
        sizes = np.multiply.outer(counts[0], counts[1])
        if (sizes == sizes[0, 0]).all():
            sizes = sizes[:1, :1]
        shares: Array = (1 / sizes).astype(self.dtype)
        return shares

    def _forward(self, x: Array) -> Array:
        size, windows = (self.out_shape[1], self.out_shape[2]), self._place_windows(x)
        self._share = self._shares()
        y = self._array("X_out", size, x.dtype)
        cells = windows.cells(self._padded(x, 0), size)
        np.copyto(y, cells[0])
        for cell in cells[1:]:
            y += cell
        y *= self._share
        return y

    def _backward(self, g: Array) -> Array:
        windows, (oh, ow) = self._windows, (g.shape[2], g.shape[3])
        tall, wide = windows.padded(*self.input.shape[2:])
        g_in = self._array("g_X_in", (tall, wide), g.dtype)
        if not (self._apart(0, tall) and self._apart(1, wide)):
            g_in.fill(0)
        share = np.multiply(g, self._share, out=self._array("share", (oh, ow), g.dtype))
        for target in windows.cells(g_in, (oh, ow)):
            if self._overlap(0) or self._overlap(1):
                target += share
            else:
                np.copyto(target, share)
        return windows.unpad(g_in, *self.input.shape[2:])

    def forward_stages(self) -> Stages:  # noqa: D102
        x, y = self.input.value, self.output.value
        return {"output": {"X_in": x, **self._share_array(), "X_out": y}}

    def backward_stages(self) -> Stages:  # noqa: D102
        g, g_in = self.output.grad, self.input.grad
        return {"input gradient": {"g_X_out": g, **self._share_array(), "g_X_in": g_in}}

    def _share_array(self) -> dict[str, Array]:
        """The array of shares, unless all windows share one."""
        return {} if self._share.shape == (1, 1) else {"share": self._share}

    @property
    def formulas(self) -> str:
        """One line of index notation for each array of the stages."""
        y, x = self._under()
        share, line = "1/d", ""
        if self._share_array():
            (top, bottom), (left, right) = self._counted(0), self._counted(1)
            inside = f"({y} >= {top}) * ({y} <= {bottom}) * ({x} >= {left}) * ({x} <= {right})"
            share, line = "share[i,j]", f"share[i,j] = quotient(1, sum[s,t]({inside}))"
        return f"""
            {line}
            X_out[n,c,i,j]  = {share} * sum[s,t](X_in[n, c, {y}, {x}])
            g_X_in[n,c,y,x] = sum[s,t,i,j]({share} * g_X_out[n,c,i,j] * at(y == {y}, x == {x}))
        """

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        return {**super().formula_constants(), "d": float(round(1 / float(self._share[0, 0])))}

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        counted = not item.flag("nopad")
        layer = super().from_spec(item, input_shape, rng)
        layer.count_include_pad = counted
        return layer

    def to_spec(self) -> str:  # noqa: D102
        return super().to_spec() + ("" if self.count_include_pad else " nopad")


class GlobalAvgPool2d(Layer):
    """The mean of each channel: (N, C, H, W) to (N, C, 1, 1); PyTorch's AdaptiveAvgPool2d(1)."""

    keyword = "gap"
    formulas = """
        X_out[n,c,i,j]  = 1/m * sum[y,x](X_in[n,c,y,x])
        g_X_in[n,c,y,x] = 1/m * g_X_out[n,c,0,0]
    """

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
            raise ShapeError("needs images (C, H, W)", shape_in_words(input_shape))
        return (input_shape[0], 1, 1)

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        _, _, height, width = self.input.shape
        return {"m": height * width}

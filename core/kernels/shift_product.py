"""Convolution with stride 1 as a few matrix products over shifted rows.

The same sum as K X^(col), grouped otherwise. X^(col) holds each input cell KH·KW times; here only
the horizontal shifts are copied, V[t, c, r, n, j] = x[n, c, r - top, j + t - left], and a vertical
shift by s reads the same memory from s rows further on, because image rows lie outermost:

    X^(out) rows i..i' = sum over s of K_s · V[rows i+s..i'+s],   K_s of shape (C_out, KW·C_in)

With a dilation of d the shifts are s·d and t·d. The gradient of the input is the same sum over the
output's gradient with the kernel turned by 180°. Few channels would make the inner size of the
product tiny, so for them the vertical shifts are copied too (`joined`), which gives X^(col) with
its rows in another order.
"""

from __future__ import annotations

import numpy as np

from core.kernels.gemm import HAS_AVX512, gemm
from core.kernels.workspace import Workspace
from core.tensor import Array

# From this inner size on, a product of its own for each vertical shift is the faster form.
SMALLEST_INNER = 16
# Columns of one product: operands and result of a block stay in the cache between two shifts.
BLOCK_COLUMNS = 8192
# With AVX-512 OpenBLAS multiplies up to twice as fast where no more multiplications than this are
# needed, and, if an operand is transposed, where the result is small too. With AVX2 such small
# blocks take a quarter longer.
FAST_PRODUCT = 1_000_000 if HAS_AVX512 else 0
FAST_RESULT = 1200
# A block of fewer columns than this is not worth its calls.
FEWEST_COLUMNS = 512


def shifted_rows(
    work: Workspace,
    name: str,
    x: Array,
    kernel: tuple[int, int],
    offset: tuple[int, int],
    out_size: tuple[int, int],
    dilation: tuple[int, int] = (1, 1),
) -> Array:
    """Copy the shifts of `x` that the product needs.

    Args:
        work: owner of the memory.
        name: name of the array there.
        x: images of shape (N, C, H, W).
        kernel: (KH, KW).
        offset: zeros above and left of the image; negative crops.
        out_size: height and width of the result (OH, OW).
        dilation: rows and columns between the cells of a window.

    Returns:
        Array of shape (A, KW, C, R, N, OW): A = 1 and R = OH + dilation · (KH - 1), or joined:
        A = KH and R = OH.
    """

    def make() -> _Shifts:
        return _Shifts(work, name, x, kernel, offset, out_size, dilation)

    key = (x.shape, x.dtype, kernel, offset, out_size, dilation)
    return work.plan(name, key, make).copy(x)


class _Shifts:
    """Memory of the shifts, and the views of it that each step needs; see `shifted_rows`."""

    def __init__(
        self,
        work: Workspace,
        name: str,
        x: Array,
        kernel: tuple[int, int],
        offset: tuple[int, int],
        out_size: tuple[int, int],
        dilation: tuple[int, int],
    ) -> None:
        n, c, h, w = x.shape
        (kh, kw), (top, left), (oh, ow), (dh, dw) = kernel, offset, out_size, dilation
        joined = kw * c < SMALLEST_INNER
        ups, height = (kh, oh) if joined else (1, oh + dh * (kh - 1))
        v = self._v = work.array(name, (ups, kw, c, height, n, ow), x.dtype)
        # In memory a shift is the same distance everywhere, so one copy does: of the planes with
        # enough zeros above and below. Beside a row lie its neighbours, where zeros belong; these
        # come after.
        step = n * w
        offset_cells = top * step + left
        before, start = max(0, offset_cells), max(0, -offset_cells)
        last_row = dh * (ups - 1) + height - 1
        size = max(before + h * step, start + last_row * step + (n - 1) * w + dw * (kw - 1) + ow)
        flat = work.array(f"{name} flat", (c, size), x.dtype)
        # Nothing writes outside of the planes, so this holds for all steps.
        flat.fill(0)
        self._planes = flat[:, before : before + h * step].reshape(c, h, n, w)
        row, one = flat.strides
        strides = (dh * step * one, dw * one, row, step * one, w * one, one)
        self._source: Array = np.ndarray(v.shape, v.dtype, flat, start * one, strides)
        self._beside: list[Array] = []
        for t in range(kw):
            first, last = _overlap(ow, w, dw * t - left)
            if first > 0:
                self._beside.append(v[:, t, ..., :first])
            if last < ow:
                self._beside.append(v[:, t, ..., last:])

    def copy(self, x: Array) -> Array:
        """Return the shifts of `x`."""
        np.copyto(self._planes, x.transpose(1, 2, 0, 3))
        np.copyto(self._v, self._source)
        for columns in self._beside:
            columns.fill(0)
        return self._v


def _overlap(size: int, source: int, shift: int) -> tuple[int, int]:
    """Return the range of i in 0..size for which i + shift is in 0..source."""
    start = min(max(0, -shift), size)
    return start, max(start, min(size, source - shift))


def _block(weights: int) -> int:
    """Return how many columns to multiply by a matrix of so many weights at a time."""
    fast = FAST_PRODUCT // weights
    return min(fast, BLOCK_COLUMNS) if fast >= FEWEST_COLUMNS else BLOCK_COLUMNS


def shift_product(
    work: Workspace,
    name: str,
    v: Array,
    weight: Array,
    out_height: int,
    bias: Array | None = None,
    dilation: int = 1,
) -> Array:
    """Return the convolution of what `shifted_rows` copied.

    Args:
        work: owner of the memory of the result.
        name: name of the result there.
        v: the shifts, (A, KW, C, R, N, OW).
        weight: kernels of shape (O, C, KH, KW).
        out_height: OH.
        bias: added to each output channel, shape (O,).
        dilation: rows between the cells of a window.

    Returns:
        Array of shape (N, O, OH, OW), its memory in the order (O, OH, N, OW).
    """

    def make() -> _Product:
        return _Product(work, name, v, weight, out_height, dilation)

    # The plan holds `v`, so that no other array can have its id.
    key = (id(v), weight.shape, out_height, dilation)
    return work.plan(f"{name} product", key, make).compute(weight, bias)


class _Product:
    """Views of the shifts and of the result, block by block; see `shift_product`."""

    def __init__(
        self, work: Workspace, name: str, v: Array, weight: Array, out_height: int, dilation: int
    ) -> None:
        ups, kw, c, height, n, ow = v.shape
        o, _, kh, _ = weight.shape
        self._v = v
        self._axes = (2, 0, 3, 1) if ups == 1 else (0, 2, 3, 1)
        self._shape = (kh, o, kw * c) if ups == 1 else (1, o, kh * kw * c)
        terms, _, inner = self._shape
        rows = v.reshape(ups * kw * c, height * n * ow)
        columns, down = out_height * n * ow, dilation * n * ow
        out = work.array(name, (o, columns), v.dtype)
        self._out = out.reshape(o, out_height, n, ow).transpose(2, 0, 1, 3)
        block = _block(o * inner)
        partial = work.array(f"{name} partial", (o, block), v.dtype) if terms > 1 else out
        # For each block of columns: the result, room for a term, and the shifts for each term.
        self._blocks: list[tuple[Array, Array, list[Array]]] = []
        for start in range(0, columns, block):
            target = out[:, start : start + block]
            stop = start + target.shape[1]
            shifts = [rows[:, start + s * down : stop + s * down] for s in range(terms)]
            self._blocks.append((target, partial[:, : stop - start], shifts))

    def compute(self, weight: Array, bias: Array | None) -> Array:
        """Return the convolution with kernels of shape (O, C, KH, KW)."""
        first, *others = np.ascontiguousarray(weight.transpose(self._axes)).reshape(self._shape)
        column = None if bias is None else bias[:, None]
        for target, term, (shift, *shifts) in self._blocks:
            gemm(first, shift, target)
            for kernels, moved in zip(others, shifts, strict=True):
                gemm(kernels, moved, term)
                target += term
            if column is not None:
                target += column
        return self._out


def shift_weight_grad(v: Array, g: Array, kernel_height: int, dilation: int = 1) -> Array:
    """Return g(L, K) of shape (O, C, KH, KW) from the shifts and g of shape (N, O, OH, OW)."""
    ups, kw, c, height, n, ow = v.shape
    o, oh = g.shape[1], g.shape[2]
    rows = v.reshape(ups * kw * c, height * n * ow)
    g_rows = np.ascontiguousarray(g.transpose(1, 2, 0, 3)).reshape(o, -1)
    columns, down, terms = oh * n * ow, dilation * n * ow, kernel_height // ups
    # The rows that each vertical shift reads, one term behind the other; they overlap.
    row, one = rows.strides
    shifted: Array = np.ndarray(
        (terms, len(rows), columns), v.dtype, rows, strides=(down * one, row, one)
    )
    block = _block(len(rows) * o) if len(rows) * o <= FAST_RESULT else BLOCK_COLUMNS
    grads = gemm(shifted[..., :block], g_rows[:, :block].T)
    for start in range(block, columns, block):
        stop = start + block
        grads += gemm(shifted[..., start:stop], g_rows[:, start:stop].T)
    # Either `terms` or `ups` is 1, and the other is KH.
    return grads.reshape(kernel_height, kw, c, o).transpose(3, 2, 0, 1)

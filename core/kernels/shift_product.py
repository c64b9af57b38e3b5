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

from core.kernels.gemm import gemm
from core.kernels.workspace import Workspace
from core.tensor import Array

# From this inner size on, a product of its own for each vertical shift is the faster form.
SMALLEST_INNER = 16
# Columns of one product: operands and result of a block stay in the cache between two shifts.
BLOCK_COLUMNS = 8192
# With AVX-512 OpenBLAS multiplies up to twice as fast where no more multiplications than this are
# needed, and, if an operand is transposed, where the result is small too.
FAST_PRODUCT = 1_000_000
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
    n, c, h, w = x.shape
    (kh, kw), (top, left), (oh, ow), (dh, dw) = kernel, offset, out_size, dilation
    joined = kw * c < SMALLEST_INNER
    ups, height = (kh, oh) if joined else (1, oh + dh * (kh - 1))
    v = work.array(name, (ups, kw, c, height, n, ow), x.dtype)
    # In memory a shift is the same distance everywhere, so one copy does: of the planes with enough
    # zeros above and below. Beside a row lie its neighbours, where zeros belong; these come after.
    step = n * w
    offset_cells = top * step + left
    before, start = max(0, offset_cells), max(0, -offset_cells)
    inside = slice(before, before + h * step)
    last_row = dh * (ups - 1) + height - 1
    size = max(inside.stop, start + last_row * step + (n - 1) * w + dw * (kw - 1) + ow)
    flat = work.array(f"{name} flat", (c, size), x.dtype)
    flat[:, : inside.start] = 0
    flat[:, inside.stop :] = 0
    flat[:, inside].reshape(c, h, n, w)[...] = x.transpose(1, 2, 0, 3)
    row, one = flat.strides
    strides = (dh * step * one, dw * one, row, step * one, w * one, one)
    np.copyto(v, np.ndarray(v.shape, v.dtype, flat, start * one, strides))
    for t in range(kw):
        first, last = _overlap(ow, w, dw * t - left)
        if first > 0:
            v[:, t, ..., :first] = 0
        if last < ow:
            v[:, t, ..., last:] = 0
    return v


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
    ups, kw, c, height, n, ow = v.shape
    o, kh = weight.shape[0], weight.shape[2]
    if ups == 1:
        kernels = np.ascontiguousarray(weight.transpose(2, 0, 3, 1)).reshape(kh, o, kw * c)
    else:
        kernels = np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).reshape(1, o, kh * kw * c)
    rows = v.reshape(ups * kw * c, height * n * ow)
    out = work.array(name, (o, out_height * n * ow), v.dtype)
    step, down = n * ow, dilation * n * ow
    block = _block(kernels[0].size)
    partial = work.array(f"{name} partial", (o, block), v.dtype) if len(kernels) > 1 else out
    for start in range(0, out_height * step, block):
        target = out[:, start : start + block]
        stop = start + target.shape[1]
        gemm(kernels[0], rows[:, start:stop], target)
        for s in range(1, len(kernels)):
            term = partial[:, : stop - start]
            gemm(kernels[s], rows[:, start + s * down : stop + s * down], term)
            target += term
        if bias is not None:
            target += bias[:, None]
    return out.reshape(o, out_height, n, ow).transpose(2, 0, 1, 3)


def shift_weight_grad(v: Array, g: Array, kernel_height: int, dilation: int = 1) -> Array:
    """Return g(L, K) of shape (O, C, KH, KW) from the shifts and g of shape (N, O, OH, OW)."""
    ups, kw, c, height, n, ow = v.shape
    o, oh = g.shape[1], g.shape[2]
    rows = v.reshape(ups * kw * c, height * n * ow)
    g_rows = np.ascontiguousarray(g.transpose(1, 2, 0, 3)).reshape(o, -1)
    step, down, terms = n * ow, dilation * n * ow, kernel_height // ups
    block = _block(len(rows) * o) if len(rows) * o <= FAST_RESULT else BLOCK_COLUMNS
    grads = np.zeros((terms, ups * kw * c, o), v.dtype)
    for start in range(0, oh * step, block):
        part = g_rows[:, start : start + block]
        stop = start + part.shape[1]
        for s in range(terms):
            grads[s] += gemm(rows[:, start + s * down : stop + s * down], part.T)
    # Either `terms` or `ups` is 1, and the other is KH.
    return grads.reshape(kernel_height, kw, c, o).transpose(3, 2, 0, 1)

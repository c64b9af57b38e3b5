"""Convolution with stride 1 as a few matrix products over shifted rows.

The same sum as K X^(col), grouped otherwise. X^(col) holds each input cell KH·KW times; here only
the horizontal shifts are copied, V[t, c, r, n, j] = x[n, c, r - top, j + t - left], and a vertical
shift by s is the same memory read from s rows further on, because image rows lie outermost:

    X^(out) rows i..i' = sum over s of K_s · V[rows i+s..i'+s],   K_s of shape (C_out, KW·C_in)

The gradient of the input is the same sum over the output's gradient with the kernel turned by 180°.
Few channels would make the inner size of the product tiny, so for them the vertical shifts are
copied too (`joined`), which is X^(col) itself with its rows in another order.
"""

from __future__ import annotations

import numpy as np

from core.gemm import gemm
from core.tensor import Array
from core.workspace import Workspace

# From this inner size on, a product of its own for each vertical shift is the faster form.
SMALLEST_INNER = 16
# Columns of one product: operands and result of a block stay in the cache between two shifts.
BLOCK_COLUMNS = 4096


def shifted_rows(
    work: Workspace,
    name: str,
    x: Array,
    kernel: tuple[int, int],
    offset: tuple[int, int],
    out_size: tuple[int, int],
) -> Array:
    """Copy the shifts of `x` that the product needs.

    Args:
        work: owner of the memory.
        name: name of the array there.
        x: images of shape (N, C, H, W).
        kernel: (KH, KW).
        offset: zeros above and left of the image; negative crops.
        out_size: height and width of the result (OH, OW).

    Returns:
        Array of shape (A, KW, C, R, N, OW): A = 1 and R = OH + KH - 1, or joined: A = KH, R = OH.
    """
    n, c, h, w = x.shape
    (kh, kw), (top, left), (oh, ow) = kernel, offset, out_size
    joined = kw * c < SMALLEST_INNER
    ups, height = (kh, oh) if joined else (1, oh + kh - 1)
    v = work.array(name, (ups, kw, c, height, n, ow), x.dtype)
    planes = x.transpose(1, 2, 0, 3)
    if ow == w:
        planes = np.ascontiguousarray(planes)
    for a in range(ups):
        for t in range(kw):
            _copy_shifted(planes, v[a, t], a - top, t - left)
    return v


def _copy_shifted(planes: Array, out: Array, down: int, right: int) -> None:
    """Write out[c, r, n, j] = planes[c, r + down, n, j + right], zero outside of `planes`."""
    c, h, n, w = planes.shape
    height, ow = out.shape[1], out.shape[3]
    r0, r1 = _overlap(height, h, down)
    j0, j1 = _overlap(ow, w, right)
    if ow == w:
        # With rows of one length a shift is the same everywhere in memory: one long copy, which
        # reads the neighbouring row where zeros belong, and the zeros after it.
        target, shift = out.reshape(c, -1), down * n * w + right
        k0, k1 = _overlap(height * n * w, h * n * w, shift)
        target[:, k0:k1] = planes.reshape(c, -1)[:, k0 + shift : k1 + shift]
    else:
        out[:, r0:r1, :, j0:j1] = planes[:, r0 + down : r1 + down, :, j0 + right : j1 + right]
    out[:, :r0] = 0
    out[:, r1:] = 0
    out[:, r0:r1, :, :j0] = 0
    out[:, r0:r1, :, j1:] = 0


def _overlap(size: int, source: int, shift: int) -> tuple[int, int]:
    """Return the range of i in 0..size for which i + shift is in 0..source."""
    start = min(max(0, -shift), size)
    return start, max(start, min(size, source - shift))


def shift_product(
    work: Workspace, name: str, v: Array, weight: Array, out_height: int, bias: Array | None = None
) -> Array:
    """Return the convolution of what `shifted_rows` copied.

    Args:
        work: owner of the memory of the result.
        name: name of the result there.
        v: the shifts, (A, KW, C, R, N, OW).
        weight: kernels of shape (O, C, KH, KW).
        out_height: OH.
        bias: added to each output channel, shape (O,).

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
    step = n * ow
    block = max(1, BLOCK_COLUMNS // step) * step
    partial = work.array(f"{name} partial", (o, block), v.dtype) if len(kernels) > 1 else out
    for start in range(0, out_height * step, block):
        target = out[:, start : start + block]
        stop = start + target.shape[1]
        gemm(kernels[0], rows[:, start:stop], target)
        for s in range(1, len(kernels)):
            term = partial[:, : stop - start]
            gemm(kernels[s], rows[:, start + s * step : stop + s * step], term)
            target += term
        if bias is not None:
            target += bias[:, None]
    return out.reshape(o, out_height, n, ow).transpose(2, 0, 1, 3)


def shift_weight_grad(v: Array, g: Array, kernel_height: int) -> Array:
    """Return g(L, K) of shape (O, C, KH, KW) from the shifts and g of shape (N, O, OH, OW)."""
    ups, kw, c, height, n, ow = v.shape
    o, oh = g.shape[1], g.shape[2]
    rows = v.reshape(ups * kw * c, height * n * ow)
    g_rows = np.ascontiguousarray(g.transpose(1, 2, 0, 3)).reshape(o, -1)
    step, terms = n * ow, kernel_height // ups
    block = max(1, BLOCK_COLUMNS // step) * step
    grads = np.zeros((terms, ups * kw * c, o), v.dtype)
    for start in range(0, oh * step, block):
        part = g_rows[:, start : start + block]
        stop = start + part.shape[1]
        for s in range(terms):
            grads[s] += gemm(rows[:, start + s * step : stop + s * step], part.T)
    # Either `terms` or `ups` is 1, and the other is KH.
    return grads.reshape(kernel_height, kw, c, o).transpose(3, 2, 0, 1)

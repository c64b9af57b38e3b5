"""Convolution with stride 1 without X^(col): few copies, large matrix products.

X^(col) holds each input cell KH·KW times. Here only the vertical shifts are copied, which lie in
memory as one piece because image rows are outermost, and the horizontal shifts are taken of the
products:

    X^(out)[o, i, j] = sum over t of P_t[o, i, j + t - left],
    P_t = K_t · S,   S[s, c, i, j] = x[c, i + s - top, j],   K_t of shape (C_out, KH·C_in)

With a dilation of d the shifts are s·d and t·d. Backward the horizontal shifts of the gradient are
copied: G_t[o, i, j] = g(L, X^(out))[o, i, j - t + left]. Their product with S is g(L, K); the
kernels' product with them, its vertical shifts added, is g(L, X^(in)). Few channels would make the
inner size of the product tiny, so for them the horizontal shifts of x are copied too, which gives
X^(col) with its rows in another order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from core.kernels.gemm import HAS_AVX512, gemm
from core.kernels.workspace import Workspace
from core.tensor import Array

# From this inner size on, a product without the horizontal shifts is the faster form.
SMALLEST_INNER = 16
# Columns of one product: operands and result of a block stay in the cache until they are added.
BLOCK_COLUMNS = 8192
# With AVX-512 OpenBLAS multiplies up to twice as fast where no more multiplications than this are
# needed, and, if an operand is transposed, where the result is small too. With AVX2 such small
# blocks take a quarter longer.
FAST_PRODUCT = 1_000_000 if HAS_AVX512 else 0
FAST_RESULT = 1200
# A block of fewer columns than this is not worth its calls.
FEWEST_COLUMNS = 512


@dataclass(frozen=True)
class Geometry:
    """Where the windows of a convolution with stride 1 lie.

    Attributes:
        kernel: (KH, KW).
        offset: zeros above and left of the image; negative crops.
        out_size: height and width of the result (OH, OW).
        dilation: rows and columns between the cells of a window.
    """

    kernel: tuple[int, int]
    offset: tuple[int, int]
    out_size: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)


class Shifts(ABC):
    """Copies of images, shifted so that a convolution is a matrix product; see `shifted`."""

    @abstractmethod
    def copy(self, x: Array) -> None:
        """Copy images of shape (N, C, H, W)."""

    @abstractmethod
    def convolve(self, name: str, weight: Array, bias: Array | None) -> Array:
        """Return the convolution of the images.

        Args:
            name: name of the result in the workspace.
            weight: kernels of shape (O, C, KH, KW).
            bias: added to each output channel, shape (O,).

        Returns:
            Array of shape (N, O, OH, OW), its memory in the order (O, OH, N, OW).
        """

    @abstractmethod
    def gradients(self, name: str, g: Array, weight: Array | None) -> tuple[Array, Array | None]:
        """Return the gradients of the kernels and of the images.

        Args:
            name: name of the images' gradient in the workspace.
            g: gradient of the convolution, (N, O, OH, OW).
            weight: kernels of shape (O, C, KH, KW); None if the images need no gradient.

        Returns:
            g(L, K) of shape (O, C, KH, KW), and g(L, X^(in)) of shape (N, C, H, W), its memory in
            the order (C, H, N, W); None without `weight`.
        """


def shifted(work: Workspace, name: str, x: Array, geometry: Geometry) -> Shifts:
    """Copy the shifts of `x` that a convolution needs.

    Args:
        work: owner of the memory.
        name: name of the copies there; the next call with this name overwrites them.
        x: images of shape (N, C, H, W).
        geometry: of the windows.
    """

    def make() -> Shifts:
        few = geometry.kernel[0] * x.shape[1] < SMALLEST_INNER
        return (_AllShifts if few else _RowShifts)(work, name, x, geometry)

    shifts = work.plan(name, (x.shape, x.dtype, geometry), make)
    shifts.copy(x)
    return shifts


@dataclass(frozen=True)
class _Overlap:
    """Which cells of a row or column of X^(out) meet a cell of the image under one shift.

    Attributes:
        out: these cells of X^(out).
        image: the cells of the image that they meet.
    """

    out: slice
    image: slice

    @classmethod
    def of(cls, size: int, source: int, shift: int) -> _Overlap:
        """Return those i in 0..size for which i + shift is in 0..source."""
        first = min(max(0, -shift), size)
        last = max(first, min(size, source - shift))
        return cls(slice(first, last), slice(first + shift, last + shift))


def _overlaps(geometry: Geometry, image: tuple[int, int], axis: int) -> list[_Overlap]:
    """Return for each shift along an axis, 0 down and 1 across, what meets."""
    steps = range(geometry.kernel[axis])
    shifts = [geometry.dilation[axis] * k - geometry.offset[axis] for k in steps]
    return [_Overlap.of(geometry.out_size[axis], image[axis], shift) for shift in shifts]


def _block(weights: int) -> int:
    """Return how many columns to multiply by a matrix of so many weights at a time."""
    fast = FAST_PRODUCT // weights
    return min(fast, BLOCK_COLUMNS) if fast >= FEWEST_COLUMNS else BLOCK_COLUMNS


def _as_images(rows: Array, height: int, n: int) -> Array:
    """Return rows of shape (C, H·N·W) as images (N, C, H, W)."""
    return rows.reshape(len(rows), height, n, -1).transpose(2, 0, 1, 3)


def _as_rows(images: Array) -> Array:
    """Return images (N, C, H, W) as rows (C, H·N·W); a copy if they lie in another order."""
    return np.ascontiguousarray(images.transpose(1, 2, 0, 3)).reshape(images.shape[1], -1)


class _AllShifts(Shifts):
    """All KH·KW shifts, an array V of shape (KH, KW, C, OH, N, OW)."""

    def __init__(self, work: Workspace, name: str, x: Array, geometry: Geometry) -> None:
        n, c, h, w = x.shape
        (kh, kw), (top, left) = geometry.kernel, geometry.offset
        (oh, ow), (dh, dw) = geometry.out_size, geometry.dilation
        self._work = work
        v = self._v = work.array(name, (kh, kw, c, oh, n, ow), x.dtype)
        self._rows = v.reshape(kh * kw * c, oh * n * ow)
        # In memory a shift is the same distance everywhere, so one copy does: of the planes with
        # enough zeros above and below. Beside a row lie its neighbours, where zeros belong; these
        # come after.
        step = n * w
        offset_cells = top * step + left
        before, start = max(0, offset_cells), max(0, -offset_cells)
        last_row = dh * (kh - 1) + oh - 1
        size = max(before + h * step, start + last_row * step + (n - 1) * w + dw * (kw - 1) + ow)
        flat = work.array(f"{name} flat", (c, size), x.dtype)
        # Nothing writes outside of the planes, so this holds for all steps.
        flat.fill(0)
        self._planes = flat[:, before : before + h * step].reshape(c, h, n, w)
        row, one = flat.strides
        strides = (dh * step * one, dw * one, row, step * one, w * one, one)
        self._source: Array = np.ndarray(v.shape, v.dtype, flat, start * one, strides)
        self._down, self._across = _overlaps(geometry, (h, w), 0), _overlaps(geometry, (h, w), 1)
        self._beside = [
            cells
            for t, columns in enumerate(self._across)
            for cells in (v[:, t, ..., : columns.out.start], v[:, t, ..., columns.out.stop :])
            if cells.size
        ]

    def copy(self, x: Array) -> None:
        np.copyto(self._planes, x.transpose(1, 2, 0, 3))
        np.copyto(self._v, self._source)
        for cells in self._beside:
            cells.fill(0)

    def convolve(self, name: str, weight: Array, bias: Array | None) -> Array:
        *_, oh, n, _ = self._v.shape
        kernels = self._kernels(weight)
        out = self._work.array(name, (len(weight), self._rows.shape[1]), self._v.dtype)
        block = _block(kernels.size)
        for start in range(0, out.shape[1], block):
            target = out[:, start : start + block]
            gemm(kernels, self._rows[:, start : start + block], target)
            if bias is not None:
                target += bias[:, None]
        return _as_images(out, oh, n)

    def gradients(self, name: str, g: Array, weight: Array | None) -> tuple[Array, Array | None]:
        kh, kw, c, *_ = self._v.shape
        g_rows, v = _as_rows(g), self._rows
        result = len(v) * len(g_rows)
        block = _block(result) if result <= FAST_RESULT else BLOCK_COLUMNS
        grads = gemm(v[:, :block], g_rows[:, :block].T)
        for start in range(block, v.shape[1], block):
            grads += gemm(v[:, start : start + block], g_rows[:, start : start + block].T)
        g_weight = grads.reshape(kh, kw, c, -1).transpose(3, 2, 0, 1)
        if weight is None:
            return g_weight, None
        g_v = gemm(self._kernels(weight).T, g_rows).reshape(self._v.shape)
        g_x = self._work.array(name, self._planes.shape, g.dtype)
        g_x.fill(0)
        for g_rows_down, rows in zip(g_v, self._down, strict=True):
            for g_cells, columns in zip(g_rows_down, self._across, strict=True):
                target = g_x[:, rows.image, :, columns.image]
                target += g_cells[:, rows.out, :, columns.out]
        return g_weight, g_x.transpose(2, 0, 1, 3)

    def _kernels(self, weight: Array) -> Array:
        """Return kernels (O, C, KH, KW) as the matrix (O, KH·KW·C)."""
        return np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).reshape(len(weight), -1)


@dataclass(frozen=True)
class _Block:
    """Some rows of all images: of X^(out), S, and P or G.

    Attributes:
        out: their columns in X^(out) as rows (O, OH·N·OW).
        s: those of S, (KH·C, columns).
        terms: scratch memory for P or G, (KW·O, columns).
        pairs: for each horizontal shift an index of cells of X^(out), and the cells of `terms` that
            belong to them.
        beside: the other cells of `terms`.
        g_s: scratch memory for the gradient of S, (KH·C, columns).
        g_pairs: for each vertical shift rows of the image, and the cells of `g_s` that belong to
            them, (C, rows, N, W).
    """

    out: slice
    s: Array
    terms: Array
    pairs: list[tuple[tuple[slice, ...], Array]]
    beside: list[Array]
    g_s: Array
    g_pairs: list[tuple[slice, Array]]


class _RowShifts(Shifts):
    """The vertical shifts S, an array of shape (KH, C, OH, N, W)."""

    def __init__(self, work: Workspace, name: str, x: Array, geometry: Geometry) -> None:
        n, c, h, w = x.shape
        self._work, self._name, self._geometry = work, name, geometry
        self._height, self._kernel_width = h, geometry.kernel[1]
        self._down, self._across = _overlaps(geometry, (h, w), 0), _overlaps(geometry, (h, w), 1)
        s = self._s = work.array(name, (geometry.kernel[0], c, geometry.out_size[0], n, w), x.dtype)
        # Nothing writes above and below the images, so this holds for all steps.
        s.fill(0)
        self._copies = [(s[k, :, rows.out], rows.image) for k, rows in enumerate(self._down)]
        self._blocks: dict[int, list[_Block]] = {}

    def copy(self, x: Array) -> None:
        rows = x.transpose(1, 2, 0, 3)
        for target, part in self._copies:
            np.copyto(target, rows[:, part])

    def convolve(self, name: str, weight: Array, bias: Array | None) -> Array:
        _, _, oh, n, _ = self._s.shape
        kernels = self._kernels(weight)
        size = oh * n * self._geometry.out_size[1]
        out = self._work.array(name, (len(weight), size), self._s.dtype)
        cells = self._cells(out)
        for block in self._blocks_of(len(weight)):
            gemm(kernels, block.s, block.terms)
            for beside in block.beside:
                beside.fill(0)
            np.copyto(out[:, block.out], 0 if bias is None else bias[:, None])
            for index, terms in block.pairs:
                target = cells[index]
                target += terms
        return _as_images(out, oh, n)

    def gradients(self, name: str, g: Array, weight: Array | None) -> tuple[Array, Array | None]:
        kh, c, _, n, w = self._s.shape
        cells, kernels = self._cells(_as_rows(g)), None
        grads: Array = np.zeros((kh * c, self._kernel_width * g.shape[1]), g.dtype)
        g_x = self._work.array(name, (c, self._height, n, w), g.dtype)
        if weight is not None:
            kernels = np.ascontiguousarray(self._kernels(weight).T)
            g_x.fill(0)
        for block in self._blocks_of(g.shape[1]):
            for index, terms in block.pairs:
                np.copyto(terms, cells[index])
            for beside in block.beside:
                beside.fill(0)
            grads += gemm(block.s, block.terms.T)
            if kernels is not None:
                gemm(kernels, block.terms, block.g_s)
                for rows, terms in block.g_pairs:
                    target = g_x[:, rows]
                    target += terms
        g_weight = grads.reshape(kh, c, self._kernel_width, -1).transpose(3, 1, 0, 2)
        return g_weight, None if weight is None else g_x.transpose(2, 0, 1, 3)

    def _kernels(self, weight: Array) -> Array:
        """Return kernels (O, C, KH, KW) as the matrix (KW·O, KH·C)."""
        o, c, kh, kw = weight.shape
        return np.ascontiguousarray(weight.transpose(3, 0, 2, 1)).reshape(kw * o, kh * c)

    def _cells(self, rows: Array) -> Array:
        """Return rows (O, OH·N·OW) as an array into which the indices of blocks point.

        Where X^(out) is as wide as the image, a shift is one piece of memory, of which the cells
        beside the image are set to zero; otherwise it is many short pieces.
        """
        _, _, oh, n, w = self._s.shape
        ow = self._geometry.out_size[1]
        return rows if ow == w else rows.reshape(len(rows), oh, n, ow)

    def _blocks_of(self, outputs: int) -> list[_Block]:
        """Return the blocks for so many output channels."""
        if outputs not in self._blocks:
            kh, c, oh, n, w = self._s.shape
            height = max(1, _block(kh * c * self._kernel_width * outputs) // max(1, n * w))
            starts = range(0, oh, height)
            self._blocks[outputs] = [self._block(outputs, k, min(k + height, oh)) for k in starts]
        return self._blocks[outputs]

    def _block(self, outputs: int, start: int, stop: int) -> _Block:
        """Return the block of the rows start to stop."""
        kh, c, oh, n, w = self._s.shape
        kw, ow, dtype = self._kernel_width, self._geometry.out_size[1], self._s.dtype
        line = n * w
        size = (stop - start) * line
        s = self._s.reshape(kh * c, oh * line)[:, start * line : stop * line]
        terms = self._work.array(f"{self._name} terms", (kw * outputs, size), dtype)
        g_s = self._work.array(f"{self._name} gradient", (kh * c, size), dtype)
        out = slice(start * n * ow, stop * n * ow)
        block = _Block(out, s, terms, [], [], g_s, [])
        images = terms.reshape(kw, outputs, stop - start, n, w)
        flat = terms.reshape(kw, outputs, size)
        for t, columns in enumerate(self._across):
            block.beside.append(images[t, ..., : columns.image.start])
            block.beside.append(images[t, ..., columns.image.stop :])
            if columns.out.start == columns.out.stop:
                continue
            shift = columns.image.start - columns.out.start
            if ow == w:
                first, last = max(0, -shift), size - max(0, shift)
                index = (slice(None), slice(start * line + first, start * line + last))
                block.pairs.append((index, flat[t, :, first + shift : last + shift]))
            else:
                lines = (slice(None), slice(start, stop), slice(None), columns.out)
                block.pairs.append((lines, images[t, ..., columns.image]))
        block.beside[:] = [cells for cells in block.beside if cells.size]
        g_images = g_s.reshape(kh, c, stop - start, n, w)
        for k, rows in enumerate(self._down):
            first, last = max(start, rows.out.start), min(stop, rows.out.stop)
            if first < last:
                moved = rows.image.start - rows.out.start
                target = slice(first + moved, last + moved)
                block.g_pairs.append((target, g_images[k, :, first - start : last - start]))
        return block

"""Windows as columns: the order of rows and columns, the adjoint, and the faster product."""

from __future__ import annotations

from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ShapeError
from core.kernels import shift_product as shifts
from core.kernels.im2col import Pair, Windows, col2im, im2col, pair
from core.kernels.workspace import Workspace
from core.tensor import Array
from tests.rounding import assert_close


@dataclass(frozen=True)
class Case:
    """Images and the windows over them, at least one of which fits."""

    shape: tuple[int, int, int, int]
    windows: Windows

    def numbers(self, shape: tuple[int, ...], seed: int = 0) -> Array:
        return np.random.default_rng(seed).uniform(-1, 1, shape)

    def col(self, x: Array) -> Array:
        return im2col(x, self.windows)

    def image(self, col: Array) -> Array:
        return col2im(col, self.shape, self.windows)

    def size(self) -> Pair:
        return self.windows.count(*self.shape[2:])


def pairs(least: int, most: int) -> st.SearchStrategy[Pair]:
    return st.tuples(st.integers(least, most), st.integers(least, most))


@st.composite
def any_windows(draw: st.DrawFn, stride: Pair | None = None) -> Case:
    before, after, dilation = draw(pairs(0, 3)), draw(pairs(0, 3)), draw(pairs(1, 3))
    height, width = draw(pairs(1, 7))
    tall, wide = height + before[0] + after[0], width + before[1] + after[1]
    kernel = (
        draw(st.integers(1, min(5, (tall - 1) // dilation[0] + 1))),
        draw(st.integers(1, min(5, (wide - 1) // dilation[1] + 1))),
    )
    n, c = draw(pairs(1, 4))
    windows = Windows(kernel, stride or draw(pairs(1, 4)), before, after, dilation)
    return Case((n, c, height, width), windows)


@settings(deadline=None)
@given(any_windows())
def test_rows_are_channel_s_t_and_columns_sample_i_j(case: Case) -> None:
    n, c, height, width = case.shape
    windows, (oh, ow) = case.windows, case.size()
    (kh, kw), (sh, sw), (ph, pw) = windows.kernel, windows.stride, windows.before
    dh, dw = windows.dilation
    x = case.numbers(case.shape)
    col = case.col(x)
    assert col.shape == (c * kh * kw, n * oh * ow)
    rows = [(channel, s, t) for channel in range(c) for s in range(kh) for t in range(kw)]
    columns = [(sample, i, j) for sample in range(n) for i in range(oh) for j in range(ow)]
    for row, (channel, s, t) in enumerate(rows):
        for column, (sample, i, j) in enumerate(columns):
            y, z = i * sh + s * dh - ph, j * sw + t * dw - pw
            inside = 0 <= y < height and 0 <= z < width
            assert col[row, column] == (x[sample, channel, y, z] if inside else 0)


@settings(deadline=None)
@given(any_windows())
def test_col2im_is_the_adjoint_of_im2col(case: Case) -> None:
    x = case.numbers(case.shape)
    col = case.col(x)
    y = case.numbers(col.shape, seed=1)
    image = case.image(y)
    assert image.shape == case.shape
    assert_close(np.sum(col * y), np.sum(x * image), magnitude=np.sum(np.abs(col * y)))


@settings(deadline=None)
@given(any_windows())
def test_im2col_writes_where_it_is_told(case: Case) -> None:
    x = case.numbers(case.shape)
    out = np.full_like(case.col(x), np.nan)
    assert im2col(x, case.windows, out) is out
    np.testing.assert_array_equal(out, case.col(x))


@settings(deadline=None)
@given(any_windows(stride=(1, 1)), st.integers(1, 20), st.booleans(), st.integers(1, 60))
def test_shift_product_is_the_product_with_columns(
    case: Case, outputs: int, with_bias: bool, block: int
) -> None:
    x, windows, (oh, ow) = case.numbers(case.shape), case.windows, case.size()
    kernel, dilation = windows.kernel, windows.dilation
    n, c = case.shape[:2]
    weight = case.numbers((outputs, c, *kernel), seed=1)
    bias = case.numbers((outputs,), seed=2) if with_bias else None
    g = case.numbers((n, outputs, oh, ow), seed=3)
    col, work = case.col(x), Workspace()
    with mock.patch.object(shifts, "BLOCK_COLUMNS", block):
        geometry = shifts.Geometry(kernel, windows.before, (oh, ow), dilation)
        copied = shifts.shifted(work, "x", x, geometry)
        y = copied.convolve("y", weight, bias)
        g_weight, g_x = copied.gradients("g x", g, weight)

    def images(matrix: Array) -> Array:
        return matrix.reshape(outputs, n, oh, ow).swapaxes(0, 1)

    rows = weight.reshape(outputs, -1)
    shift = np.zeros((outputs, 1)) if bias is None else bias[:, None]
    magnitude = np.abs(rows) @ np.abs(col) + np.abs(shift)
    assert_close(y, images(rows @ col + shift), magnitude=images(magnitude))
    rows = g.swapaxes(0, 1).reshape(outputs, -1)
    assert_close(
        g_weight,
        (rows @ col.T).reshape(weight.shape),
        magnitude=(np.abs(rows) @ np.abs(col).T).reshape(weight.shape),
    )
    kernels = weight.reshape(outputs, -1).T
    assert g_x is not None
    assert_close(
        g_x,
        col2im(kernels @ rows, x.shape, windows),
        magnitude=col2im(np.abs(kernels) @ np.abs(rows), x.shape, windows),
    )


def test_pad_returns_the_array_itself_where_nothing_is_added() -> None:
    x = np.ones((1, 1, 2, 2))
    assert Windows((1, 1)).pad(x) is x
    padded = Windows((1, 1), before=(0, 1), after=(1, 2)).pad(x, 7)
    np.testing.assert_array_equal(padded[0, 0], [[7, 1, 1, 7, 7], [7, 1, 1, 7, 7], [7] * 5])


@pytest.mark.parametrize(
    ("value", "wanted"), [(3, (3, 3)), ((1, 2), (1, 2)), (np.int64(4), (4, 4))]
)
def test_pair_is_vertical_then_horizontal(value: int | Pair, wanted: Pair) -> None:
    assert pair(value, "stride", 1) == wanted


@pytest.mark.parametrize("value", [0, (1, 0), 1.5, True, (1, 2, 3), "3"])
def test_pair_names_a_wrong_value(value: int | Pair) -> None:
    with pytest.raises(ValueError, match=r"stride is .*; expected a whole number of at least 1"):
        pair(value, "stride", 1)


def test_windows_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="needs an input of at least 3×1, got 2×9"):
        Windows((5, 1), before=(1, 0), after=(1, 0)).count(2, 9)

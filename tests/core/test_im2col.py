"""Windows as columns: the order of rows and columns, the adjoint, and the faster product."""

from __future__ import annotations

from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ShapeError
from core.kernels import shift_product as shifts
from core.kernels.im2col import Pair, col2im, im2col, pad, pair, windows_shape
from core.kernels.workspace import Workspace
from core.tensor import Array


@dataclass(frozen=True)
class Windows:
    """Images and the windows over them, at least one of which fits."""

    shape: tuple[int, int, int, int]
    kernel: Pair
    stride: Pair
    padding: Pair

    def numbers(self, shape: tuple[int, ...], seed: int = 0) -> Array:
        return np.random.default_rng(seed).uniform(-1, 1, shape)

    def col(self, x: Array) -> Array:
        return im2col(x, self.kernel, self.stride, self.padding)

    def image(self, col: Array) -> Array:
        return col2im(col, self.shape, self.kernel, self.stride, self.padding)

    def size(self) -> Pair:
        return windows_shape(*self.shape[2:], self.kernel, self.stride, self.padding)


def pairs(least: int, most: int) -> st.SearchStrategy[Pair]:
    return st.tuples(st.integers(least, most), st.integers(least, most))


@st.composite
def any_windows(draw: st.DrawFn, stride: Pair | None = None) -> Windows:
    padding, (height, width) = draw(pairs(0, 3)), draw(pairs(1, 7))
    kernel = (
        draw(st.integers(1, min(5, height + 2 * padding[0]))),
        draw(st.integers(1, min(5, width + 2 * padding[1]))),
    )
    n, c = draw(pairs(1, 4))
    return Windows((n, c, height, width), kernel, stride or draw(pairs(1, 4)), padding)


@given(any_windows())
def test_rows_are_channel_s_t_and_columns_sample_i_j(case: Windows) -> None:
    n, c, height, width = case.shape
    (kh, kw), (sh, sw), (ph, pw), (oh, ow) = case.kernel, case.stride, case.padding, case.size()
    x = case.numbers(case.shape)
    col = case.col(x)
    assert col.shape == (c * kh * kw, n * oh * ow)
    rows = [(channel, s, t) for channel in range(c) for s in range(kh) for t in range(kw)]
    columns = [(sample, i, j) for sample in range(n) for i in range(oh) for j in range(ow)]
    for row, (channel, s, t) in enumerate(rows):
        for column, (sample, i, j) in enumerate(columns):
            y, z = i * sh + s - ph, j * sw + t - pw
            inside = 0 <= y < height and 0 <= z < width
            assert col[row, column] == (x[sample, channel, y, z] if inside else 0)


@given(any_windows())
def test_col2im_is_the_adjoint_of_im2col(case: Windows) -> None:
    x = case.numbers(case.shape)
    col = case.col(x)
    y = case.numbers(col.shape, seed=1)
    image = case.image(y)
    assert image.shape == case.shape
    np.testing.assert_allclose(np.sum(col * y), np.sum(x * image), 1e-12, 1e-12)


@given(any_windows())
def test_im2col_writes_where_it_is_told(case: Windows) -> None:
    x = case.numbers(case.shape)
    out = np.full_like(case.col(x), np.nan)
    assert im2col(x, case.kernel, case.stride, case.padding, out=out) is out
    np.testing.assert_array_equal(out, case.col(x))


@given(any_windows(stride=(1, 1)), st.integers(1, 20), st.booleans(), st.integers(1, 60))
def test_shift_product_is_the_product_with_columns(
    case: Windows, outputs: int, with_bias: bool, block: int
) -> None:
    x, (oh, ow) = case.numbers(case.shape), case.size()
    n, c = case.shape[:2]
    weight = case.numbers((outputs, c, *case.kernel), seed=1)
    bias = case.numbers((outputs,), seed=2) if with_bias else None
    g = case.numbers((n, outputs, oh, ow), seed=3)
    col, work = case.col(x), Workspace()
    with mock.patch.object(shifts, "BLOCK_COLUMNS", block):
        v = shifts.shifted_rows(work, "v", x, case.kernel, case.padding, (oh, ow))
        y = shifts.shift_product(work, "y", v, weight, oh, bias)
        g_weight = shifts.shift_weight_grad(v, g, case.kernel[0])
    product = weight.reshape(outputs, -1) @ col + (0 if bias is None else bias[:, None])
    wanted = product.reshape(outputs, n, oh, ow).swapaxes(0, 1)
    np.testing.assert_allclose(y, wanted, 1e-12, 1e-12)
    wanted = g.swapaxes(0, 1).reshape(outputs, -1) @ col.T
    np.testing.assert_allclose(g_weight, wanted.reshape(weight.shape), 1e-12, 1e-12)


def test_pad_returns_the_array_itself_where_nothing_is_added() -> None:
    x = np.ones((1, 1, 2, 2))
    assert pad(x, (0, 0)) is x
    np.testing.assert_array_equal(pad(x, (0, 1), 7)[0, 0], [[7, 1, 1, 7]] * 2)


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
        windows_shape(2, 9, (5, 1), (1, 1), (1, 0))

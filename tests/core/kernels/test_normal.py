"""The normal distribution against the standard library's error function."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernels import normal
from core.kernels.normal import normal_cdf, normal_density
from tests.rounding import assert_close

SPECIAL = [0.0, -0.0, 1.0, -1.0, 8.0, 30.0, 5e-324, 1e308, math.inf, -math.inf]
POINTS = [*np.linspace(-37, 37, 20_001), *np.geomspace(1e-300, 1, 300), *SPECIAL]


def test_agrees_with_erfc() -> None:
    x = np.array(POINTS)
    wanted = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in POINTS])
    # math.erfc gets a rounded x / sqrt(2): where its result is small, it is off by x² roundings.
    size = wanted * (1 + np.minimum(np.square(np.clip(x, -40, 0)), 1e3))
    assert_close(normal_cdf(x), wanted, magnitude=size, roundings=8)


def test_density_is_that_of_the_formula() -> None:
    # Numbers whose square is exact.
    x = np.arange(-38 * 64, 38 * 64) / 64
    wanted = np.array([math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x])
    assert_close(normal_density(x), wanted, magnitude=wanted + 1e-307, roundings=8)


def test_far_out_keeps_the_digits_that_the_square_loses() -> None:
    # Φ(x) = φ(x) / |x| · (1 - 1/x² + 3/x⁴ - 15/x⁶ + …), and exp(-x²/2) exactly rounded.
    x = -36.1
    whole = -36.0
    exact = math.exp(-whole * whole / 2) * math.exp(-(x - whole) * (x + whole) / 2)
    series = sum(
        sign * factor * x**-power
        for sign, factor, power in (
            (1, 1, 0),
            (-1, 1, 2),
            (1, 3, 4),
            (-1, 15, 6),
            (1, 105, 8),
            (-1, 945, 10),
        )
    )
    wanted = exact / math.sqrt(2 * math.pi) / -x * series
    assert normal_cdf(np.array([x]))[0] == pytest.approx(wanted, rel=5e-15, abs=0)


@given(st.floats(allow_nan=False))
def test_adds_up_to_one_and_is_bounded(x: float) -> None:
    y, other = normal_cdf(np.array([x, -x]))
    assert y + other == pytest.approx(1, rel=1e-15)
    assert 0 <= y <= 1


def test_not_a_number_stays_one() -> None:
    assert np.isnan(normal_cdf(np.array([np.nan]))).all()
    assert np.isnan(normal_density(np.array([np.nan]))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_result_is_float64_of_the_same_shape(dtype: type[np.generic]) -> None:
    y = normal_cdf(np.ones((2, 3), dtype))
    assert y.dtype == np.float64
    assert y.shape == (2, 3)


def test_blocks_and_memory_order_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.linspace(-20, 20, 60).reshape(3, 4, 5)
    wanted = normal_cdf(x)
    monkeypatch.setattr(normal, "BLOCK_SIZE", 7)
    turned = np.ascontiguousarray(x.swapaxes(0, 2)).swapaxes(0, 2)
    assert_close(normal_cdf(turned), wanted, magnitude=wanted, roundings=4)
    assert_close(
        normal_cdf(turned[:, ::-1, ::2]),
        wanted[:, ::-1, ::2],
        magnitude=wanted[:, ::-1, ::2],
        roundings=4,
    )

"""The error function against the standard library's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernels.erf import erf

SPECIAL = [0.0, -0.0, 1.0, -1.0, 8.0, 30.0, 5e-324, 1e308, math.inf, -math.inf]
POINTS = [*np.linspace(-7, 7, 20_001), *np.geomspace(1e-300, 1, 300), *SPECIAL]


def test_agrees_with_math() -> None:
    wanted = [math.erf(x) for x in POINTS]
    np.testing.assert_allclose(erf(np.array(POINTS)), wanted, rtol=0, atol=1e-15)


def test_keeps_relative_accuracy_near_zero() -> None:
    x = np.geomspace(1e-300, 0.5, 1000)
    np.testing.assert_allclose(erf(x), [math.erf(v) for v in x], rtol=1e-15)


@given(st.floats(allow_nan=False))
def test_is_odd_and_bounded(x: float) -> None:
    y, minus_y = erf(np.array([x, -x]))
    assert y == -minus_y
    assert abs(y) <= 1


def test_not_a_number_stays_one() -> None:
    assert np.isnan(erf(np.array([np.nan]))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keeps_dtype_and_shape(dtype: type[np.floating]) -> None:
    y = erf(np.ones((2, 3), dtype))
    assert y.dtype == dtype
    assert y.shape == (2, 3)

"""Colour ranges: kept from step to step, widened when outgrown, forgotten when released."""

from __future__ import annotations

import numpy as np

from core.tensor import Array
from viz_app.style.scales import Scales

SMALL = np.array([-1.0, 0.5])


def limits(scales: Scales, array: Array, mode: str = "fixed", key: str = "g_X_in") -> object:
    return scales.limits("backward", "conv", key, array, mode)


def test_a_range_is_kept_for_numbers_of_its_size() -> None:
    scales = Scales()
    assert limits(scales, SMALL) == (-1, 1)
    assert limits(scales, SMALL * 1.9) == limits(scales, SMALL / 100) == (-1, 1)


def test_a_range_is_widened_when_outgrown() -> None:
    scales = Scales()
    limits(scales, SMALL)
    assert limits(scales, SMALL * 5) == (-5, 5)
    assert limits(scales, SMALL) == (-5, 5)


def test_zeros_fix_nothing() -> None:
    scales = Scales()
    limits(scales, np.zeros(3))
    assert limits(scales, SMALL) == (-1, 1)


def test_this_step_and_release_take_the_range_at_hand() -> None:
    scales = Scales()
    limits(scales, SMALL * 4)
    assert limits(scales, SMALL, "step") == (-1, 1)
    limits(scales, SMALL * 4, "step")
    scales.release()
    assert limits(scales, SMALL) == (-1, 1)


def test_activations_begin_at_zero_or_below() -> None:
    assert limits(Scales(), np.array([1.0, 3.0]), key="X_in") == (0, 3)
    assert limits(Scales(), np.array([-2.0, 3.0]), key="X_in") == (-2, 3)
    assert limits(Scales(), np.array([np.nan, np.inf]), key="X_in") == (0, 1)

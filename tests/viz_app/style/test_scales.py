"""Colour ranges: those of the first iteration, doubled where numbers outgrow them."""

from __future__ import annotations

import numpy as np
import pytest

from core.tensor import Array
from tests.viz_app.viewers import viewer_of
from viz_app.run.ranges import range_of
from viz_app.style.scales import kept_limits, natural_limits

SMALL = np.array([-1.0, 0.5])


def limits(first: Array, now: Array, key: str = "g_X_in") -> tuple[float, float]:
    return kept_limits(key, now, range_of(first))


def test_a_range_is_kept_for_numbers_of_its_size() -> None:
    assert limits(SMALL, SMALL) == (-1, 1)
    assert limits(SMALL, SMALL * 1.9) == limits(SMALL, SMALL / 100) == (-1, 1)


@pytest.mark.parametrize(("times", "limit"), [(2.1, 2), (4, 2), (4.1, 4), (5, 4), (1000, 512)])
def test_a_range_is_doubled_when_outgrown(times: float, limit: float) -> None:
    assert limits(SMALL, SMALL * times) == (-limit, limit)


def test_zeros_fix_nothing() -> None:
    assert limits(np.zeros(3), SMALL) == (-1, 1)
    assert kept_limits("g_X_in", SMALL, None) == (-1, 1)


def test_activations_begin_at_zero_or_have_it_in_the_middle() -> None:
    assert natural_limits("X_in", np.array([1.0, 3.0])) == (0, 3)
    assert natural_limits("X_in", np.array([-2.0, 3.0])) == (-3, 3)
    assert natural_limits("X_in", np.array([np.nan, np.inf])) == (0, 1)


def test_an_array_without_a_finite_number_has_no_range() -> None:
    assert range_of(np.array([np.nan, np.inf])) is None
    assert range_of(np.zeros((0, 3))) is None
    assert range_of(np.array([np.nan, 2.0, -1.0])) == (-1.0, 2.0)


def test_to_look_changes_nothing() -> None:
    viewer = viewer_of("one")
    ranges = [
        [viewer.look.limits(key, array) for key, array in viewer.look.arrays.items()]
        for _ in range(2)
    ]
    assert ranges[0] == ranges[1]
    for _ in range(30):
        viewer.step()
    later = [viewer.look.limits(key, array) for key, array in viewer.look.arrays.items()]
    # Somebody who did not see what lies between sees the same colours.
    other = viewer_of("one")
    other.run.replay(other.run.recipe, 31)
    while other.run.replaying:
        other.run.go_on_replaying()
    assert later == [other.look.limits(key, array) for key, array in other.look.arrays.items()]

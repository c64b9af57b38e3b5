"""Learning-rate schedules: their values and the bounds they keep."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedule import Constant, Cosine, StepDecay, WarmUp, constant, cosine, step_decay, warm_up
from tests.rounding import assert_close

rates = st.floats(1e-6, 10)
counts = st.integers(1, 1000)
iterations = st.integers(0, 5000)


def test_constant_stays() -> None:
    assert [constant(0.1)(k) for k in (0, 1, 10**6)] == [0.1, 0.1, 0.1]


def test_step_decay_falls_after_each_period() -> None:
    rate = step_decay(0.8, every=3, factor=0.5)
    assert [rate(k) for k in range(8)] == [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2]


def test_cosine_is_half_a_wave() -> None:
    rate = cosine(1.0, total=4, least=0.2)
    expected = [1.0, 0.6 + 0.2 * 2**0.5, 0.6, 0.6 - 0.2 * 2**0.5, 0.2, 0.2]
    assert_close([rate(k) for k in range(6)], expected)


def test_warm_up_rises_then_follows() -> None:
    rate = warm_up(step_decay(0.8, every=2, factor=0.5), 4)
    assert_close([rate(k) for k in range(8)], [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.4, 0.4])


@settings(deadline=None)
@given(rates, counts, st.floats(0, 1), iterations)
def test_step_decay_never_rises(lr: float, every: int, factor: float, k: int) -> None:
    rate = step_decay(lr, every, factor)
    assert 0 <= rate(k + 1) <= rate(k) <= rate(0) == lr


@settings(deadline=None)
@given(rates, counts, st.floats(0, 1), iterations)
def test_cosine_falls_from_the_rate_to_the_least(
    lr: float, total: int, share: float, k: int
) -> None:
    least = lr * share
    rate = cosine(lr, total, least)
    slack = lr * 1e-12
    assert_close(rate(0), lr)
    assert_close(rate(total + k), least, magnitude=lr)
    assert least - slack <= rate(k + 1) <= rate(k) + slack <= lr + 2 * slack


@settings(deadline=None)
@given(rates, counts, st.integers(0, 1000), iterations)
def test_warm_up_never_exceeds_what_follows(lr: float, total: int, rise: int, k: int) -> None:
    after = cosine(lr, total)
    rate = warm_up(after, rise)
    assert 0 <= rate(k) <= lr * (1 + 1e-12)
    assert rate(rise + k) == after(k)
    assert all(rate(j) < rate(j + 1) for j in range(rise - 1))
    if rise:
        assert_close(rate(rise - 1), after(0))


def test_bad_lengths_are_named() -> None:
    with pytest.raises(ValueError, match="every is 0"):
        step_decay(0.1, 0)
    with pytest.raises(ValueError, match="total is 0"):
        cosine(0.1, 0)
    with pytest.raises(ValueError, match="iterations is -1"):
        warm_up(constant(0.1), -1)


def test_settings_can_be_read_and_changed() -> None:
    rate = warm_up(step_decay(0.8, 2, 0.5), 4)
    assert rate == WarmUp(StepDecay(0.8, every=2, factor=0.5), iterations=4)
    assert (constant(0.1), cosine(0.1, 5)) == (Constant(0.1), Cosine(0.1, total=5, least=0.0))
    rate.iterations = 0
    assert rate(0) == 0.8


def test_what_is_no_schedule_is_named() -> None:
    with pytest.raises(TypeError, match=r"after is 0.1; expected a function .*constant\(0.1\)"):
        warm_up(0.1, 5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"every is 2\.5; expected a whole number"):
        step_decay(0.1, 2.5)  # type: ignore[arg-type]


def test_a_setting_that_is_changed_is_checked_too() -> None:
    decay, fall, rise = step_decay(0.1, 2), cosine(0.1, 3), warm_up(constant(0.1), 2)
    decay.every, fall.total, rise.iterations = 0, 0, -1
    for schedule, name in ((decay, "every"), (fall, "total"), (rise, "iterations")):
        with pytest.raises(ValueError, match=f"{name} is"):
            schedule(1)

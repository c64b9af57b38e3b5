"""What a history holds stays bounded, however long the run."""

from __future__ import annotations

import numpy as np

from core.inspect.trace import StepTrace
from core.training.history import History
from tests.core.runs import make_trainer
from tools.memory import bytes_held

# Iterations until a first trace and a first frame are there.
WARM_UP = 8
TINY = "conv 1 k3 s3, bn, relu, residual(conv 1 k1), dropout 0.1, flatten, linear 10"


def held(history: History) -> int:
    """Bytes of everything but the trainer."""
    return bytes_held(history, [history.trainer])


def test_memory_stays_bounded_over_thousands_of_iterations() -> None:
    history = History(make_trainer(text=TINY, batch_size=2), every=10, budget=100_000)
    for _ in range(WARM_UP):
        history.advance()
    traces = held(history)
    for iteration in range(WARM_UP + 1, 3001):
        history.advance()
        if iteration % 500 == 0:
            # A loss and an accuracy each: two floats, and places in two lists with room to grow.
            curves = iteration * 2 * (24 + 8 * 1.25)
            assert held(history) <= 1.1 * traces + curves + history.budget
    assert history.every > 10


def test_visits_leave_nothing_behind() -> None:
    history = History(make_trainer(text=TINY, batch_size=2))
    for _ in range(200):
        history.advance()
    before = held(history)
    for iteration in np.random.default_rng(0).integers(1, 201, 40):
        trace = history.goto(int(iteration))
        look_at(trace)
    for iteration in range(193, 201):
        history.goto(iteration)
    # What was looked at last is kept with its inner arrays for a while, and that is all.
    assert held(history) < 2 * before


def look_at(trace: StepTrace) -> None:
    """Ask for all inner arrays, as a view does."""
    for stage in trace.stages:
        assert stage.inner


def test_bytes_are_counted_once_and_through_views() -> None:
    array = np.zeros(100_000, np.uint8)
    assert 100_000 <= bytes_held([array, array[10:], {"again": array}]) < 101_000
    assert bytes_held([array[:1]]) >= 100_000
    assert bytes_held([array], without=[array]) < 1000
    assert bytes_held(lambda: array) >= 100_000

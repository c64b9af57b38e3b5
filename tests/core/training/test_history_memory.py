"""What a history holds stays bounded, however long the run."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.inspect.trace import StepTrace
from core.training.history import History
from core.training.trainer import Trainer
from tests.core.runs import make_trainer, of_trace
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


def set_rate(lr: float, trainer: Trainer) -> None:
    trainer.optimizer.lr = lr


def test_thousands_of_changes_stay_within_the_budget_and_exact() -> None:
    history = History(make_trainer(text=TINY, batch_size=2), every=10, budget=100_000)
    wanted = {}
    for k in range(1, 2001):
        trace = history.advance()
        if k % 97 == 0 or k > 1980:
            wanted[k] = of_trace(trace)
        history.change(partial(set_rate, 0.05 / (1 + k % 7)), repeatable=True)
    sizes = [frame.nbytes for frame in history._frames.values()]
    assert sum(sizes) <= history.budget
    for k in np.random.default_rng(0).permutation(list(wanted))[:12]:
        assert of_trace(history.goto(int(k))) == wanted[k]


@given(data=st.data())
@settings(max_examples=25, deadline=None, phases=[Phase.generate])
def test_changes_of_both_kinds_are_there_again(data: st.DataObject) -> None:
    """Halving a rate is no assignment: made once too often, or not at all, it shows."""
    history = History(make_trainer(text=TINY, batch_size=2, lr=0.1), every=4, budget=20_000)
    wanted: list[object] = []
    for _ in range(data.draw(st.integers(2, 24))):
        for repeatable in data.draw(st.lists(st.booleans(), max_size=2)):
            history.change(halve, repeatable)
            if data.draw(st.integers(0, 5)) == 0:
                with pytest.raises(ValueError, match="lr"):
                    history.change(partial(set_rate, -1.0), repeatable)
        wanted.append(of_trace(history.advance()))
    for k in data.draw(st.lists(st.integers(1, len(wanted)), min_size=1, max_size=6)):
        assert of_trace(history.goto(k)) == wanted[k - 1]
        for after in range(k, min(k + data.draw(st.integers(0, 3)), len(wanted))):
            assert of_trace(history.advance()) == wanted[after]


def halve(trainer: Trainer) -> None:
    trainer.optimizer.lr /= 2

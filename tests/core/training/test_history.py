"""History: any iteration again, bit for bit, from a bounded memory."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DivergenceError
from core.io.weights import state_dict
from core.losses import MSELoss
from core.training.history import History
from tests.core.runs import fingerprint, future, make_trainer, of_result, of_state, of_trace

LENGTH = 300


@pytest.fixture(scope="module")
def run() -> tuple[History, list[object]]:
    """A history, and the fingerprint of every trace when it was first recorded."""
    history = History(make_trainer())
    return history, [of_trace(history.advance()) for _ in range(LENGTH)]


def frame_bytes(history: History) -> int:
    """What one key frame takes: params, their velocities and statistics."""
    trainer = history.trainer
    arrays = [*state_dict(trainer.model).values(), *trainer.optimizer.slots["velocity"]]
    return sum(array.nbytes for array in arrays)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(visits=st.lists(st.integers(1, LENGTH), min_size=1, max_size=6))
def test_any_order_of_visits(run: tuple[History, list[object]], visits: list[int]) -> None:
    history, wanted = run
    for k in visits:
        trace = history.goto(k)
        assert trace.iteration == history.trainer.iteration == k
        assert of_trace(trace) == wanted[k - 1]
    assert history.length == LENGTH


def test_to_and_fro(run: tuple[History, list[object]]) -> None:
    history, wanted = run
    for k in (300, 299, 298, 299, 300, 1, 2, 1, 50, 51, 50, 49, 100, 101, 300):
        assert of_trace(history.goto(k)) == wanted[k - 1]


def test_going_back_and_on_gives_the_same_future(run: tuple[History, list[object]]) -> None:
    history, wanted = run
    history.goto(123)
    assert [of_trace(history.advance()) for _ in range(20)] == wanted[123:143]
    history.goto(LENGTH)
    plain = make_trainer()
    for _ in range(LENGTH):
        plain.step()
    assert fingerprint(history.trainer.get_state()) == fingerprint(plain.get_state())
    state = history.trainer.get_state()
    assert future(history.trainer) == future(plain)
    history.trainer.set_state(state)


def test_the_curves_are_those_of_the_run(run: tuple[History, list[object]]) -> None:
    history, _ = run
    history.goto(7)
    history.advance()
    plain = make_trainer()
    results = [plain.step() for _ in range(LENGTH)]
    assert history.losses == [result.loss for result in results]
    assert history.accuracies == [result.accuracy for result in results]


def test_evaluating_in_between_changes_nothing(run: tuple[History, list[object]]) -> None:
    history, wanted = run
    history.goto(60)
    history.trainer.evaluate(history.trainer.data.test)
    assert of_trace(history.goto(61)) == wanted[60]
    history.trainer.evaluate(history.trainer.data.test)
    assert of_trace(history.goto(61)) == wanted[60]


@pytest.mark.parametrize("frames", [0, 2, 5])
def test_a_small_budget_is_kept_and_exact(run: tuple[History, list[object]], frames: int) -> None:
    _, wanted = run
    history = History(make_trainer(), every=5)
    size = frame_bytes(history)
    history.budget = frames * size + size // 2
    length = 150
    for _ in range(length):
        history.advance()
        # The first frame and the latest are the least that a history can do with.
        assert len(history._frames) <= max(frames, 2)
    assert history.every > 5
    for k in np.random.default_rng(0).integers(1, length + 1, 8):
        assert of_trace(history.goto(int(k))) == wanted[k - 1]
        assert len(history._frames) <= max(frames, 2)


def test_a_large_budget_thins_nothing() -> None:
    history = History(make_trainer(), every=5)
    for _ in range(40):
        history.advance()
    assert sorted(history._frames) == [*range(0, 41, 5)]


@pytest.mark.parametrize("k", [0, -1, 6])
def test_there_is_no_other_iteration(k: int) -> None:
    history = History(make_trainer())
    for _ in range(5):
        history.advance()
    with pytest.raises(ValueError, match=f"iteration is {k}; the run has 1 to 5"):
        history.goto(k)
    assert history.trainer.iteration == 5


@pytest.mark.parametrize(
    ("text", "lr"),
    [
        ("flatten, linear 10", 1e38),
        ("conv 4, relu, flatten, linear 10", 1e30),
        ("conv 4, bn, relu, residual(conv 4 p1, bn), dropout, flatten, linear 10", 1e10),
        ("conv 4 k3 p1, residual(conv 4 k3 p1, relu), dropout, flatten, linear 10", 1e6),
    ],
)
def test_divergence_leaves_the_iteration_before(text: str, lr: float) -> None:
    history = History(make_trainer(text=text, lr=lr), every=1)
    seen: list[object] = []
    states = [fingerprint(history.trainer.get_state())]

    def go_on() -> None:
        while history.length < 100:
            seen.append(of_trace(history.advance()))
            states.append(fingerprint(history.trainer.get_state()))

    with pytest.raises(DivergenceError) as caught:
        go_on()
    assert caught.value.iteration == history.length + 1 == history.trainer.iteration + 1
    assert fingerprint(history.trainer.get_state()) == states[-1]
    # The same iteration diverges again, with the same words, and the past can still be seen.
    with pytest.raises(DivergenceError) as again:
        history.advance()
    assert str(again.value) == str(caught.value)
    for k in range(history.length, 0, -1):
        assert of_trace(history.goto(k)) == seen[k - 1]


def test_a_smaller_rate_goes_on_after_divergence() -> None:
    history = History(make_trainer(text="conv 4, relu, flatten, linear 10"))
    for _ in range(10):
        history.advance()
    kept = of_state(history.trainer.model)
    history.change(lambda trainer: setattr(trainer.optimizer, "lr", 1e38))
    with pytest.raises(DivergenceError):
        deque((history.advance() for _ in range(10)), maxlen=0)
    history.goto(10)
    assert of_state(history.trainer.model) == kept
    history.change(lambda trainer: setattr(trainer.optimizer, "lr", 0.01))
    assert np.isfinite(history.advance().loss)


def test_a_history_names_a_wrong_argument() -> None:
    trainer: Any = make_trainer(text="flatten, linear 10")
    for every in (0, -3, 2.5):
        with pytest.raises(ValueError, match=f"every is {every}; expected a whole number"):
            History(trainer, every=every)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="budget is -1; expected"):
        History(trainer, budget=-1)
    with pytest.raises(TypeError, match="trainer is a Model; expected a Trainer"):
        History(trainer.model)


def test_only_iterations_of_the_run_can_be_gone_to() -> None:
    history: Any = History(make_trainer(text="flatten, linear 10"))
    with pytest.raises(ValueError, match="the run has no iterations yet"):
        history.goto(1)
    history.advance()
    for iteration in (0, 2, 1.0, True):
        with pytest.raises(ValueError, match=f"iteration is {iteration}; the run has 1 to 1"):
            history.goto(iteration)
    assert history.goto(1).iteration == 1


def test_a_wrong_rate_puts_the_run_back_and_it_goes_on() -> None:
    history, plain = History(make_trainer(lr=0.1)), make_trainer(lr=0.1)
    history.skip()
    plain.step()
    history.change(lambda trainer: setattr(trainer, "schedule", lambda k: -1.0))
    state = fingerprint(history.trainer.get_state())
    with pytest.raises(ValueError, match=r"the schedule returned -1\.0"):
        history.advance()
    history.change(lambda trainer: setattr(trainer, "schedule", None))
    assert fingerprint(plain.get_state()) != state
    assert future(history.trainer) == future(plain)


def test_any_error_puts_the_trainer_back() -> None:
    class Stops(MSELoss):
        """Is interrupted in its third pass."""

        calls = 0

        def backward(self) -> None:
            self.calls += 1
            if self.calls == 3:
                raise KeyboardInterrupt
            super().backward()

    history, plain = History(make_trainer(loss=Stops())), make_trainer(loss=MSELoss())
    for _ in range(2):
        history.advance()
        plain.step()
    before = fingerprint(history.trainer.get_state())
    with pytest.raises(KeyboardInterrupt):
        history.advance()
    assert fingerprint(history.trainer.get_state()) == before
    history.change(lambda trainer: setattr(trainer.loss, "calls", 9))
    assert of_result(history.advance()) == of_result(plain.step())


def test_a_change_that_fails_where_there_was_one_leaves_that_one() -> None:
    history = History(make_trainer())
    history.advance()
    history.change(lambda trainer: setattr(trainer.optimizer, "lr", 0.01))
    wanted = of_trace(history.advance())
    history.goto(1)
    with pytest.raises(ValueError, match="lr"):
        history.change(lambda trainer: setattr(trainer.optimizer, "lr", -1.0))
    assert of_trace(history.advance()) == wanted

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.data import DataSet, from_images
from viz_app.presets import DEFAULT, PRESETS
from viz_app.session import Session


@pytest.fixture
def session() -> Session:
    return Session()


def numbers(session: Session) -> list[NDArray[Any]]:
    """Every number of the iteration that is shown, and of the model behind it."""
    trace = session.trace
    outputs = [
        array.copy()
        for layer in trace.layers.values()
        for array in (layer.output.value, layer.output.grad)
    ]
    params = [param.value.copy() for param in session.history.trainer.model.parameters()]
    return [np.array([trace.loss, trace.accuracy, trace.lr]), trace.indices, *outputs, *params]


def same(first: list[NDArray[Any]], second: list[NDArray[Any]]) -> bool:
    return len(first) == len(second) and all(map(np.array_equal, first, second))


def settings(session: Session) -> tuple[Any, ...]:
    return (
        session.preset,
        session.dataset,
        session.learning_rate,
        session.batch_size,
        session.seed,
    )


def own_data(size: int = 8, n: int = 20) -> DataSet:
    images = np.random.default_rng(0).integers(0, 256, (n, size, size)).astype(np.uint8)
    return from_images(images, np.arange(n) % 2, name="halves")


# The run


def test_the_first_iteration_is_there_from_the_start(session: Session) -> None:
    assert session.trace.iteration == 1
    assert session.status.startswith(
        f"iteration 1 · stage 1 of {len(session.trace.stages)} · forward conv1 · loss "
    )
    assert session.message == ""


def test_back_and_forward_are_exact(session: Session) -> None:
    seen = [numbers(session)]
    for _ in range(4):
        session.step()
        seen.append(numbers(session))
    assert not same(seen[0], seen[1])
    for k in (3, 2, 1, 0):
        session.back()
        assert session.trace.iteration == k + 1
        assert same(numbers(session), seen[k])
    for k in (1, 2, 3, 4):
        session.step()
        assert same(numbers(session), seen[k])
    assert session.history.length == 5


def test_back_stays_at_the_first_iteration(session: Session) -> None:
    before = numbers(session)
    session.back()
    assert same(numbers(session), before)


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = Session(), Session()
    for session in (first, second):
        session.step()
    assert same(numbers(first), numbers(second))
    second.seed = 1
    second.step()
    assert not same(numbers(first), numbers(second))
    second.seed = 0
    second.step()
    assert same(numbers(first), numbers(second))


def test_sessions_do_not_feel_each_other() -> None:
    first, second = Session(), Session()
    before = numbers(second)
    first.step()
    first.learning_rate = 0.5
    first.use_data(own_data())
    assert same(numbers(second), before)
    assert list(second.param["dataset"].names.values()) == list(
        Session().param["dataset"].names.values()
    )


def test_reset_starts_the_same_run_anew(session: Session) -> None:
    first = numbers(session)
    session.playing = True
    for _ in range(3):
        session.step()
    session.reset()
    assert not session.playing
    assert same(numbers(session), first)
    assert (session.history.length, session.history.old_losses) == (1, [])


def test_divergence_stops_play_and_keeps_what_was_shown(session: Session) -> None:
    session.learning_rate = 1e30
    session.playing = True
    for _ in range(5):
        before = numbers(session)
        session.step()
        if not session.playing:
            break
    assert not session.playing
    assert session.message.startswith("Training diverged")
    assert f"iteration {session.trace.iteration + 1}" in session.message
    assert same(numbers(session), before)
    session.learning_rate = 0.02
    session.reset()
    assert session.message == ""
    session.step()
    assert session.trace.iteration == 2


# Settings


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("learning_rate", 0.0, "Learning rate is 0.0; expected"),
        ("learning_rate", -1.0, "Learning rate is -1.0; expected"),
        ("learning_rate", float("nan"), "Learning rate is nan; expected"),
        ("learning_rate", float("inf"), "Learning rate is inf; expected"),
        ("batch_size", 0, "Batch size is 0; expected"),
        ("batch_size", -3, "Batch size is -3; expected"),
        ("batch_size", 1438, "Batch size is 1438; expected a whole number from 1 to 1437"),
        ("seed", -1, "Seed is -1; expected"),
        # An emptied field.
        ("learning_rate", None, "Learning rate is "),
        ("batch_size", None, "Batch size is "),
        ("seed", None, "Seed is "),
    ],
)
def test_what_cannot_be_done_leaves_the_session_whole(
    session: Session, name: str, value: float | None, message: str
) -> None:
    session.step()
    before, shown = settings(session), numbers(session)
    session.param.update(**{name: value})
    assert session.message.startswith(message)
    assert settings(session) == before
    assert same(numbers(session), shown)
    # It goes on as if nothing had been tried.
    session.step()
    assert session.message == ""
    untouched = Session()
    untouched.step()
    untouched.step()
    assert same(numbers(session), numbers(untouched))


def test_a_good_setting_takes_the_message_away(session: Session) -> None:
    session.learning_rate = -1
    session.learning_rate = 0.1
    assert session.message == ""
    session.batch_size = 0
    session.batch_size = 4
    assert session.message == ""


def test_a_network_that_does_not_fit_is_refused(session: Session) -> None:
    session.step()
    before, shown = settings(session), numbers(session)
    session.use_data(own_data(size=2))
    assert session.message
    assert settings(session) == before
    assert same(numbers(session), shown)
    session.step()
    assert session.trace.iteration == 3


def test_settings_take_effect_with_the_next_iteration(session: Session) -> None:
    session.batch_size = 5
    session.learning_rate = 0.3
    assert len(session.trace.indices) == 8
    session.step()
    assert (len(session.trace.indices), session.trace.lr) == (5, 0.3)


def test_a_change_in_the_past_begins_a_branch(session: Session) -> None:
    for _ in range(4):
        session.step()
    losses = list(session.history.losses)
    session.back()
    session.back()
    session.learning_rate = 0.5
    assert session.history.old_losses == [losses]
    assert session.history.losses == losses[:3]
    session.step()
    session.step()
    assert session.history.losses[3] == losses[3]
    assert session.history.losses[4] != losses[4]
    # Back across the change: each iteration has the rate it was made with.
    session.back()
    session.back()
    assert session.trace.lr == 0.02
    session.step()
    assert session.trace.lr == 0.5


def test_the_learning_rate_shown_is_the_one_in_use(session: Session) -> None:
    session.step()
    session.learning_rate = 0.5
    session.step()
    session.back()
    session.back()
    session.step()
    assert session.trace.lr == 0.02
    session.step()
    assert session.trace.lr == session.learning_rate == 0.5


def test_the_selected_sample_stays_inside_a_smaller_batch(session: Session) -> None:
    session.sample = 7
    session.batch_size = 3
    session.step()
    assert session.sample == 2


def test_a_preset_brings_its_data_and_settings(session: Session) -> None:
    session.step()
    session.stage = 20
    session.preset = "one"
    assert settings(session) == ("one", "strokes", 0.05, 1, 0)
    assert (session.trace.iteration, session.stage) == (1, 0)
    assert session.data.name == "strokes"
    session.preset = "digits"
    assert same(numbers(session), numbers(Session()))


def test_every_change_is_seen_by_those_who_watch(session: Session) -> None:
    seen: list[int] = []
    session.param.watch(lambda event: seen.append(event.new.iteration), "trace")
    session.step()
    session.step()
    session.back()
    session.reset()
    session.preset = "shapes"
    assert seen == [2, 3, 2, 1, 1]


# A person's own data


def test_own_data_is_used_and_joins_the_choice(session: Session) -> None:
    before = session.dataset
    session.batch_size = 4
    session.use_data(own_data(), "The images were scaled.")
    assert session.data.name == "halves"
    assert session.message == "The images were scaled."
    assert session.trace.iteration == 1
    titles = session.param["dataset"].names
    assert titles["halves (yours)"] == session.dataset
    session.step()
    session.dataset = before
    assert session.data.name == "digits"
    session.dataset = titles["halves (yours)"]
    assert session.data.name == "halves"


def test_own_data_of_one_name_are_both_kept(session: Session) -> None:
    first, second = own_data(), own_data(9)
    session.use_data(first)
    session.use_data(second)
    assert session.data is second
    assert {name for name in session.param["dataset"].names if "yours" in name} >= {
        "halves (yours)"
    }
    assert len([name for name in session.param["dataset"].names if "halves" in name]) == 2


def test_refused_data_do_not_join_the_choice(session: Session) -> None:
    session.use_data(own_data(size=2))
    assert not [name for name in session.param["dataset"].names if "halves" in name]


def test_a_batch_larger_than_own_data_is_no_obstacle(session: Session) -> None:
    session.preset = "mnist"
    session.use_data(own_data(n=10))
    assert session.data.name == "halves"
    assert len(session.trace.indices) <= len(session.data.train)
    session.step()
    assert session.trace.iteration == 2


# Evaluation


def evaluate(session: Session) -> list[int]:
    session.start_evaluation()
    done = []
    while session.evaluating:
        session.continue_evaluation()
        assert session.evaluation is not None
        done.append(session.evaluation.done)
        assert len(done) < 1000
    return done


def test_evaluation_goes_through_the_whole_test_split(session: Session) -> None:
    shown = numbers(session)
    done = evaluate(session)
    assert done == sorted(done)
    assert done[-1] == len(session.data.test) == 360
    assert session.evaluation == session.history.trainer.evaluate(session.data.test)
    assert same(numbers(session), shown)


def test_evaluation_can_be_stopped_and_begun_again(session: Session) -> None:
    session.start_evaluation()
    session.continue_evaluation()
    session.stop_evaluation()
    assert not session.evaluating
    assert session.evaluation is not None
    assert session.evaluation.done < 360
    stopped = session.evaluation
    session.continue_evaluation()
    assert session.evaluation == stopped
    assert evaluate(session)[-1] == 360


def test_evaluation_does_not_change_the_run(session: Session) -> None:
    evaluate(session)
    session.step()
    untouched = Session()
    untouched.step()
    assert same(numbers(session), numbers(untouched))


def test_a_step_ends_an_evaluation_or_leaves_it_of_one_model(session: Session) -> None:
    # Half of the images with one model and half with the next would be a number of neither.
    session.learning_rate = 0.5
    session.start_evaluation()
    session.continue_evaluation()
    session.step()
    while session.evaluating:
        session.continue_evaluation()
    result = session.evaluation
    if result is not None and result.done == result.total:
        session.back()
        assert result == session.history.trainer.evaluate(session.data.test)


def test_a_branch_leaves_the_result_of_the_old_run_behind(session: Session) -> None:
    for _ in range(3):
        session.step()
    evaluate(session)
    session.back()
    assert session.evaluation is not None
    session.learning_rate = 0.5
    assert session.evaluation is None
    assert not session.evaluating


def test_a_result_says_which_iteration_it_is_of(session: Session) -> None:
    evaluate(session)
    result = session.evaluation
    session.step()
    assert (session.evaluation, session.evaluated_at) == (result, 1)
    session.back()
    assert result == session.history.trainer.evaluate(session.data.test)


def test_a_result_is_never_labelled_with_the_iteration_of_the_next_one(session: Session) -> None:
    evaluate(session)
    session.step()
    session.start_evaluation()
    session.step()
    assert session.evaluation is None


def test_reset_forgets_the_evaluation(session: Session) -> None:
    evaluate(session)
    session.reset()
    assert session.evaluation is None
    session.start_evaluation()
    session.reset()
    assert not session.evaluating


def test_settings_are_those_of_the_iteration_in_sight() -> None:
    session = Session()
    session.step()
    session.learning_rate = 0.3
    session.step()
    session.goto(1)
    assert session.learning_rate == PRESETS[DEFAULT].learning_rate
    session.goto(2)
    assert session.learning_rate == 0.3
    # Looking at the past changes nothing of it.
    assert session.history.length == 3
    assert session.message == ""


def test_a_selection_that_a_smaller_batch_lacks_is_given_up() -> None:
    session = Session()
    session.select({"key": "X_in", "index": [5, 0, 2, 2], "coordinates": {"n": 5}})
    session.batch_size = 2
    session.step()
    assert session.selection == {}
    session.select({"key": "X_in", "index": [1, 0, 2, 2], "coordinates": {"n": 1}})
    session.step()
    assert session.selection["index"] == [1, 0, 2, 2]


def test_the_status_has_the_metrics_that_fit_the_loss() -> None:
    session = Session()
    assert f" · accuracy {session.trace.accuracy:.2f}" in session.status
    session.trace = replace(session.trace, metrics={})
    assert session.status.endswith(f"loss {session.trace.loss:.4f}")

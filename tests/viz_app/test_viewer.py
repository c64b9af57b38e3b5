from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.viz_app.viewers import numbers, own_data, same, viewer_of
from viz_app import looks as module
from viz_app.dashboard import Dashboard
from viz_app.run.presets import PRESETS
from viz_app.scene.pins import scene_of
from viz_app.scene.registry import Look
from viz_app.scene.scene import Scene
from viz_app.viewer import Viewer


@pytest.fixture
def viewer() -> Viewer:
    return viewer_of()


def settings(viewer: Viewer) -> tuple[Any, ...]:
    return tuple(viewer.run.settings.values())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("grain", "iteration", "grain is 'iteration'; expected one of Iteration, Layer, Inside, C"),
        ("grain", 3, "grain is 3; expected one of"),
        ("colours", "red", "colours is 'red'; expected one of fixed, step, channel"),
        ("notation", "d", "notation is 'd'; expected one of"),
        ("side", "left", "side is 'left'; expected one of explain"),
        ("run", "c", "run is 'c'; expected one of a, b"),
        ("grains", "Cell", "a place has no grains; expected one of stage, inner, grain"),
    ],
)
def test_a_word_that_is_none_is_refused(
    viewer: Viewer, name: str, value: object, said: str
) -> None:
    before = viewer.place
    with pytest.raises(ValueError, match=said):
        viewer.change(**{name: value})
    assert viewer.place == before


# The run


def test_the_first_iteration_is_there_from_the_start(viewer: Viewer) -> None:
    assert viewer.trace.iteration == 1
    assert viewer.status.startswith(
        f"iteration 1 · stage 1 of {len(viewer.trace.stages)} · forward conv1 · loss "
    )
    assert viewer.message == ""


def test_back_and_forward_are_exact(viewer: Viewer) -> None:
    seen = [numbers(viewer)]
    for _ in range(4):
        viewer.step()
        seen.append(numbers(viewer))
    assert not same(seen[0], seen[1])
    for k in (3, 2, 1, 0):
        viewer.back()
        assert viewer.trace.iteration == k + 1
        assert same(numbers(viewer), seen[k])
    for k in (1, 2, 3, 4):
        viewer.step()
        assert same(numbers(viewer), seen[k])
    assert viewer.run.history.length == 5


def test_back_stays_at_the_first_iteration(viewer: Viewer) -> None:
    before = numbers(viewer)
    viewer.back()
    assert same(numbers(viewer), before)


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = viewer_of(), viewer_of()
    for viewer in (first, second):
        viewer.step()
    assert same(numbers(first), numbers(second))
    second.set("seed", 1)
    second.step()
    assert not same(numbers(first), numbers(second))
    second.set("seed", 0)
    second.step()
    assert same(numbers(first), numbers(second))


def test_viewers_do_not_feel_each_other() -> None:
    first, second = viewer_of(), viewer_of()
    before = numbers(second)
    first.step()
    first.set("learning_rate", 0.5)
    first.use_data(own_data())
    assert same(numbers(second), before)
    assert second.run.own is None


def test_reset_starts_the_same_run_anew(viewer: Viewer) -> None:
    first = numbers(viewer)
    viewer.playing = True
    for _ in range(3):
        viewer.step()
    viewer.reset()
    assert not viewer.playing
    assert same(numbers(viewer), first)
    assert (viewer.run.history.length, viewer.run.history.old_losses) == (1, [])


def test_divergence_stops_play_and_keeps_what_was_shown(viewer: Viewer) -> None:
    viewer.set("learning_rate", 1e6)
    viewer.playing = True
    for _ in range(100):
        before = numbers(viewer)
        viewer.step()
        if not viewer.playing:
            break
    assert not viewer.playing
    assert viewer.message.startswith("Training diverged")
    assert f"iteration {viewer.trace.iteration + 1}" in viewer.message
    assert same(numbers(viewer), before)
    viewer.set("learning_rate", 0.02)
    viewer.reset()
    assert viewer.message.startswith("A new run begins at iteration 1: ")
    viewer.step()
    assert viewer.trace.iteration == 2


# Settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("learning_rate", -1, "Learning rate stays 0.05."),
        ("batch_size", "12x", "Batch size stays 1."),
        ("seed", -1, "Seed stays 0."),
        ("dtype", "float16", "expected one of float64, float32. Precision stays float64."),
        ("dataset", "own", "choose its files first. Data set stays Strokes 6×6."),
        ("preset", "nine", "Preset stays One convolution."),
        # Below the place that is pointed at.
        ("optimizer", "adan", "\n  adan\n  ^\nOptimiser stays sgd momentum 0.9."),
        ("loss", "hinge", "\n  hinge\n  ^\nLoss stays cross_entropy."),
        ("schedule", "cosine", "Schedule stays constant."),
        ("init", "ones", "First weights stays he."),
        ("augment", "rotate 10", "\n  rotate 10\n  ^\nAugmentation stays none."),
        # A text of its kind that the images do not allow.
        ("augment", "shift 99", "Augmentation stays none."),
        ("network", "relu", "Network stays conv 1 k3, relu, pool 2, flatten, linear {classes}."),
    ],
)
def test_a_refusal_says_what_stays_in_force(name: str, value: object, said: str) -> None:
    viewer = viewer_of("one")
    viewer.set(name, value)
    assert viewer.message.endswith(said), viewer.message
    if isinstance(value, str):
        viewer.close_message()
        viewer.enter(name, value)
        assert viewer.message.endswith(said), viewer.message


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
def test_what_cannot_be_done_leaves_the_viewer_whole(
    viewer: Viewer, name: str, value: float | None, message: str
) -> None:
    viewer.step()
    before, shown = settings(viewer), numbers(viewer)
    viewer.set(name, value)
    assert viewer.message.startswith(message)
    assert settings(viewer) == before
    assert same(numbers(viewer), shown)
    # It goes on as if nothing had been tried, and what was said can still be read.
    viewer.step()
    assert viewer.message.startswith(message)
    untouched = viewer_of()
    untouched.step()
    untouched.step()
    assert same(numbers(viewer), numbers(untouched))


def test_a_good_setting_takes_the_message_away(viewer: Viewer) -> None:
    viewer.set("learning_rate", -1)
    viewer.set("learning_rate", 0.1)
    assert viewer.message == ""
    viewer.set("batch_size", 0)
    viewer.set("batch_size", 4)
    assert viewer.message == ""


def test_a_network_that_does_not_fit_is_refused(viewer: Viewer) -> None:
    viewer.step()
    before, shown = settings(viewer), numbers(viewer)
    viewer.use_data(own_data(size=2))
    assert viewer.message
    assert settings(viewer) == before
    assert same(numbers(viewer), shown)
    viewer.step()
    assert viewer.trace.iteration == 3


def test_settings_take_effect_with_the_next_iteration(viewer: Viewer) -> None:
    viewer.set("batch_size", 5)
    viewer.set("learning_rate", 0.3)
    assert len(viewer.trace.indices) == 8
    viewer.step()
    assert (len(viewer.trace.indices), viewer.trace.lr) == (5, 0.3)


def test_a_change_in_the_past_begins_a_branch(viewer: Viewer) -> None:
    for _ in range(4):
        viewer.step()
    losses = list(viewer.run.history.losses)
    viewer.back()
    viewer.back()
    viewer.set("learning_rate", 0.5)
    assert viewer.run.history.old_losses == [losses]
    assert viewer.run.history.losses == losses[:3]
    viewer.step()
    viewer.step()
    assert viewer.run.history.losses[3] == losses[3]
    assert viewer.run.history.losses[4] != losses[4]
    # Back across the change: each iteration has the rate it was made with.
    viewer.back()
    viewer.back()
    assert viewer.trace.lr == 0.02
    viewer.step()
    assert viewer.trace.lr == 0.5


def test_the_learning_rate_shown_is_the_one_in_use(viewer: Viewer) -> None:
    viewer.step()
    viewer.set("learning_rate", 0.5)
    viewer.step()
    viewer.back()
    viewer.back()
    viewer.step()
    assert viewer.trace.lr == 0.02
    viewer.step()
    assert viewer.trace.lr == viewer.run.settings["learning_rate"] == 0.5


def test_the_selected_sample_stays_inside_a_smaller_batch(viewer: Viewer) -> None:
    viewer.change(sample=7)
    viewer.set("batch_size", 3)
    viewer.step()
    assert viewer.place.sample == 2


def test_a_preset_brings_its_data_and_settings(viewer: Viewer) -> None:
    viewer.step()
    viewer.change(stage=20)
    viewer.set("preset", "one")
    found = viewer.run.settings
    assert settings(viewer)[:5] == ("one", "strokes", 0.05, 1, 0)
    assert (found["dtype"], found["network"]) == ("float64", PRESETS["one"].network)
    assert (viewer.trace.iteration, viewer.place.stage) == (1, 0)
    assert viewer.run.data.name == "strokes"
    viewer.set("preset", "digits")
    assert same(numbers(viewer), numbers(viewer_of()))


def test_every_change_is_seen_by_those_who_watch(viewer: Viewer) -> None:
    seen: list[int] = []
    viewer.run.param.watch(lambda event: seen.append(event.new.iteration), "trace")
    viewer.step()
    viewer.step()
    viewer.back()
    viewer.reset()
    viewer.set("preset", "shapes")
    assert seen == [2, 3, 2, 1, 1]


# A person's own data


def test_own_data_is_used_and_can_be_chosen_again(viewer: Viewer) -> None:
    viewer.set("batch_size", 4)
    viewer.use_data(own_data(), "The images were scaled.")
    assert viewer.run.data.name == "halves"
    assert viewer.message == (
        "The images were scaled. A new run begins at iteration 1: data set halves."
    )
    assert viewer.trace.iteration == 1
    assert viewer.run.settings["dataset"] == "own"
    viewer.step()
    viewer.set("dataset", "digits")
    assert viewer.run.data.name == "digits"
    viewer.set("dataset", "own")
    assert viewer.run.data.name == "halves"


def test_only_the_last_own_data_is_kept(viewer: Viewer) -> None:
    first, second = own_data(), own_data(9)
    viewer.use_data(first)
    viewer.use_data(second)
    assert viewer.run.data is viewer.run.own is second


def test_refused_data_is_not_kept(viewer: Viewer) -> None:
    viewer.use_data(own_data(size=2))
    assert viewer.run.own is None
    viewer.set("dataset", "own")
    assert viewer.message.startswith("There is no own data set yet")
    assert viewer.run.data.name == "digits"


def test_a_batch_larger_than_own_data_is_no_obstacle(viewer: Viewer) -> None:
    viewer.set("preset", "mnist")
    viewer.use_data(own_data(n=10))
    assert viewer.run.data.name == "halves"
    assert len(viewer.trace.indices) <= len(viewer.run.data.train)
    viewer.step()
    assert viewer.trace.iteration == 2


# Evaluation


def evaluate(viewer: Viewer) -> list[int]:
    viewer.run.evaluate()
    done = []
    while viewer.run.evaluation.is_on:
        viewer.run.evaluation.go_on()
        assert viewer.run.evaluation.result is not None
        done.append(viewer.run.evaluation.result.done)
        assert len(done) < 1000
    return done


def test_evaluation_goes_through_the_whole_test_split(viewer: Viewer) -> None:
    shown = numbers(viewer)
    done = evaluate(viewer)
    assert done == sorted(done)
    assert done[-1] == len(viewer.run.data.test) == 360
    assert viewer.run.evaluation.result == viewer.run.history.trainer.evaluate(viewer.run.data.test)
    assert same(numbers(viewer), shown)


def test_evaluation_can_be_stopped_and_begun_again(viewer: Viewer) -> None:
    viewer.run.evaluate()
    viewer.run.evaluation.go_on()
    viewer.run.evaluation.stop()
    assert not viewer.run.evaluation.is_on
    assert viewer.run.evaluation.result is not None
    assert viewer.run.evaluation.result.done < 360
    stopped = viewer.run.evaluation.result
    viewer.run.evaluation.go_on()
    assert viewer.run.evaluation.result == stopped
    assert evaluate(viewer)[-1] == 360


def test_evaluation_does_not_change_the_run(viewer: Viewer) -> None:
    evaluate(viewer)
    viewer.step()
    untouched = viewer_of()
    untouched.step()
    assert same(numbers(viewer), numbers(untouched))


def test_a_step_ends_an_evaluation_or_leaves_it_of_one_model(viewer: Viewer) -> None:
    # Half of the images with one model and half with the next would be a number of neither.
    viewer.set("learning_rate", 0.5)
    viewer.run.evaluate()
    viewer.run.evaluation.go_on()
    viewer.step()
    while viewer.run.evaluation.is_on:
        viewer.run.evaluation.go_on()
    result = viewer.run.evaluation.result
    if result is not None and result.done == result.total:
        viewer.back()
        assert result == viewer.run.history.trainer.evaluate(viewer.run.data.test)


def test_a_branch_leaves_the_result_of_the_old_run_behind(viewer: Viewer) -> None:
    for _ in range(3):
        viewer.step()
    evaluate(viewer)
    viewer.back()
    assert viewer.run.evaluation.result is not None
    viewer.set("learning_rate", 0.5)
    assert viewer.run.evaluation.result is None
    assert not viewer.run.evaluation.is_on


def test_a_result_says_which_iteration_it_is_of(viewer: Viewer) -> None:
    evaluate(viewer)
    result = viewer.run.evaluation.result
    viewer.step()
    assert (viewer.run.evaluation.result, viewer.run.evaluation.iteration) == (result, 1)
    viewer.back()
    assert result == viewer.run.history.trainer.evaluate(viewer.run.data.test)


def test_a_result_is_never_labelled_with_the_iteration_of_the_next_one(viewer: Viewer) -> None:
    evaluate(viewer)
    viewer.step()
    viewer.run.evaluate()
    viewer.step()
    assert viewer.run.evaluation.result is None


def test_reset_forgets_the_evaluation(viewer: Viewer) -> None:
    evaluate(viewer)
    viewer.reset()
    assert viewer.run.evaluation.result is None
    viewer.run.evaluate()
    viewer.reset()
    assert not viewer.run.evaluation.is_on


def test_settings_are_those_of_the_iteration_in_sight() -> None:
    viewer = viewer_of()
    viewer.step()
    viewer.set("learning_rate", 0.3)
    viewer.step()
    viewer.goto(1)
    assert viewer.run.settings["learning_rate"] == PRESETS["digits"].learning_rate
    viewer.goto(2)
    assert viewer.run.settings["learning_rate"] == 0.3
    # Looking at the past changes nothing of it.
    assert viewer.run.history.length == 3
    assert viewer.message == ""


def test_a_selection_that_a_smaller_batch_lacks_is_given_up() -> None:
    viewer = viewer_of()
    viewer.select("X_in", [5, 0, 2, 2], {"n": 5})
    viewer.set("batch_size", 2)
    viewer.step()
    assert viewer.cell is None
    viewer.select("X_in", [1, 0, 2, 2], {"n": 1})
    viewer.step()
    assert viewer.place.index == (1, 0, 2, 2)


def test_a_scene_is_made_once_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer, made = viewer_of("one"), list[Look]()

    def counted(look: Look) -> Scene:
        made.append(look)
        return scene_of(look)

    monkeypatch.setattr(module, "scene_of", counted)
    dashboard = Dashboard(viewer)
    viewer.select("X_in", (0, 0, 0, 0), {})
    made.clear()
    viewer.step()
    # It tells whether the selected cell is drawn, and is what is drawn.
    assert [look.place for look in made] == [viewer.place]
    assert dashboard.board.selected["key"] == "X_in"


def test_the_status_has_the_metrics_that_fit_the_loss() -> None:
    viewer = viewer_of()
    assert f" · accuracy {viewer.trace.accuracy:.2f}" in viewer.status
    viewer.look = replace(viewer.look, trace=replace(viewer.trace, metrics={}))
    assert viewer.status.endswith(f"loss {viewer.trace.loss:.4f}")

"""Two runs that step together: each computes what it would alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.viz_app.viewers import arrive, numbers, same, viewer_of
from viz_app.compare.comparison import Comparison
from viz_app.compare.difference import NETWORK, Difference
from viz_app.place.address import to_query
from viz_app.run.anew.setting import change_setting
from viz_app.run.cost import Limits
from viz_app.run.edits.edit import parse
from viz_app.run.presets import PRESETS, WITHOUT_NORM
from viz_app.run.recipe import Recipe
from viz_app.run.replay import Change
from viz_app.run.run import Run
from viz_app.viewer import Viewer

FASTER = Difference("learning_rate", 0.2)
FAR = 400


def second(viewer: Viewer) -> Run:
    """The run with which a viewer's is compared."""
    comparison: Comparison = viewer.run.companion
    assert comparison.run is not None
    return comparison.run


def compared(preset: str, difference: Difference, iteration: int = 1) -> Viewer:
    viewer = viewer_of(preset)
    for _ in range(iteration - 1):
        viewer.step()
    viewer.compare(difference)
    arrive(viewer)
    return viewer


def alone(recipe: Recipe, iteration: int, *changes: Change) -> Viewer:
    """A run that stands by itself at an iteration, after some changes."""
    viewer = Viewer(Run(recipe))
    for k in range(1, iteration + 1):
        if k > 1:
            viewer.run.advance()
        for change in changes:
            if change.at == k:
                change_setting(viewer.run, change.name, change.value)
    return viewer


def assert_both_are_as_alone(viewer: Viewer, *changes: Change) -> None:
    """Compare both runs, number by number, with runs that nobody led along."""
    first, comparison = viewer.run, viewer.run.companion
    iteration = first.trace.iteration
    assert second(viewer).trace.iteration == iteration
    assert comparison.failure == ""
    difference: Difference = comparison.difference
    there = [change for change in difference.changes(changes) if change.at <= iteration]
    by_itself = alone(first.recipe, iteration, *changes)
    other = alone(difference.recipe(first.recipe), iteration, *there)
    assert same(numbers(viewer), numbers(by_itself))
    assert same(numbers(Viewer(second(viewer))), numbers(other))


@pytest.mark.parametrize(
    ("preset", "difference"),
    [
        ("one", FASTER),
        ("one", Difference("seed", 5)),
        ("one", Difference("batch_size", 3)),
        ("one", Difference("dtype", "float32")),
        ("digits", Difference(NETWORK, WITHOUT_NORM)),
        ("deep-relu", Difference("preset", "deep-sigmoid")),
        ("digits", Difference("dataset", "strokes")),
        ("one", Difference("learning_rate", 0.2, at=4)),
    ],
)
def test_both_runs_compute_what_each_would_alone(preset: str, difference: Difference) -> None:
    viewer = compared(preset, difference, 3)
    assert_both_are_as_alone(viewer)
    for _ in range(3):
        viewer.step()
    assert_both_are_as_alone(viewer)
    viewer.goto(2)
    assert_both_are_as_alone(viewer)
    viewer.step()
    viewer.back()
    viewer.step()
    assert_both_are_as_alone(viewer)


def test_a_change_in_sight_is_made_in_both_and_the_difference_stays() -> None:
    viewer = compared("one", FASTER, 6)
    viewer.goto(3)
    batch = Change(3, "batch_size", 4)
    viewer.set("batch_size", 4)
    assert "branch" in viewer.message
    assert second(viewer).settings["batch_size"] == 4
    viewer.step()
    assert_both_are_as_alone(viewer, batch)
    assert second(viewer).history.length == viewer.run.history.length == 4
    # What differs is the second run's own.
    viewer.set("learning_rate", 0.5)
    viewer.step()
    assert viewer.run.settings["learning_rate"] == 0.5
    assert second(viewer).settings["learning_rate"] == FASTER.value
    assert_both_are_as_alone(viewer, batch, Change(4, "learning_rate", 0.5))
    # A new run begins with both.
    viewer.set("seed", 7)
    assert viewer.run.trace.iteration == second(viewer).trace.iteration == 1
    assert second(viewer).recipe.seed == 7
    assert second(viewer).recipe.learning_rate == FASTER.value
    viewer.set("preset", "deep-relu")
    assert second(viewer).recipe.network == PRESETS["deep-relu"].network
    assert_both_are_as_alone(viewer)


def test_a_run_that_diverges_stays_behind_and_the_other_goes_on() -> None:
    viewer = compared("digits", Difference("learning_rate", 1e6))
    comparison: Comparison = viewer.run.companion
    while not comparison.failure:
        viewer.step()
    viewer.step()
    reached = second(viewer).trace.iteration
    assert viewer.run.trace.iteration == reached + 2
    assert "diverged" in comparison.failure
    assert viewer.look.beside is not None
    assert f"Run B ends after iteration {reached}: {comparison.failure}" == viewer.look.beside.said
    assert same(numbers(viewer), numbers(alone(viewer.run.recipe, reached + 2)))
    # Where both are they are compared again.
    viewer.goto(reached)
    assert comparison.failure == ""
    assert viewer.look.beside.other is not None
    viewer.step()
    assert second(viewer).trace.iteration == reached
    assert comparison.failure


def test_where_the_first_run_diverges_the_second_stays_too() -> None:
    viewer = viewer_of("digits", learning_rate=1e6)
    viewer.compare(Difference("learning_rate", 0.02))
    while not viewer.message:
        viewer.step()
    assert "diverged" in viewer.message
    assert second(viewer).trace.iteration == viewer.run.trace.iteration
    assert second(viewer).history.length == viewer.run.trace.iteration


def test_a_replay_in_which_one_run_diverges_arrives_with_the_other() -> None:
    viewer = viewer_of("digits")
    viewer.compare(Difference("learning_rate", 1e6))
    viewer.run.replay(viewer.run.recipe, 150)
    arrive(viewer)
    assert viewer.run.trace.iteration == 150
    assert "diverged" in viewer.run.companion.failure


def test_a_replay_leads_both_and_is_told_and_stopped_together() -> None:
    viewer = compared("one", FASTER)
    recipe = viewer.run.recipe
    viewer.run.replay(recipe, FAR, [Change(5, "batch_size", 2)])
    assert str(viewer.run.progress) == (
        f"Replaying both runs to iteration {FAR}: 1 of run A, 1 of run B done."
    )
    arrive(viewer)
    assert viewer.run.trace.iteration == second(viewer).trace.iteration == FAR
    assert_both_are_as_alone(viewer, Change(5, "batch_size", 2))
    viewer.run.extend(10 * FAR, [Change(5, "batch_size", 2)])
    for _ in range(3):
        viewer.go_on()
    assert viewer.run.replaying
    viewer.stop()
    assert not viewer.run.replaying
    assert not second(viewer).replaying
    here = viewer.run.trace.iteration
    assert FAR <= here < 10 * FAR
    assert second(viewer).trace.iteration == here
    viewer.step()
    assert second(viewer).trace.iteration == viewer.run.trace.iteration == here + 1


def test_a_comparison_begins_where_the_run_stands_and_can_be_stopped() -> None:
    viewer = viewer_of("one")
    viewer.run.replay(viewer.run.recipe, FAR, ())
    arrive(viewer)
    viewer.compare(FASTER)
    while viewer.run.replaying:
        assert viewer.look.beside is None
        viewer.go_on()
    assert viewer.run.trace.iteration == second(viewer).trace.iteration == FAR
    assert viewer.look.beside is not None
    viewer.compare(None)
    assert viewer.run.companion is None
    assert viewer.look.beside is None
    assert viewer.run.trace.iteration == FAR


def test_both_runs_together_meet_the_limits() -> None:
    recipe = PRESETS["digits"].recipe("digits")
    cost = Run(recipe).cost
    tight = Limits(round(1.5 * cost.bytes), 10**12)
    viewer = Viewer(Run(recipe, tight))
    viewer.compare(FASTER)
    assert viewer.message.startswith("There is no run B: ")
    assert "beside the run that it is compared with" in viewer.message
    # What cannot be compared is not begun, and no link promises it.
    assert viewer.run.companion is None
    assert viewer.look.beside is None
    assert "against" not in to_query(viewer.run, viewer.place)
    # The first goes on.
    viewer.run.advance()
    assert viewer.run.trace.iteration == 2
    # A batch that both cannot have is refused for both.
    viewer = Viewer(Run(recipe, replace(tight, bytes=round(2.2 * cost.bytes))))
    viewer.compare(FASTER)
    viewer.set("batch_size", 16)
    assert "beside the run" in viewer.message
    assert viewer.run.settings["batch_size"] == second(viewer).settings["batch_size"] == 8
    viewer.set("batch_size", 4)
    assert viewer.run.settings["batch_size"] == second(viewer).settings["batch_size"] == 4


def test_a_comparison_that_cannot_be_begun_leaves_the_one_before() -> None:
    viewer = compared("digits", FASTER, 2)
    digits, first = numbers(viewer), viewer.run.companion
    viewer.compare(Difference(NETWORK, "conv 4 k9, relu, flatten, linear {classes}"))
    assert viewer.message.startswith("There is no run B: ")
    assert viewer.run.companion is first
    assert same(numbers(viewer), digits)
    viewer.step()
    assert_both_are_as_alone(viewer)


def test_a_second_run_that_cannot_be_made_is_made_once_it_can() -> None:
    viewer = compared("digits", Difference(NETWORK, "conv 4 k7, relu, flatten, linear {classes}"))
    viewer.set("preset", "one")
    comparison: Comparison = viewer.run.companion
    assert comparison.run is None
    assert comparison.failure
    assert viewer.run.recipe.preset == "one"
    viewer.set("preset", "digits")
    assert comparison.failure == ""
    assert_both_are_as_alone(viewer)


@pytest.mark.parametrize("iteration", [1, 4])
def test_a_number_that_is_edited_is_edited_in_both(iteration: int) -> None:
    viewer = compared("one", FASTER, iteration)
    edit = parse("conv.weight:0,0,1,1:0.5")
    viewer.edit(edit)
    arrive(viewer)
    change = Change(iteration - 1, "edit", str(edit))
    assert viewer.run.changes == [change]
    assert second(viewer).changes == [change]
    viewer.step()
    at = second(viewer).trace.iteration
    assert at == viewer.run.trace.iteration == iteration + 1
    by_itself = Run(viewer.run.recipe.with_(learning_rate=0.2))
    by_itself.replay(by_itself.recipe, at, [change])
    while by_itself.replaying:
        by_itself.go_on_replaying()
    assert same(numbers(Viewer(second(viewer))), numbers(Viewer(by_itself)))
    viewer.undo()
    arrive(viewer)
    assert second(viewer).changes == []
    assert_both_are_as_alone(viewer)


def test_a_second_run_differs_by_an_edited_number() -> None:
    difference = Difference("edit", "conv.weight:0,0,1,1:0.5", at=0)
    viewer = compared("one", difference, 3)
    assert second(viewer).initial.values["conv", "weight"][0, 0, 1, 1] == 0.5
    assert viewer.run.initial.values["conv", "weight"][0, 0, 1, 1] != 0.5
    assert second(viewer).trace.iteration == 3
    viewer.goto(1)
    viewer.step()
    assert second(viewer).trace.iteration == viewer.run.trace.iteration == 2


MOVES = st.one_of(
    st.tuples(st.sampled_from(["step", "back"]), st.none()),
    st.tuples(st.just("goto"), st.integers(1, 9)),
    st.tuples(st.just("learning_rate"), st.sampled_from([0.01, 0.3])),
    st.tuples(st.just("batch_size"), st.integers(1, 5)),
    st.tuples(st.just("seed"), st.integers(0, 3)),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    difference=st.sampled_from(
        [FASTER, Difference("batch_size", 2), Difference("learning_rate", 0.3, at=2)]
    ),
    moves=st.lists(MOVES, max_size=12),
)
def test_whatever_is_done_both_stand_together(
    difference: Difference, moves: list[tuple[str, float]]
) -> None:
    viewer = compared("one", difference)
    for action, value in moves:
        if action in ("step", "back"):
            getattr(viewer, action)()
        elif action == "goto":
            viewer.goto(int(value))
        else:
            viewer.set(action, value)
        arrive(viewer)
    assert_both_are_as_alone(viewer, *viewer.run.changes)
    np.testing.assert_array_equal(second(viewer).trace.iteration, viewer.run.trace.iteration)

"""What a replay has undone is made again: a run that was begun, or a change that a link brought."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.viz_app.viewers import arrive, numbers, opened, own_data, same, viewer_of
from viz_app.run.edits.edit import parse
from viz_app.viewer import Viewer

EDIT = parse("conv1.weight:0,0,1,1:0.5")


def trained(iterations: int) -> Viewer:
    viewer = viewer_of()
    for _ in range(iterations - 1):
        viewer.step()
    return viewer


def undone(viewer: Viewer) -> None:
    viewer.undo()
    arrive(viewer)


def redone(viewer: Viewer) -> None:
    assert viewer.offers_redo
    viewer.redo()
    arrive(viewer)


@pytest.mark.parametrize("steps", [0, 3])
def test_a_new_run_is_begun_again(steps: int) -> None:
    viewer = trained(4)
    viewer.set("seed", 7)
    for _ in range(steps):
        viewer.step()
    before, old = numbers(viewer), viewer.run.undoable
    undone(viewer)
    assert viewer.trace.iteration == 4
    redone(viewer)
    assert viewer.message == "Redone: seed 7."
    assert same(numbers(viewer), before)
    assert viewer.run.settings["seed"] == 7
    # And undone again.
    assert viewer.run.undoable is old
    undone(viewer)
    assert viewer.run.settings["seed"] == 0
    assert viewer.trace.iteration == 4


@pytest.mark.parametrize("iteration", [1, 5, 60])
def test_a_change_that_a_link_brought_is_made_again(iteration: int) -> None:
    viewer = trained(iteration)
    viewer.edit(EDIT)
    other = opened(viewer)
    before = numbers(other)
    undone(other)
    assert other.run.changes == []
    redone(other)
    assert other.message == f"Redone: {EDIT.words}."
    assert other.run.changes == viewer.run.changes
    assert same(numbers(other), before)
    # Nothing is left to be made again.
    assert other.run.redoable is None


def test_runs_are_begun_again_one_after_the_other() -> None:
    viewer = trained(2)
    viewer.set("seed", 7)
    viewer.step()
    viewer.set("optimizer", "adam")
    last = numbers(viewer)
    undone(viewer)
    undone(viewer)
    redone(viewer)
    assert (viewer.run.settings["seed"], viewer.run.recipe.optimizer) == (7, "sgd momentum 0.9")
    viewer.redo()
    arrive(viewer)
    assert same(numbers(viewer), last)


@pytest.mark.parametrize("meanwhile", ["step", "edit", "seed"])
def test_nothing_is_made_again_where_one_went_on(meanwhile: str) -> None:
    viewer = trained(3)
    viewer.set("seed", 7)
    undone(viewer)
    ways: dict[str, Callable[[], object]] = {
        "step": viewer.step,
        "edit": lambda: viewer.edit(EDIT),
        "seed": lambda: viewer.set("seed", 8),
    }
    ways[meanwhile]()
    before = numbers(viewer)
    assert viewer.run.redoable is None
    viewer.redo()
    assert viewer.message == "Nothing that was undone can be made again here."
    assert same(numbers(viewer), before)


def test_own_data_are_missed_before_the_first_step_too() -> None:
    viewer = viewer_of()
    viewer.use_data(own_data())
    data = viewer.run.data
    viewer.forget_data()
    assert viewer.run.data is not data
    assert viewer.offers_undo
    undone(viewer)
    assert viewer.run.data is data

"""What a replay has undone is made again: a run that was begun, or a change that a link brought."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.viz_app.viewers import arrive, numbers, opened, own_data, same, trained, viewer_of
from viz_app.compare.difference import Difference
from viz_app.run.edits.edit import parse
from viz_app.run.past.undo import redoable, undoable
from viz_app.viewer import Viewer

FASTER = Difference("learning_rate", 0.2)
EDIT = parse("conv1.weight:0,0,1,1:0.5")


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
    before, old = numbers(viewer), undoable(viewer.run)
    undone(viewer)
    assert viewer.trace.iteration == 4
    redone(viewer)
    assert viewer.message == "Redone: seed 7."
    assert same(numbers(viewer), before)
    assert viewer.run.settings["seed"] == 7
    # And undone again.
    assert undoable(viewer.run) is old
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
    assert redoable(other.run) is None


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
    assert redoable(viewer.run) is None
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


@pytest.mark.parametrize("way", ["undo", "redo"])
def test_what_was_left_can_be_gone_to_if_the_way_is_stopped(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = viewer_of("one")
    for _ in range(120):
        viewer.run.advance()
    viewer.set("seed", 7)
    for _ in range(150):
        viewer.run.advance()
    seven = numbers(viewer)
    viewer.undo()
    if way == "redo":
        arrive(viewer)
        viewer.redo()
    # However fast the machine is, it is not there at once.
    with monkeypatch.context() as slowly:
        slowly.setattr("viz_app.run.replay.SLICE", 0)
        viewer.go_on()
    assert viewer.run.replaying
    viewer.stop()
    assert viewer.trace.iteration < 120
    assert redoable(viewer.run) is not None
    viewer.redo()
    arrive(viewer)
    assert same(numbers(viewer), seven)


def test_the_end_of_a_comparison_is_undone_behind_what_came_later_and_made_again() -> None:
    viewer = trained(2)
    viewer.edit(EDIT)
    viewer.compare(FASTER)
    viewer.step()
    before = numbers(viewer)
    viewer.compare(None)
    viewer.set("seed", 7)
    undone(viewer)
    assert viewer.against is None
    assert same(numbers(viewer), before)
    undone(viewer)
    assert viewer.message == "Undone: the end of the comparison."
    assert viewer.against == FASTER
    assert viewer.look.beside.trace.iteration == viewer.trace.iteration == 3
    assert same(numbers(viewer), before)
    redone(viewer)
    assert viewer.against is None
    assert same(numbers(viewer), before)


def test_nobody_is_asked_while_the_run_is_on_its_way() -> None:
    viewer = viewer_of("one")
    viewer.compare(FASTER)
    for _ in range(150):
        viewer.step()
    viewer.compare(None)
    viewer.goto(20)
    if viewer.run.replaying:
        viewer.undo()
        arrive(viewer)
    assert viewer.can_undo
    undone(viewer)
    assert viewer.against == FASTER


def test_a_swap_is_made_again_with_the_same_two_runs() -> None:
    viewer = trained(2)
    viewer.compare(FASTER)
    viewer.swap()
    arrive(viewer)
    swapped, other = numbers(viewer), viewer.look.beside.trace.loss
    viewer.compare(None)
    viewer.reset()
    for _ in range(3):
        undone(viewer)
    assert viewer.against == FASTER
    viewer.redo()
    arrive(viewer)
    assert viewer.message == "Redone: swapping A and B."
    assert same(numbers(viewer), swapped)
    assert viewer.look.beside.trace.loss == other != viewer.trace.loss


def test_second_runs_that_were_left_are_not_kept() -> None:
    viewer = trained(2)
    viewer.compare(FASTER)
    for _ in range(4):
        viewer.swap()
        arrive(viewer)
    kept = viewer.run.past.left
    assert len(kept) == 4
    assert [getattr(one.companion, "run", "none") for one in kept] == [None] * 4


def test_runs_on_the_same_data_hold_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = own_data()
    size = data.train.images.nbytes + data.test.images.nbytes
    monkeypatch.setattr("viz_app.run.past.runs.RUN_BUDGET", 1.5 * size)
    viewer = viewer_of()
    viewer.use_data(data)
    for _ in range(4):
        viewer.step()
        viewer.reset()
    assert len(viewer.run.past.left) == 4


def test_removed_data_do_not_come_back_by_undoing_something_else() -> None:
    viewer = viewer_of()
    viewer.use_data(own_data())
    viewer.step()
    viewer.set("dataset", "digits")
    viewer.forget_data()
    assert (viewer.run.own, viewer.can_undo, redoable(viewer.run)) == (None, False, None)
    # And where the removal is made again, they are removed again.
    viewer.use_data(own_data())
    viewer.step()
    viewer.forget_data()
    undone(viewer)
    assert viewer.run.own is viewer.run.data
    redone(viewer)
    assert viewer.run.own is None

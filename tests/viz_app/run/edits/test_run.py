"""Edits as changes of a run: branch, replay, address, undo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import DivergenceError
from tests.viz_app.viewers import Numbers, arrive, numbers, opened, same, viewer_of
from viz_app.place import address
from viz_app.place.place import Place
from viz_app.run.anew.setting import change_setting
from viz_app.run.edits.edit import parse
from viz_app.run.past.undo import undoable
from viz_app.run.replay import Change
from viz_app.run.run import Run
from viz_app.viewer import Viewer

EDIT = parse("conv1.weight:0,0,1,1:0.5")


def trained(iterations: int, preset: str = "digits") -> Viewer:
    viewer = viewer_of(preset)
    for _ in range(iterations - 1):
        viewer.run.advance()
    return viewer


def whole(run: Run) -> list[object]:
    history = run.history
    return [
        *(history.length, list(history.losses), list(history.accuracies), history.old_losses),
        *(list(run.changes), run.fingerprint, run.trace.iteration, dict(run.settings)),
    ]


@pytest.mark.parametrize("iteration", [1, 2, 5])
def test_an_edit_begins_the_iteration_in_sight_anew(iteration: int) -> None:
    viewer = trained(8)
    losses = list(viewer.run.history.losses)
    viewer.goto(iteration)
    assert viewer.edit(EDIT)
    run = viewer.run
    assert run.changes == [Change(iteration - 1, "edit", str(EDIT))]
    assert viewer.trace.iteration == run.history.length == iteration
    assert viewer.trace.layers["conv1"].params["weight"].value[0, 0, 1, 1] == 0.5
    assert run.history.losses[:-1] == losses[: iteration - 1]
    assert viewer.trace.loss != losses[iteration - 1]
    assert run.history.old_losses == [losses]
    assert "the old run stays as a faint curve" in viewer.message
    assert viewer.offers_undo


@pytest.mark.parametrize("iteration", [1, 2, 60])
def test_a_link_shows_the_same_numbers_bit_by_bit(iteration: int) -> None:
    viewer = trained(iteration)
    viewer.edit(EDIT)
    viewer.edit(parse("bn1.running_var:2:0.7"))
    viewer.edit(parse("conv2.weight:1,3:blur"))
    change_setting(viewer.run, "learning_rate", 0.03)
    viewer.edit(parse("linear.bias:0:-1.25"), behind=True)
    for _ in range(3):
        other = opened(viewer)
        assert same(numbers(other), numbers(viewer))
        assert other.run.changes == viewer.run.changes
        assert other.run.fingerprint == viewer.run.fingerprint
        assert all(map(np.array_equal, other.run.initial.values.values(),
                       viewer.run.initial.values.values()))  # fmt: skip
        viewer.run.advance()


def test_going_back_and_forth_meets_the_same_numbers() -> None:
    viewer = trained(4)
    viewer.edit(EDIT)
    seen: dict[int, Numbers] = {4: numbers(viewer)}
    for iteration in range(5, 120):
        viewer.run.advance()
        seen[iteration] = numbers(viewer)
    for iteration in (4, 119, 5, 60, 4):
        viewer.goto(iteration)
        arrive(viewer)
        assert same(numbers(viewer), seen[iteration])


def test_undo_gives_the_run_before_bit_by_bit() -> None:
    viewer = trained(30)
    run = viewer.run
    change_setting(viewer.run, "learning_rate", 0.05)
    for _ in range(5):
        run.advance()
    last = numbers(viewer)
    viewer.goto(12)
    before, seen = whole(run), numbers(viewer)
    viewer.edit(EDIT)
    run.advance()
    viewer.edit(parse("conv2.weight:0,0:identity"))
    run.advance()
    viewer.undo()
    assert viewer.trace.iteration == 13
    viewer.undo()
    assert whole(run) == before
    assert same(numbers(viewer), seen)
    assert viewer.message == f"Undone: {EDIT.words}."
    viewer.goto(35)
    arrive(viewer)
    assert same(numbers(viewer), last)


def test_a_setting_is_undone_like_a_number() -> None:
    viewer = trained(3)
    before = whole(viewer.run)
    viewer.set("learning_rate", 0.5)
    viewer.undo()
    assert whole(viewer.run) == before
    viewer.undo()
    assert viewer.message == "There is no change to be undone."


def test_what_a_link_has_brought_is_undone_by_a_replay() -> None:
    viewer, plain = trained(5), trained(6)
    viewer.edit(EDIT)
    viewer.run.advance()
    other = opened(viewer)
    other.undo()
    arrive(other)
    assert other.run.changes == []
    assert same(numbers(other), numbers(plain))


def test_a_drag_is_one_change() -> None:
    viewer = trained(5)
    before = whole(viewer.run)
    made = None
    for k in range(10):
        value = parse(f"conv1.weight:0,0,1,1:{k / 10!r}")
        assert viewer.edit(value, amend=made, live=True)
        made = undoable(viewer.run)
        assert viewer.trace.layers["conv1"].params["weight"].value[0, 0, 1, 1] == k / 10
    assert viewer.message == ""
    assert viewer.run.changes == [Change(4, "edit", "conv1.weight:0,0,1,1:0.9")]
    assert same(numbers(opened(viewer)), numbers(viewer))
    viewer.undo()
    assert whole(viewer.run) == before


def test_an_edit_that_counts_later_takes_the_place_of_one_that_counted_at_once() -> None:
    viewer = trained(5)
    before = numbers(viewer)
    viewer.edit(EDIT)
    viewer.edit(EDIT, behind=True, amend=undoable(viewer.run))
    assert viewer.run.changes == [Change(5, "edit", str(EDIT))]
    # All but the params behind the iteration.
    assert same(numbers(viewer)[:3], before[:3])
    assert same(numbers(opened(viewer)), numbers(viewer))


@pytest.mark.parametrize("meanwhile", ["rate", "step", "undo", "redo", "edit", "there and back"])
def test_what_was_done_since_is_not_amended(meanwhile: str) -> None:
    viewer = trained(3)
    viewer.set("batch_size", 16)
    viewer.edit(EDIT)
    made = undoable(viewer.run)
    other = parse("linear.bias:0:0.25")
    acts: dict[str, list[Callable[[], object]]] = {
        "rate": [lambda: viewer.set("learning_rate", 0.5)],
        "step": [viewer.step],
        "undo": [viewer.undo],
        "redo": [viewer.undo, viewer.redo],
        "edit": [lambda: viewer.edit(other)],
        "there and back": [viewer.step, viewer.back],
    }
    for act in acts[meanwhile]:
        act()
    changes, iteration = list(viewer.run.changes), viewer.trace.iteration
    assert viewer.edit(parse("conv1.weight:0,0,2,2:0.75"), amend=made), viewer.message
    new = Change(iteration - 1, "edit", "conv1.weight:0,0,2,2:0.75")
    assert set(viewer.run.changes) == {*changes, new}
    assert same(numbers(opened(viewer)), numbers(viewer))
    viewer.undo()
    assert viewer.run.changes == changes


def test_changes_behind_the_iteration_count_as_before() -> None:
    viewer = trained(5)
    viewer.set("learning_rate", 0.5)
    viewer.edit(EDIT)
    assert [change.at for change in viewer.run.changes] == [4, 5]
    assert viewer.run.settings["learning_rate"] == 0.5
    viewer.run.advance()
    assert viewer.trace.lr == 0.5


def test_an_edit_behind_the_iteration_counts_from_the_next_one_on() -> None:
    viewer = trained(5)
    trace = viewer.trace
    viewer.edit(EDIT, behind=True)
    assert viewer.trace is trace
    assert "from iteration 6 on" in viewer.message
    viewer.run.advance()
    assert viewer.trace.layers["conv1"].params["weight"].value[0, 0, 1, 1] == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "conv1.weight:0,0,9,9:0.5",
        "conv9.weight:0,0,0,0:1",
        "bn1.running_var:0:-1",
        # The forward pass is not finite any more.
        "linear.bias:0:1e308",
    ],
)
@pytest.mark.parametrize("amend", [False, True])
def test_a_refused_edit_changes_nothing(text: str, amend: bool) -> None:
    viewer = trained(5)
    viewer.goto(4)
    if amend:
        viewer.edit(EDIT)
    before, seen, trace = whole(viewer.run), numbers(viewer), viewer.trace
    try:
        done = viewer.run.edit(parse(text), amend=undoable(viewer.run) if amend else None)
    except (ValueError, DivergenceError):
        assert viewer.trace is trace
        assert whole(viewer.run) == before
        assert same(numbers(viewer), seen)
    else:
        assert done
        pytest.fail("it was not refused")


def test_a_link_names_and_leaves_out_what_the_network_does_not_have() -> None:
    viewer = trained(3)
    viewer.edit(EDIT)
    query = address.text(address.to_query(viewer.run, Place()))
    wrong = query.replace("changes=", "changes=0:edit:conv7.weight:0:1;1:edit:conv1.weight:0:5;")
    moment = address.read(address.parse(wrong))
    assert [change.at for change in moment.changes] == [2]
    assert "there is no layer conv7" in moment.wrong[0]
    assert "give 4 indices" in moment.wrong[1]


def test_key_frames_of_an_edited_run_are_its_own() -> None:
    viewer, other = trained(3), trained(3)
    viewer.edit(EDIT)
    again = opened(viewer)
    frame = viewer.run.history.key_frame(2)
    assert frame.iteration == 2
    assert again.run.planned == viewer.run.planned
    assert address.words_of(viewer.run.recipe, viewer.run.planned) != address.words_of(
        other.run.recipe, other.run.planned
    )

"""The field on the board: what it opens for, and what it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.inspect.cell import Cell, cell_value
from tests.viz_app.viewers import numbers, same, viewer_of
from viz_app.components.board.board import Board
from viz_app.controls.editing import Editing
from viz_app.cover.covered import Covered
from viz_app.place.address import MOST_CHANGES
from viz_app.probe.probe import Probe
from viz_app.run.edits.changes import EDIT
from viz_app.run.edits.edit import parse
from viz_app.run.past.undo import redoable
from viz_app.run.replay import Change
from viz_app.viewer import Viewer


def field_at(viewer: Viewer, array: str, *index: int) -> tuple[Editing, Board]:
    board = Board()
    editing = Editing(viewer, board)
    viewer.go_to_stage(0, 0)
    viewer.select(array, index, {})
    editing.begin()
    return editing, board


def test_what_is_entered_is_a_change_and_closes_the_field() -> None:
    viewer = viewer_of("one")
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    number = board.editing["number"]
    assert board.editing["name"] == "conv.weight[0, 0, 1, 1]"
    editing.hear(number, "lots")
    assert board.editing["refused"].startswith("The value is lots")
    assert viewer.run.changes == []
    editing.hear(number, "0.25", live=True)
    editing.hear(number, "0.5")
    assert board.editing == {}
    assert [change.value for change in viewer.run.changes] == ["conv.weight:0,0,1,1:0.5"]
    # What is said of a field that is closed is dropped.
    editing.hear(number, "7")
    assert len(viewer.run.changes) == 1


def test_cancelling_takes_back_what_was_tried() -> None:
    viewer = viewer_of("one")
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    loss = viewer.trace.loss
    editing.hear(board.editing["number"], "9", live=True)
    assert viewer.trace.loss != loss
    editing.hear(board.editing["number"], cancel=True)
    assert viewer.trace.loss == loss
    assert viewer.run.changes == []
    assert viewer.message == ""


def test_what_is_left_in_the_field_for_a_step_is_done_and_said() -> None:
    viewer = viewer_of("one")
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    editing.hear(board.editing["number"], "0.5", left=True)
    viewer.step()
    assert viewer.trace.iteration == 2
    assert [change.value for change in viewer.run.changes] == ["conv.weight:0,0,1,1:0.5"]
    assert viewer.message == "conv.weight[0, 0, 1, 1] = 0.5."
    assert viewer.offers_undo
    viewer.undo()
    assert (viewer.run.changes, viewer.trace.iteration) == ([], 1)
    assert viewer.message == "Undone: conv.weight[0, 0, 1, 1] = 0.5."
    viewer.step()
    assert viewer.message == ""
    # What was entered was read before.
    viewer.edit(parse("conv.weight:0,0,1,1:0.25"))
    viewer.step()
    assert viewer.message == ""


def test_what_is_left_in_the_field_and_is_no_number_is_said_where_the_field_goes() -> None:
    viewer = viewer_of("one")
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    editing.hear(board.editing["number"], "lots", left=True)
    assert board.editing["refused"].startswith("The value is lots")
    assert viewer.message == ""
    viewer.step()
    assert board.editing == {}
    assert (viewer.run.changes, viewer.is_refusal) == ([], True)
    assert viewer.message.startswith("The value is lots")


ACTS: dict[str, Callable[[Viewer], object]] = {
    "step": lambda viewer: viewer.step(),
    "undo": lambda viewer: viewer.undo(),
    "begin anew": lambda viewer: viewer.reset(),
    "rate": lambda viewer: viewer.set("learning_rate", 0.125),
    "preset": lambda viewer: viewer.set("preset", "digits"),
    "seed": lambda viewer: viewer.set("seed", 5),
    "probe": lambda viewer: viewer.ask(Probe("test", number=1)),
    "edit": lambda viewer: viewer.edit(parse("linear.bias:0:0.5")),
    "lesson": lambda viewer: viewer.cover(Covered(relations=True)),
    "replay": lambda viewer: viewer.run.replay(viewer.run.recipe, 40),
    "other stage": lambda viewer: viewer.go_to_stage(2),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("is_touched", [False, True])
def test_the_field_closes_where_something_else_is_done(act: str, is_touched: bool) -> None:
    viewer = viewer_of("one")
    viewer.set("learning_rate", 0.5)
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    number = board.editing["number"]
    if is_touched:
        editing.hear(number, "0.25", live=True)
    assert board.editing["number"] == number
    ACTS[act](viewer)
    assert board.editing == {}
    changes = list(viewer.run.changes)
    editing.hear(number, "0.75")
    editing.hear(number, cancel=True)
    assert viewer.run.changes == changes


def test_the_field_closes_where_a_change_is_made_again() -> None:
    viewer = viewer_of("one")
    viewer.set("learning_rate", 0.5)
    viewer.undo()
    _, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    viewer.redo()
    assert board.editing == {}


def test_a_field_that_somebody_else_s_change_closed_loses_nothing() -> None:
    viewer = viewer_of("one")
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    editing.hear(board.editing["number"], "0.25", live=True)
    viewer.set("learning_rate", 0.125)
    assert [change.name for change in viewer.run.changes] == ["edit", "learning_rate"]
    viewer.undo()
    assert [str(change.value) for change in viewer.run.changes] == ["conv.weight:0,0,1,1:0.25"]


def test_the_number_as_it_was_is_no_change() -> None:
    viewer = viewer_of("one")
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    editing.hear(board.editing["number"], board.editing["value"])
    assert board.editing == {}
    assert viewer.run.changes == []


def test_a_training_image_is_not_changed_and_a_probe_is() -> None:
    viewer = viewer_of("one")
    _, board = field_at(viewer, "X_in", 0, 0, 2, 3)
    assert board.editing == {}
    assert "a pixel of a training image" in viewer.message
    viewer.ask(Probe("test", number=1))
    run_loss = viewer.run.trace.loss
    editing, board = field_at(viewer, "X_in", 0, 0, 2, 3)
    assert board.editing["name"] == "pixel [0, 2, 3] of test image 1"
    before = viewer.trace.loss
    editing.hear(board.editing["number"], "0.75", live=True)
    cell = viewer.cell
    assert cell is not None
    assert cell_value(viewer.trace, cell) == 0.75
    assert viewer.trace.loss != before
    editing.hear(board.editing["number"], cancel=True)
    assert viewer.trace.loss == before
    editing, board = field_at(viewer, "X_in", 0, 0, 2, 3)
    editing.hear(board.editing["number"], "0.5")
    assert viewer.probe is not None
    assert viewer.probe.edits == (((0, 2, 3), 0.5),)
    assert viewer.run.trace.loss == run_loss
    assert viewer.run.changes == []


def test_a_weight_is_changed_while_a_probe_is_in_sight() -> None:
    viewer = viewer_of("one")
    viewer.ask(Probe("test", number=1))
    before = viewer.trace.loss
    editing, board = field_at(viewer, "kernels", 0, 0, 1, 1)
    editing.hear(board.editing["number"], "0.5")
    assert viewer.probe is not None
    assert viewer.trace.layers["conv"].params["weight"].value[0, 0, 1, 1] == 0.5
    assert viewer.trace.loss != before
    viewer.undo()
    assert viewer.trace.loss == before


def pixel_of(viewer: Viewer) -> Editing:
    """A field at a pixel of the probe in sight."""
    editing, _ = field_at(viewer, "X_in", 0, 0, 2, 3)
    return editing


def test_a_pixel_is_undone_as_a_weight_is_the_last_change_first() -> None:
    viewer = viewer_of("one")
    viewer.ask(Probe("test", number=1))
    first = viewer.probe
    pixel_of(viewer).hear(1, "0.5")
    assert viewer.message == "Pixel [0, 2, 3] of test image 1 = 0.5."
    assert viewer.offers_undo
    second = viewer.probe
    viewer.edit(parse("conv.weight:0,0,0,0:0.25"))
    pixel_of(viewer).hear(1, "0.75")
    viewer.undo()
    assert viewer.message == "Undone: pixel [0, 2, 3] of test image 1 = 0.75."
    assert viewer.probe == second
    viewer.undo()
    assert viewer.run.changes == []
    assert viewer.probe == second
    viewer.undo()
    assert viewer.probe == first
    assert not viewer.can_undo


def test_what_was_tried_of_a_pixel_is_one_change_or_none() -> None:
    viewer = viewer_of("one")
    viewer.ask(Probe("test", number=1))
    first = viewer.probe
    editing = pixel_of(viewer)
    for text in ("0.5", "0.6"):
        editing.hear(1, text, live=True)
    editing.hear(1, cancel=True)
    assert viewer.probe == first
    assert not viewer.can_undo
    editing = pixel_of(viewer)
    for text in ("0.5", "0.6"):
        editing.hear(1, text, live=True)
    editing.hear(1, "0.6")
    viewer.undo()
    assert viewer.probe == first
    assert not viewer.can_undo


def test_a_pixel_is_no_kernel() -> None:
    viewer = viewer_of("one")
    viewer.ask(Probe("test", number=1))
    editing, board = field_at(viewer, "X_in", 0, 0, 2, 3)
    editing.hear(board.editing["number"], "blur")
    # It is said beside the number, and nowhere else.
    assert viewer.message == ""
    assert board.editing["refused"] == (
        "Pixel [0, 2, 3] of test image 1 is a single number, and blur is the name of a kernel: "
        "expected a number, such as 0.5."
    )
    assert viewer.probe == Probe("test", number=1)


def test_more_changes_than_a_link_repeats_are_told() -> None:
    viewer = viewer_of("one")
    changes = [Change(0, EDIT, f"linear.bias:0:{k}.5") for k in range(MOST_CHANGES - 1)]
    viewer.run.changes = changes
    viewer.edit(parse("conv.weight:0,0,0,0:0.25"))
    assert "A link" not in viewer.message
    viewer.edit(parse("conv.weight:0,0,0,1:0.25"))
    assert viewer.message == (
        "conv.weight[0, 0, 0, 1] = 0.25. A link repeats only the first 200 of 201 changes."
    )


def test_what_was_undone_is_made_again_bit_by_bit() -> None:
    viewer = viewer_of("one")
    for _ in range(3):
        viewer.step()
    made = [numbers(viewer)]
    viewer.edit(parse("conv.weight:0,0,0,0:0.25"))
    made.append(numbers(viewer))
    viewer.set("learning_rate", 0.01)
    viewer.edit(parse("linear.bias:0:0.5"), behind=True)
    changes = list(viewer.run.changes)
    made.append(numbers(viewer))
    for _ in range(3):
        viewer.undo()
    assert same(numbers(viewer), made[0])
    assert viewer.offers_redo
    viewer.redo()
    assert viewer.message == "Redone: conv.weight[0, 0, 0, 0] = 0.25."
    assert viewer.offers_undo
    assert same(numbers(viewer), made[1])
    viewer.redo()
    viewer.redo()
    assert viewer.run.changes == changes
    assert same(numbers(viewer), made[2])
    viewer.redo()
    assert viewer.message == "Nothing that was undone can be made again here."
    viewer.undo()
    viewer.edit(parse("linear.bias:0:0.75"), behind=True)
    assert redoable(viewer.run) is None


def test_a_pixel_is_redone() -> None:
    viewer = viewer_of("one")
    viewer.ask(Probe("test", number=1))
    pixel_of(viewer).hear(1, "0.5")
    changed = viewer.probe
    viewer.undo()
    assert viewer.offers_redo
    viewer.redo()
    assert viewer.probe == changed
    assert viewer.offers_undo
    viewer.undo()
    assert viewer.probe == Probe("test", number=1)


def test_a_computed_number_is_named_without_raw_notation() -> None:
    viewer = viewer_of("one")
    viewer.visit(Cell("forward", "conv", "X_out", (0, 0, 0, 0)))
    Editing(viewer, Board()).begin()
    assert "is computed, from K, X(col) and b: change K or b" in viewer.message
    assert "^" not in viewer.message
    viewer.change(notation="partial")
    viewer.visit(Cell("backward", "conv", "g_weight", (0, 0, 0, 0)))
    Editing(viewer, Board()).begin()
    assert viewer.message.startswith("∂L/∂K of conv")

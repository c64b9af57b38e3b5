"""The field on the board: what it opens for, and what it does."""

from __future__ import annotations

from core.inspect.cell import cell_value
from tests.viz_app.viewers import viewer_of
from viz_app.components.board.board import Board
from viz_app.controls.editing import Editing
from viz_app.probe.probe import Probe
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

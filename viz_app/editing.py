"""The field on the board in which a number is changed."""

from __future__ import annotations

from typing import Any

from core.inspect.cell import Cell
from viz_app.components.board.board import Board
from viz_app.run.edits.edit import value_of
from viz_app.run.edits.kernels import KERNELS, RANDOM
from viz_app.run.edits.target import Target, target_of
from viz_app.viewer import COVERED, Viewer
from viz_app.watch import watch

# Of an array that the iteration has changed.
BEHIND = "counts from the next iteration on"


class Editing:
    """Opens a field at the selected cell, and does what is entered there.

    What is changed before the field is closed is one change of the run.

    Args:
        viewer: who looks.
        board: where the field is shown.
    """

    def __init__(self, viewer: Viewer, board: Board) -> None:
        self._viewer, self._board = viewer, board
        self._cell: Cell | None = None
        self._target: Target | None = None
        # Whether something was changed since the field was opened.
        self._touched = False
        # Which field is open, and how often it was answered.
        self._number = self._answered = 0
        watch(viewer, ["look"], lambda *_: self._follow())

    def begin(self) -> None:
        """Open the field at the selected cell, or say why its number cannot be changed."""
        viewer, cell = self._viewer, self._viewer.cell
        if cell is None or viewer.run.replaying:
            return
        self._close()
        if viewer.covered:
            viewer.refuse(COVERED, "edit")
            return
        try:
            target = target_of(viewer.trace, cell)
        except ValueError as error:
            viewer.refuse(str(error), "edit")
            return
        viewer.playing = False
        self._cell, self._target, self._touched = cell, target, False
        self._number += 1
        self._show(target.number)

    def hear(self, number: int, value: str = "", live: bool = False, cancel: bool = False) -> None:
        """Answer the field.

        Args:
            number: of the field.
            value: what was entered.
            live: whether more may follow; otherwise the field is closed once it is done.
            cancel: whether to close it and leave the number as it was.
        """
        target = self._target
        if target is None or number != self._number:
            return
        if cancel:
            touched = self._touched
            self._close()
            if touched:
                self._viewer.undo()
                self._viewer.close_message()
            return
        self._answered += 1
        refused = self._put(target, value, live)
        if refused or live:
            self._show(value, refused)
        else:
            self._close()

    def _put(self, target: Target, text: str, live: bool) -> str:
        """Change the number; return why not, or nothing."""
        viewer = self._viewer
        try:
            value = value_of(text)
        except ValueError as error:
            return f"{error}."[0].upper() + f"{error}."[1:]
        if not self._touched and text.strip() == target.number:
            return ""
        done = viewer.edit(target.edit(value), behind=target.behind, amend=self._touched, live=live)
        self._touched = self._touched or done
        return "" if done else viewer.message

    def _show(self, value: str, refused: str = "") -> None:
        target, cell = self._target, self._cell
        assert target is not None
        assert cell is not None
        self._board.editing = self.message(target, cell, value, refused)

    def message(self, target: Target, cell: Cell, value: str, refused: str = "") -> dict[str, Any]:
        """Return what the browser shows: the cell, what stands in the field, and a step of it."""
        kernels = [*KERNELS, f"{RANDOM}{self._number}"] if target.is_kernel else []
        return {
            "number": self._number,
            "answered": self._answered,
            "key": cell.array,
            "index": list(cell.index),
            "name": target.edit(0.0).place,
            "value": value,
            "step": target.step,
            "kernels": kernels,
            "note": BEHIND if target.behind else "",
            "refused": refused,
        }

    def _close(self) -> None:
        self._cell = self._target = None
        if self._board.editing:
            self._board.editing = {}

    def _follow(self) -> None:
        """Close the field where another number is in sight."""
        if self._cell is not None and self._viewer.cell != self._cell:
            self._close()

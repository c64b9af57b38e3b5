"""The field on the board in which a number is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from core.inspect.cell import Cell, array_at
from viz_app.components.board.board import Board
from viz_app.probe.probe import Probe
from viz_app.run.edits.edit import value_of
from viz_app.run.edits.kernels import KERNELS, RANDOM
from viz_app.run.edits.target import Target, pixel_of, target_of
from viz_app.run.past.runs import Left
from viz_app.run.past.undo import undoable
from viz_app.run.replay import Change
from viz_app.style.notation import plain
from viz_app.viewer import COVERED, Viewer
from viz_app.watch import watch
from viz_app.words import capital, sentence

# Of an array that the iteration has changed.
BEHIND = "counts from the next iteration on"


class Editor(Protocol):
    """Changes one number."""

    @property
    def name(self) -> str:
        """Which number it is."""

    @property
    def number(self) -> str:
        """The number with all its digits."""

    @property
    def note(self) -> str:
        """What to say beside the field; empty as a rule."""

    @property
    def step(self) -> float:
        """What a press of an arrow adds."""

    @property
    def kernels(self) -> Sequence[str]:
        """Names of kernels that can be put there as a whole."""

    def put(self, viewer: Viewer, value: float | str, live: bool) -> bool:
        """Change it; return whether it was done, otherwise the viewer's message says why not.

        Args:
            viewer: who looks.
            value: the number, or the name of a kernel.
            live: whether it will be changed again.
        """

    def take_back(self, viewer: Viewer) -> None:
        """Leave the number as it was before it was changed."""


class OfModel:
    """Changes a number of the model, as a change of the run."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.name, self.number, self.step = target.edit(0.0).place, target.number, target.step
        self.note = BEHIND if target.behind else ""
        self.kernels = (*KERNELS, RANDOM) if target.is_kernel else ()
        # What undo would take back of what this has made.
        self._made: Change | Left | None = None

    def put(self, viewer: Viewer, value: float | str, live: bool) -> bool:
        """Make a change of the run, or another one in its place; see `Editor.put`."""
        edit, behind = self._target.edit(value), self._target.behind
        done = viewer.edit(edit, behind=behind, amend=self._made, live=live)
        if done:
            self._made = undoable(viewer.run)
        return done

    def take_back(self, viewer: Viewer) -> None:
        """Undo the change of the run."""
        if undoable(viewer.run) is self._made:
            viewer.undo()
            viewer.close_message()


@dataclass
class OfProbe:
    """Changes a pixel of the picture that the network is asked about; the run stays as it is."""

    probe: Probe
    index: tuple[int, ...]
    number: str
    step: float
    note: str = ""
    kernels: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Which pixel it is."""
        return f"pixel [{', '.join(map(str, self.index[1:]))}] of {self.probe.origin}"

    def put(self, viewer: Viewer, value: float | str, live: bool) -> bool:
        """Ask about a picture with another pixel; see `Editor.put`."""
        if isinstance(value, str):
            viewer.refuse(
                f"{capital(self.name)} is a single number, and {value} is the name of a kernel: "
                "expected a number, such as 0.5.",
                "edit",
            )
            return False
        try:
            changed = self.probe.with_pixel(self.index, value)
        except ValueError as error:
            viewer.say(error, "edit")
            return False
        return viewer.retouch(self.probe, changed, f"{self.name} = {value!r}", live)

    def take_back(self, viewer: Viewer) -> None:
        """Ask about the picture as it was."""
        viewer.undo()
        viewer.close_message()


def editor_of(viewer: Viewer, cell: Cell) -> Editor:
    """Return what changes the number in a cell.

    Raises:
        ValueError: nothing does; the message says what to change instead.
    """
    trace, probe = viewer.trace, viewer.probe
    pixel = None if probe is None else pixel_of(trace, cell)
    if probe is None or pixel is None:
        return OfModel(target_of(trace, cell))
    image = array_at(trace, pixel)
    step = float(np.ptp(image) or 1) / 100
    return OfProbe(probe, pixel.index, str(image[pixel.index]), step)


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
        self._editor: Editor | None = None
        # Whether something was changed since the field was opened.
        self._touched = self._is_putting = False
        # Why what stands in it is not done, where nobody may look at it any more.
        self._refusal = ""
        # What is in sight as the field has left it.
        self._seen: tuple[object, ...] = ()
        # Which field is open, and how often it was answered.
        self._number = self._answered = 0
        watch(viewer, ["look"], lambda *_: self._follow())
        watch(viewer.run, ["settings", "progress"], lambda *_: self._follow())

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
            editor = editor_of(viewer, cell)
        except ValueError as error:
            viewer.refuse(plain(str(error), viewer.place.notation), "edit")
            return
        viewer.playing = False
        self._cell, self._editor, self._touched, self._refusal = cell, editor, False, ""
        self._seen = self._sight()
        self._number += 1
        self._show(editor.number)

    def hear(
        self,
        number: int,
        value: str = "",
        live: bool = False,
        cancel: bool = False,
        left: bool = False,
    ) -> None:
        """Answer the field.

        Args:
            number: of the field.
            value: what was entered.
            live: whether more may follow; otherwise the field is closed once it is done.
            cancel: whether to close it and leave the number as it was.
            left: whether it was not entered: somebody has gone on elsewhere, to a step perhaps.
        """
        editor = self._editor
        if editor is None or number != self._number:
            return
        if cancel:
            touched = self._touched
            self._close()
            if touched:
                editor.take_back(self._viewer)
            return
        self._answered += 1
        before = self._viewer.message
        refused = self._put(editor, value, live)
        self._refusal = refused if left else ""
        if left and self._viewer.message != before:
            self._viewer.keep_said()
        if refused or live:
            self._show(value, refused)
        else:
            self._close()

    def _put(self, editor: Editor, text: str, live: bool) -> str:
        """Change the number; return why not, or nothing."""
        try:
            value = value_of(text)
        except ValueError as error:
            return f"{sentence(error)}."
        if not self._touched and text.strip() == editor.number:
            return ""
        self._is_putting = True
        try:
            done = editor.put(self._viewer, value, live)
        finally:
            self._is_putting = False
        self._touched, self._seen = self._touched or done, self._sight()
        if done:
            return ""
        # The field says it, beside the number.
        refused = self._viewer.message
        self._viewer.close_message()
        return refused

    def _show(self, value: str, refused: str = "") -> None:
        editor, cell = self._editor, self._cell
        if editor is not None and cell is not None:
            self._board.editing = self.message(editor, cell, value, refused)

    def message(self, editor: Editor, cell: Cell, value: str, refused: str = "") -> dict[str, Any]:
        """Return what the browser shows: the cell, what stands in the field, and a step of it."""
        # Each field draws another kernel.
        drawn = f"{RANDOM}{self._number}"
        return {
            "number": self._number,
            "answered": self._answered,
            "key": cell.array,
            "index": list(cell.index),
            "name": editor.name,
            "value": value,
            "step": editor.step,
            "kernels": [drawn if name == RANDOM else name for name in editor.kernels],
            "note": editor.note,
            "refused": refused,
        }

    def _close(self) -> None:
        self._cell = self._editor = None
        if self._board.editing:
            self._board.editing = {}

    def _sight(self) -> tuple[object, ...]:
        """Return what only this field may change as long as it is open."""
        viewer, run = self._viewer, self._viewer.run
        return run.trace, undoable(run), run.replaying, viewer.probe, viewer.covered

    def _follow(self) -> None:
        """Close the field where another number is in sight, or something else was changed."""
        if self._cell is None or self._is_putting:
            return
        if self._viewer.cell != self._cell or self._sight() != self._seen:
            refusal, self._refusal = self._refusal, ""
            self._close()
            if refusal:
                self._viewer.refuse(refusal, "edit")

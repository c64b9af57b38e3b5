"""The step of a lesson in sight: what it points at and asks, and what somebody has answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import time
from typing import Any

from core.inspect.cell import Cell
from core.symbols import symbol
from viz_app.components.lesson.lesson import given_message, question_message, step_message
from viz_app.cover.covered import NOTHING, Covered
from viz_app.lessons import Answer, LessonError, Record, Step, Verdict, answer_of, points_of
from viz_app.lessons.answer import Given
from viz_app.lessons.kinds.cells import MOST_CLICKS
from viz_app.lessons.rules import Chosen
from viz_app.style.notation import plain
from viz_app.words import sentence


class Asking:
    """One step, from the moment that it is gone to.

    Args:
        step: with its numbers.
        number: tells it from the steps before: what was done to one counts for no other.

    Attributes:
        is_there: whether its moment was arrived at.
        since: when it was, in seconds.
        verdict: what was said of the answer; None while there is none.
        is_shown: whether the right answer is shown before anybody has given one, as to a class.
        error: why something is no answer, or cannot be asked; empty if nothing is wrong.
    """

    def __init__(self, step: Step, number: int) -> None:
        self.step, self.number = step, number
        self.is_there = False
        self.since = 0.0
        self.verdict: Verdict | None = None
        self.is_shown = False
        self.error = ""
        self._points: list[Chosen] = []
        self._answer: Answer | None = None
        self._given: Given = None
        # Cells that were clicked, and the shape of their array.
        self._chosen: list[list[int]] = []
        self._shape: tuple[int, ...] = ()

    def arrive(self, record: Record) -> None:
        """Answer what is asked from the iteration that was arrived at."""
        self.is_there, self.since, question = True, time(), self.step.question
        try:
            self._points = points_of(self.step, record)
            if question is not None:
                self._answer = answer_of(question, record)
                array = self._answer.array
                self._shape = () if array is None else record.array(array).shape
        except LessonError as error:
            self.error = sentence(error)

    @property
    def _is_told(self) -> bool:
        """Whether the right answer is in sight."""
        return self.verdict is not None or self.is_shown

    @property
    def covered(self) -> Covered:
        """What must not be seen now."""
        return NOTHING if self._answer is None or self._is_told else self._answer.covered

    @property
    def clicked_at(self) -> Cell | None:
        """The array whose cells are clicked to answer; None if none is, or it is done."""
        return None if self._answer is None or self._is_told else self._answer.array

    @property
    def is_open(self) -> bool:
        """Whether an answer is awaited."""
        return self._answer is not None and self._answer.question.asks and not self._is_told

    @property
    def explained(self) -> Cell | None:
        """The cell to explain once the answer is in sight; None if there is none."""
        return self._answer.explain if self._answer is not None and self._is_told else None

    def show(self) -> None:
        """Show the right answer; from now on none is judged."""
        if self.is_open:
            self.is_shown, self.error, self._chosen = True, "", []

    def click(self, array: str, index: Sequence[int], notation: str) -> None:
        """Choose a cell or give it up, if it is one of the array that is asked."""
        asked = self.clicked_at
        if asked is None or self._answer is None:
            return
        self.error = ""
        cell = [*index]
        if array != asked.array:
            self.error = f"Click cells of {plain(symbol(asked.array).words, notation)}."
        elif cell in self._chosen:
            self._chosen.remove(cell)
        elif self._answer.question.kind == "largest":
            self._chosen = [cell]
        elif len(self._chosen) < MOST_CLICKS:
            self._chosen = sorted([*self._chosen, cell])

    def commit(self, given: Given) -> Given:
        """Say whether an answer is right.

        Args:
            given: the answer; of clicked cells, None for those that are chosen.

        Returns:
            The answer that was judged; None if nothing was.
        """
        answer = self._answer
        if answer is None or self._is_told:
            return None
        given = self._chosen if given is None else given
        if given in ("", []):
            self.error = "There is no answer yet."
            return None
        try:
            self.verdict = answer.judge(given)
        except ValueError as error:
            self.error = sentence(error)
            return None
        self._given, self.error = given, ""
        if answer.array is not None:
            self._chosen = [list(index) for index in given]
        return given

    def message(self, notation: str) -> dict[str, Any]:
        """Return what the browser shows of the step."""
        answer, verdict = self._answer, self.verdict
        message = {"number": self.number, "step": self.step.number, "error": self.error}
        message |= step_message(self.step, notation)
        if answer is not None:
            message |= question_message(
                answer, self._chosen, self._shape, verdict, notation, is_shown=self.is_shown
            )
            message["again"] = self._is_told or not answer.question.asks
        if answer is not None and self._is_told:
            given = answer.right if self.is_shown else self._given
            message["given"] = given_message(answer.question.kind, given)
        return message

    def spotlight(self, is_here: Callable[[Cell], bool]) -> dict[str, Any]:
        """Return what is lit on the board and what is marked, see `Says` of `spotlight.js`.

        Args:
            is_here: whether an array is one of the stage in sight.
        """
        points = [lit(chosen) for chosen in self._points if is_here(chosen.array)]
        answer = self._answer
        marks: dict[str, list[list[int]]] = {}
        if answer is None or answer.array is None or not is_here(answer.array):
            asked = [] if answer is None or answer.explain is None else [answer.explain]
            numbers = [{"key": c.array, "cells": [list(c.index)]} for c in asked if is_here(c)]
            return {"number": self.number, "points": points, "asked": numbers, "marks": []}
        key = answer.array.array
        points.append({"key": key, "cells": None})
        if not self._is_told:
            marks = {"chosen": self._chosen}
        else:
            wrong = [index for index in self._chosen if index not in answer.right]
            marks = {"right": answer.right, "wrong": wrong}
        told = [{"key": key, "kind": k, "cells": cells} for k, cells in marks.items() if cells]
        return {"number": self.number, "points": points, "marks": told}


def lit(chosen: Chosen) -> dict[str, Any]:
    """Return cells as `Lit` of `spotlight.js` has them."""
    cells = None if chosen.mask.all() else list(map(list, chosen.cells))
    return {"key": chosen.array.array, "cells": cells}

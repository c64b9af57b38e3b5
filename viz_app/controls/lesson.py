"""A lesson that is on: how far somebody is in it, and the answer to what is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import time
from typing import Any

import numpy as np
import panel as pn

from core.inspect.cell import Cell
from core.symbols import symbol
from viz_app.components.lesson.lesson import (
    LessonPanel,
    given_message,
    question_message,
    step_message,
)
from viz_app.components.page import Page
from viz_app.components.wire import whole_numbers
from viz_app.lessons import (
    FILES,
    Answer,
    Lesson,
    LessonError,
    Progress,
    Record,
    Step,
    Verdict,
    answer_of,
    bundled,
    other_seed,
    points_of,
    read_lesson,
)
from viz_app.lessons.answer import Given
from viz_app.lessons.kinds.cells import MOST_CLICKS
from viz_app.lessons.rules import Chosen
from viz_app.place import address
from viz_app.place.address import BESIDE_LESSON, LESSON_WORD, STEP_WORD
from viz_app.place.place import LESSON, SIDES
from viz_app.style import sheets
from viz_app.style.notation import markup, plain
from viz_app.viewer import Viewer, sentence
from viz_app.watch import watch

# What a lesson from a person's own file is called in an address of this page.
OWN = "own"


class Lessons:
    """Leads a viewer through a lesson, covers what is asked, and says what is right.

    Args:
        viewer: who looks.
        browser: the page, whose history has an entry for every step.
        changed: called when the spotlight, or whether a lesson is on, has changed.

    Attributes:
        panel: what is shown.
        lesson: the lesson that is on; None if there is none.
        progress: how far somebody is in it.
    """

    def __init__(self, viewer: Viewer, browser: Page, changed: Callable[[], None]) -> None:
        self._viewer, self._browser, self._changed = viewer, browser, changed
        self.panel = LessonPanel(stylesheets=[sheets.AWAY], sizing_mode="stretch_both", margin=0)
        self.panel.answer(lambda said: self._hear(**said))
        self.lesson: Lesson | None = None
        self.progress = Progress("")
        # The step in sight with its numbers, whether it was arrived at, and what belongs to it.
        self._step: Step | None = None
        self._is_there, self._is_over = False, False
        # Iteration, stage and inner stage at which it was arrived.
        self._home = (0, 0, 0)
        self._points: list[Chosen] = []
        self._answer: Answer | None = None
        self._verdict: Verdict | None = None
        self._given: Given = None
        # Cells that were clicked, and the shape of their array.
        self._chosen: list[list[int]] = []
        self._shape: tuple[int, ...] = ()
        self._error = ""
        # Tells what was done to one question from what was done to the next.
        self._number = 0
        self._was_explained = False
        watch(viewer, ["look"], lambda *_: self._follow())

    @property
    def is_on(self) -> bool:
        """Whether there is a lesson."""
        return self.lesson is not None

    # How one comes to it, and leaves it.

    def open(self, query: Mapping[str, str]) -> tuple[str, ...]:
        """Go to the step that an address leads to, or return why there is none."""
        name = query[LESSON_WORD]
        if self.lesson is None or self.lesson.name != name:
            if name not in FILES:
                self.close()
                return (_unknown(name),)
            self._begin(bundled(name))
        lesson = self._lesson
        number, seed, wrong = address.read_step(query, len(lesson.steps))
        self.progress = replace(self.progress.at(number), seed=seed)
        beside = {word: query[word] for word in BESIDE_LESSON if word in query}
        strange = {word: query[word] for word in query if word not in address.ALL_WORDS}
        self._go(beside | strange, wrong)
        return ()

    def start(self, name: str, kept: str = "") -> None:
        """Begin a lesson that comes along, or go on where somebody has left it.

        Raises:
            KeyError: there is none of this name.
        """
        self._begin(bundled(name), kept)
        self._visit()

    def start_own(self, text: str, kept: str = "") -> str:
        """Begin the lesson of a file; if it is none, return what is wrong and do nothing."""
        try:
            lesson = read_lesson(text, OWN, self._viewer.run.limits)
        except LessonError as error:
            return sentence(error)
        self._begin(lesson, kept)
        self._visit()
        return ""

    def close(self) -> None:
        """End the lesson: what is known of it is kept."""
        if self.lesson is None:
            return
        self.lesson, self._step, self._is_there = None, None, False
        self._answer = self._verdict = None
        self._viewer.uncover()
        if self._viewer.place.side == LESSON:
            self._viewer.change(side=SIDES[0])
        self._draw()

    def words(self) -> dict[str, str]:
        """Return the words of the address of the step in sight; none if no lesson is on."""
        if self.lesson is None:
            return {}
        progress, place = self.progress, self._viewer.place
        seed = {} if progress.seed is None else {"seed": str(progress.seed)}
        name, step = self.lesson.name, str(progress.step)
        return {LESSON_WORD: name, STEP_WORD: step, **seed, **address.beside_lesson(place)}

    def _begin(self, lesson: Lesson, kept: str = "") -> None:
        self.lesson, self.progress, self._is_over = lesson, Progress.of(lesson), False
        before = self._kept(kept)
        if before is not None:
            self.progress = before.at(min(before.step, len(lesson.steps)))

    def _kept(self, text: str) -> Progress | None:
        """Return the progress in this lesson that a page has kept; None if it is none."""
        try:
            found = Progress.from_json(text) if text else None
        except LessonError:
            return None
        lesson = self._lesson
        is_same = found is not None and (found.lesson, found.digest) == (lesson.name, lesson.digest)
        return found if is_same else None

    def _take_up(self, text: str) -> None:
        """Take up the answers that a page has kept of the lesson that an address has opened."""
        before = self._kept(text)
        if before is None or self.progress.tries:
            return
        now = self.progress
        visited = tuple(dict.fromkeys((*before.visited, *now.visited)))
        self.progress = replace(now, tries=before.tries, visited=visited)
        if self._is_there:
            self._answered_before()

    @property
    def _lesson(self) -> Lesson:
        assert self.lesson is not None
        return self.lesson

    # From step to step.

    def _visit(self) -> None:
        """Go to the step of the progress; the browser's Back leads to where one was."""
        self._browser.visited += 1
        self._go(address.beside_lesson(self._viewer.place))

    def _go(self, beside: Mapping[str, str], wrong: Sequence[str] = ()) -> None:
        lesson, progress, run = self._lesson, self.progress, self._viewer.run
        step = lesson.steps[progress.step - 1].with_seed(progress.seed, progress.level)
        self._step, self._is_there, self._is_over = step, False, False
        self._answer = self._verdict = self._given = None
        self._points, self._chosen, self._error = [], [], ""
        self._number += 1
        moment = address.read({**beside, **step.words}, run.limits)
        place = replace(moment.place, side=LESSON)
        self._viewer.open(replace(moment, place=place, wrong=(*moment.wrong, *wrong)), self._arrive)
        self._draw()

    def _arrive(self) -> None:
        """Answer what the step asks, and cover it, before anybody has seen it."""
        step, viewer = self._step, self._viewer
        if step is None:
            return
        self._is_there, self._home = True, self._here
        record = Record(viewer.run.trace, viewer.place, step.line)
        try:
            self._points = points_of(step, record)
            if step.question is not None:
                self._answer = answer_of(step.question, record)
                asked = self._answer.array
                self._shape = () if asked is None else record.array(asked).shape
        except LessonError as error:
            self._error = sentence(error)
        self._answered_before()

    def _answered_before(self) -> None:
        """Say what was said of an answer that was given before; otherwise cover what is asked."""
        step, answer, progress = self._step, self._answer, self.progress
        assert step is not None
        here = (step.number, step.seed, progress.level)
        tries = [one for one in progress.tries if (one.step, one.seed, one.level) == here]
        if answer is not None and tries:
            self._say(answer, tries[-1].given)
        elif answer is not None:
            self._viewer.cover(answer.covered)
        else:
            self._viewer.uncover()
        self._draw()

    def _say(self, answer: Answer, given: Given) -> None:
        """Say whether an answer is right; nothing is covered any more.

        Raises:
            ValueError: it is none.
        """
        self._verdict = answer.judge(given)
        self._given, self._error = given, ""
        if answer.array is not None:
            self._chosen = [list(index) for index in given]
        self._viewer.uncover()

    # What somebody does.

    def _hear(
        self,
        number: int = 0,
        press: str = "",
        given: Given = None,
        cell: Sequence[int] | None = None,
        kept: str = "",
    ) -> None:
        # What was done to a question that has gone is none to the present one.
        if self.lesson is None or number != self._number:
            return
        with pn.io.hold():
            self._do(press, given, cell, kept)

    def _do(self, press: str, given: Given, cell: Sequence[int] | None, kept: str) -> None:
        if kept:
            self._take_up(kept)
        elif cell is not None:
            self._toggle(whole_numbers(cell))
        elif given is not None:
            self._commit(given)
        else:
            self._press(press)

    def _press(self, press: str) -> None:
        lesson, progress = self._lesson, self.progress
        if press == "next" and progress.step == len(lesson.steps):
            self._is_over = True
            self._draw()
        elif press == "back" and self._is_over:
            self._is_over = False
            self._draw()
        elif press in ("next", "back"):
            step = progress.step + (1 if press == "next" else -1)
            if 1 <= step <= len(lesson.steps):
                self.progress = progress.at(step)
                self._visit()
        elif press == "here":
            self._go(address.beside_lesson(self._viewer.place))
        elif press == "again" and self._step is not None:
            step_of_file = lesson.steps[progress.step - 1]
            limits, level = self._viewer.run.limits, progress.level + 1
            seed = other_seed(step_of_file, self._step.seed, level, limits)
            self.progress = progress.again(seed)
            self._visit()
        elif press == "explain" and self._verdict is not None and self._verdict.explain:
            self._browser.visited += 1
            self._viewer.visit(self._verdict.explain)
        elif press == "close":
            self.close()
        elif press in FILES:
            self.start(press)

    def _commit(self, given: Given) -> None:
        answer, step = self._answer, self._step
        if answer is None or step is None or self._verdict is not None or not self._is_there:
            return
        if answer.array is not None:
            given = self._chosen
        try:
            self._say(answer, given)
        except ValueError as error:
            self._error = sentence(error)
        else:
            assert self._verdict is not None
            self.progress = self.progress.committed(step.seed, given, self._verdict, at=time())
        self._draw()

    def takes(self, array: str, index: Sequence[int]) -> bool:
        """Hear that a cell of the stage in sight was clicked; return whether that is an answer."""
        asked = self._clicked_at
        if asked is None or not self._is_here(asked):
            return False
        if array == asked.array:
            self._toggle([*index])
        else:
            name = symbol(asked.array, len(index)).words
            self._error = f"Click cells of {plain(name, self._viewer.place.notation)}."
            self._draw()
        return True

    @property
    def _clicked_at(self) -> Cell | None:
        """The array whose cells are to be clicked now; None if none is."""
        is_open = self._is_there and self._verdict is None and not self._is_over
        return self._answer.array if self._answer is not None and is_open else None

    def _toggle(self, index: list[int]) -> None:
        if self._clicked_at is None or self._answer is None:
            return
        self._error = ""
        if index in self._chosen:
            self._chosen.remove(index)
        elif self._answer.question.kind == "largest":
            self._chosen = [index]
        elif len(self._chosen) < MOST_CLICKS:
            self._chosen = sorted([*self._chosen, index])
        self._draw()

    # What is shown.

    def spotlight(self) -> dict[str, Any]:
        """Return what is lit on the board, and what is marked; see `Board.spotlight`."""
        if self.lesson is None or self._is_over or not self._is_there:
            return {}
        lit = [
            (chosen.array.array, chosen) for chosen in self._points if self._is_here(chosen.array)
        ]
        points = [
            {"key": key, "cells": None if chosen.mask.all() else _lists(chosen)}
            for key, chosen in lit
        ]
        answer, marks = self._answer, list[dict[str, Any]]()
        asked = None if answer is None else answer.array
        if answer is not None and asked is not None and self._is_here(asked):
            points.append({"key": asked.array, "cells": None})
            right = answer.right if self._verdict is not None else []
            kinds = {"right": right, "chosen": self._chosen}
            if self._verdict is not None:
                kinds = {
                    "right": right,
                    "wrong": [index for index in self._chosen if index not in right],
                }
            marks = [
                {"key": asked.array, "kind": kind, "cells": cells}
                for kind, cells in kinds.items()
                if cells
            ]
        return {"number": self._number, "points": points, "marks": marks}

    def _is_here(self, array: Cell) -> bool:
        """Return whether an array is one of the stage in sight."""
        viewer = self._viewer
        stage, place = viewer.stage, viewer.place
        if array.layer != stage.layer or array.array not in place.arrays(viewer.trace):
            return False
        return array.inner is None or array.inner == list(stage.inner)[place.inner]

    def _follow(self) -> None:
        """Come back to the step when an explanation is closed, and say when one is elsewhere."""
        if self.lesson is None:
            return
        place = self._viewer.place
        was_explained, self._was_explained = self._was_explained, bool(place.array)
        if was_explained and not place.array and place.side == SIDES[0]:
            self._viewer.change(side=LESSON)
        self._draw()

    @property
    def _is_away(self) -> bool:
        """Whether the moment in sight is not that of the step."""
        return self._is_there and self._here != self._home

    @property
    def _here(self) -> tuple[int, int, int]:
        """Iteration, stage and inner stage in sight."""
        viewer = self._viewer
        return viewer.trace.iteration, viewer.place.stage, viewer.place.inner

    def _draw(self) -> None:
        lesson, step = self.lesson, self._step
        if lesson is None or step is None:
            self.panel.param.update(content={}, lit=[])
        else:
            self.panel.param.update(
                content=self._message(lesson, step),
                lit=[] if self._is_over else [c.replace(" ", "-") for c in step.controls],
                kept={"key": _key(lesson), "text": self.progress.to_json()},
            )
        self._changed()

    def _message(self, lesson: Lesson, step: Step) -> dict[str, Any]:
        notation, answer, verdict = self._viewer.place.notation, self._answer, self._verdict
        message: dict[str, Any] = {
            "number": self._number,
            "lesson": markup(lesson.title, notation),
            "step": step.number,
            "count": len(lesson.steps),
            "error": self._error,
            **step_message(step, notation),
        }
        if self._is_over:
            return message | {"over": self._over(lesson)}
        if self._is_away:
            message["away"] = True
        if answer is not None:
            message |= question_message(answer, self._chosen, self._shape, verdict, notation)
            message["again"] = verdict is not None or not answer.question.asks
            if verdict is not None:
                message["given"] = given_message(answer.question.kind, self._given)
        return message

    def _over(self, lesson: Lesson) -> dict[str, Any]:
        asked = sum(step.question is not None and step.question.asks for step in lesson.steps)
        names = list(FILES)
        at = names.index(lesson.name) + 1 if lesson.name in names else len(names)
        following = names[at] if at < len(names) else ""
        return {
            "learns": markup(lesson.learns, self._viewer.place.notation),
            "right": round(self.progress.score(lesson) * asked),
            "asked": asked,
            "done": self.progress.is_done(lesson),
            "following": following,
        }


def _lists(chosen: Chosen) -> list[list[int]]:
    return [list(map(int, index)) for index in np.argwhere(chosen.mask)]


def _key(lesson: Lesson) -> str:
    """Return under which key the progress in a lesson is kept."""
    return lesson.name if lesson.name in FILES else f"{lesson.name} {lesson.digest}"


def _unknown(name: str) -> str:
    known = ", ".join(FILES)
    if name == OWN:
        return "lesson: a link does not carry a file: choose it again under Lessons"
    return f"lesson: {name[:40]!r} is not one of {known}"

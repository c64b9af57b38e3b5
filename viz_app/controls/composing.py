"""A lesson that is being composed beside the board: moments are captured, and cells clicked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from secrets import token_hex
from typing import Any

import numpy as np

from viz_app.components.compose.compose import (
    ComposePanel,
    head_form,
    step_form,
    title_of,
    work_message,
)
from viz_app.controls.lesson import OWN, Lessons
from viz_app.lessons import (
    FILES,
    Answer,
    Draft,
    LessonError,
    Record,
    Work,
    draft_of,
    moment_of,
    read_lesson,
    write_lesson,
)
from viz_app.lessons.composing.draft import DraftStep
from viz_app.lessons.composing.faults import Fault, answer_in, head_fault, read_step
from viz_app.lessons.composing.fields import Value, block_of, fields_of
from viz_app.lessons.composing.moment import common_moment, moment_text, words_of
from viz_app.lessons.composing.question import kind_of
from viz_app.lessons.question import Rule
from viz_app.lessons.reading.sections import MOST_CHARACTERS, UNSEEN
from viz_app.lessons.rules import Chosen, chosen
from viz_app.place import address
from viz_app.place.place import COMPOSE, SIDES
from viz_app.run.cost import Limits
from viz_app.style import sheets
from viz_app.viewer import Viewer, sentence
from viz_app.watch import watch

TITLE, MINUTES = "New lesson", "5"
# What clicked cells are for: the question, the spotlight, or nothing but to be explained.
PICKS = ("ask", "point", "")


class Composing:
    """Composes a lesson of what a viewer looks at.

    Args:
        viewer: who looks.
        lessons: where it is tried.
        changed: called when what is marked on the board, or whether it is on, has changed.

    Attributes:
        panel: what is shown.
        work: the draft that is on; None if there is none.
    """

    def __init__(self, viewer: Viewer, lessons: Lessons, changed: Callable[[], None]) -> None:
        self._viewer, self._lessons, self._changed = viewer, lessons, changed
        self.panel = ComposePanel(stylesheets=[sheets.AWAY], sizing_mode="stretch_both", margin=0)
        self.panel.answer(lambda said: self._hear(**said))
        self.work: Work | None = None
        # Of the draft, in what the browser keeps.
        self._key = ""
        # Whether it is on and waits for what the browser has kept.
        self._waits = self._is_tried = False
        # What was said last, the last entry that was taken in, and what a click is for.
        self._said, self._count, self._pick = "", 0, ""
        # The moment of the step in hand, once it was there.
        self._record: Record | None = None
        # Tells the steps that are gone to apart.
        self._gone = 0
        # What was asked last of an iteration, and what it has answered.
        self._found: tuple[object, Answer | Fault | None] = (None, None)
        watch(viewer, ["look"], lambda *_: self._follow())

    @property
    def is_on(self) -> bool:
        """Whether a lesson is composed, and not just tried."""
        return (self.work is not None or self._waits) and not self._is_tried

    def _follow(self) -> None:
        if self.work is not None:
            self._draw()

    @property
    def is_tried(self) -> bool:
        """Whether the lesson is seen as a student sees it."""
        return self._is_tried

    # How it begins and ends.

    def wake(self) -> None:
        """Go on with what the browser has kept, once that has arrived."""
        if self.work is None and not self._waits:
            self._waits = True
            self._draw()

    def close(self) -> None:
        """End it: the browser keeps the draft."""
        self.work, self._waits, self._record, self._pick = None, False, None, ""
        if self._viewer.place.side == COMPOSE:
            self._viewer.change(side=SIDES[0])
        self._draw()

    def _begin(
        self, copy: str = "", file: str = "", draft: Mapping[str, Any] | None = None
    ) -> None:
        number, key = 1, token_hex(4)
        if draft is not None:
            file, key, number = str(draft["text"]), str(draft["key"]), int(draft["step"])
        try:
            text = FILES[copy] if copy else file
            work = Work(draft_of(text) if text else self._new())
        except LessonError as error:
            if self.work is not None:
                self._say(f"The file has not the parts of a lesson. {sentence(error)}")
                return
            work = Work(self._new())
        self.work, self._key, self._waits, self._count = work, key, False, 0
        self._say("")
        self._choose(number if work.draft.steps else 0)

    def _new(self) -> Draft:
        moment = common_moment(self._now)
        head = {"title": TITLE, "minutes": MINUTES, "learns": "", "moment": moment}
        return Draft(block_of(head))

    @property
    def _now(self) -> dict[str, str]:
        """All words of the address of what is in sight."""
        viewer = self._viewer
        return address.to_query(viewer.run, viewer.place)

    # From step to step.

    def _choose(self, number: int) -> None:
        """Take a step in hand and go to its moment."""
        if self.work is None:
            return
        self.work, self._record, self._pick = self.work.choose(number), None, ""
        self._viewer.change(side=COMPOSE)
        self._go()

    def _go(self) -> None:
        """Go to the moment of the step in hand, if there is such a one."""
        step = self.work.step if self.work else None
        self._gone += 1
        if step is not None:
            read, gone = read_step(self._head_moment, step, self._limits), self._gone
            try:
                if isinstance(read, Fault):
                    words = {
                        **words_of(block_of({"moment": self._head_moment})),
                        **words_of(step.block),
                    }
                else:
                    words = dict(read.with_seed().words)
                moment = moment_of(words, 0, self._limits)
            except LessonError:
                # It is said at its field.
                pass
            else:
                beside = address.read(address.beside_lesson(self._viewer.place)).place
                place = replace(
                    moment.place, side=COMPOSE, notation=beside.notation, present=beside.present
                )
                self._viewer.open(replace(moment, place=place), lambda: self._arrive(gone))
        self._draw()

    def _arrive(self, gone: int) -> None:
        if gone == self._gone:
            self._take_record()
            self._draw()

    def _take_record(self) -> None:
        """Ask the iteration in sight what it answers to the step in hand."""
        self._record = Record(self._viewer.run.trace, self._viewer.place)

    @property
    def _limits(self) -> Limits:
        return self._viewer.run.limits

    @property
    def _head_moment(self) -> str:
        assert self.work is not None
        try:
            return moment_text(words_of(self.work.draft.head))
        except LessonError:
            return ""

    # What somebody does.

    def _hear(
        self,
        key: str = "",
        begin: Mapping[str, Any] | None = None,
        press: str = "",
        choose: int | None = None,
        kind: str | None = None,
        pick: str | None = None,
        enter: Mapping[str, Any] | None = None,
        count: int = 0,
    ) -> None:
        if begin is not None:
            self._lessons.close()
            self._begin(**begin)
            return
        # What was done to a draft that has gone is none to the present one.
        if self.work is None or key != self._key:
            return
        if press != "try":
            self._said = ""
        try:
            if enter is not None:
                self._count = count
                self._enter(self.work, **enter)
            elif choose is not None:
                self._choose(choose)
            elif pick in PICKS:
                self._pick = "" if pick == self._pick else str(pick)
            elif kind is not None:
                self._ask(self.work, kind)
            else:
                self._press(self.work, press)
        except LessonError as error:
            self._said = f"This part cannot be read; mend it as text. {sentence(error)}"
        self._draw()

    def _enter(self, work: Work, number: int, key: str, value: Value) -> None:
        after = work.enter(number, key, _clean(value))
        if len(write_lesson(after.draft)) > MOST_CHARACTERS:
            self._said = f"A lesson has at most {MOST_CHARACTERS:,} characters; this was left out."
        else:
            self.work = after

    def _ask(self, work: Work, kind: str) -> None:
        self.work = work.ask(kind, list(self._viewer.trace.layers))
        self._pick = "ask" if kind and kind not in ("choose", "order") else ""

    def _press(self, work: Work, press: str) -> None:
        if press == "add":
            self.work, self._pick = work.add(self._now), ""
            self._take_record()
        elif press == "capture":
            self.work = work.capture(self._now)
            self._take_record()
        elif press == "here":
            self._go()
        elif press in ("up", "down"):
            self.work = work.move(-1 if press == "up" else 1)
        elif press in ("remove", "undo"):
            after = work.remove() if press == "remove" else work.back()
            title = work.step.title if press == "remove" and work.step else ""
            self.work = after
            if after.step != work.step:
                self._choose(after.chosen)
            if title:
                self._said = f"“{title}” was removed; Undo brings it back."
        elif press == "try":
            self._try(work)
        elif press == "save":
            self.panel.hand_over(f"{_file_name(title_of(work))}.md", write_lesson(work.draft))
        elif press == "close":
            self.close()

    def _try(self, work: Work) -> None:
        """Show the lesson from the step in hand on, as a student sees it."""
        try:
            lesson = read_lesson(write_lesson(work.draft), OWN, self._limits)
        except LessonError as error:
            self._say(f"It cannot be tried yet. {sentence(error)}")
            return
        there = address.read(self._now, self._limits, self._viewer.run.own)
        there = replace(there, place=replace(there.place, side=COMPOSE))
        self._said, self._is_tried = "", True

        def back() -> None:
            self._is_tried = False
            self._viewer.open(there)
            self._draw()

        self._lessons.try_out(lesson, max(1, work.chosen), back)

    def _say(self, said: str) -> None:
        self._said = said

    # Clicked cells.

    def takes(self, array: str, index: Sequence[int]) -> bool:
        """Hear that a cell of the stage in sight was clicked; return whether that is for a rule."""
        viewer, work, record = self._viewer, self.work, self._record
        if not self._is_in_front or work is None or not self._pick or record is None:
            return False
        if viewer.run.trace is not record.trace:
            self._said = "This is another iteration than that of the step."
        elif viewer.place.holds(viewer.trace, array, index):
            cell = replace(viewer.place, array=array, index=tuple(index)).cell(viewer.trace)
            assert cell is not None
            self.work = work.click(self._pick, cell, record)
        self._draw()
        return True

    @property
    def _is_in_front(self) -> bool:
        return self.is_on and self._viewer.place.side == COMPOSE

    def spotlight(self) -> dict[str, Any]:
        """Return what is marked on the board, see `Says` of `spotlight.js`."""
        step = self.work.step if self.work else None
        if not self._is_in_front or step is None or self._record is None:
            return {}
        try:
            fields = fields_of(step.block)
        except LessonError:
            return {}
        points = self._here(fields.get("point", ""))
        asked = self._here(fields.get(kind_of(fields), ""))
        is_pointing = self._pick == "point"
        return {
            "number": self._gone,
            "points": [_told(one) for one in points] if is_pointing else [],
            "marks": [
                {**_told(one), "kind": "chosen"}
                for one in ([] if is_pointing else asked)
                if not one.mask.all()
            ],
        }

    def _here(self, value: Value) -> list[Chosen]:
        """Return the cells that rules choose in the stage in sight."""
        viewer, found = self._viewer, list[Chosen]()
        for text in value if isinstance(value, list) else [value]:
            try:
                one = chosen(self._record, Rule(str(text), 0)) if self._record and text else None
            except LessonError:
                continue
            stage = viewer.stage
            if one is not None and (one.array.phase, one.array.layer) == (stage.phase, stage.layer):
                found.append(one)
        return found

    # What is shown.

    def _draw(self) -> None:
        if self._waits:
            self.panel.content = {"waits": True}
        elif self.work is None:
            self.panel.content = {}
        else:
            self.panel.param.update(
                content=self._message(self.work),
                kept={
                    "key": self._key,
                    "text": write_lesson(self.work.draft),
                    "step": self.work.chosen,
                    "title": title_of(self.work),
                },
            )
        self._changed()

    def _message(self, work: Work) -> dict[str, Any]:
        notation, head = self._viewer.place.notation, self._head_moment
        draft, limits, step = work.draft, self._limits, work.step
        wrong = head_fault(draft.head, limits)
        if step is None:
            form = head_form(draft.head, wrong)
        else:
            form = step_form(step, self._answer(head, step, work.chosen), notation)
        faulty = [
            wrong is not None,
            *(isinstance(read_step(head, one, limits), Fault) for one in draft.steps),
        ]
        if form["fault"]:
            faulty[work.chosen] = True
        return {
            **work_message(work, faulty, notation),
            "key": self._key,
            "count": self._count,
            "said": self._said,
            "pick": self._pick,
            "away": self._is_away,
            "form": form,
        }

    def _answer(self, head: str, step: DraftStep, number: int) -> Answer | Fault | None:
        """Return what the step in hand asks of its moment, or what is wrong with it."""
        if self._record is None:
            read = read_step(head, step, self._limits)
            return read if isinstance(read, Fault) else None
        asked = (self._record, head, step, number)
        if self._found[0] != asked:
            self._found = asked, answer_in(self._record, head, step, number, self._limits)
        return self._found[1]

    @property
    def _is_away(self) -> bool:
        """Whether the board shows something else than the moment of the step in hand."""
        record, viewer = self._record, self._viewer
        if record is None or self.work is None or not self.work.chosen:
            return False
        there = record.trace.iteration, record.place.stage, record.place.inner
        return there != (viewer.trace.iteration, viewer.place.stage, viewer.place.inner)


def _told(one: Chosen) -> dict[str, Any]:
    cells = None if one.mask.all() else [list(map(int, at)) for at in np.argwhere(one.mask)]
    return {"key": one.array.array, "cells": cells}


def _clean(value: Value) -> Value:
    """Return a value without characters that nobody sees."""
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    return "\n".join(UNSEEN.sub("", line) for line in str(value).splitlines())


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "lesson"

"""A lesson that is being composed beside the board: moments are captured, and cells clicked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import time_ns
from typing import Any

import panel as pn

from viz_app.components.compose.compose import ComposePanel, title_of, work_message
from viz_app.controls.asking import lit
from viz_app.controls.lesson import OWN, Lessons
from viz_app.lessons import (
    FILES,
    Answer,
    LessonError,
    Record,
    Work,
    draft_of,
    moment_of,
    read_lesson,
    write_lesson,
)
from viz_app.lessons.composing.draft import file_name
from viz_app.lessons.composing.faults import Fault
from viz_app.lessons.composing.fields import Value, cleaned
from viz_app.lessons.composing.hand import Hand
from viz_app.lessons.composing.moment import new_draft
from viz_app.lessons.reading.sections import MOST_CHARACTERS
from viz_app.place import address
from viz_app.place.place import COMPOSE, SIDES
from viz_app.style import sheets
from viz_app.viewer import Viewer
from viz_app.watch import watch
from viz_app.words import sentence

# What clicked cells are for: the question, the spotlight, or nothing but to be explained.
PICKS = ("ask", "point", "")
# Kinds of questions whose rule is not made by clicking.
WRITTEN = ("", "choose", "order")


class Composing:
    """Composes a lesson of what a viewer looks at.

    Args:
        viewer: who looks.
        lessons: where it is tried.
        changed: called when what is marked on the board, or whether it is on, has changed.

    Attributes:
        panel: what is shown.
        work: the draft that is on; None if there is none.
        is_tried: whether the lesson is seen as a student sees it.
    """

    def __init__(self, viewer: Viewer, lessons: Lessons, changed: Callable[[], None]) -> None:
        self._viewer, self._lessons, self._changed = viewer, lessons, changed
        self.panel = ComposePanel(stylesheets=[sheets.AWAY], sizing_mode="stretch_both", margin=0)
        self.panel.answer(lambda said: self._hear(**said))
        self.work: Work | None = None
        self.is_tried = False
        # Of the draft, in what the browser keeps; and whether that is waited for.
        self._key, self._waits = "", False
        # What was said last, the last entry that was taken in, and what a click is for.
        self._said, self._count, self._pick = "", 0, ""
        # The moment of the step in hand, once it was there, and its words.
        self._record: Record | None = None
        self._words: Mapping[str, str] | None = None
        # What was asked last, of which moment, and what it has answered.
        self._found: tuple[Hand | None, Record | None, Answer | Fault | None] = (None, None, None)
        # Tells the steps that are gone to apart.
        self._gone = 0
        watch(viewer, ["look"], lambda *_: self._follow())

    @property
    def is_on(self) -> bool:
        """Whether a lesson is composed, and not just tried."""
        return (self.work is not None or self._waits) and not self.is_tried

    # How it begins and ends.

    def wake(self) -> None:
        """Go on with what the browser has kept, once that has arrived."""
        if self.work is None:
            self._waits = True
            self._draw()

    def close(self) -> None:
        """End it: the browser keeps the draft."""
        self.work, self._waits, self._record = None, False, None
        if self._viewer.place.side == COMPOSE:
            self._viewer.change(side=SIDES[0])
        self._draw()

    def _begin(
        self, copy: str = "", file: str = "", draft: Mapping[str, Any] | None = None
    ) -> None:
        """Begin with a copy of a lesson, a file, what the browser has kept, or nothing."""
        key, number = f"{time_ns():x}", 1
        if draft is not None:
            file, key, number = str(draft["text"]), str(draft["key"]), int(draft["step"])
        text, said = FILES[copy] if copy else file, ""
        try:
            work = Work(draft_of(text) if text else new_draft(self._now))
        except LessonError as error:
            said = f"This file has not the parts of a lesson. {sentence(error)}"
            if self.work is not None:
                self._said = said
                return
            work = Work(new_draft(self._now))
        self._lessons.close()
        self.work, self._key, self._waits, self._said = work, key, False, said
        self._choose(number)

    @property
    def _now(self) -> dict[str, str]:
        """All words of the address of what is in sight."""
        viewer = self._viewer
        return address.to_query(viewer.run, viewer.place)

    # From step to step.

    def _choose(self, number: int) -> None:
        """Take a step in hand and go to its moment."""
        if self.work is not None:
            self.work, self._pick = self.work.choose(number), ""
            self._viewer.change(side=COMPOSE)
            self._go()

    def _hand(self, work: Work) -> Hand | None:
        """Return the step in hand; None if it is the head."""
        if work.step is None:
            return None
        return Hand(work.moment, work.step, work.chosen, self._viewer.run.limits)

    def _go(self) -> None:
        """Go to the moment of the step in hand, if there is such a one."""
        hand = self._hand(self.work) if self.work else None
        words = hand.words if hand else None
        self._gone += 1
        self._record = None
        if words is None:
            return
        try:
            moment_of(words, 0, self._viewer.run.limits)
        except LessonError:
            # It is said at its field.
            return
        beside, gone = address.beside_lesson(self._viewer.place), self._gone
        moment = address.read({**beside, **words}, self._viewer.run.limits)
        place = replace(moment.place, side=COMPOSE)
        self._viewer.open(replace(moment, place=place), lambda: self._arrive(gone))

    def _arrive(self, gone: int) -> None:
        if gone == self._gone:
            self._take_record()
            self._draw()

    def _take_record(self) -> None:
        """Take what is in sight for the moment of the step in hand."""
        hand = self._hand(self.work) if self.work else None
        self._record = Record(self._viewer.run.trace, self._viewer.place)
        self._words = hand.words if hand else None

    def _record_of(self, hand: Hand | None) -> Record | None:
        """Return the moment of a step, if it is known and still the same."""
        return self._record if hand is not None and hand.words == self._words else None

    # What somebody does.

    def _hear(self, key: str = "", begin: Mapping[str, Any] | None = None, **said: Any) -> None:
        # What was done to a draft that has gone is none to the present one.
        if begin is None and (self.work is None or key != self._key):
            return
        with pn.io.hold():
            try:
                if begin is not None:
                    self._begin(**begin)
                elif self.work is not None:
                    self._said = ""
                    self._do(self.work, **said)
            except LessonError as error:
                self._said = f"A part cannot be read; mend it as text. {sentence(error)}"
            self._draw()

    def _do(
        self,
        work: Work,
        press: str = "",
        choose: int | None = None,
        kind: str | None = None,
        pick: str | None = None,
        enter: Mapping[str, Any] | None = None,
        count: int = 0,
    ) -> None:
        if enter is not None:
            self._count = count
            self._enter(work, **enter)
        elif choose is not None:
            self._choose(choose)
        elif pick in PICKS:
            self._pick = "" if pick == self._pick else str(pick)
        elif kind is not None:
            self.work = work.ask(kind, list(self._viewer.trace.layers))
            self._pick = "" if kind in WRITTEN else "ask"
        else:
            self._press(work, press)

    def _enter(self, work: Work, number: int, key: str, value: Value) -> None:
        after = work.enter(number, key, cleaned(value))
        if len(write_lesson(after.draft)) > MOST_CHARACTERS:
            self._said = f"A lesson has at most {MOST_CHARACTERS:,} characters; this was left out."
        else:
            self.work = after

    def _press(self, work: Work, press: str) -> None:
        if press in ("add", "capture"):
            self.work = work.add(self._now) if press == "add" else work.capture(self._now)
            self._pick = "" if press == "add" else self._pick
            self._take_record()
        elif press == "here":
            self._go()
        elif press in ("up", "down"):
            self.work = work.move(-1 if press == "up" else 1)
        elif press == "remove" and work.step is not None:
            self._said = f"“{work.step.title}” was removed; Undo brings it back."
            self._take_in_hand(work, work.remove())
        elif press == "undo":
            self._take_in_hand(work, work.back())
        elif press == "try":
            self._try(work)
        elif press == "save":
            self._save(work)
        elif press == "close":
            self.close()

    def _take_in_hand(self, before: Work, after: Work) -> None:
        """Show other work, and its step, if that is another one."""
        self.work = after
        hands = self._hand(before), self._hand(after)
        if before.chosen != after.chosen or len({hand and str(hand.words) for hand in hands}) > 1:
            self._choose(after.chosen)

    def _save(self, work: Work) -> None:
        name = file_name(title_of(work))
        self.panel.hand_over(name, write_lesson(work.draft))
        self._viewer.tell_saved(name)
        wrong = work.first_fault(self._viewer.run.limits)
        if wrong is not None:
            self._said = (
                f"{_named(wrong)} is not right yet: the file can be opened here, to go on with it, "
                "but not as a lesson."
            )

    def _try(self, work: Work) -> None:
        """Show the lesson from the step in hand on, as a student sees it."""
        limits = self._viewer.run.limits
        wrong = work.first_fault(limits)
        if wrong is not None:
            self._choose(wrong)
            self._said = f"It cannot be tried yet. {_named(wrong)} is not right, see below."
            return
        try:
            lesson = read_lesson(write_lesson(work.draft), OWN, limits)
        except LessonError as error:
            self._said = f"It cannot be tried yet. {sentence(error)}"
            return
        run = self._viewer.run
        there = address.read(self._now, limits, run.own, run.own_weights)
        there = replace(there, place=replace(there.place, side=COMPOSE))

        def back() -> None:
            self.is_tried = False
            self._viewer.open(there)
            self._draw()

        self.is_tried = True
        self._lessons.try_out(lesson, max(1, work.chosen), back)

    # Clicked cells.

    def takes(self, array: str, index: Sequence[int]) -> bool:
        """Hear that a cell of the stage in sight was clicked; return whether that is for a rule."""
        viewer, work = self._viewer, self.work
        if work is None or not (self._is_in_front and self._pick):
            return False
        record = self._record_of(self._hand(work))
        cell = replace(viewer.place, array=array, index=tuple(index)).cell(viewer.trace)
        if record is None or record.trace.iteration != viewer.trace.iteration:
            self._said = "This is not the moment of the step: go back to it, or capture it again."
        elif cell is not None and viewer.place.holds(viewer.trace, array, index):
            self._said = ""
            self.work = work.click(self._pick, cell, record)
        self._draw()
        return True

    @property
    def _is_in_front(self) -> bool:
        return self.is_on and self._viewer.place.side == COMPOSE

    def spotlight(self) -> dict[str, Any]:
        """Return what is marked on the board, see `Says` of `spotlight.js`."""
        hand = self._hand(self.work) if self.work and self._is_in_front else None
        record, viewer = self._record_of(hand), self._viewer
        if hand is None or record is None:
            return {}
        what = "point" if self._pick == "point" else "ask"
        in_sight = Record(viewer.trace, viewer.place)
        found = [lit(one) for one in hand.chosen(what, record, in_sight)]
        if what == "point":
            return {"number": self._gone, "points": found, "marks": []}
        marks = [{**one, "kind": "chosen"} for one in found if one["cells"]]
        return {"number": self._gone, "points": [], "marks": marks}

    # What is shown.

    def _follow(self) -> None:
        if self.work is not None:
            self._draw()

    def _draw(self) -> None:
        work = self.work
        if work is None:
            self.panel.content = {"waits": True} if self._waits else {}
        else:
            text, title = write_lesson(work.draft), title_of(work)
            self.panel.param.update(
                content=self._message(work),
                kept={"key": self._key, "text": text, "step": work.chosen, "title": title},
            )
        self._changed()

    def _message(self, work: Work) -> dict[str, Any]:
        viewer, hand = self._viewer, self._hand(work)
        record = self._record_of(hand)
        if self._found[:2] != (hand, record):
            self._found = hand, record, hand.found(record) if hand else None
        found, notation = self._found[2], viewer.place.notation
        is_here = record is not None and record.is_in_sight(viewer.trace, viewer.place)
        return {
            **work_message(work, hand, found, notation, viewer.run.limits),
            "key": self._key,
            "count": self._count,
            "said": self._said,
            "pick": self._pick,
            "away": hand is not None and self._record is not None and not is_here,
        }


def _named(number: int) -> str:
    return f"Step {number}" if number else "The head of the lesson"

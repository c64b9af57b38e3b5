"""A lesson that is on: which step somebody is at, and what they have done so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import time
from typing import Any

import panel as pn

from core.inspect.cell import Cell
from viz_app.components.lesson.lesson import LessonPanel
from viz_app.components.page import Page
from viz_app.components.wire import whole_numbers
from viz_app.controls.asking import Asking
from viz_app.lessons import (
    FILES,
    Lesson,
    LessonError,
    Progress,
    Record,
    bundled,
    hand_in,
    other_seed,
    pack,
    read_kept,
    read_lesson,
    unpack,
    write_answers,
    write_short,
)
from viz_app.lessons.answer import Given
from viz_app.place import address
from viz_app.place.address import BESIDE_LESSON, LESSON_WORD, LEVEL_WORD, STEP_WORD, TEXT_WORD
from viz_app.place.place import LESSON, SIDES
from viz_app.style import sheets
from viz_app.style.notation import markup
from viz_app.viewer import Viewer
from viz_app.watch import watch
from viz_app.words import sentence

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
        # The step in sight, and how many there were.
        self._asking: Asking | None = None
        self._number, self._is_over = 0, False
        # Iteration, stage and inner stage at which it was arrived.
        self._home = (0, 0, 0)
        self._was_explained = False
        # Whether an address has opened the lesson, which says which step is meant; and the letters
        # by which a link carries one of somebody's own.
        self._is_linked, self._letters = False, ""
        # Where the end of a lesson leads that is tried by who composes it; None for any other.
        self._back: Callable[[], None] | None = None
        watch(viewer, ["look"], lambda *_: self._follow())

    @property
    def is_on(self) -> bool:
        """Whether there is a lesson."""
        return self.lesson is not None

    # How one comes to it, and leaves it.

    def open(self, query: Mapping[str, str]) -> tuple[str, ...]:
        """Go to the step that an address leads to, or return why there is none."""
        name, letters = query[LESSON_WORD], query.get(TEXT_WORD, "")
        is_on = self.lesson is not None and self.lesson.name == name
        if not is_on or letters not in ("", self._letters):
            try:
                lesson = self._linked(name, letters)
            except ValueError as error:
                self.close()
                return (f"{LESSON_WORD}: {error}",)
            self._begin(lesson, letters=letters)
            self._is_linked = True
        lesson = self._lesson
        at = address.read_step(query, len(lesson.steps))
        self.progress = replace(self.progress.at(at.number), seed=at.seed, level=at.level)
        beside = {word: query[word] for word in BESIDE_LESSON if word in query}
        strange = {word: query[word] for word in query if word not in address.ALL_WORDS}
        self._go(beside | strange, at.wrong)
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
        try:
            letters, too_long = pack(text), ""
        except LessonError as error:
            letters, too_long = "", sentence(error)
        self._begin(lesson, kept, letters, too_long)
        self._visit()
        return ""

    def try_out(self, lesson: Lesson, step: int, back: Callable[[], None]) -> None:
        """Begin a lesson that is still composed at a step; nothing is kept of it.

        Args:
            lesson: the lesson.
            step: number of the step.
            back: called when it ends.
        """
        self._begin(lesson)
        self._back = back
        self.progress = self.progress.at(step)
        self._visit()

    def close(self) -> None:
        """End the lesson: what is known of it is kept."""
        if self.lesson is None:
            return
        self.lesson = self._asking = None
        self._letters = self._browser.carried = ""
        back, self._back = self._back, None
        self._viewer.uncover()
        if self._viewer.place.side == LESSON:
            self._viewer.change(side=SIDES[0])
        self._draw()
        if back is not None:
            back()

    def named(self, name: str) -> Lesson:
        """Return the lesson that is on, or one that comes along.

        Raises:
            KeyError: there is none of this name.
        """
        is_on = self.lesson is not None and self.lesson.name == name
        return self._lesson if is_on else bundled(name)

    def words(self) -> dict[str, str]:
        """Return the words of the address of the step in sight; none if it has no address."""
        if self.lesson is None or self._back is not None:
            return {}
        progress, place = self.progress, self._viewer.place
        words = {LESSON_WORD: self.lesson.name, STEP_WORD: str(progress.step)}
        if progress.seed is not None:
            words["seed"] = str(progress.seed)
        if progress.level:
            words[LEVEL_WORD] = str(progress.level)
        return words | address.beside_lesson(place)

    def _linked(self, name: str, letters: str) -> Lesson:
        """Return the lesson that an address names, or carries.

        Raises:
            ValueError: there is none of this name, or the text in the link is none.
        """
        if name in FILES:
            return bundled(name)
        if name != OWN:
            raise ValueError(f"{name[:40]!r} is not one of {', '.join(FILES)}")
        if not letters:
            raise ValueError(
                "this link carries no text: open the lesson's file again under Lessons"
            )
        return read_lesson(unpack(letters), OWN, self._viewer.run.limits)

    def _begin(self, lesson: Lesson, kept: str = "", letters: str = "", too_long: str = "") -> None:
        if self._back is not None:
            self.close()
        self.lesson, self.progress, self._is_over = lesson, Progress.of(lesson), False
        self._is_linked, self._letters = False, letters if lesson.name == OWN else ""
        fragment = self._browser.carried = address.carrying(self._letters)
        link = address.text({LESSON_WORD: lesson.name, STEP_WORD: "1"}) + fragment
        address_of_own = link if fragment else ""
        self.panel.carried = {
            "name": lesson.name, "address": address_of_own, "refused": too_long
        }  # fmt: skip
        before = self._kept(kept)
        if before is not None:
            self.progress = before.at(min(before.step, len(lesson.steps)))

    def _kept(self, text: str) -> Progress | None:
        """Return the progress in this lesson that a page has kept; None if it is none."""
        try:
            found = read_kept(text) if text else None
        except LessonError:
            return None
        lesson = self._lesson
        is_same = found is not None and (found.lesson, found.digest) == (lesson.name, lesson.digest)
        return found if is_same else None

    def _take_up(self, text: str) -> None:
        """Take up what a page has kept of the lesson that an address, or a file, has opened."""
        before = self._kept(text)
        if before is None or self.progress.tries:
            return
        if not self._is_linked:
            # A file was opened: no address says which step is meant.
            self.progress = before.at(min(before.step, len(self._lesson.steps)))
            self._go(address.beside_lesson(self._viewer.place))
            return
        now = self.progress
        visited = tuple(dict.fromkeys((*before.visited, *now.visited)))
        self.progress = replace(now, tries=before.tries, visited=visited)
        if self._asking is not None and self._asking.is_there:
            self._answered_before(self._asking)

    @property
    def _lesson(self) -> Lesson:
        assert self.lesson is not None
        return self.lesson

    # From step to step.

    def _visit(self) -> None:
        """Go to the step of the progress; the browser's Back leads to where one was."""
        if self._back is None:
            self._browser.visited += 1
        self._go(address.beside_lesson(self._viewer.place))

    def _go(self, beside: Mapping[str, str], wrong: Sequence[str] = ()) -> None:
        lesson, progress = self._lesson, self.progress
        step = lesson.steps[progress.step - 1].with_seed(progress.seed, progress.level)
        self._number += 1
        asking = self._asking = Asking(step, self._number)
        self._is_over = False
        moment = address.read({**beside, **step.words}, self._viewer.run.limits)
        place = replace(moment.place, side=LESSON)
        moment = replace(moment, place=place, wrong=(*moment.wrong, *wrong))
        self._viewer.open(moment, lambda: self._arrive(asking))
        self._draw()

    def _arrive(self, asking: Asking) -> None:
        """Answer what a step asks, and cover it, before anybody has seen it."""
        if asking is not self._asking:
            return
        viewer = self._viewer
        self._home = self._here
        asking.arrive(Record(viewer.run.trace, viewer.place, asking.step.line))
        self._answered_before(asking)

    def _answered_before(self, asking: Asking) -> None:
        """Say what was said of an answer that was given before, and cover what is asked."""
        step, progress = asking.step, self.progress
        here = (step.number, step.seed, progress.level)
        tries = [one for one in progress.tries if (one.step, one.seed, one.level) == here]
        if tries:
            asking.commit(tries[-1].given)
        self._viewer.cover(asking.covered)
        self._draw()

    # What somebody does.

    def _hear(
        self,
        number: int = 0,
        press: str = "",
        given: Given = None,
        cell: Sequence[int] | None = None,
        kept: str = "",
        save: str | None = None,
    ) -> None:
        # What was done to a question that has gone is none to the present one.
        if self.lesson is None or number != self._number:
            return
        with pn.io.hold():
            if save is None:
                self._do(press, given, cell, kept)
            else:
                self._save(save)

    def _save(self, name: str) -> None:
        """Hand the file of answers over, with the name that somebody may have filled in."""
        lesson, whose = self._lesson, re.sub(r"\W+", "-", name[:40].lower()).strip("-")
        file = "-".join(filter(None, ["answers", lesson.name, whose]))
        self.panel.hand_over(f"{file}.json", hand_in(self.progress, lesson, name))
        self._viewer.tell_saved(f"{file}.json")

    def _do(self, press: str, given: Given, cell: Sequence[int] | None, kept: str) -> None:
        asking = self._asking
        if kept:
            self._take_up(kept)
        elif cell is not None and asking is not None and asking.clicked_at is not None:
            self._click(asking, asking.clicked_at.array, whole_numbers(cell))
        elif given is not None:
            self._commit(given)
        else:
            self._press(press)

    def _press(self, press: str) -> None:
        lesson, progress, asking = self._lesson, self.progress, self._asking
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
        elif press == "again" and asking is not None:
            step_of_file = lesson.steps[progress.step - 1]
            limits, level = self._viewer.run.limits, progress.level + 1
            seed = other_seed(step_of_file, asking.step.seed, level, limits)
            self.progress = progress.again(seed)
            self._visit()
        elif press == "explain" and asking is not None and asking.explained is not None:
            self._viewer.visit(asking.explained)
        elif press == "answer":
            self.show_answer()
        elif press == "anew":
            self.progress = Progress.of(lesson)
            self._visit()
        elif press == "close":
            self.close()

    def _commit(self, given: Given) -> None:
        asking = self._asking
        if asking is None or not asking.is_there:
            return
        judged = asking.commit(None if asking.clicked_at is not None else given)
        if judged is not None and asking.verdict is not None:
            seed, verdict, now = asking.step.seed, asking.verdict, round(time(), 3)
            took = round(now - asking.since, 1)
            self.progress = self.progress.committed(seed, judged, verdict, now, took)
            self._viewer.uncover()
        self._draw()

    def show_answer(self) -> None:
        """Show a class the answer to the question in sight: nobody has given it."""
        asking = self._asking
        if asking is None or not asking.is_open or not self._viewer.place.present or self._is_over:
            return
        with pn.io.hold():
            asking.show()
            self._viewer.cover(asking.covered)
            self._draw()

    def takes(self, array: str, index: Sequence[int]) -> bool:
        """Hear that a cell of the stage in sight was clicked; return whether that is an answer."""
        asking = self._asking
        asked = None if asking is None or self._is_over else asking.clicked_at
        if asking is None or asked is None or not self._is_here(asked):
            return False
        self._click(asking, array, index)
        return True

    def _click(self, asking: Asking, array: str, index: Sequence[int]) -> None:
        asking.click(array, index, self._viewer.place.notation)
        self._draw()

    # What is shown.

    def spotlight(self) -> dict[str, Any]:
        """Return what is lit on the board, and what is marked; see `Asking.spotlight`."""
        if self._asking is None or self._is_over:
            return {}
        return self._asking.spotlight(self._is_here)

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
    def _here(self) -> tuple[int, int, int]:
        """Iteration, stage and inner stage in sight."""
        viewer = self._viewer
        return viewer.trace.iteration, viewer.place.stage, viewer.place.inner

    def _draw(self) -> None:
        lesson, asking = self.lesson, self._asking
        if lesson is None or asking is None:
            self.panel.param.update(content={}, lit=[])
        else:
            controls = [] if self._is_over else asking.step.controls
            self.panel.param.update(
                content=self._message(lesson, asking),
                lit=[control.replace(" ", "-") for control in controls],
                kept={"key": ""} if self._back else _kept_message(lesson, self.progress),
            )
        self._changed()

    def _message(self, lesson: Lesson, asking: Asking) -> dict[str, Any]:
        notation = self._viewer.place.notation
        title = {"lesson": markup(lesson.title, notation), "count": len(lesson.steps)}
        message = title | asking.message(notation) | {"tried": self._back is not None}
        if self._is_over:
            return message | {"over": self._over(lesson)}
        if asking.is_there and self._here != self._home:
            message["away"] = True
        if asking.is_open and self._viewer.place.present:
            message["showable"] = True
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
            "mathematics": lesson.mathematics,
        }


def _kept_message(lesson: Lesson, progress: Progress) -> dict[str, Any]:
    """Return what is kept of a lesson: by the browser, or by the platform that it is opened in."""
    return {
        "key": _key(lesson),
        "text": write_answers(progress),
        "short": write_short(progress),
        "step": progress.step,
        "score": progress.score(lesson),
        "done": progress.is_done(lesson),
    }


def _key(lesson: Lesson) -> str:
    """Return under which key the progress in a lesson is kept."""
    return lesson.name if lesson.name in FILES else f"{lesson.name} {lesson.digest}"

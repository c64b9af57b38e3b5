"""A lesson that somebody composes of what they look at, tries, saves and finds again."""

from __future__ import annotations

from typing import Any

import pytest

from viz_app.components.page import Page
from viz_app.controls.composing import Composing
from viz_app.controls.lesson import Lessons
from viz_app.dashboard import Dashboard
from viz_app.lessons import FILES, Draft, draft_of, read_lesson
from viz_app.place import address
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.viewer import Viewer

NAME = "1-one-iteration"


class Teacher:
    """Somebody who composes, and says what the page would say."""

    def __init__(self) -> None:
        self.viewer = Viewer(Run(PRESETS["one"].recipe("one")))
        self.lessons = Lessons(self.viewer, Page(), lambda: None)
        self.composing = Composing(self.viewer, self.lessons, lambda: None)
        self.saved = list[tuple[str, str]]()
        self.composing.panel.hand_over = lambda *file: self.saved.append(file)  # type: ignore[method-assign]

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = self.composing.panel.content
        return content

    @property
    def draft(self) -> Draft:
        assert self.composing.work is not None
        return self.composing.work.draft

    @property
    def form(self) -> dict[str, Any]:
        form: dict[str, Any] = self.content["form"]
        return form

    def begin(self, **what: object) -> None:
        self.composing._hear(begin=what)

    def says(self, **said: Any) -> None:
        self.composing._hear(key=self.content["key"], **said)

    def enter(self, **fields: object) -> None:
        for key, value in fields.items():
            self.says(enter={"number": self.content["chosen"], "key": key, "value": value})


@pytest.fixture
def teacher() -> Teacher:
    return Teacher()


def test_a_lesson_is_composed_tried_and_saved(teacher: Teacher) -> None:
    viewer = teacher.viewer
    viewer.go_to_stage(0, 2)
    teacher.begin()
    assert viewer.place.side == "compose"
    assert teacher.form["fields"]["moment"] == "preset=one&seed=0"
    assert teacher.form["fault"]["key"] == "learns"
    teacher.says(press="try")
    assert (
        teacher.content["said"]
        == "It cannot be tried yet. The head of the lesson is not right, see below."
    )
    teacher.enter(title="Sums", learns="A product of matrices.")
    teacher.says(press="try")
    assert teacher.content["said"].endswith("0 steps; expected 1 to 30, each under ##")
    teacher.says(press="add")
    assert teacher.form["fields"] == {"moment": "inner=3"}
    teacher.enter(title="First", text="X^(col) is a matrix.")
    assert "<math" in teacher.form["shown"]["text"]
    teacher.says(kind="number")
    assert teacher.content["pick"] == "ask"
    assert teacher.composing.takes("K_X_col", [0, 5])
    assert teacher.form["fields"]["number"] == "K_X_col[0,5]"
    marks = teacher.composing.spotlight()["marks"]
    assert marks == [{"key": "K_X_col", "kind": "chosen", "cells": [[0, 5]]}]
    assert teacher.form["fault"]["key"] == "ask"
    teacher.says(choose=0)
    teacher.says(press="save")
    assert teacher.content["said"].startswith("Step 1 is not right yet: the file can be opened")
    assert draft_of(teacher.saved.pop()[1]) == teacher.draft
    teacher.says(press="try")
    assert (teacher.composing.is_tried, teacher.content["chosen"]) == (False, 1)
    teacher.enter(ask="How large?", why="It is {K_X_col[0,5]}.")
    value = viewer.trace.stages[0].array("K_X_col")[0, 5]
    assert teacher.form["answer"]["said"] == f"{value:.4g}"
    assert f"{value:.4g}" in teacher.form["answer"]["why"]
    teacher.says(press="try")
    assert teacher.composing.is_tried
    assert not teacher.composing.is_on
    assert teacher.lessons.panel.content["tried"]
    assert teacher.lessons.panel.kept["key"] == ""
    assert teacher.lessons.words() == {}
    assert viewer.covered
    viewer.step()
    teacher.lessons._hear(number=teacher.lessons.panel.content["number"], press="close")
    assert not viewer.covered
    assert (viewer.place.side, viewer.place.inner) == ("compose", 2)
    assert teacher.content["chosen"] == 1
    teacher.says(press="save")
    ((name, text),) = teacher.saved
    assert name == "sums.md"
    (step,) = read_lesson(text).steps
    assert (step.title, step.words["inner"]) == ("First", "3")


def test_a_lesson_that_begins_ends_the_try(teacher: Teacher) -> None:
    teacher.begin(copy=NAME)
    teacher.says(press="try")
    teacher.lessons.start(NAME)
    assert not teacher.composing.is_tried
    assert teacher.lessons.panel.kept["key"] == NAME
    assert teacher.viewer.place.side == "lesson"


def test_a_step_is_gone_to_captured_again_and_clicked_at_elsewhere(teacher: Teacher) -> None:
    viewer = teacher.viewer
    teacher.begin(copy=NAME)
    teacher.says(choose=3)
    assert viewer.place.stage == 5
    assert teacher.form["answer"]["fair"]
    assert not teacher.content["away"]
    viewer.step()
    assert teacher.content["away"]
    teacher.says(press="here")
    assert (viewer.place.stage, teacher.content["away"]) == (5, False)
    viewer.go_to_stage(12)
    teacher.says(press="capture")
    assert teacher.form["fields"]["moment"] == "stage=13"
    assert teacher.form["fault"]["key"] == "point"
    teacher.says(press="undo")
    assert viewer.place.stage == 5
    # Of another stage of the iteration, but not of another iteration.
    teacher.says(pick="ask")
    viewer.go_to_stage(0)
    assert teacher.composing.takes("X_in", [0, 0, 1, 1])
    assert teacher.form["fields"]["largest"] == "X_in of forward conv"
    viewer.run.advance()
    assert teacher.composing.takes("X_in", [0, 0, 1, 1])
    assert "not the moment of the step" in teacher.content["said"]
    # Nothing is picked: then a click explains.
    teacher.says(pick="ask")
    assert not teacher.composing.takes("X_in", [0, 0, 1, 1])
    # A moment that is typed is another one.
    teacher.says(press="here")
    teacher.enter(moment="stage=2")
    assert teacher.content["away"]
    assert "answer" not in teacher.form


def test_steps_are_removed_and_brought_back(teacher: Teacher) -> None:
    teacher.begin(copy=NAME)
    teacher.says(choose=2)
    teacher.says(press="remove")
    assert teacher.content["said"].endswith("was removed; Undo brings it back.")
    assert len(teacher.content["steps"]) == len(draft_of(FILES[NAME]).steps) - 1
    teacher.says(press="undo")
    assert teacher.content["chosen"] == 2
    assert teacher.viewer.place.stage == 0
    teacher.says(press="down")
    assert [step["kind"] for step in teacher.content["steps"][:3]] == ["", "largest", "cells"]
    teacher.says(press="close")
    assert teacher.content == {}
    assert teacher.viewer.place.side == "explain"


def test_what_the_browser_has_kept_is_gone_on_with(teacher: Teacher) -> None:
    teacher.begin(copy=NAME)
    teacher.says(choose=3)
    teacher.enter(title="Mine")
    kept = teacher.composing.panel.kept
    other = Teacher()
    other.composing.wake()
    assert other.content == {"waits": True}
    assert other.composing.is_on
    other.begin(draft=kept)
    assert (other.content["chosen"], other.form["title"]) == (3, "Mine")
    assert other.content["key"] == teacher.content["key"]
    assert other.viewer.place.stage == 5
    # What was typed last, and had not arrived.
    entry = {"number": 3, "key": "title", "value": "Ours"}
    other.composing._hear(key=kept["key"], enter=entry, count=1)
    assert (other.form["title"], other.content["count"]) == ("Ours", 1)
    other.composing._hear(key="another", enter=entry | {"value": "Theirs"}, count=2)
    assert other.form["title"] == "Ours"


def test_a_file_that_is_broken_is_mended(teacher: Teacher) -> None:
    teacher.begin()
    teacher.begin(file="no lesson")
    assert teacher.content["said"].startswith("This file has not the parts of a lesson. Line 1")
    teacher.begin(file=FILES[NAME].replace("ask: Which", "ask: a: b"))
    broken = [k for k, step in enumerate(teacher.content["steps"], 1) if step["faulty"]]
    assert broken
    teacher.says(choose=broken[0])
    assert teacher.form["fields"] is None
    assert teacher.form["fault"]["key"] == "block"
    teacher.says(kind="cells")
    assert teacher.content["said"].startswith("A part cannot be read; mend it as text.")
    teacher.enter(block=teacher.form["block"].replace("a: b", "What"))
    assert teacher.form["fault"] is None
    teacher.enter(text="x" * 70_000)
    assert "at most 60,000 characters" in teacher.content["said"]
    teacher.enter(text="Si\u202egns")
    assert teacher.form["text"] == "Signs"


def test_the_address_of_who_composes_is_shared_without_it() -> None:
    dashboard = Dashboard(Viewer(Run(PRESETS["one"].recipe("one"))))
    dashboard.composing._hear(begin={"copy": NAME})
    assert dashboard.side.titles[0] == dashboard.side.front == "Compose"
    assert "side=compose" in dashboard.browser.address
    assert "side=" not in dashboard.header.address
    dashboard.composing._hear(key=dashboard.composing._key, press="try")
    assert "Compose" not in dashboard.side.titles
    assert "side=compose" in dashboard.browser.address
    other = Dashboard(Viewer(Run(PRESETS["one"].recipe("one"))))
    other.open(address.parse(dashboard.browser.address))
    assert other.composing.panel.content == {"waits": True}
    assert other.side.front == "Compose"

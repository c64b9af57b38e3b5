"""A lesson that leads a viewer: what is covered, said, kept, and written into the address."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.viz_app.viewers import arrive
from viz_app.components.page import Page
from viz_app.controls.lesson import Lessons
from viz_app.lessons import FILES, bundled
from viz_app.place import address
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.viewer import Viewer

NAME = "1-one-iteration"
COUNT = len(bundled(NAME).steps)


class Reader:
    """Somebody with a lesson, who says what the page would say."""

    def __init__(self) -> None:
        self.viewer = Viewer(Run(PRESETS["digits"].recipe("digits")))
        self.lessons = Lessons(self.viewer, Page(), lambda: None)

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = self.lessons.panel.content
        return content

    def says(self, **said: object) -> None:
        self.lessons._hear(number=self.content["number"], **said)  # type: ignore[arg-type]

    def open(self, **words: str) -> tuple[str, ...]:
        said = self.lessons.open({"lesson": NAME, **words})
        arrive(self.viewer)
        return said


@pytest.fixture
def reader() -> Reader:
    return Reader()


def step_array(viewer: Viewer) -> Any:  # noqa: ANN401
    return viewer.trace.stage("update", "conv").inner["weight"]["step"]


def test_a_number_is_covered_until_it_is_answered(reader: Reader) -> None:
    assert reader.open(step=str(COUNT)) == ()
    assert reader.viewer.place.side == "lesson"
    assert np.isnan(step_array(reader.viewer)).sum() == 1
    assert not {"verdict", "given"} & reader.content.keys()
    assert reader.content["why"] == ""
    reader.says(given="")
    assert reader.content["error"] == "There is no answer yet."
    reader.says(given="much")
    assert reader.content["error"] == "Much is no number; expected one, such as -0.25"
    assert "verdict" not in reader.content
    reader.says(given="7")
    assert reader.content["verdict"]["right"] is False
    assert not np.isnan(step_array(reader.viewer)).any()
    # What was done to a question that has gone counts no more.
    reader.lessons._hear(number=reader.content["number"] - 1, press="again")
    assert reader.lessons.progress.level == 0
    reader.says(press="again")
    assert reader.lessons.words()["seed"] == str(reader.lessons.progress.seed)
    assert np.isnan(step_array(reader.viewer)).sum() == 1


def test_cells_are_chosen_given_up_and_framed(reader: Reader) -> None:
    reader.open(step="2")
    lessons = reader.lessons
    assert lessons.takes("X_in", [0, 0, 1, 2])
    assert lessons.takes("X_in", [0, 0, 0, 0])
    assert [cell["words"] for cell in reader.content["chosen"]] == [
        "row 0, column 0", "row 1, column 2",
    ]  # fmt: skip
    assert lessons.takes("X_out", [0, 0, 0, 0])
    assert reader.content["error"] == "Click cells of X(in)."
    reader.says(cell=[0, 0, 0, 0])
    assert lessons.spotlight()["marks"] == [
        {"key": "X_in", "kind": "chosen", "cells": [[0, 0, 1, 2]]}
    ]
    reader.says(given="")
    kinds = {mark["kind"]: len(mark["cells"]) for mark in lessons.spotlight()["marks"]}
    assert kinds["right"] == 9
    # Now a click explains, as ever.
    assert not lessons.takes("X_in", [0, 0, 0, 0])


def test_an_address_says_what_it_cannot_lead_to(reader: Reader) -> None:
    known = reader.lessons.open({"lesson": "0-nothing"})
    assert known[0].startswith("lesson: '0-nothing' is not one of 1-one-iteration, ")
    assert not reader.lessons.is_on
    (missing,) = reader.lessons.open({"lesson": "own"})
    assert missing.endswith("carries no text: open the lesson's file again under Lessons")
    assert reader.open(step="99", stage="3") == ()
    assert f"step: 99 is not a whole number from 1 to {COUNT}" in reader.viewer.message
    assert "stage: left out, the step says where to look" in reader.viewer.message
    assert reader.lessons.words() == {"lesson": NAME, "step": "1"}
    (wrong,) = address.read({"step": "3"}).wrong
    assert wrong == "step: is no part of a moment; a link to a lesson is ?lesson=NAME&step=1"


def test_who_comes_back_goes_on(reader: Reader) -> None:
    reader.open(step="7")
    reader.says(given=1)
    kept = reader.lessons.panel.kept
    assert kept["key"] == NAME
    other = Reader()
    other.lessons.start(NAME, kept["text"])
    arrive(other.viewer)
    assert other.content["step"] == 7
    assert other.content["verdict"]["right"] is False
    assert other.content["given"] == 1
    # Opened by a link, it hears a little later what the page has kept.
    third = Reader()
    third.open(step="7")
    assert "verdict" not in third.content
    third.says(kept=kept["text"])
    assert third.content["verdict"]["right"] is False
    # A file is known by its content.
    own = Reader()
    own.lessons.start_own(FILES[NAME])
    for _ in range(3):
        own.says(press="next")
    own.says(given=0)
    again = Reader()
    again.lessons.start_own(FILES[NAME])
    again.says(kept=own.lessons.panel.kept["text"])
    assert again.content["step"] == 4
    assert "verdict" in again.content
    fourth = Reader()
    fourth.lessons.start(NAME, kept["text"].replace("7", "8"))
    assert fourth.content["step"] == 1


def test_a_lesson_of_ones_own_travels_in_its_link(reader: Reader) -> None:
    assert reader.lessons.start_own(FILES[NAME]) == ""
    link, browser = reader.lessons.panel.carried, reader.lessons._browser
    words = address.parse(link["address"])
    assert (words["lesson"], words["step"]) == ("own", "1")
    assert link["address"].endswith(browser.carried)
    for _ in range(3):
        reader.says(press="next")
    reader.says(given=0)
    assert len(reader.lessons.progress.tries) == 1
    kept = reader.lessons.panel.kept["text"]
    other = Reader()
    assert other.lessons.open({**words, "step": "3", "seed": "5"}) == ()
    assert other.lessons.words() == {"lesson": "own", "step": "3", "seed": "5"}
    assert other.lessons._browser.carried == browser.carried
    # The address says which step is meant; what was answered there is another matter.
    other.says(kept=kept)
    assert (other.content["step"], other.lessons.progress.tries) == (
        3,
        reader.lessons.progress.tries,
    )
    # On the way back it is the same lesson, with or without its text.
    before = other.lessons.lesson
    assert other.lessons.open({"lesson": "own", "step": "1"}) == other.lessons.open(words) == ()
    assert other.lessons.lesson is before
    damaged = {**words, "text": words["text"][:-9]}
    assert other.lessons.open(damaged)[0].startswith("lesson: a link whose text is")
    assert not other.lessons.is_on
    assert other.lessons._browser.carried == ""
    reader.lessons.start(NAME)
    assert (reader.lessons.panel.carried["address"], browser.carried) == ("", "")


def test_a_class_is_shown_the_answer_that_nobody_has_given(reader: Reader) -> None:
    reader.open(step=str(COUNT))
    reader.lessons.show_answer()
    assert "told" not in reader.content
    assert np.isnan(step_array(reader.viewer)).sum() == 1
    reader.viewer.change(present=True)
    assert reader.content["showable"]
    reader.lessons.show_answer()
    right = reader.content["told"]["said"]
    assert right in reader.content["why"]
    assert not np.isnan(step_array(reader.viewer)).any()
    assert not {"verdict", "showable"} & reader.content.keys()
    # It is no answer, and there is none any more with these numbers.
    reader.says(given=right)
    assert "verdict" not in reader.content
    assert reader.lessons.progress.tries == ()
    reader.says(press="again")
    assert np.isnan(step_array(reader.viewer)).sum() == 1
    assert reader.content["showable"]
    # Cells are framed, not only named.
    reader.open(step="2", present="1")
    reader.lessons.takes("X_in", [0, 0, 1, 2])
    reader.says(press="answer")
    assert [(m["kind"], len(m["cells"])) for m in reader.lessons.spotlight()["marks"]] == [
        ("right", 9)
    ]
    reader.says(press="explain")
    assert reader.viewer.place.side == "explain"


def test_who_moves_on_finds_the_way_back_and_the_end(reader: Reader) -> None:
    reader.open(step="2")
    assert "away" not in reader.content
    reader.viewer.step()
    assert reader.content["away"]
    reader.says(press="here")
    assert "away" not in reader.content
    for _ in range(COUNT):
        reader.says(press="next")
    asks = [step for step in bundled(NAME).steps if step.question]
    assert (reader.content["over"]["asked"], reader.content["over"]["right"]) == (len(asks), 0)
    assert reader.lessons.spotlight() == {}
    reader.says(press="anew")
    assert (reader.content["step"], reader.lessons.progress.visited) == (1, (1,))
    reader.open(step=str(COUNT))
    reader.says(press="next")
    reader.says(press="back")
    assert reader.content["step"] == COUNT
    reader.says(press="close")
    assert reader.content == {}
    assert not reader.viewer.covered
    assert reader.viewer.place.side == "explain"
    assert reader.lessons.words() == {}


def test_an_explanation_that_is_closed_leads_back(reader: Reader) -> None:
    reader.open(step="6")
    reader.says(given="+")
    reader.says(press="explain")
    assert reader.viewer.place.side == "explain"
    reader.viewer.deselect()
    assert reader.viewer.place.side == "lesson"


def test_a_link_leads_to_a_level_of_fading(reader: Reader) -> None:
    name = "2-convolution-as-product"

    def blanks() -> list[bool]:
        return [term["blank"] for term in reader.content["terms"]]

    reader.lessons.open({"lesson": name, "step": "3"})
    assert sum(blanks()) == 2
    first = reader.lessons.words()
    reader.says(given=["0", "0"])
    reader.says(press="again")
    assert reader.content["terms"] == []
    words = reader.lessons.words()
    assert (words["level"], words["step"]) == ("1", "3")
    reader.says(given=["1"])
    assert "verdict" in reader.content
    # Back, and forward again: each as it was, with what was answered there.
    reader.lessons.open(first)
    assert sum(blanks()) == 2
    assert "verdict" in reader.content
    reader.lessons.open(words)
    assert reader.content["terms"] == []
    assert "verdict" in reader.content


COPIES = """---
title: Copies
minutes: 5
learns: A pixel adds up.
moment: preset=one&stage=11&inner=3
---
## One
Text.
```step
ask: What does it add up?
terms: g_X_in[0,0,2,2]
blanks: 2
why: So.
```
"""


def test_a_term_of_one_factor_is_not_told_by_it(reader: Reader) -> None:
    assert reader.lessons.start_own(COPIES) == ""
    blank = [term for term in reader.content["terms"] if term["blank"]]
    assert [term["factors"] for term in blank] == [[], []]
    reader.says(given=["7", "7"])
    blank = [term for term in reader.content["terms"] if term["blank"]]
    assert [term["factors"] for term in blank] == [[term["value"]] for term in blank]

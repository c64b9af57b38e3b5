"""A lesson that is written reads as it was."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from viz_app.lessons import FILES, Lesson, bundled, read_lesson, write_lesson
from viz_app.lessons.question import Tolerance


def without_lines(lesson: Lesson) -> str:
    # The order of the words of an address does not count.
    steps = tuple(replace(step, words=dict(sorted(step.words.items()))) for step in lesson.steps)
    return re.sub(r"line=\d+", "", repr(replace(lesson, digest="", steps=steps)))


@pytest.mark.parametrize("name", FILES)
def test_a_written_lesson_is_the_same(name: str) -> None:
    lesson = bundled(name)
    text = write_lesson(lesson)
    assert without_lines(read_lesson(text, name)) == without_lines(lesson)
    assert write_lesson(read_lesson(text, name)) == text


def test_whatever_somebody_types_comes_back() -> None:
    lesson = bundled("1-one-iteration")
    first, second = lesson.steps[:2]
    assert second.question is not None
    odd = replace(
        second,
        title="Yes: no # 1",
        text="- a: 'b' \"c\", [d] & {x}^{2}? Nein!".replace("{x}", "x"),
        words={**second.words, "model": "conv 1 k3, relu, pool 2, flatten, linear {classes}"},
        question=replace(second.question, ask="%TAG: is 5 > 3?", tolerance=Tolerance(0.0, 0.5)),
    )
    whole = replace(lesson, title="@ null", learns="12:30", steps=(first, odd))
    assert without_lines(read_lesson(write_lesson(whole), lesson.name)) == without_lines(whole)

"""A draft that is written reads as it was, whatever somebody has typed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from viz_app.lessons import FILES, Lesson, bundled, draft_of, read_lesson, write_lesson
from viz_app.lessons.composing.draft import Draft, DraftStep
from viz_app.lessons.composing.fields import Value, block_of, fields_of


def without_lines(lesson: Lesson) -> str:
    # The order of the words of an address does not count.
    steps = tuple(replace(step, words=dict(sorted(step.words.items()))) for step in lesson.steps)
    return re.sub(r"line=\d+", "", repr(replace(lesson, digest="", steps=steps)))


@pytest.mark.parametrize("name", FILES)
def test_a_written_lesson_is_the_same(name: str) -> None:
    draft = draft_of(FILES[name])
    # To the last character, where nobody has touched it.
    assert write_lesson(draft) == FILES[name]
    steps = tuple(replace(step, block=block_of(fields_of(step.block))) for step in draft.steps)
    rewritten = write_lesson(Draft(block_of(fields_of(draft.head)), steps))
    assert without_lines(read_lesson(rewritten, name)) == without_lines(bundled(name))
    assert write_lesson(draft_of(rewritten)) == rewritten


ODD = (
    "- a: 'b' \"c\", [d] & {e}", "Yes: no # 1", "%TAG: is 5 > 3?", "@ null", "12:30", "no", "~", "",
    "? x", "| y", "*z", "&a", "!b", "`c`", "1e3", "a:\tb", "-", "--- end",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_whatever_somebody_types_comes_back(text: str) -> None:
    fields: dict[str, Value] = {
        "ask": text,
        "number": text,
        "mistakes": [{"if": text, "why": text}],
        "point": [text],
    }
    step = DraftStep("Odd", "A text.", block_of(fields))
    draft = Draft(block_of({"title": text, "minutes": "5"}), (step, DraftStep(text, text)))
    assert [one.block for one in draft_of(write_lesson(draft)).steps] == [step.block, ""]
    words = " ".join(text.split())
    assert fields_of(step.block)["mistakes"] == [{"if": words, "why": words}]
    assert fields_of(draft.head)["title"] == words

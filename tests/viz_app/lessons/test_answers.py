"""Answers as texts: the file that is handed in, and the short form that a platform keeps."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some_of

from viz_app.lessons import (
    FILES,
    LessonError,
    Progress,
    Verdict,
    bundled,
    hand_in,
    read_answers,
    read_kept,
    write_answers,
    write_short,
)
from viz_app.lessons.answers.file import LONGEST_NAME, MOST_CHARACTERS
from viz_app.lessons.answers.short import MOST_KEPT
from viz_app.lessons.progress import MOST_TRIES

RIGHT, WRONG = Verdict(True, "+", "positive", "why"), Verdict(False, "+", "positive", "why", "no ≠")
LESSON = bundled(next(iter(FILES)))


def some() -> Progress:
    progress = Progress.of(LESSON).at(2).committed(0, [[0, 1]], WRONG, 12.5, 3.5)
    return progress.again(3).committed(3, "x̂", RIGHT, 20)


TEXT = hand_in(some(), LESSON, "Zoë")


def test_a_file_of_answers_is_read_back() -> None:
    for progress in (some(), Progress.of(LESSON)):
        assert read_answers(write_answers(progress)) == progress
        assert read_answers(hand_in(progress, LESSON, "")) == progress


def test_what_is_handed_in_says_what_it_is_about() -> None:
    content = json.loads(hand_in(some(), LESSON, "  Zoë\n X" + "." * 100))
    assert content["name"] == ("Zoë X" + "." * 100)[:LONGEST_NAME]
    assert (content["title"], content["lesson"]) == (LESSON.title, LESSON.name)
    asked = [step for step in LESSON.steps if step.question is not None and step.question.asks]
    assert [one["step"] for one in content["questions"]] == [step.number for step in asked]
    assert not [one for one in content["questions"] if "@" in one["ask"]]
    assert content["tries"][0] == {
        "step": 2, "seed": 0, "level": 0, "given": [[0, 1]], "is_right": False, "mistake": "no ≠",
        "at": 12.5, "took": 3.5,
    }  # fmt: skip


@given(some_of.integers(0, len(TEXT) - 1), some_of.characters(max_codepoint=0x2100))
def test_every_changed_character_is_noticed(at: int, character: str) -> None:
    if TEXT[at] != character:
        with pytest.raises(LessonError):
            read_answers(TEXT[:at] + character + TEXT[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"format": 1}', "x" * (MOST_CHARACTERS + 1)),
        *(TEXT[:-20], TEXT + " ", " " + TEXT, TEXT.replace("\n", "\r\n")),
        TEXT.replace('"is_right": false', '"is_right": true'),
    ],
)
def test_what_is_no_file_of_answers_is_refused(text: str) -> None:
    with pytest.raises(LessonError, match="expected"):
        read_answers(text)


def test_wrong_values_with_the_right_code_are_refused() -> None:
    whole = some()
    for changed in (
        replace(whole, step=0),
        replace(whole, step="2"),  # type: ignore[arg-type]
        replace(whole, tries=(replace(whole.tries[0], at=float("inf")),)),
        replace(whole, visited=(None,)),  # type: ignore[arg-type]
    ):
        with pytest.raises(LessonError, match="wrong values"):
            read_answers(write_answers(changed))


def test_a_mutated_text_gives_answers_or_an_error() -> None:
    rng = np.random.default_rng(0)
    for text in (TEXT, write_short(some())):
        for _ in range(300):
            at, end = np.sort(rng.integers(len(text), size=2))
            changed = text[:at] + chr(int(rng.integers(32, 127))) + text[end:]
            with suppress(LessonError):
                assert read_kept(changed) == some()


def answered(rng: np.random.Generator, tries: int) -> Progress:
    """Answer so often, at steps that come again and again, as people do."""
    progress = Progress.of(LESSON)
    for k in range(tries):
        progress = progress.at(1 + k % 30) if k < 30 else progress.at(int(rng.integers(1, 31)))
        cells = rng.integers(0, 30, (int(rng.integers(1, 9)), 4)).tolist()
        verdict = Verdict(bool(rng.integers(2)), "", "", "", "Such a step moves with the gradient.")
        at = 1_764_000_000 + round(40 * k + float(rng.random()), 3)
        progress = progress.again(k).committed(k, cells, verdict, at, float(rng.integers(300)) / 10)
    return progress


@pytest.mark.parametrize("tries", [0, 10, 30, 60, 300, MOST_TRIES])
def test_a_platform_has_room_for_what_is_kept(tries: int) -> None:
    whole = answered(np.random.default_rng(0), tries)
    text = write_short(whole)
    assert len(text) <= MOST_KEPT
    assert json.loads(text)["step"] == whole.step
    kept = read_kept(text)
    assert replace(kept, tries=()) == replace(whole, tries=())
    assert all(one in whole.tries for one in kept.tries)
    if tries <= 10:
        assert kept == whole
    # The score follows from the first answers, which are the last to be left out.
    assert kept.score(LESSON) == whole.score(LESSON)
    if tries < MOST_TRIES:
        assert [one.seed for one in kept.tries][:20] == list(range(min(tries, 20)))


def test_whatever_was_kept_does_not_fill_the_memory() -> None:
    bomb = b64encode(zlib.compress(b" " * 50_000_000, 9)).decode()
    with pytest.raises(LessonError, match="at most"):
        read_kept(json.dumps({"step": 1, "packed": bomb}))
    for packed in ("", "!", "AAAA", 7, None):
        with pytest.raises(LessonError):
            read_kept(json.dumps({"step": 1, "packed": packed}))

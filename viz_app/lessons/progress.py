"""How far somebody has come in a lesson, and what they answered: pure data, to and from JSON.

The check code of the file shows that it was changed by hand or cut off. It is no secret: who reads
this program can make one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from math import isfinite
from typing import Any

from viz_app.lessons.answer import Given, Verdict
from viz_app.lessons.error import LessonError
from viz_app.lessons.lesson import Lesson

FORMAT = "convscope answers 1"
MOST_CHARACTERS, MOST_TRIES = 500_000, 2_000


@dataclass(frozen=True)
class Try:
    """One answer.

    Attributes:
        step: number of the step, from 1.
        seed: of its numbers.
        level: of fading.
        given: the answer, as `viz_app.lessons.answer.Given`.
        is_right: whether it was right.
        mistake: what was said of a wrong one; empty if nothing was.
        at: when, in seconds; the caller says since when.
    """

    step: int
    seed: int
    level: int
    given: Given
    is_right: bool
    mistake: str
    at: float


@dataclass(frozen=True)
class Progress:
    """How far somebody has come in a lesson.

    Attributes:
        lesson: name of the lesson.
        digest: of its file; another one is another lesson.
        step: number of the step in sight, from 1.
        seed: of the numbers in sight; None for those of the file.
        level: of fading, in sight.
        tries: all answers, in order.
        visited: numbers of the steps that were in sight.
    """

    lesson: str
    digest: str = ""
    step: int = 1
    seed: int | None = None
    level: int = 0
    tries: tuple[Try, ...] = ()
    visited: tuple[int, ...] = (1,)

    @classmethod
    def of(cls, lesson: Lesson) -> Progress:
        """Return the beginning of a lesson."""
        return cls(lesson.name, lesson.digest)

    def at(self, step: int) -> Progress:
        """Return the progress at another step, with the numbers of the file."""
        visited = self.visited if step in self.visited else (*self.visited, step)
        return replace(self, step=step, seed=None, level=0, visited=visited)

    def again(self, seed: int) -> Progress:
        """Return the progress with other numbers, one level of fading further."""
        return replace(self, seed=seed, level=self.level + 1)

    def committed(self, seed: int, given: Given, verdict: Verdict, at: float) -> Progress:
        """Return the progress with one more answer to the step in sight.

        Args:
            seed: of the step's numbers.
            given: the answer.
            verdict: what was said of it.
            at: when, in seconds.
        """
        one = Try(self.step, seed, self.level, given, verdict.is_right, verdict.mistake, at)
        return replace(self, tries=(*self.tries, one)[-MOST_TRIES:])

    def is_open(self, seed: int) -> bool:
        """Return whether the question in sight, with these numbers, has no answer yet."""
        now = self.step, seed, self.level
        return all((one.step, one.seed, one.level) != now for one in self.tries)

    def is_done(self, lesson: Lesson) -> bool:
        """Return whether all steps were in sight, and all questions have an answer."""
        answered = {one.step for one in self.tries}
        return all(
            step.number in (answered if _asks(lesson, step.number) else self.visited)
            for step in lesson.steps
        )

    def score(self, lesson: Lesson) -> float:
        """Return the share of questions of which the first answer was right; 1 without any."""
        first = dict[int, bool]()
        for one in self.tries:
            first.setdefault(one.step, one.is_right)
        asked = [step.number for step in lesson.steps if _asks(lesson, step.number)]
        return sum(first.get(number, False) for number in asked) / len(asked) if asked else 1.0

    def to_json(self) -> str:
        """Return the text of a file of answers."""
        content = {"format": FORMAT, **asdict(self)}
        return json.dumps({**content, "check": _check(content)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Progress:
        """Return the progress that a file of answers holds.

        Raises:
            LessonError: it is no such file, or was changed.
        """
        if len(text) > MOST_CHARACTERS:
            raise LessonError(0, f"{len(text):,} characters", f"at most {MOST_CHARACTERS:,}")
        try:
            content = json.loads(text, parse_constant=lambda name: name)
        except (ValueError, RecursionError):
            raise LessonError(0, "a file that is no JSON", "a file of answers") from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise LessonError(0, "a file of another kind", f"one of the format {FORMAT!r}")
        if content.pop("check", None) != _check(content):
            raise LessonError(0, "a file that was changed", "the check code of its content")
        try:
            return _read(content)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            said = str(error)[:80]
            raise LessonError(0, f"a file with wrong values: {said}", "a file of answers") from None


def _asks(lesson: Lesson, number: int) -> bool:
    question = lesson.steps[number - 1].question
    # A worked example asks when it comes again.
    return question is not None and question.asks


def _check(content: Mapping[str, Any]) -> str:
    written = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()[:12]


def _read(content: Mapping[str, Any]) -> Progress:
    tries = [
        Try(
            _whole(one["step"], 1),
            _whole(one["seed"], 0),
            _whole(one["level"], 0),
            one["given"],
            bool(one["is_right"]),
            str(one["mistake"]),
            _seconds(one["at"]),
        )
        for one in content["tries"]
    ]
    seed = content["seed"]
    return Progress(
        str(content["lesson"]),
        str(content["digest"]),
        _whole(content["step"], 1),
        None if seed is None else _whole(seed, 0),
        _whole(content["level"], 0),
        tuple(tries),
        tuple(_whole(number, 1) for number in content["visited"]),
    )


def _whole(value: object, least: int) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"{value!r} is no whole number from {least}")
    return value


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{value!r} are no seconds")
    return float(value)

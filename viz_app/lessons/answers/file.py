"""The file of answers: how far somebody is in a lesson, as JSON with a check code.

The code is the CRC-32 of all that stands before it. It shows that the file was changed or cut off;
it is no proof of anything, since who reads this can make one.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from math import isfinite
from typing import Any
from zlib import crc32

from viz_app.lessons.error import LessonError
from viz_app.lessons.lesson import Lesson
from viz_app.lessons.progress import Progress, Try

FORMAT = "convscope answers 1"
MOST_CHARACTERS, LONGEST_NAME = 500_000, 80
# How a file ends.
CHECK = re.compile(r' "check": "([0-9a-f]{8})"\n}')


def write_answers(progress: Progress, **about: object) -> str:
    """Return the text of a file of answers, in ASCII.

    Args:
        progress: what was answered.
        about: what else stands in it, by name.
    """
    content = {"format": FORMAT, **about, **asdict(progress)}
    body = json.dumps(content, indent=1).removesuffix("\n}") + ",\n"
    return f'{body} "check": "{crc32(body.encode()):08x}"\n}}'


def hand_in(progress: Progress, lesson: Lesson, name: str) -> str:
    """Return the text of the file that somebody hands in: what it is about stands in it.

    Args:
        progress: what was answered.
        lesson: the lesson.
        name: of the person; may be empty.
    """
    questions = [
        {"step": step.number, "title": step.title, "ask": step.question.ask}
        for step in (step.with_seed() for step in lesson.steps)
        if step.question is not None and step.question.asks
    ]
    name = " ".join(name.split())[:LONGEST_NAME]
    return write_answers(progress, name=name, title=lesson.title, questions=questions)


def read_answers(text: str) -> Progress:
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
    end = text.rfind(' "check": ')
    found = CHECK.fullmatch(text, max(end, 0))
    if found is None or int(found[1], 16) != crc32(text[:end].encode(errors="replace")):
        raise LessonError(0, "a file that was changed", "the check code of its content")
    try:
        return _read(content)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        said = str(error)[:80]
        raise LessonError(0, f"a file with wrong values: {said}", "a file of answers") from None


def _read(content: dict[str, Any]) -> Progress:
    tries = [
        Try(
            _whole(one["step"], 1),
            _whole(one["seed"], 0),
            _whole(one["level"], 0),
            one["given"],
            bool(one["is_right"]),
            str(one["mistake"]),
            _seconds(one["at"]),
            _seconds(one["took"]),
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

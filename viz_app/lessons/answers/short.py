"""Answers in few characters, for a learning platform, which keeps 4096 of them (SCORM 1.2)."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace

from viz_app.lessons.answers.file import MOST_CHARACTERS, read_answers, write_answers
from viz_app.lessons.error import LessonError
from viz_app.lessons.progress import Progress, Try

MOST_KEPT = 4096


def write_short(progress: Progress) -> str:
    """Return answers as a text that a learning platform keeps.

    What does not fit is left out: answers that are neither the first nor the last of their step
    first of all, the oldest of them before the others; then last ones, and first ones at the end.
    """
    needed = _by_need(progress.tries)
    while True:
        tries = tuple(progress.tries[k] for k in sorted(needed))
        text = _packed(replace(progress, tries=tries))
        if len(text) <= MOST_KEPT or not needed:
            return text
        needed = needed[: min(len(needed) - 1, len(needed) * MOST_KEPT // len(text))]


def read_kept(text: str) -> Progress:
    """Return the progress that was kept, as a file of answers or in few characters.

    Raises:
        LessonError: it is neither.
    """
    try:
        packed = b64decode(json.loads(text)["packed"], validate=True)
        # No more than a file may have: whatever was kept, it does not fill the memory.
        found = zlib.decompressobj().decompress(packed, MOST_CHARACTERS + 1)
        return read_answers(found.decode())
    except LessonError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error):
        return read_answers(text)


def _packed(progress: Progress) -> str:
    packed = zlib.compress(write_answers(progress).encode(), 9)
    return json.dumps({"step": progress.step, "packed": b64encode(packed).decode()})


def _by_need(tries: Sequence[Try]) -> list[int]:
    """Return which answer is needed more than the next one."""
    first, last = dict[int, int](), dict[int, int]()
    for k, one in enumerate(tries):
        first.setdefault(one.step, k)
        last[one.step] = k
    lasts = sorted(last.values(), reverse=True)
    rest = range(len(tries) - 1, -1, -1)
    return list(dict.fromkeys([*first.values(), *lasts, *rest]))

"""The lessons that come along, as a list shows them: only their heads are read."""

from __future__ import annotations

from functools import cache
from typing import Any

from viz_app.lessons.blocks import Reader, read_block
from viz_app.lessons.read import FILES, HEAD, LONGEST_SENTENCE, MOST_MINUTES
from viz_app.style.notation import markup


@cache
def listed() -> list[dict[str, Any]]:
    """Return name, title, minutes and what is learnt of each lesson, in order; texts are HTML."""
    return [{"name": name, **_head(text)} for name, text in FILES.items()]


def _head(text: str) -> dict[str, Any]:
    _, head, _ = text.split("---\n", 2)
    reader = Reader(read_block(head, 2), HEAD)
    return {
        "title": markup(reader.text("title", LONGEST_SENTENCE).text),
        "minutes": reader.whole("minutes", 1, MOST_MINUTES),
        "learns": markup(reader.text("learns", LONGEST_SENTENCE).text),
    }

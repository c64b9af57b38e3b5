"""The lessons that come along, as a list shows them."""

from __future__ import annotations

from functools import cache
from typing import Any

from viz_app.lessons import listed
from viz_app.style.notation import markup


@cache
def entries() -> list[dict[str, Any]]:
    """Return name, title, minutes and what is learnt of each lesson, in order; texts are HTML."""
    return [
        {
            "name": entry.name,
            "title": markup(entry.title),
            "minutes": entry.minutes,
            "learns": markup(entry.learns),
        }
        for entry in listed()
    ]

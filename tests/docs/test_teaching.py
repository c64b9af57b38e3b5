"""docs/teaching.md lists the lessons that there are, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from viz_app.lessons import FILES, bundled
from viz_app.place.address import parse, read, read_step

TEXT = (Path(__file__).parents[2] / "docs" / "teaching.md").read_text("utf-8")
LINKS = sorted(set(re.findall(r"`(\?[^`]+)`", TEXT)))


def test_every_lesson_is_listed_as_it_is() -> None:
    rows = [
        f"| {name.partition('-')[0]} {bundled(name).title} | {bundled(name).minutes} "
        f"| `?lesson={name}` |"
        for name in FILES
    ]
    assert [line for line in TEXT.splitlines() if re.match(r"\| \d ", line)] == rows


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_somewhere(link: str) -> None:
    query = parse(link)
    if "lesson" in query:
        steps = len(bundled(query["lesson"]).steps)
        assert read_step(query, steps).wrong == ()
    else:
        assert read(query).wrong == ()

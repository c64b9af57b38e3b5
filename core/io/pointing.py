"""Parts of a text that people write, and errors that point at one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import SpecError

# Letters of the text that are shown at each side of the place that is wrong.
SHOWN = 40


@dataclass(frozen=True)
class Range:
    """Where a part starts and stops in the whole text."""

    start: int
    stop: int


class PointedError(SpecError):
    """An error whose message shows the text around what is wrong, with an arrow below it.

    Attributes:
        said: what is wrong, in one line.
        part: the part of the text that is wrong; its start is what the arrow points at.
    """

    def __init__(self, text: str, part: Range, said: str) -> None:
        self.said, self.part = said, part
        super().__init__(_pointed(text, part.start, said))


def split(text: str, start: int, stop: int, separator: str) -> Iterator[Range]:
    """Yield the parts of text[start:stop] between separators outside of brackets, stripped.

    Raises:
        PointedError: the brackets do not match.
    """
    depth, begin = 0, start
    for k in range(start, stop):
        if text[k] == "(":
            depth += 1
        elif text[k] == ")":
            depth -= 1
            if depth < 0:
                said = "a bracket closes that was not opened"
                raise PointedError(text, Range(k, k + 1), said)
        elif text[k] == separator and depth == 0:
            yield stripped(text, begin, k)
            begin = k + 1
    if depth > 0:
        raise PointedError(text, Range(start, stop), "a bracket is not closed")
    yield stripped(text, begin, stop)


def stripped(text: str, start: int, stop: int) -> Range:
    """Return the part of text[start:stop] without the blanks around it."""
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return Range(start, stop)


def _pointed(text: str, position: int, said: str) -> str:
    left = max(0, position - SHOWN)
    shown = text[left : position + SHOWN].replace("\n", " ")
    return f"{said} (character {position + 1})\n  {shown}\n  {' ' * (position - left)}^"

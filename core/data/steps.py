"""Work in short steps, between which others get their turn, and after each of which it can end."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """How far some work is.

    Attributes:
        what: is done, such as "Reading mnist.csv".
        share: of it that is done, 0 to 1.
    """

    what: str
    share: float

    def __str__(self) -> str:
        return f"{self.what}: {self.share:.0%}"


# Work that says after each step how far it is, and returns its result.
Steps = Generator[Step, None, T]


def finished(steps: Steps[T]) -> T:
    """Do all steps at once; return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result

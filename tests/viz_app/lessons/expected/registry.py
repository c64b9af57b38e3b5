"""What a person should answer, by lesson and number of the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.viz_app.lessons.by_hand import Hand
from viz_app.lessons import Record

# A right answer, and wrong ones by the beginning of what is said of each; empty for nothing.
Expected: TypeAlias = "tuple[Any, dict[str, Any]]"
Expect: TypeAlias = Callable[[Hand, Record, "list[int]"], Expected]
EXPECTED: dict[tuple[str, int], Expect] = {}


def expect(lesson: str, *steps: int) -> Callable[[Expect], Expect]:
    def register(function: Expect) -> Expect:
        EXPECTED.update(dict.fromkeys(((lesson, step) for step in steps), function))
        return function

    return register


def window(i: int, j: int, kernel: int = 3) -> list[list[int]]:
    return [[0, 0, i + s, j + t] for s in range(kernel) for t in range(kernel)]


def sentence(right: int, *others: str) -> Expect:
    """A choice whose answer is no number: the others, with what is said of each."""
    wrong = {said: k for k, said in enumerate(others) if said}
    return lambda hand, record, drawn: (right, wrong)


def rank(values: list[float]) -> list[int]:
    return sorted(range(len(values)), key=lambda k: -values[k])

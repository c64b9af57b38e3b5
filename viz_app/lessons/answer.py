"""The answer to a question: what is covered until then, what is right, and how one is judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from core.inspect.cell import Cell
from viz_app.cover.covered import Covered
from viz_app.lessons.question import Question, Rule
from viz_app.lessons.record import Record
from viz_app.lessons.rules import number

# An answer as JSON has it: a number, a word, the number of an option; cells as lists of indices;
# the labels of an order; the numbers in the blanks of a sum.
Given: TypeAlias = Any


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Attributes:
        is_right: whether it is right.
        right: the right answer, as `Given`.
        said: the right answer in words.
        why: one sentence why that is right.
        mistake: what a wrong answer comes from; empty if that is not known.
        explain: the cell to explain; None if there is none.
    """

    is_right: bool
    right: Given
    said: str
    why: str
    mistake: str = ""
    explain: Cell | None = None


@dataclass(frozen=True)
class Blank:
    """One term of a sum that is asked, or shown.

    Attributes:
        factors: the cells and numbers that are multiplied; a cell is None for a plain number.
        value: their product.
        is_blank: whether the value is asked.
    """

    factors: tuple[tuple[Cell | None, float], ...]
    value: float
    is_blank: bool


@dataclass(frozen=True, eq=False)
class Answer:
    """What an iteration answers to a question.

    Attributes:
        question: the question.
        right: the right answer.
        said: the same in words.
        why: one sentence why, with its numbers.
        covered: what to cover until the answer.
        explain: the cell to explain; None if there is none.
        array: the array whose cells are to be clicked; None where nothing is clicked.
        options: sentences or labels to choose from or to order, as they are shown.
        terms: those of a sum, blank or not.
        is_fair: whether the question has one clear answer, other than zero, with these numbers.
    """

    question: Question
    right: Given
    said: str
    why: str
    covered: Covered
    _read: Callable[[object], Given] = field(repr=False)
    _agrees: Callable[[Given, Given], bool] = field(repr=False)
    _mistakes: tuple[tuple[Given, str], ...] = field(repr=False, default=())
    explain: Cell | None = None
    array: Cell | None = None
    options: tuple[str, ...] = ()
    terms: tuple[Blank, ...] = ()
    is_fair: bool = True

    def judge(self, given: object) -> Verdict:
        """Return what to say of an answer.

        Args:
            given: as `Given`; a number may be the text that somebody typed.

        Raises:
            ValueError: it is no answer to this question; the message says what is expected.
        """
        read = self._read(given)
        is_right = self._agrees(read, self.right)
        fitting = (why for wrong, why in self._mistakes if self._agrees(read, wrong))
        mistake = "" if is_right else next(fitting, "")
        return Verdict(is_right, self.right, self.said, self.why, mistake, self.explain)


# In a sentence: an expression whose value is written there. Braces of a raised or lowered part are
# notation.
VALUE = re.compile(r"(?<![\^_])\{([^{}]+)\}")


def spoken(number: float) -> str:
    """Return a number as a sentence has it: four digits, with a sign that is a minus."""
    return f"{number + 0.0:.4g}".replace("-", "\N{MINUS SIGN}")


def told(text: str, line: int, record: Record) -> str:
    """Return a sentence with the values of the expressions that stand in braces in it.

    Raises:
        LessonError: one cannot be computed.
    """
    return VALUE.sub(lambda found: spoken(number(record, Rule(found[1], line))), text)

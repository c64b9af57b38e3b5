"""Which sample, channel and so on a number lies in, by the letters of its array's line."""

from __future__ import annotations

from dataclasses import replace

from core.formula.evaluate import scope_of
from core.inspect.book import Book
from core.inspect.cell import Cell
from core.inspect.trace import StepTrace


def coordinates(trace: StepTrace, cell: Cell) -> dict[str, int]:
    """Return the values that the letters of a cell's indices have, by letter.

    Raises:
        FormulaError: there is no such array, or its line is wrong.
    """
    book = Book(trace, cell)
    formula = book.formula(cell.array)
    # Sizes of letters in the lines say nothing about an array that has no line.
    constants = book.constants if formula.body or formula.origin else {}
    scope = scope_of(replace(formula, body=None), cell.index, book, constants)
    return {letter: int(value) for letter, value in scope.letters.items()}

"""Which sample, channel and so on a number lies in, by the letters of its array's line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.formula.evaluate import Scope, scope_of
from core.formula.syntax import Formula
from core.formula.tree import indices, names
from core.inspect.book import Book
from core.inspect.cell import Cell
from core.inspect.trace import StepTrace


def coordinates(trace: StepTrace, cell: Cell) -> dict[str, int]:
    """Return the values that the letters of a cell's indices have, by letter.

    Raises:
        FormulaError: there is no such array, or its line is wrong.
    """
    _, scope = _read(trace, cell)
    return {letter: int(value) for letter, value in scope.letters.items()}


def with_coordinates(trace: StepTrace, cell: Cell, **letters: int) -> Cell:
    """Return the cell of the same array at which some letters have other values.

    Letters that the array does not have are left out.

    Raises:
        FormulaError: there is no such array, or its line is wrong.
    """
    formula, scope = _read(trace, cell)
    values = {**scope.letters, **letters}
    index = []
    for part in indices(formula.target):
        sizes = [scope.size(name) for name in names(part)]
        positions = [min(int(values[name]), scope.size(name) - 1) for name in names(part)]
        index.append(int(np.ravel_multi_index(positions, sizes)) if sizes else 0)
    return replace(cell, index=tuple(index))


def _read(trace: StepTrace, cell: Cell) -> tuple[Formula, Scope]:
    book = Book(trace, cell)
    formula = book.formula(cell.array)
    # Sizes of letters in the lines say nothing about an array that has no line.
    constants = book.constants if formula.body or formula.origin else {}
    # What the line reads says how large the letters are that share an axis of the array.
    return formula, scope_of(formula, cell.index, book, constants)

"""Explains any number of a trace by the terms that it was computed from.

What computed a stage (a layer, the loss, the optimiser) states each of its arrays by a line of
index notation. The line gives the terms; every factor that lies in the trace is named by its cell,
so that one can walk from the loss back to a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from core.formula.evaluate import scope_of
from core.formula.latex import Writer
from core.formula.syntax import FormulaError, indices
from core.formula.terms import Factor, Term, Terms, break_down
from core.inspect.book import Book
from core.inspect.cell import Cell, cell_value
from core.inspect.links import link, unexplained
from core.inspect.trace import StepTrace
from core.symbols import CONSTANTS, symbol

__all__ = ["Cell", "Explanation", "Factor", "Term", "cell_value", "explain"]


@dataclass(frozen=True)
class Explanation:
    """How a number of a trace was computed.

    Attributes:
        cell: where the number lies.
        name: what it is, in words.
        formula: the formula in LaTeX, with letters for indices.
        own: the same with the indices of this cell.
        terms: what was added or compared, in the order of the formula, and their `values`.
        total: the value that follows from the terms, in float64.
        stored: the number itself.
        operation: how it follows from them: "sum", "max", "argmax" (the place of the largest) or
            "function" (of their sum).
        function: which function of their sum, in LaTeX, `x` for the sum.
        doubt: what is wrong where the line does not give the recorded number; empty as a rule.
    """

    cell: Cell
    name: str
    formula: str
    own: str
    terms: Terms = field(repr=False)
    total: float
    stored: float
    operation: str = "sum"
    function: str = ""
    doubt: str = ""


# A line is in doubt where it is off by more than this share of what was added. Not in an update,
# whose step is what a rounded value has changed by.
SHARE = 1e-3
DOUBT = (
    "the line gives {:.6g}, but {:.6g} was recorded: the formulas do not state what {} computes "
    "(are they inherited from a class that computes something else?)"
)


def explain(trace: StepTrace, cell: Cell) -> Explanation:
    """Return how the number in a cell was computed, term by term.

    Raises:
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
        FormulaError: the line that states the array is wrong.
    """
    stored, source, book = cell_value(trace, cell), link(trace, cell), Book(trace, cell)
    formula = None if source else book.formula(cell.array)
    if formula is None or formula.body is None:
        origin = (None, formula.origin) if formula else unexplained(trace, cell)
        return _linked(book, cell, stored, *(source or origin))
    try:
        with np.errstate(all="ignore"):
            scope = scope_of(formula, cell.index, book, book.constants)
            words = getattr(book.maker, "letters", {})
            found = break_down(formula.body, scope, book.cell, words)
    except (ArithmeticError, MemoryError, ValueError) as error:
        raise FormulaError(f"{cell.layer}: the line of {cell.array}: {error}") from error
    general = Writer(_latex, book.constants, CONSTANTS)
    # Rounding is of the size of what was added, here or on the way to a factor.
    largest = 0.01 * float(np.abs(book[cell.array]).max())
    size = max(float(np.abs(found.terms.values).sum()), abs(found.total), largest)
    is_right = abs(found.total - stored) <= SHARE * size or cell.phase == "update"
    own = replace(general, letters=scope.letters)
    return Explanation(
        cell=cell,
        name=cell.words,
        formula=general.formula(formula),
        own=own.formula(formula),
        terms=found.terms,
        total=found.total,
        stored=stored,
        operation=found.operation,
        doubt="" if is_right else DOUBT.format(found.total, stored, cell.layer),
        function=(found.inner and replace(own, sum=found.inner).write(formula.body)) or "",
    )


def _linked(book: Book, cell: Cell, stored: float, source: Cell | None, words: str) -> Explanation:
    """Explain a number by the cell that holds the same one, or by words."""
    letters, numbers = book.letters(cell.array), ",".join(map(str, cell.index))
    formula = book.formula(cell.array)
    if formula is not None:
        scope = scope_of(replace(formula, body=None), cell.index, book, book.constants)
        own = Writer(_latex, book.constants, CONSTANTS, scope.letters)
        numbers = ",".join(map(own.index, indices(formula.target)))
    right, value = "", f" = {stored:.6g}"
    if source is not None:
        where = "by the loss" if source.layer == "loss" else f"of {source.layer}"
        where = f"({source.phase})" if source.layer == cell.layer else where
        rank = len(cell.index)
        right, value = (
            rf" = {_written(source.array, rank, k)}\text{{ {where}}}" for k in (letters, numbers)
        )
    terms = Terms.of(Term((Factor(stored, source),), stored, words))
    left, own_left = (_written(cell.array, len(cell.index), k) for k in (letters, numbers))
    return Explanation(cell, cell.words, left + right, own_left + value, terms, stored, stored)


def _latex(array: str, rank: int) -> str:
    return symbol(array, rank).latex


def _written(array: str, rank: int, index: str) -> str:
    return f"{{{_latex(array, rank)}}}_{{{index}}}" if index else _latex(array, rank)

"""Explains any number of a trace by the terms that it was computed from.

What computed a stage (a layer, the loss, the optimiser) states each of its arrays by a line of
index notation. The line gives the terms; every factor that lies in the trace is named by its cell,
so that one can walk from the loss back to a pixel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import overload

import numpy as np

from core.formula.evaluate import scope_of
from core.formula.latex import Writer
from core.formula.terms import Factor, Term, break_down
from core.inspect.book import DATA_LETTERS, Book
from core.inspect.links import Cell, Link, cell_value, link, unexplained
from core.inspect.trace import StepTrace
from core.symbols import CONSTANTS, note_of, symbol
from core.tensor import Array

__all__ = ["Cell", "Explanation", "Factor", "NotedTerms", "Term", "cell_value", "explain"]


class NotedTerms(Sequence[Term]):
    """Terms with words for each.

    Args:
        terms: the terms.
        values: the values of all.
        letters: words for the values of index letters, besides those of `core.symbols`.
    """

    def __init__(
        self, terms: Sequence[Term], values: Array, letters: Mapping[str, str] | None = None
    ) -> None:
        self._terms, self._letters = terms, letters
        self.values = values

    def __len__(self) -> int:
        return len(self._terms)

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, place: int | slice) -> Term | tuple[Term, ...]:
        if isinstance(place, slice):
            return tuple(self[k] for k in range(len(self))[place])
        term = self._terms[place]
        note = term.note or note_of(term.letters, self._letters or {})
        cells = [factor.cell for factor in term.factors if factor.cell is not None]
        if not note and cells and len(self) > 1:
            note = symbol(cells[0].array, len(cells[0].index)).words
        return replace(term, note=note)


@dataclass(frozen=True)
class Explanation:
    """How a number of a trace was computed.

    Attributes:
        cell: where the number lies.
        name: what it is, in words.
        formula: the formula in LaTeX, with letters for indices.
        own: the same with the indices of this cell.
        terms: what was added or compared, in the order of the formula; `terms.values` are the
            numbers.
        total: the value that follows from the terms, in float64.
        stored: the number itself.
        operation: how it follows from them: "sum", "max", "argmax" (the place of the largest) or
            "function" (of their sum).
        function: which function of their sum, in LaTeX, `x` for the sum.
    """

    cell: Cell
    name: str
    formula: str
    own: str
    terms: NotedTerms = field(repr=False)
    total: float
    stored: float
    operation: str = "sum"
    function: str = ""


def explain(trace: StepTrace, cell: Cell) -> Explanation:
    """Return how the number in a cell was computed, term by term.

    Raises:
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
        FormulaError: the line that states the array is wrong.
    """
    stored = cell_value(trace, cell)
    linked = link(trace, cell)
    if linked is not None:
        return _linked(cell, stored, linked)
    book = Book(trace, cell)
    formula = book.formula(cell.array)
    if formula is None:
        return _linked(cell, stored, unexplained(trace, cell))
    if formula.body is None:
        return _linked(cell, stored, Link(None, formula.origin))
    scope = scope_of(formula, cell.index, book, book.constants)
    found = break_down(formula.body, scope, book.cell)
    general = Writer(_latex, book.constants, CONSTANTS)
    own = replace(general, letters=scope.letters)
    terms: Sequence[Term] = found.terms
    if not len(terms):
        terms = [Term((Factor(0.0),), 0.0, "padding: outside of the array")]
    function = "" if found.inner is None else replace(own, sum=found.inner).write(formula.body)
    maker = trace.stage(cell.phase, cell.layer).maker
    return Explanation(
        cell=cell,
        name=cell.words,
        formula=general.formula(formula),
        own=own.formula(formula),
        terms=NotedTerms(terms, found.terms.values, getattr(maker, "letters", None)),
        total=found.total,
        stored=stored,
        operation=found.operation,
        function=function,
    )


def _linked(cell: Cell, stored: float, source: Link) -> Explanation:
    """Explain a number by the cell that holds the same one, or by words."""
    term = Term((Factor(stored, source.cell),), stored, source.note)
    letters = DATA_LETTERS[: len(cell.index)]
    if source.cell is None:
        formula = _written(cell.array, letters)
        own = f"{_written(cell.array, cell.index)} = {stored:.6g}"
    else:
        other, where = source.cell, rf"\text{{ of {source.cell.layer}}}"
        if other.layer == "loss":
            where = r"\text{ by the loss}"
        elif other.layer == cell.layer:
            where = "" if other.phase == cell.phase else rf"\text{{ ({other.phase})}}"
        formula, own = (
            f"{_written(cell.array, index)} = {_written(other.array, index)}{where}"
            for index in (letters, cell.index)
        )
    terms = NotedTerms([term], np.array([stored]))
    return Explanation(cell, cell.words, formula, own, terms, stored, stored)


def _latex(array: str, rank: int) -> str:
    return symbol(array, rank).latex


def _written(array: str, index: Sequence[object]) -> str:
    name = _latex(array, len(index))
    return f"{{{name}}}_{{{','.join(map(str, index))}}}" if index else name

"""Explains any number of a trace by the terms that it was computed from.

What computed a stage (a layer, the loss, the optimiser) states each of its arrays by a line of
index notation. The line gives the terms; every factor that lies in the trace is named by its cell,
so that one can walk from the loss back to a pixel.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from core.formula.evaluate import scope_of
from core.formula.latex import Writer
from core.formula.syntax import FormulaError
from core.formula.terms import Breakdown, Factor, Term, Terms, break_down
from core.inspect.book import Book
from core.inspect.cell import Cell, cell_value
from core.inspect.links import link, unexplained
from core.inspect.trace import StepTrace
from core.kernels.overflow import unwarned
from core.symbols import CONSTANTS, symbol

__all__ = ["Cell", "Explanation", "Factor", "Term", "cell_value", "explain"]


@dataclass(frozen=True, kw_only=True)
class Explanation(Breakdown):
    """How a number of a trace was computed: its terms, and how it follows from them.

    Attributes:
        cell: where the number lies.
        name: what it is, in words.
        formula: the formula in LaTeX, with letters for indices.
        own: the same with the indices of this cell.
        stored: the number itself.
        function: which function of the terms' sum it is, in LaTeX, `x` for the sum.
        doubt: what is wrong where the line does not give the recorded number; empty as a rule.
    """

    cell: Cell
    name: str
    formula: str
    own: str
    stored: float
    function: str = ""
    doubt: str = ""

    @property
    def source(self) -> Cell | None:
        """The cell whose number this one is a copy of; None if it is computed."""
        if self.operation != "sum" or len(self.terms) != 1 or len(self.terms[0].factors) != 1:
            return None
        cell: Cell | None = self.terms[0].factors[0].cell
        return cell

    @property
    def is_stated(self) -> bool:
        """Whether `formula` says what makes it: of a number from elsewhere it is a symbol alone."""
        return "=" in self.formula

    @property
    def is_rounding(self) -> bool:
        """Whether the terms cancel, and the number is nothing but what rounding left of them."""
        if self.operation != "sum" or len(self.terms) < 2:
            return False
        return abs(self.stored) < ROUNDING * float(np.abs(self.terms.values).sum())


# A sum below this share of the magnitudes that were added is zero up to rounding.
ROUNDING = 1e-6
# A line is in doubt where it is off by more than this share of what was added.
SHARE = 1e-3
DOUBT = "the line gives {:.6g}, but {:.6g} was recorded: {} computes something else than it states"


def explain(trace: StepTrace, cell: Cell) -> Explanation:
    """Return how the number in a cell was computed, term by term.

    Raises:
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
        FormulaError: the line that states the array is wrong.
    """
    stored, source = cell_value(trace, cell), link(trace, cell)
    try:
        book = Book(trace, cell)
        formula = book.formula(cell.array)
        body = None if source else formula.body
        # Sizes of letters in the lines say nothing about an array that has no line.
        constants = book.constants if formula.body or formula.origin else {}
        with unwarned():
            scope = scope_of(replace(formula, body=body), cell.index, book, constants)
            found = break_down(body, scope, book.cell, book.words) if body else None
    except (ArithmeticError, MemoryError, ValueError) as error:
        raise FormulaError(f"{cell.layer}: the line of {cell.array}: {error}") from error
    known = constants if body else {}
    general = Writer(lambda array, rank: symbol(array, rank).latex, known, CONSTANTS)
    own = replace(general, letters=scope.letters)
    if body is None or found is None:
        origin = (None, formula.origin) if formula.origin else unexplained(trace, cell)
        same, said = source or origin
        terms = Terms.of(Term((Factor(stored, same),), stored, said))
        found, equal = Breakdown(terms, stored), partial(_equal, formula.target, cell, same)
        texts = equal(general, ""), equal(own, f" = {stored:.6g}")
    else:
        texts = general.formula(formula), own.formula(formula)
    # Rounding is of the size of what was added, here or on the way to a factor.
    largest = 0.01 * float(np.abs(book[cell.array]).max())
    size = max(float(np.abs(found.terms.values).sum()), abs(found.total), largest)
    # A recorded step is what a rounded value has changed by.
    value = np.abs(book["before"]).max() if (cell.phase, cell.array) == ("update", "step") else 0.0
    is_right = abs(found.total - stored) <= SHARE * size + float(np.spacing(value))
    return Explanation(
        **vars(found),
        cell=cell,
        name=cell.words,
        formula=texts[0],
        own=texts[1],
        stored=stored,
        doubt="" if is_right else DOUBT.format(found.total, stored, type(book.maker).__name__),
        function=replace(own, sum=found.inner).write(body) if body and found.inner else "",
    )


def is_rounding(trace: StepTrace, cell: Cell) -> bool:
    """Return whether a number, or the one that it is a copy of, is nothing but rounding."""
    at: Cell | None = cell
    while at is not None:
        found = explain(trace, at)
        if found.is_rounding:
            return True
        at = found.source
    return False


def _equal(target: ast.Subscript, cell: Cell, same: Cell | None, writer: Writer, value: str) -> str:
    """Write that a number is the one in another cell, or its value if there is no such cell."""
    if same is None:
        return writer.write(target) + value
    where = "by the loss" if same.layer == "loss" else f"of {same.layer}"
    where = f"({same.phase})" if same.layer == cell.layer else where
    right = writer.write(ast.Subscript(ast.Name(same.array), target.slice))
    return rf"{writer.write(target)} = {right}\text{{ {where}}}"

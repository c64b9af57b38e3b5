"""Finds the cells of a stage that are related to one of its cells, along the lines of the stage."""

from __future__ import annotations

import numpy as np

from core.formula.edges import Edges, edges
from core.formula.syntax import FormulaError
from core.inspect.book import Book
from core.inspect.cell import Cell
from core.tensor import Array

# What a number is computed from; those of them that are equal to it; what is computed from it; its
# copies.
MAKES = "that make", "that decide", "made from", "that hold"


def related(book: Book, cell: Cell, relation: str, array: str, most: int) -> Array:
    """Return which cells of an array stand in a relation to a cell, of the array's shape.

    Args:
        book: the arrays and lines of the stage.
        cell: the cell.
        relation: one of `MAKES`.
        array: name of the array.
        most: how many terms of a line are followed.

    Raises:
        FormulaError: a line has more, or is wrong.
    """
    walk = _Walk(book, most)
    if relation == "that hold":
        back = walk.reached(cell, array, forward=False, role="copy")
        return np.asarray(back | walk.reached(cell, array, forward=True, role="copy"))
    found = walk.reached(cell, array, forward=relation == "made from")
    if relation == "that decide":
        found &= book[array] == book[cell.array][cell.index]
    return found


class _Walk:
    """Walks along the edges of the lines of a book, each computed once."""

    def __init__(self, book: Book, most: int) -> None:
        self._book, self._most, self._edges = book, most, dict[str, list[Edges]]()

    def reached(self, cell: Cell, array: str, *, forward: bool, role: str = "") -> Array:
        """Return which cells of an array are reached from a cell, over any number of lines."""
        book, pending = self._book, [cell.array]
        marked = {name: np.zeros(book[name].shape, bool) for name in book}
        marked[cell.array][cell.index] = True
        while pending:
            name = pending.pop()
            for line in book if forward else [name]:
                for edge in self._of(line):
                    if (role and edge.role != role) or (forward and edge.array != name):
                        continue
                    to = line if forward else edge.array
                    if to not in marked:
                        # Of a layer inside: not followed further.
                        continue
                    here, there = (edge.source, edge.target)[:: 1 if forward else -1]
                    hit = there[marked[name].reshape(-1)[here]]
                    if not marked[to].reshape(-1)[hit].all():
                        marked[to].reshape(-1)[hit] = True
                        pending.append(to)
        return marked[array]

    def _of(self, line: str) -> list[Edges]:
        if line not in self._edges:
            formula, found = self._book.formula(line), list[Edges]()
            if formula.body is not None:
                edged = edges(formula, self._book, self._book.constants, self._most)
                if edged is None:
                    raise FormulaError(f"the line of {line} has more than {self._most:,} terms")
                found = edged
            self._edges[line] = found
        return self._edges[line]

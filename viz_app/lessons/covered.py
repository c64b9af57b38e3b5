"""Which cells of an iteration are covered until somebody has answered.

Not only the asked cells: the same number stands in other arrays too, and from some it can be read
at once. Which these are follows from the lines of index notation and from the recorded numbers:

- a line that is one cell of another array is a copy of it, both ways (X^(col) of the image, the
  product as a matrix and as images); so is what a layer hands on to the next;
- a line with the same sum as another one, but for single cells (a bias), tells that one, both ways;
- a sum of a single cell, as of the losses of one sample, is that cell, both ways;
- where a line's cell is equal to one that it is computed from, and not zero, it tells that one: the
  output of a ReLU, the largest of a window. Not the other way: what a number is computed from is
  what somebody needs for the answer;
- a line that adds up single cells, perhaps times constants, tells each of its addends, as
  `after = before + step` does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from core.formula.edges import edges
from core.formula.evaluate import scope_of
from core.formula.syntax import Formula, FormulaError
from core.formula.tree import array_of, is_call, is_reduction, names, reads
from core.inspect.book import Book
from core.inspect.cell import Cell
from core.inspect.links import link, unexplained
from core.inspect.trace import StepTrace
from core.tensor import Array
from viz_app.cover.covered import Covered
from viz_app.lessons.record import whole
from viz_app.lessons.rules import Chosen

# In a sum of more terms no single one is the sum.
MOST_TERMS = 300_000


@dataclass(frozen=True, eq=False)
class _Twins:
    """Cells of which one tells the other: flat positions in two arrays."""

    one: Cell
    other: Cell
    at_one: Array
    at_other: Array
    both_ways: bool


def covered(trace: StepTrace, asked: Iterable[Chosen], relations: bool = False) -> Covered:
    """Return what to cover so that some numbers of an iteration can nowhere be read.

    Args:
        trace: the iteration.
        asked: the cells that are asked.
        relations: as `Covered.relations`.
    """
    masks = dict[Cell, Array]()
    for found in asked:
        masks[found.array] = masks.get(found.array, np.zeros(found.mask.shape, bool)) | found.mask
    masks = {array: mask for array, mask in masks.items() if mask.any()}
    around, pending = _Around(trace), list(masks)
    while pending:
        array = pending.pop()
        for twins in around.twins(array):
            if twins.one == array:
                other, hit = twins.other, twins.at_other[masks[array].reshape(-1)[twins.at_one]]
            elif twins.both_ways:
                other, hit = twins.one, twins.at_one[masks[array].reshape(-1)[twins.at_other]]
            else:
                continue
            mask = masks.get(other, np.zeros(around.arrays[other].shape, bool))
            if hit.size and not mask.reshape(-1)[hit].all():
                masks[other] = mask
                mask.reshape(-1)[hit] = True
                pending.append(other)
    for mask in masks.values():
        mask.setflags(write=False)
    return Covered(masks, relations)


class _Around:
    """Which arrays of an iteration tell each other, computed as far as somebody asks.

    Attributes:
        arrays: all arrays of the iteration.
    """

    def __init__(self, trace: StepTrace) -> None:
        self._trace = trace
        self.arrays = dict[Cell, Array]()
        for stage in trace.stages:
            for inner, arrays in stage.inner.items():
                for name, array in arrays.items():
                    at = inner if stage.phase == "update" else None
                    self.arrays.setdefault(Cell(stage.phase, stage.layer, name, (), at), array)
        self._books = dict[Cell, Book]()
        # Arrays whose lines have to do with an array; twins by such a line, and by sums of a stage.
        self._lines = dict[Cell, set[Cell]]()
        self._made = dict[Cell, list[_Twins]]()
        for cell in self.arrays:
            source = self._source(cell)
            formula = self._book(cell).formula(cell.array)
            read = {self._book(cell).cell(array_of(node), ()) for node in reads(formula.body)}
            for near in {cell, *([source] if source else read)}:
                self._lines.setdefault(near, set()).add(cell)

    def twins(self, array: Cell) -> list[_Twins]:
        """Return the twins of the cells of an array."""
        found = [twins for cell in self._lines[array] for twins in self._by_line(cell)]
        stage = replace(array, array="")
        if stage not in self._made:
            self._made[stage] = list(_same_sums(self._book(array)))
        return [
            twins for twins in (*found, *self._made[stage]) if array in (twins.one, twins.other)
        ]

    def _book(self, cell: Cell) -> Book:
        stage = replace(cell, array="")
        if stage not in self._books:
            self._books[stage] = Book(self._trace, cell)
        return self._books[stage]

    def _source(self, cell: Cell) -> Cell | None:
        """Return the array that an array is, of another stage."""
        book, first = self._book(cell), _first(cell, self.arrays)
        found, formula = link(self._trace, first), book.formula(cell.array)
        if found is None and formula.body is None and not formula.origin:
            found = unexplained(self._trace, first)
        # What the layer's other pass has computed has its line there.
        same = whole(found[0]) if found and found[0] else book.cell(cell.array, ())
        is_there = same in self.arrays and self.arrays[same].shape == self.arrays[cell].shape
        return same if same != cell and is_there else None

    def _by_line(self, cell: Cell) -> list[_Twins]:
        if cell not in self._made:
            source, book = self._source(cell), self._book(cell)
            formula, every = book.formula(cell.array), np.arange(self.arrays[cell].size)
            if source is not None:
                self._made[cell] = [_Twins(cell, source, every, every, True)]
            elif formula.body is not None and link(self._trace, _first(cell, self.arrays)) is None:
                self._made[cell] = list(_by_line(book, cell, formula, self.arrays))
            else:
                self._made[cell] = []
        return self._made[cell]


def _first(cell: Cell, arrays: Mapping[Cell, Array]) -> Cell:
    return replace(cell, index=(0,) * arrays[cell].ndim)


def _by_line(
    book: Book, cell: Cell, formula: Formula, arrays: Mapping[Cell, Array]
) -> Iterator[_Twins]:
    try:
        found = edges(formula, book, book.constants, MOST_TERMS) or []
    except FormulaError:
        # A line that cannot be computed tells nothing.
        return
    for edge in found:
        source = book.cell(edge.array, ())
        if source not in arrays:
            continue
        target, read = edge.target, edge.source
        values = arrays[cell].reshape(-1)[target], arrays[source].reshape(-1)[read]
        equal = values[0] == values[1]
        if edge.role == "summand":
            alone = equal & (np.bincount(target, minlength=arrays[cell].size)[target] == 1)
            yield _Twins(source, cell, read[alone], target[alone], True)
        if edge.role in ("summand", "factor"):
            equal &= values[0] != 0
            yield _Twins(source, cell, read[equal], target[equal], False)
        else:
            yield _Twins(source, cell, read, target, edge.role == "copy")


def _same_sums(book: Book) -> Iterator[_Twins]:
    """Yield arrays of a stage that are one sum, but for single cells that are added."""
    sums = dict[str, list[Cell]]()
    for name in book:
        body = book.formula(name).body
        written = {ast.unparse(part) for part in _addends(body)} if body else set()
        large = [part for part in _addends(body) if is_reduction(part)] if body else []
        rest = len(written) - len(large)
        plain = sum(isinstance(part, ast.Subscript) for part in _addends(body)) if body else 0
        if len(large) == 1 and rest == plain:
            sums.setdefault(ast.unparse(large[0]), []).append(book.cell(name, ()))
    for cells in sums.values():
        for one, other in permutations(cells, 2):
            try:
                at = _positions(book, one.array), _positions(book, other.array)
            except FormulaError:
                continue
            if at[0].keys() == at[1].keys():
                keys = list(at[0])
                first = np.array([at[0][key] for key in keys])
                second = np.array([at[1][key] for key in keys])
                yield _Twins(one, other, first, second, True)


def _positions(book: Book, array: str) -> dict[tuple[tuple[str, int], ...], int]:
    """Return the flat position of each cell of an array by the values of its letters."""
    formula = book.formula(array)
    scope = scope_of(formula, None, book, book.constants)
    letters = sorted(names(formula.target.slice))
    values = [np.broadcast_to(scope.letters[k], scope.shape).reshape(-1) for k in letters]
    rows = zip(*(map(int, value) for value in values), strict=True)
    return {tuple(zip(letters, row, strict=True)): k for k, row in enumerate(rows)}


def _addends(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_addends(left), *_addends(right)]
        case _ if is_call(node, "note"):
            return _addends(node.args[1])
    return [node]

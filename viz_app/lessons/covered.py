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
from core.formula.tree import is_call, is_reduction, names
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
    all_twins = list(_twins(trace)) if masks else []
    spreads = bool(masks)
    while spreads:
        spreads = False
        for twins in all_twins:
            spreads |= _cover(masks, twins.one, twins.other, twins.at_one, twins.at_other, trace)
            if twins.both_ways:
                spreads |= _cover(
                    masks, twins.other, twins.one, twins.at_other, twins.at_one, trace
                )
    for mask in masks.values():
        mask.setflags(write=False)
    return Covered(masks, relations)


def _cover(
    masks: dict[Cell, Array], one: Cell, other: Cell, at: Array, to: Array, trace: StepTrace
) -> bool:
    """Cover the cells of an array that tell covered ones; return whether there were new ones."""
    if one not in masks:
        return False
    hit = to[masks[one].reshape(-1)[at]]
    if not hit.size:
        return False
    if other not in masks:
        masks[other] = np.zeros(_arrays(trace)[other].shape, bool)
    mask = masks[other].reshape(-1)
    if mask[hit].all():
        return False
    mask[hit] = True
    return True


def _arrays(trace: StepTrace) -> dict[Cell, Array]:
    """Return all arrays of an iteration."""
    found = dict[Cell, Array]()
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            for name, array in arrays.items():
                at = inner if stage.phase == "update" else None
                found.setdefault(Cell(stage.phase, stage.layer, name, (), at), array)
    return found


def _twins(trace: StepTrace) -> Iterator[_Twins]:
    arrays, books = _arrays(trace), dict[Cell, Book]()
    for cell, array in arrays.items():
        first = replace(cell, index=(0,) * array.ndim)
        stage = replace(cell, array="")
        book = books.setdefault(stage, Book(trace, cell))
        source = link(trace, first)
        formula = book.formula(cell.array)
        if source is None and formula.body is None and not formula.origin:
            source = unexplained(trace, first)
        every = np.arange(array.size)
        if source is not None and source[0] is not None:
            same = whole(source[0])
            if same in arrays and arrays[same].shape == array.shape:
                yield _Twins(cell, same, every, every, True)
        home = book.cell(cell.array, ())
        if home != cell:
            # Of the layer's other pass: one line, one array.
            yield _Twins(cell, home, every, every, True)
        elif source is None and formula.body is not None:
            yield from _by_line(book, cell, formula, arrays)
    for book in books.values():
        yield from _same_sums(book)


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

"""Which matrices of a moment a question needs on paper, and how much of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from core.inspect.cell import Cell
from core.inspect.coordinates import coordinates
from core.inspect.explain import explain
from core.symbols import is_gradient
from core.tensor import Array
from viz_app.cover.covered import Covered
from viz_app.cover.iteration import cover
from viz_app.handout.cut import kept, note
from viz_app.lessons import Answer, Record, Step, points_of
from viz_app.lessons.record import whole
from viz_app.place.place import Place
from viz_app.scene.pins import scene_of
from viz_app.scene.registry import Look
from viz_app.scene.scene import Axis, Panel, Tile
from viz_app.scene.sight import on_tile, with_covered

# Of an array of several channels, so many are printed as far as the question needs them.
MOST_TILES = 4
# Stands in the caption of a matrix with marked cells.
MARK = "◥"
# What a number is computed from is followed over so many copies.
MOST_COPIES = 4
# Kinds that ask for the number of a cell: whoever computes it by hand needs what it is made of.
OF_NUMBERS = ("number", "sign", "terms")


@dataclass(frozen=True)
class _Cells:
    """What a question needs of an array.

    Attributes:
        needed: the cells that have to be printed.
        lit: those that the step points at, if not at all.
    """

    needed: Array
    lit: Array

    @classmethod
    def none_of(cls, array: Array) -> _Cells:
        return cls(np.zeros(array.shape, bool), np.zeros(array.shape, bool))


def matrices_of(step: Step, answer: Answer, record: Record) -> list[dict[str, Any]]:
    """Return the matrices that a question is about, without the numbers that are covered.

    Args:
        step: with its numbers.
        answer: to its question.
        record: its iteration.

    Returns:
        What `Matrix` of `content.d.ts` says of each.
    """
    if not _depends_on_numbers(answer):
        return []
    found = {a: cells for a, cells in _cells(step, answer, record).items() if _is_here(a, record)}
    covered = answer.covered
    look = Look(cover(record.trace, covered), _place(answer, record, found), covered=covered)
    scene = with_covered(scene_of(look), look)
    matrices = list[dict[str, Any]]()
    for array, cells in found.items():
        panel = next((one for one in scene.panels.values() if one.array == array.array), None)
        if panel is not None:
            matrices += _printed(panel, cells, covered)
    # Boxes that nobody is asked to fill in, one by one, are of no use.
    clicked = answer.question.kind in ("cells", "largest")
    return [m for m in matrices if clicked or m["empty"].size == 1 or not m["empty"].all()]


def _depends_on_numbers(answer: Answer) -> bool:
    """Return whether a question can be answered only with numbers in sight."""
    question = answer.question
    return question.kind != "choose" or any(
        option.when.text not in ("yes", "no") for option in question.options
    )


def _is_here(array: Cell, record: Record) -> bool:
    """Return whether an array is one of the stage in sight."""
    stage = record.trace.stages[record.place.stage]
    inner = list(stage.inner)[record.place.inner]
    return (array.phase, array.layer) == (stage.phase, stage.layer) and array.inner in (None, inner)


def _place(answer: Answer, record: Record, shown: Iterable[Cell]) -> Place:
    """Return the place with some arrays, and the channels of the cell that is asked, in sight."""
    place, cell = record.place, answer.explain
    if cell is not None and answer.question.kind != "largest" and _is_here(whole(cell), record):
        place = place.with_cell(cell.array, cell.index, coordinates(record.trace, cell))
    pinned = tuple(array.array for array in shown)
    return replace(place, picture=False, pinned=pinned).without_cell()


def _cells(step: Step, answer: Answer, record: Record) -> dict[Cell, _Cells]:
    """Return what a question needs: what it points at, asks for, and is computed from."""
    found = dict[Cell, _Cells]()

    def add(array: Cell, *indices: Sequence[int], lit: Array | None = None) -> None:
        cells = found.setdefault(array, _Cells.none_of(record.array(array)))
        for index in indices:
            cells.needed[tuple(index)] = True
        if lit is not None:
            cells.needed[...] |= lit
            cells.lit[...] |= lit

    for chosen in points_of(step, record):
        add(chosen.array, lit=chosen.mask if not chosen.mask.all() else None)
    if answer.array is not None:
        add(answer.array, *answer.right)
    cell = answer.explain
    if cell is not None and answer.question.kind in OF_NUMBERS:
        for operand in _operands(cell, record):
            add(whole(operand), operand.index)
    # Of the largest it is the answer itself.
    if cell is not None and answer.question.kind != "largest":
        add(whole(cell), cell.index)
    return found


def _operands(cell: Cell, record: Record) -> Iterator[Cell]:
    """Yield the cells from which a number of the stage in sight is computed there."""
    for _ in range(MOST_COPIES):
        told = explain(record.trace, cell)
        if told.source is None:
            factors = (factor.cell for term in told.terms for factor in term.factors)
            yield from (factor for factor in factors if factor is not None)
            return
        yield told.source
        if not _is_here(whole(told.source), record):
            return
        cell = told.source


def _printed(panel: Panel, cells: _Cells, covered: Covered) -> list[dict[str, Any]]:
    """Return the tiles of a panel that a question needs, the one in sight first."""
    first, *others = panel.tiles
    # What is drawn large is drawn small too.
    rest = [
        tile
        for tile in others
        if tile.prefix != first.prefix and on_tile(panel, tile, cells.needed).any()
    ]
    return [_tile(panel, tile, cells, covered) for tile in [first, *rest][:MOST_TILES]]


def _tile(panel: Panel, tile: Tile, cells: _Cells, covered: Covered) -> dict[str, Any]:
    needed, lit = (on_tile(panel, tile, mask) for mask in (cells.needed, cells.lit))
    places = kept(needed, 0), kept(needed, 1)
    (height, width), (above, below, left, right) = tile.values.shape, tile.ring
    ring = np.ones((height, width), bool)
    ring[above : height - below, left : width - right] = False
    empty = np.full((height, width), panel.is_empty)
    if covered.masks:
        # Whatever is computed from what is covered is no number either.
        empty |= np.isnan(tile.values)
    part = np.ix_(*places)
    sign = next((words for words in panel.note.split(", ") if MARK in words), "")
    marked = np.zeros(empty.shape, bool)[part]
    # What belongs to a cell is not told where that is asked.
    if sign and tile.marks is not None and not covered.relations:
        marked = tile.marks[part] != 0
    # In the array as a whole, of which a tile may be a part.
    totals = [_size(axis) for axis in (panel.rows, panel.columns)]
    rows = [tile.row_start + k for k in places[0]]
    columns = [tile.column_start + k for k in places[1]]
    return {
        "key": panel.array,
        "title": panel.title,
        "label": tile.label if len(panel.tiles) > 1 else "",
        "note": note(totals, (rows, columns)),
        "sign": sign if marked.any() else "",
        "total": totals,
        "starts": [-above, -left],
        "values": np.where(empty, 0, tile.values)[part],
        "rows": rows,
        "columns": columns,
        "empty": empty[part],
        "lit": lit[part],
        "ring": ring[part],
        "marked": marked,
        "rounding": panel.rounding,
        "gradient": is_gradient(panel.array),
    }


def _size(axis: Axis) -> int:
    return prod(size for _, size in axis)

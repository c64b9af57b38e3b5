"""The selected number in both runs, and which of them is explained."""

from __future__ import annotations

from math import isnan
from typing import Any

from core.inspect.cell import Cell, cell_value
from core.inspect.trace import StepTrace
from viz_app.compare.traces import matched
from viz_app.place.place import RUNS
from viz_app.scene.registry import Look


def explained_in(look: Look) -> tuple[StepTrace, Cell] | None:
    """Return the selected cell, and the iteration of the run that is explained; None if none is."""
    cell, other = look.place.cell(look.trace), look.beside and look.beside.other
    if cell is not None and other and look.place.run != RUNS[0]:
        there = other.place.cell(other.trace)
        if there is not None:
            return other.trace, there
    return None if cell is None else (look.trace, cell)


def first_of(look: Look, cell: Cell) -> Cell | None:
    """Return the cell of the first run that belongs to one of the second; None if it has none."""
    other = look.beside and look.beside.other
    names = (
        {there: here for here, there in matched(look.trace, other.trace).items()} if other else {}
    )
    if cell.layer not in names:
        return None
    found = Cell(cell.phase, names[cell.layer], cell.array, cell.index, cell.inner)
    try:
        cell_value(look.trace, found)
    except (KeyError, IndexError):
        return None
    return found


def numbers_of(look: Look) -> dict[str, Any]:
    """Return what the explanation says of the selected number in both runs; empty if not compared.

    That is the number as "a" and "b", "less" for their difference, NaN where there is none, and
    the "run" that is explained.
    """
    cell, beside = look.place.cell(look.trace), look.beside
    if cell is None or beside is None or beside.other is None or beside.difference is None:
        return {}
    there = beside.other.place.cell(beside.other.trace)
    less = cell_value(beside.difference.trace, cell)
    if there is None:
        return {"run": RUNS[0], "a": cell_value(look.trace, cell), "b": None, "less": None}
    return {
        "run": look.place.run,
        "a": cell_value(look.trace, cell),
        "b": cell_value(beside.other.trace, there),
        "less": None if isnan(less) else less,
    }

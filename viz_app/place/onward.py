"""Finds the cell that a number of a trace goes to next: `links` in the other direction."""

from __future__ import annotations

from collections.abc import Iterator

from core.inspect.cell import Cell, array_at
from core.inspect.explain import explain
from core.inspect.trace import StepTrace

# Arrays that a stage hands on, and how later stages call them.
HANDED_ON = {"X_out": "X_in", "g_X_in": "g_X_out"}


def onward(trace: StepTrace, cell: Cell) -> Cell | None:
    """Return the cell of a later stage that has its number from a cell; None if there is none.

    Raises:
        KeyError: there is no such stage or array.
    """
    shape = array_at(trace, cell).shape
    for at in _later(trace, cell):
        if array_at(trace, at).shape == shape and explain(trace, at).source == cell:
            return at
    return None


def _later(trace: StepTrace, cell: Cell) -> Iterator[Cell]:
    """Yield what may have its number from a cell, by the names of arrays, the nearest first."""
    stages = [(stage.phase, stage.layer) for stage in trace.stages]
    later = trace.stages[stages.index((cell.phase, cell.layer)) + 1 :]
    if cell.phase == "update":
        return
    name = HANDED_ON.get(cell.array)
    for stage in later:
        if stage.phase == cell.phase and name in stage.names:
            yield Cell(stage.phase, stage.layer, name, cell.index)
        elif stage.phase == "loss" and cell.array == "X_out":
            yield Cell("loss", stage.layer, stage.names[0], cell.index)
        elif stage.phase == "backward" and cell.phase == "loss" and "g_X_out" in stage.names:
            yield Cell("backward", stage.layer, "g_X_out", cell.index)
        elif (stage.phase, stage.layer, cell.phase) == ("update", cell.layer, "backward"):
            for inner in stage.inner:
                if cell.array == f"g_{inner}":
                    yield Cell("update", stage.layer, "gradient", cell.index, inner)

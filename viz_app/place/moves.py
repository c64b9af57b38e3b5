"""How somebody moves through an iteration; None stands for the next, or the one before."""

from __future__ import annotations

from dataclasses import replace

from core.inspect.cell import Cell
from core.inspect.coordinates import coordinates
from core.inspect.trace import StepTrace
from viz_app.place.place import Place


def forward(place: Place, trace: StepTrace) -> Place | None:
    """Return the place one grain on; None if that is in the next iteration."""
    if place.is_inside and place.inner + 1 < len(trace.stages[place.stage].inner):
        there = place.at(place.stage, place.inner + 1)
        # A cell that is not computed yet cannot be explained.
        return there.without_cell() if place.grain == "Cell" else there
    if place.grain != "Iteration" and place.stage + 1 < len(trace.stages):
        return place.at(place.stage + 1)
    return None


def first(place: Place) -> Place:
    """Return the place at which one arrives in the next iteration."""
    return place if place.grain == "Iteration" else place.at(0)


def back(place: Place, trace: StepTrace) -> Place | None:
    """Return the place one grain back; None if that is in the iteration before."""
    if place.is_inside and place.inner > 0:
        return _computed(place.at(place.stage, place.inner - 1))
    if place.grain != "Iteration" and place.stage > 0:
        stage = place.stage - 1
        return _computed(place.at(stage, _last_inner(place, trace, stage)))
    return None


def last(place: Place, trace: StepTrace) -> Place:
    """Return the place at which one arrives in the iteration before."""
    if place.grain == "Iteration":
        return place
    stage = len(trace.stages) - 1
    return _computed(place.at(stage, _last_inner(place, trace, stage)))


def visit(place: Place, trace: StepTrace, cell: Cell) -> Place:
    """Return the place at the stage of a cell, with it in sight and selected."""
    stages = trace.stages
    stage = next(k for k, s in enumerate(stages) if (s.phase, s.layer) == (cell.phase, cell.layer))
    names = list(stages[stage].inner)
    if cell.inner in names:
        inner = names.index(cell.inner)
    else:
        arrays = stages[stage].inner.values()
        inner = next((k for k, found in enumerate(arrays) if cell.array in found), 0)
    there = place.at(stage, inner)
    if there != place:
        there = _computed(there)
    return there.with_cell(cell.array, cell.index, coordinates(trace, cell))


def _computed(place: Place) -> Place:
    """Return the place with all that its inner stage makes."""
    return replace(place, cells=None) if place.grain == "Cell" else place


def _last_inner(place: Place, trace: StepTrace, stage: int) -> int:
    return len(trace.stages[stage].inner) - 1 if place.is_inside else 0

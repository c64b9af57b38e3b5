"""From a cell of a trace to where it is drawn, and back."""

from __future__ import annotations

from typing import Any

import param

from core.inspect.explain import Cell
from viz_app.scene.registry import view_of
from viz_app.session import Session


def cell_of(session: Session) -> Cell | None:
    """Return the selected cell; None if nothing is selected."""
    selection, stage = session.selection, session.current
    if not selection:
        return None
    inner = list(stage.inner)[session.inner] if stage.phase == "update" else None
    return Cell(stage.phase, stage.layer, selection["key"], tuple(selection["index"]), inner)


def visit(session: Session, cell: Cell) -> None:
    """Go to the stage of a cell, bring it into sight and select it."""
    stages = session.trace.stages
    place = next(k for k, s in enumerate(stages) if (s.phase, s.layer) == (cell.phase, cell.layer))
    with param.parameterized.batch_call_watchers(session):
        session.go(place, _inner(list(stages[place].inner.items()), cell))
        session.select(selection_of(session, cell))


def selection_of(session: Session, cell: Cell) -> dict[str, Any]:
    """Return the selection for a cell of the stage in sight, with its coordinates."""
    look = session.look()
    panels = view_of(look)(look).panels.values()
    panel = next((panel for panel in panels if panel.array == cell.array), None)
    coordinates = {} if panel is None else panel.coordinates(cell.index)
    return {"key": cell.array, "index": list(cell.index), "coordinates": coordinates}


def _inner(stages: list[tuple[str, dict[str, Any]]], cell: Cell) -> int:
    """Return the inner stage of a cell: the one it names, or the first that has its array."""
    for k, (name, arrays) in enumerate(stages):
        if cell.inner == name or (cell.inner is None and cell.array in arrays):
            return k
    return 0

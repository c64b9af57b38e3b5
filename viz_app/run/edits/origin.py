"""Where a param has its number from, as far as only the run knows it."""

from __future__ import annotations

from core.inspect.cell import Cell
from core.inspect.trace import StepTrace
from viz_app.run.edits.changes import edit_of
from viz_app.run.edits.target import Target, held
from viz_app.run.run import Run


def origin_of(run: Run, trace: StepTrace, cell: Cell) -> str:
    """Return where the number of a param comes from; empty where the iteration itself tells it.

    Args:
        run: of the iteration.
        trace: the iteration.
        cell: any of its numbers.
    """
    found = held(trace, cell)
    if found is None or found.behind:
        return ""
    edits = (edit_of(change) for change in run.changes if change.at == trace.iteration - 1)
    if any(edit is not None and edit.covers(found.edit(0.0)) for edit in edits):
        return "changed by hand before this iteration"
    weights, model = run.recipe.weights, run.history.trainer.model
    if trace.iteration > 1 or weights is None or not _is_param(trace, found):
        return ""
    return f"from {weights.name}" if weights.gives(model, found.layer, found.array) else ""


def _is_param(trace: StepTrace, found: Target) -> bool:
    return found.array in trace.layers[found.layer].params

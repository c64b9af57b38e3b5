"""Any number of a trace as the arithmetic that made it.

The layer, the loss or the optimiser that made a stage says how (`rules` and `explain` there, the
words and formulas in `core.explanations`); every factor that lies in the trace too is named by its
cell, so that one can walk from the loss back to a pixel.
"""

from __future__ import annotations

import numpy as np

from core.explanations.names import in_words
from core.explanations.parts import Cell, Explanation, Factor, Term, Terms
from core.explanations.place import Place
from core.inspect.trace import StepTrace
from core.tensor import Array

__all__ = ["Cell", "Explanation", "Factor", "Term", "Terms", "cell_value", "explain"]


def explain(trace: StepTrace, cell: Cell) -> Explanation:
    """Return how the number in a cell was made.

    Raises:
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
    """
    stored = cell_value(trace, cell)
    reason = trace.stage(cell.phase, cell.layer).maker.explain(Place(trace, cell))
    terms = Terms.of(reason.terms)
    return Explanation(
        cell=cell,
        name=in_words(cell),
        formula=reason.formula,
        own=reason.own,
        terms=terms,
        total=float(reason.make(terms.values.tolist())),
        stored=stored,
        operation=reason.operation,
        function=reason.function,
    )


def cell_value(trace: StepTrace, cell: Cell) -> float:
    """Return the number in a cell.

    Raises:
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
    """
    array = _array(trace, cell)
    inside = len(cell.index) == array.ndim and all(
        0 <= k < size for k, size in zip(cell.index, array.shape, strict=True)
    )
    if not inside:
        raise IndexError(
            f"{cell.phase} {cell.layer}: {cell.array} has shape {array.shape}; "
            f"there is no index {cell.index}"
        )
    return float(array[cell.index])


def _array(trace: StepTrace, cell: Cell) -> Array:
    stage = trace.stage(cell.phase, cell.layer)
    if cell.inner is None:
        if cell.phase == "update" and len(stage.inner) > 1:
            raise KeyError(
                f"update {cell.layer} has several params: say which by `inner`, "
                f"one of {', '.join(stage.inner)}"
            )
        return stage.array(cell.array)
    arrays = stage.inner.get(cell.inner)
    if arrays is None or cell.array not in arrays:
        known = "; ".join(f"{name}: {', '.join(keys)}" for name, keys in stage.inner.items())
        raise KeyError(
            f"{cell.phase} {cell.layer} has no {cell.array!r} in {cell.inner!r}; it has {known}"
        )
    return np.asarray(arrays[cell.array])

"""The formulas of one stage of a trace, with the arrays that they read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from core.formula.syntax import Formula, parse, spread
from core.inspect.links import Cell, leaf_of
from core.inspect.trace import StagePhase, StepTrace
from core.layer import Layer
from core.tensor import Array

# Letters for the axes of data, and of params by how many axes they have.
DATA_LETTERS, PARAM_LETTERS = "ncijkl", {1: "c", 2: "ki", 4: "ocst"}


class Book(Mapping[str, Array]):
    """The arrays that the formulas of one stage may read, by name.

    Arrays of the stage itself come first, then those of the layer's other pass. `child.X_out` is an
    array of the last layer inside a child, `child.g_X_in` one of the first.

    Args:
        trace: the trace.
        cell: any cell of the stage; for an update, of the param in question.

    Attributes:
        constants: constants and sizes of letters in the formulas.
    """

    def __init__(self, trace: StepTrace, cell: Cell) -> None:
        self._trace = trace
        stage = trace.stage(cell.phase, cell.layer)
        self._maker = stage.maker
        self._lines = parse(stage.maker.formulas)
        self.constants = stage.maker.formula_constants()
        self._whole = PARAM_LETTERS if cell.phase == "update" else {}
        self._arrays: dict[str, tuple[Cell, Array]] = {}
        update = cell.phase == "update"
        inner = (cell.inner or next(iter(stage.inner))) if update else None
        phases: tuple[StagePhase, ...] = (cell.phase,)
        if isinstance(stage.maker, Layer):
            phases = (cell.phase, "backward" if cell.phase == "forward" else "forward")
        for phase in phases:
            for name, arrays in trace.stage(phase, cell.layer).inner.items():
                for array, values in arrays.items():
                    if inner in (None, name) and array not in self._arrays:
                        self._arrays[array] = Cell(phase, cell.layer, array, (), inner), values

    def __getitem__(self, name: str) -> Array:
        return self._find(name)[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def cell(self, name: str, index: tuple[int, ...]) -> Cell:
        """Return where the number at an index of an array lies."""
        return replace(self._find(name)[0], index=index)

    def _find(self, name: str) -> tuple[Cell, Array]:
        child, _, array = name.rpartition(".")
        if not child:
            return self._arrays[name]
        assert isinstance(self._maker, Layer)
        end = -1 if array in ("X_out", "g_X_out") else 0
        layer = leaf_of(self._maker.children()[child], self._trace.layers, end)
        phase: StagePhase = "backward" if array.startswith("g_") else "forward"
        return Cell(phase, layer, array, ()), self._trace.stage(phase, layer).array(array)

    def formula(self, array: str) -> Formula | None:
        """Return the line of an array, with a letter for each axis; None if it has no line."""
        line = self._lines.get(array)
        if line is None:
            return None
        whole = self._whole.get(np.ndim(self[array]), DATA_LETTERS)
        return spread(line, lambda name: np.ndim(self[name]), whole)

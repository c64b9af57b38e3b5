"""Where in a trace an explanation stands, and what it can see from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.explanations.parts import Cell, Factor
from core.tensor import Array

if TYPE_CHECKING:
    from core.inspect.trace import StagePhase, StepTrace
    from core.layer import Layer


@dataclass(frozen=True)
class Source:
    """One array of a trace, whose numbers can be factors."""

    array: Array
    phase: StagePhase
    layer: str
    name: str
    inner: str | None = None

    def __call__(self, *index: int) -> Factor:
        """Return the number at an index."""
        cell = Cell(self.phase, self.layer, self.name, index, self.inner)
        return Factor(float(self.array[index]), cell)

    def at(self, *index: int | NDArray[np.int64]) -> Cells:
        """Return the numbers at many indices, given as arrays and numbers that go together."""
        return Cells(self, np.stack(np.broadcast_arrays(*index), axis=1))


@dataclass(frozen=True)
class Cells:
    """Many numbers of one array, at `indices` of shape (count, axes)."""

    source: Source
    indices: NDArray[np.int64]

    @property
    def values(self) -> NDArray[np.float64]:
        """The numbers."""
        return np.asarray(self.source.array[tuple(self.indices.T)], np.float64)

    def factor(self, k: int) -> Factor:
        """Return one of them."""
        return self.source(*self.index(k))

    def index(self, k: int) -> tuple[int, ...]:
        """Return the index of one of them."""
        return tuple(self.indices[k].tolist())


@dataclass(frozen=True)
class Place:
    """The cell that is to be explained, in its trace."""

    trace: StepTrace
    cell: Cell

    @property
    def array(self) -> str:
        """Name of the array."""
        return self.cell.array

    @property
    def index(self) -> tuple[int, ...]:
        """Index in the array."""
        return self.cell.index

    @property
    def layer(self) -> Layer:
        """The layer at work, as it was in this iteration."""
        return self.trace.layers[self.cell.layer]

    def has(self, name: str, phase: StagePhase, layer: str | None = None) -> bool:
        """Whether a layer, this one if none is named, shows an array called `name` in `phase`."""
        stages = self.trace.stages
        return any(
            name in arrays
            for stage in stages
            if (stage.phase, stage.layer) == (phase, layer or self.cell.layer)
            for arrays in stage.inner.values()
        )

    def of(
        self,
        name: str,
        phase: StagePhase | None = None,
        layer: str | None = None,
        inner: str | None = None,
    ) -> Source:
        """Return an array: of this stage, if nothing else is said.

        Raises:
            KeyError: there is no such stage or array.
        """
        if phase is None and self.cell.phase == "update":
            inner = inner or self.cell.inner
        phase, layer = phase or self.cell.phase, layer or self.cell.layer
        stage = self.trace.stage(phase, layer)
        array = stage.array(name) if inner is None else stage.inner[inner][name]
        return Source(array, phase, layer, name, inner)

    def showing(self, array: Array, phase: StagePhase) -> Source | None:
        """Return the array of this layer's stage in `phase` that shows all of a recorded array."""
        for stage in self.trace.stages:
            if (stage.phase, stage.layer) == (phase, self.cell.layer):
                for arrays in stage.inner.values():
                    for name, shown in arrays.items():
                        if shown.base is array and shown.shape == array.shape:
                            return Source(shown, phase, stage.layer, name)
        return None

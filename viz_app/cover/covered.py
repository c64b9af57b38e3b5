"""Which cells of an iteration are covered until somebody has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.inspect.cell import Cell
from core.tensor import Array

# What stands in the place of what would tell the numbers.
ANSWER_FIRST = "Covered: answer first."


@dataclass(frozen=True, eq=False)
class Covered:
    """Cells that are covered.

    Attributes:
        masks: which cells of an array, of its shape, by the array as a cell without an index.
        relations: whether it must not be seen either what belongs to a cell that is pointed at.
    """

    masks: Mapping[Cell, Array] = field(default_factory=dict)
    relations: bool = False

    def __bool__(self) -> bool:
        return bool(self.masks) or self.relations

    def mask(self, array: Cell) -> Array | None:
        """Return which cells of an array are covered; None if none is."""
        return self.masks.get(replace(array, index=()))

    def hides(self, cell: Cell) -> bool:
        """Return whether a cell is covered."""
        mask = self.mask(cell)
        shape = () if mask is None else mask.shape
        inside = len(shape) == len(cell.index) and all(
            0 <= k < size for k, size in zip(cell.index, shape, strict=True)
        )
        return mask is not None and inside and bool(mask[cell.index])

    def cells(self, array: Cell) -> list[tuple[int, ...]]:
        """Return the indices of the covered cells of an array."""
        mask = self.mask(array)
        return [] if mask is None else [tuple(map(int, index)) for index in np.argwhere(mask)]


NOTHING = Covered()

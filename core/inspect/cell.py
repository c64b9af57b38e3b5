"""Where a number lies in a trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.inspect.trace import StagePhase, StepTrace
from core.symbols import in_words
from core.tensor import Array


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a number lies in a trace.

    Attributes:
        phase: of the stage.
        layer: name of the layer, "loss" for the loss.
        array: key in the inner arrays of the stage.
        index: index in that array, () for a scalar.
        inner: name of the inner stage, needed where several have one key for different arrays: the
            param's name in an update.
    """

    phase: StagePhase
    layer: str
    array: str
    index: tuple[int, ...]
    inner: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", tuple(map(int, self.index)))

    @property
    def words(self) -> str:
        """What the number is: "X^(out) of conv1, sample 0, channel 2, row 3, column 1"."""
        update = self.phase == "update"
        layer = "" if self.phase == "loss" else self.layer
        where = f"{layer}.{self.inner}" if update and self.inner else layer
        return in_words(self.array, self.index, where, update)


def cell_value(trace: StepTrace, cell: Cell) -> float:
    """Return the number in a cell.

    Raises:
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
    """
    array = array_at(trace, cell)
    inside = len(cell.index) == array.ndim and all(
        0 <= k < size for k, size in zip(cell.index, array.shape, strict=True)
    )
    if not inside:
        raise IndexError(
            f"{cell.phase} {cell.layer}: {cell.array} has shape {array.shape}; "
            f"there is no index {cell.index}"
        )
    return float(array[cell.index])


def array_at(trace: StepTrace, cell: Cell) -> Array:
    """Return the array that a cell lies in; see `cell_value`."""
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

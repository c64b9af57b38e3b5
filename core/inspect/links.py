"""Finds the cell that holds the same number elsewhere in a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.inspect.trace import StagePhase, StepTrace
from core.layer import Layer
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

    @property
    def words(self) -> str:
        """What the number is: "X^(out) of conv1, sample 0, channel 2, row 3, column 1"."""
        update = self.phase == "update"
        layer = "" if self.phase == "loss" else self.layer
        where = f"{layer}.{self.inner}" if update and self.inner else layer
        return in_words(self.array, self.index, where, update)


@dataclass(frozen=True)
class Link:
    """The source of a number that no formula computes.

    Attributes:
        cell: the cell with the same number; None where it comes from outside of the iteration.
        note: words for that.
    """

    cell: Cell | None
    note: str


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


def link(trace: StepTrace, cell: Cell) -> Link | None:
    """Return the source of a number that is a copy of another one.

    None where the array's own formula computes it.
    """
    layer, phase = trace.layers.get(cell.layer), cell.phase
    if layer is None:
        return None
    if phase == "update":
        param = layer.params[cell.inner or next(iter(layer.params))]
        if cell.array == "before":
            return _shown(trace, cell, "forward", param.value, "as the forward pass used it")
        if cell.array == "gradient":
            return _shown(trace, cell, "backward", param.grad, "from the backward pass")
    elif phase == "backward" and cell.array in trace.stage("forward", cell.layer).names:
        return Link(Cell("forward", cell.layer, cell.array, cell.index), "from the forward pass")
    elif cell.array == "X_in":
        return _before(trace, cell, layer)
    elif cell.array == "g_X_out":
        return _behind(trace, cell, layer)
    return None


def unexplained(trace: StepTrace, cell: Cell) -> Link:
    """Return the source of a number whose array has no formula."""
    array = array_at(trace, cell)
    layer = trace.layers.get(cell.layer)
    if layer is not None and any(_same(array, p.value) for p in layer.params.values()):
        return Link(None, "learned: as the last update left it")
    if cell.phase == "loss":
        for name, last in reversed(trace.layers.items()):
            if _same(array, last.output.value):
                return Link(Cell("forward", name, "X_out", cell.index), f"output of {name}")
    return Link(None, f"{cell.layer} does not say how it is computed")


def _same(one: Array, other: Array) -> bool:
    """Return whether two arrays are views of the same numbers in the same order."""
    keys = [(a.shape, a.strides, a.dtype, a.__array_interface__["data"]) for a in (one, other)]
    return keys[0] == keys[1]


def _shown(trace: StepTrace, cell: Cell, phase: StagePhase, recorded: Array, note: str) -> Link:
    """Return the cell at the same index where a stage of the layer shows a recorded array."""
    for arrays in trace.stage(phase, cell.layer).inner.values():
        for name, shown in arrays.items():
            if _same(shown, recorded):
                return Link(Cell(phase, cell.layer, name, cell.index), note)
    return Link(None, note)


def _before(trace: StepTrace, cell: Cell, layer: Layer) -> Link:
    """The input of a layer is the output of the layer before."""
    names = list(trace.layers)
    for name in reversed(names[: names.index(cell.layer)]):
        if _same(trace.layers[name].output.value, layer.input.value):
            return Link(Cell("forward", name, "X_out", cell.index), f"output of {name}")
    return Link(None, "the image")


def _behind(trace: StepTrace, cell: Cell, layer: Layer) -> Link:
    """The gradient of an output is the gradient of the next layer's input."""
    grad, names = layer.output.grad, list(trace.layers)
    for name, other in trace.layers.items():
        ends = [leaf_of(child, trace.layers, -1) for child in other.children().values()]
        if cell.layer in ends and _same(other.output.grad, grad):
            return Link(Cell("backward", name, "g_X_out", cell.index), f"from {name}")
    for name in names[names.index(cell.layer) + 1 :]:
        if _same(trace.layers[name].input.grad, grad):
            return Link(Cell("backward", name, "g_X_in", cell.index), f"from {name}")
    for arrays in trace.stage("loss", "loss").inner.values():
        for name, array in arrays.items():
            if name.startswith("g_") and _same(array, grad):
                return Link(Cell("loss", "loss", name, cell.index), "from the loss")
    return Link(None, "from outside of the model")


def leaf_of(layer: Layer, leaves: Mapping[str, Layer], end: int) -> str:
    """Return the name of the first (0) or last (-1) recorded layer in a layer."""
    while layer.name not in leaves:
        layer = list(layer.children().values())[end]
    return layer.name

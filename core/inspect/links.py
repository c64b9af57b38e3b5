"""Finds the cell in a neighbouring layer that holds the same number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.inspect.cell import Cell, array_at
from core.inspect.trace import StepTrace
from core.layer import Layer
from core.tensor import Array


def link(trace: StepTrace, cell: Cell) -> tuple[Cell | None, str] | None:
    """Return the cell with the same number from which a cell has it, and words for that.

    The cell is None where the number comes from outside of the iteration. None where the array's
    own formula makes it.
    """
    layer, phase, array = trace.layers.get(cell.layer), cell.phase, cell.array
    if layer is None:
        return None
    if phase == "update" and array in ("before", "gradient"):
        param = layer.params[cell.inner or next(iter(trace.stage(phase, cell.layer).inner))]
        phase, recorded, words = "backward", param.grad, "from the backward pass"
        if array == "before":
            phase, recorded, words = "forward", param.value, "as the forward pass used it"
        names = trace.stage(phase, cell.layer).names
        sources = (Cell(phase, cell.layer, name, cell.index) for name in names)
        return next((at for at in sources if same(array_at(trace, at), recorded)), None), words
    if phase == "backward" and array in trace.stage("forward", cell.layer).names:
        return replace(cell, phase="forward", inner=None), "from the forward pass"
    if (phase, array) in (("forward", "X_in"), ("backward", "g_X_out")):
        recorded = layer.input.value if array == "X_in" else layer.output.grad
        neighbours = before(trace, cell) if array == "X_in" else behind(trace, cell)
        for at, numbers in neighbours:
            if same(numbers, recorded):
                return at, f"{'output of' if array == 'X_in' else 'from'} {at.layer}"
        return None, "the image" if array == "X_in" else "from outside of the model"
    return None


def unexplained(trace: StepTrace, cell: Cell) -> tuple[Cell | None, str]:
    """Return the same for an array without a formula: a param, or what the loss is called with."""
    array, layer = array_at(trace, cell), trace.layers.get(cell.layer)
    if layer is not None and any(same(array, param.value) for param in layer.params.values()):
        when = "drawn at first" if trace.iteration == 1 else "as the last update left it"
        return None, f"learned: {when}"
    for name, last in reversed(trace.layers.items()):
        if cell.phase == "loss" and same(array, last.output.value):
            return Cell("forward", name, "X_out", cell.index), f"output of {name}"
    return None, f"{cell.layer} does not say how it is computed"


def same(one: Array, other: Array) -> bool:
    """Return whether two arrays are views of the same numbers in the same order."""
    keys = [(a.shape, a.strides, a.dtype, a.__array_interface__["data"]) for a in (one, other)]
    return keys[0] == keys[1]


def before(trace: StepTrace, cell: Cell) -> Iterator[tuple[Cell, Array]]:
    """Yield what may be the input of a layer: outputs of the layers before, the nearest first."""
    names = list(trace.layers)
    for name in reversed(names[: names.index(cell.layer)]):
        yield Cell("forward", name, "X_out", cell.index), trace.layers[name].output.value


def behind(trace: StepTrace, cell: Cell) -> Iterator[tuple[Cell, Array]]:
    """Yield what may be g(L, X^(out)) of a layer: of composites around it, of layers behind it."""
    names = list(trace.layers)
    for name, layer in trace.layers.items():
        ends = [leaf_of(child, trace.layers, -1) for child in layer.children().values()]
        if cell.layer in ends:
            yield Cell("backward", name, "g_X_out", cell.index), layer.output.grad
    for name in names[names.index(cell.layer) + 1 :]:
        yield Cell("backward", name, "g_X_in", cell.index), trace.layers[name].input.grad
    loss = trace.stage("loss", "loss")
    for name in (name for name in loss.names if name.startswith("g_")):
        yield Cell("loss", "loss", name, cell.index), loss.array(name)


def leaf_of(layer: Layer, leaves: Mapping[str, Layer], end: int) -> str:
    """Return the name of the first (0) or last (-1) recorded layer in a layer."""
    while layer.name not in leaves:
        layer = list(layer.children().values())[end]
    return layer.name

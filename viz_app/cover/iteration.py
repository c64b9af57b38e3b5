"""An iteration in which covered numbers are not there: what is made of it cannot tell them.

Whatever is drawn, said or explained reads a trace. In the one made here each covered cell is NaN,
and so is what is computed from it; the recorded trace stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import nan
from typing import TypeAlias

import numpy as np

from core.inspect.cell import Cell
from core.inspect.trace import Stage, StepTrace
from core.layer import Layer, Stages
from core.tensor import Array, Tensor
from viz_app.cover.covered import Covered

LOSS = Cell("loss", "loss", "loss", ())
TARGETS = Cell("loss", "loss", "targets", ())
# Where an array lies: arrays of one key are the same numbers in the same order.
Place: TypeAlias = tuple[object, ...]


def cover(trace: StepTrace, covered: Covered) -> StepTrace:
    """Return a trace without the covered numbers; the same one if there are none.

    Arrays that share memory, as the output of a layer and the input of the next, are covered
    together. What the trace does not have, or in another shape, is left out.
    """
    if not covered.masks:
        return trace
    covering = _Covering(trace, covered)
    is_hidden = {cell.phase for cell in covered.masks}
    return replace(
        trace,
        loss=nan if covered.hides(LOSS) else trace.loss,
        # It tells whether the right class is the likeliest.
        metrics={} if "loss" in is_hidden else trace.metrics,
        targets=covering.array(trace.targets, covered.mask(TARGETS)),
        stages=tuple(replace(s, _make=partial(covering.arrays, s)) for s in trace.stages),
        layers={name: covering.layer(layer) for name, layer in trace.layers.items()},
    )


class _Covering:
    """Makes copies without the covered numbers, the same one of the same numbers."""

    def __init__(self, trace: StepTrace, covered: Covered) -> None:
        self._masks: dict[Place, Array] = {}
        self._made: dict[Place, Array] = {}
        self._tensors: dict[int, Tensor] = {}
        for cell, array in _named(trace):
            mask = covered.mask(cell)
            if mask is not None and mask.shape == array.shape:
                place = _place(array)
                self._masks[place] = self._masks.get(place, False) | mask

    def array(self, array: Array, mask: Array | None = None) -> Array:
        """Return an array with NaN where it is covered, or where a mask of its own says so."""
        place = _place(array)
        if place in self._made:
            return self._made[place]
        mask = self._masks.get(place) if mask is None or mask.shape != array.shape else mask
        if mask is None:
            return array
        is_float = np.issubdtype(array.dtype, np.floating)
        found = np.array(array, dtype=array.dtype if is_float else np.float64)
        found[mask] = nan
        found.setflags(write=False)
        self._made[place] = found
        return found

    def arrays(self, stage: Stage) -> Stages:
        """Return the inner stages of a stage."""
        return {
            inner: {name: self.array(array) for name, array in arrays.items()}
            for inner, arrays in stage.inner.items()
        }

    def layer(self, layer: Layer) -> Layer:
        """Return a layer as it was, for whoever reads what it took, made and learnt."""
        found: Layer = object.__new__(type(layer))
        vars(found).update(vars(layer))
        found.input, found.output = self._tensor(layer.input), self._tensor(layer.output)
        found.params = {name: self._tensor(param) for name, param in layer.params.items()}
        return found

    def _tensor(self, tensor: Tensor) -> Tensor:
        """Return a tensor without covered numbers; layers that share one share this too."""
        if id(tensor) not in self._tensors:
            found = Tensor(self.array(tensor.value), tensor.name, tensor.requires_grad)
            if tensor.has_grad:
                found.grad = self.array(tensor.grad)
            self._tensors[id(tensor)] = found
        return self._tensors[id(tensor)]


def _named(trace: StepTrace) -> Iterator[tuple[Cell, Array]]:
    """Yield all arrays of an iteration; what layers hand on may lie in two places."""
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            at = inner if stage.phase == "update" else None
            for name, array in arrays.items():
                yield Cell(stage.phase, stage.layer, name, (), at), array
    for name, layer in trace.layers.items():
        for key, tensor in (("X_in", layer.input), ("X_out", layer.output)):
            yield Cell("forward", name, key, ()), tensor.value
            if tensor.has_grad:
                yield Cell("backward", name, f"g_{key}", ()), tensor.grad


def _place(array: Array) -> Place:
    address, _ = array.__array_interface__["data"]
    return array.shape, array.strides, array.dtype, address

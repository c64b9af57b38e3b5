"""The forward pass of a recorded iteration once more, in float64, with a number changed.

The trace alone is enough. Its layers share arrays as the model's layers shared tensors: what one
reads *is* what another wrote, so the arrays themselves say how the layers hang together, branches
included.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import dataclass, field

import numpy as np

from core.inspect.trace import StepTrace
from core.layer import Layer
from core.losses import Loss
from core.tensor import Array, Tensor

# A layer, and what it reads ("X_in"; "body" and "shortcut" of a residual), the name of one of its
# params, or "X_out".
Place = tuple[str, str]
Index = tuple[int | slice, ...]


@dataclass(frozen=True)
class Change:
    """What to add where, times the amount that `Rerun.loss` is called with.

    Attributes:
        places: where. What one layer reads may change without a change for its other readers.
        index: which numbers of the array there.
        factor: one for all of these numbers, or one for each.
    """

    places: frozenset[Place]
    index: Index
    factor: float | Array = 1.0

    def apply(self, place: Place, array: Array, amount: float) -> Array:
        """Return the array at a place: changed if the place is one of ours, else as it is."""
        if place not in self.places:
            return array
        changed = array.copy()
        changed[self.index] += amount * self.factor
        return changed


@dataclass(frozen=True)
class Unit:
    """One layer of a rerun.

    Attributes:
        reads: the recorded arrays that it reads, by name.
        make: returns the output from the float64 values of these and of the params.
        params: float64 values of the params.
    """

    reads: dict[str, Array]
    make: Callable[[dict[str, Array]], Array]
    params: dict[str, Array] = field(default_factory=dict)


class Rerun:
    """The network of a trace in float64; neither trace nor trainer is touched.

    Masks of dropout are the recorded ones; batch norm takes the statistics of its batch anew.

    Args:
        trace: the iteration, with its batch and its params before the update.
    """

    def __init__(self, trace: StepTrace) -> None:
        loss = trace.stage("loss", "loss").maker
        assert isinstance(loss, Loss)
        self._loss, self._targets = loss, trace.targets
        self._layers = trace.layers
        self._units = {
            name: UNITS.get(layer.keyword, _layer)(layer) for name, layer in trace.layers.items()
        }
        self._order = {name: k for k, name in enumerate(trace.layers)}
        image = next(iter(trace.layers.values())).input.value
        # Recorded array, by identity -> its value in float64 when nothing is changed.
        self._values = {id(image): image.astype(np.float64)}
        self._values = self._run(Change(frozenset(), ()), 0.0, 0)

    @property
    def last(self) -> str:
        """Name of the layer whose output the loss reads."""
        return next(
            name
            for name, layer in reversed(self._layers.items())
            if layer.output.value is self._loss.output.value
        )

    def readers(self, name: str, branch: str = "") -> frozenset[Place]:
        """Return where the input of a layer is read, by the layer itself or by layers inside it.

        Args:
            name: of the layer.
            branch: of a composite: only where that branch reads.
        """
        own, source = self._units[name].reads, self._layers[name].input.value
        inside = f"{name}.{branch}." if branch else f"{name}."
        places = {(name, key) for key in own if own[key] is source and branch in ("", key)}
        for other, unit in self._units.items():
            if other.startswith(inside):
                places |= {(other, key) for key, array in unit.reads.items() if array is source}
        return frozenset(places)

    def loss(self, change: Change, amount: float) -> float:
        """Return the loss of the batch when `amount` times a change is added."""
        values = self._run(change, amount, min(self._order[name] for name, _ in change.places))
        output = Tensor(values[id(self._loss.output.value)])
        return copy(self._loss).forward(output, self._targets)

    def _run(self, change: Change, amount: float, start: int) -> dict[int, Array]:
        """Compute layer number `start` and all after it; before it nothing changes."""
        values = dict(self._values)
        for name in list(self._units)[start:]:
            unit = self._units[name]
            arrays = {key: values[id(array)] for key, array in unit.reads.items()} | unit.params
            given = {key: change.apply((name, key), a, amount) for key, a in arrays.items()}
            # A copy, because a layer writes its next output to the same memory.
            made = unit.make(given).copy(order="K")
            values[id(self._layers[name].output.value)] = change.apply(
                (name, "X_out"), made, amount
            )
        return values


def _layer(layer: Layer) -> Unit:
    """Let a float64 copy of the layer compute."""
    twin = deepcopy(layer).astype(np.float64)

    def make(arrays: dict[str, Array]) -> Array:
        for name, param in twin.params.items():
            param.value = arrays[name]
        return twin.forward(arrays["X_in"]).value

    params = {name: param.value for name, param in twin.params.items()}
    return Unit({"X_in": layer.input.value}, make, params)


def _masked(layer: Layer) -> Unit:
    """Multiply by the recorded mask: the layer itself would draw a new one."""
    mask = layer.forward_stages()["mask"]["mask"].astype(np.float64)
    return Unit({"X_in": layer.input.value}, lambda arrays: arrays["X_in"] * mask)


def _sum(layer: Layer) -> Unit:
    """Add two branches, whose layers are in the trace themselves."""
    made = layer.forward_stages()["sum"]
    reads = {branch: made[branch] for branch in ("body", "shortcut")}
    return Unit(reads, lambda arrays: arrays["body"] + arrays["shortcut"])


# Keyword of a layer -> how it is computed again, where not by a copy of the layer.
UNITS: dict[str, Callable[[Layer], Unit]] = {"dropout": _masked, "residual": _sum}

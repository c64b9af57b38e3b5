"""Which number of the model a cell of an iteration shows, and why others cannot be edited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.inspect.cell import Cell, array_at
from core.inspect.explain import Explanation, explain
from core.inspect.links import link, same
from core.inspect.trace import StepTrace
from core.layer import Layer
from core.symbols import is_gradient, symbol
from core.tensor import Array
from viz_app.run.edits.edit import KERNEL_AXES, Edit

# How an array of `state` is called as the iteration before has left it.
BEFORE = "{}_before"
# So many arrays are named from which a number is computed.
MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class Target:
    """A number of the model that is shown in a cell.

    Attributes:
        layer: name of the layer.
        array: name of the param, or of the array of `state`.
        index: in it.
        behind: whether the cell shows it as the iteration has left it; otherwise, as the iteration
            has found it.
        shown: the array as it is in the iteration.
    """

    layer: str
    array: str
    index: tuple[int, ...]
    behind: bool
    shown: Array

    @property
    def number(self) -> str:
        """The number with all its digits."""
        return str(self.shown[self.index])

    @property
    def is_kernel(self) -> bool:
        """Whether the number is one of a kernel."""
        return self.shown.ndim == KERNEL_AXES

    @property
    def step(self) -> float:
        """A hundredth of the range of the array; of its size where all numbers are equal."""
        span = float(np.ptp(self.shown)) or abs(float(self.shown.flat[0])) or 1.0
        return span / 100

    def edit(self, value: float | str) -> Edit:
        """Return the edit that puts a number in its place, or a kernel in that of its kernel."""
        index = self.index[: KERNEL_AXES - 2] if isinstance(value, str) else self.index
        return Edit(self.layer, self.array, index, value)


def target_of(trace: StepTrace, cell: Cell) -> Target:
    """Return which number of the model a cell shows.

    Raises:
        ValueError: none; the message says what the number is, and what to change instead.
    """
    at = cell
    while True:
        found = _held(trace, at)
        if found is not None:
            return found
        why = explain(trace, at)
        if why.source is None:
            raise ValueError(_reason(trace, cell, at, why))
        at = why.source


def _held(trace: StepTrace, cell: Cell) -> Target | None:
    """Return the number of the model that lies in the very array of a cell."""
    layer = trace.layers.get(cell.layer)
    if layer is None:
        return None
    array = array_at(trace, cell)
    if cell.phase == "update":
        if cell.array not in ("before", "after"):
            return None
        name = cell.inner or next(iter(trace.stage(cell.phase, cell.layer).inner))
        return Target(cell.layer, name, cell.index, cell.array == "after", array)
    for name, param in layer.params.items():
        if same(array, param.value):
            return Target(cell.layer, name, cell.index, False, array)
    return _state(layer, cell, array)


def _state(layer: Layer, cell: Cell, array: Array) -> Target | None:
    for name, kept in layer.state.items():
        if same(array, kept):
            return Target(layer.name, name, cell.index, True, array)
        if cell.array == BEFORE.format(name) and array.shape == kept.shape:
            return Target(layer.name, name, cell.index, False, array)
    return None


def _reason(trace: StepTrace, cell: Cell, origin: Cell, why: Explanation) -> str:
    """Return why a number cannot be edited.

    Args:
        trace: the iteration.
        cell: of the number.
        origin: the cell in which it was made.
        why: how it was made.
    """
    if origin.array == "targets":
        return f"{cell.words} is a label: it belongs to the data."
    if link(trace, origin) == (None, "the image"):
        return f"{cell.words} is a pixel of a training image: it belongs to the data."
    cells = [factor.cell for term in list(why.terms)[:64] for factor in term.factors]
    # The bias of a sum may be its last term.
    cells += [factor.cell for factor in why.terms[len(why.terms) - 1].factors]
    read = {(c.array, c.layer): c for c in cells if c is not None}
    names = [symbol(c.array, len(c.index)).words for c in read.values()]
    kind = "a gradient: it is computed" if is_gradient(origin.array) else "computed"
    if not names:
        return f"{cell.words} is {kind} as the run goes on: change a weight, and it follows."
    *most, last = names[:MOST_NAMED] if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], "others"]
    named = f"{', '.join(most)} and {last}" if most else last
    them = "those" if most else "that"
    return f"{cell.words} is {kind}, from {named}: change {them}, and it follows."

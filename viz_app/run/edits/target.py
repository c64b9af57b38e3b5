"""Which number of the model a cell of an iteration shows, and why others cannot be edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.inspect.cell import Cell, array_at
from core.inspect.explain import Explanation, Term, explain
from core.inspect.links import link, same
from core.inspect.trace import StepTrace
from core.layer import Layer
from core.symbols import is_gradient, symbol
from core.tensor import Array
from viz_app.run.edits.edit import KERNEL_AXES, Edit

# What `link` says of the input of the network.
IMAGE = "the image"
# How an array of `state` is called as the iteration before has left it.
BEFORE = "{}_before"


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
    found = _find(trace, cell)
    if isinstance(found, Target):
        return found
    raise ValueError(_reason(trace, cell, found))


def is_editable(trace: StepTrace, cell: Cell) -> bool:
    """Return whether a cell shows a number of the model."""
    return isinstance(_find(trace, cell), Target)


def pixel_of(trace: StepTrace, cell: Cell) -> Cell | None:
    """Return the cell of the network's input that a cell is a copy of; None if it is none."""
    found = _find(trace, cell)
    if isinstance(found, Target) or link(trace, found.cell) != (None, IMAGE):
        return None
    return found.cell


def _find(trace: StepTrace, cell: Cell) -> Target | Explanation:
    """Return the number of the model that a cell is a copy of, or how it was made."""
    at = cell
    while True:
        found = held(trace, at)
        if found is not None:
            return found
        why = explain(trace, at)
        if why.source is None:
            return why
        at = why.source


def held(trace: StepTrace, cell: Cell) -> Target | None:
    """Return the number of the model that lies in the very array of a cell; None if none does."""
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
            # In eval mode, as for a probe, nothing has changed it.
            return Target(layer.name, name, cell.index, layer.training, array)
        if cell.array == BEFORE.format(name) and array.shape == kept.shape:
            return Target(layer.name, name, cell.index, False, array)
    return None


def _reason(trace: StepTrace, cell: Cell, why: Explanation) -> str:
    """Return why a number cannot be edited.

    Args:
        trace: the iteration.
        cell: of the number.
        why: how it was made, perhaps in another cell, of which it is a copy.
    """
    origin = why.cell
    if origin.array == "targets":
        return f"{cell.words} is a label: it belongs to the data."
    if link(trace, origin) == (None, IMAGE):
        return (
            f"{cell.words} is a pixel of a training image: it belongs to the data. A picture that "
            "the network is asked about (Probe) can be changed."
        )
    if is_gradient(origin.array):
        return (
            f"{cell.words} is a gradient: it follows from the weights and the batch. Change a "
            "weight, and it is computed anew."
        )
    # The bias of a sum is its last term.
    terms = [why.terms[0], why.terms[len(why.terms) - 1]] if len(why.terms) else []
    read = {(c.layer, c.array): c for term in terms for c in _cells(term)}
    if not read:
        return f"{cell.words} is computed: change a weight in front of it, and it follows."
    names = {symbol(c.array, len(c.index)).words: is_editable(trace, c) for c in read.values()}
    change = _listed([name for name, is_editable in names.items() if is_editable], "or")
    return (
        f"{cell.words} is computed, from {_listed(list(names), 'and')}: "
        f"change {change or 'a weight in front of it'}, and it follows."
    )


def _cells(term: Term) -> Iterator[Cell]:
    for factor in term.factors:
        cell: Cell | None = factor.cell
        if cell is not None:
            yield cell


def _listed(names: Sequence[str], last: str) -> str:
    """Return names in a row: "X, W and b"."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

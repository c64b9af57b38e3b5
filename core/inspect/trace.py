"""What happened in one iteration, kept so that no later step can change it.

While a trainer steps, a recorder copies every layer once. The inner arrays of a stage (X^(col),
the terms of a gradient, …) are computed from these copies when they are first read, by the layer's
own `forward_stages` and `backward_stages`; they are as fixed as the copies are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.kernels.overflow import unwarned
from core.layer import Layer, Stages
from core.losses import Loss
from core.tensor import Array

StagePhase = Literal["forward", "loss", "backward", "update"]


class Maker(Protocol):
    """What computed a stage: a layer, a loss, an optimiser."""

    @property
    def formulas(self) -> str:
        """One line of index notation for each array of the stage; see `core.formula`."""

    def formula_constants(self) -> dict[str, float]:
        """Return the constants and the sizes of letters in these lines, by name."""


@dataclass(frozen=True)
class Stage:
    """One stage of an iteration: the forward pass of a layer, the loss, and so on.

    Attributes:
        phase: what kind of stage it is.
        layer: name of the layer at work, "loss" for the loss.
        kind: keyword of the layer's type, "loss" for the loss.
        maker: the layer, loss or optimiser that computed it, as it was then.
    """

    phase: StagePhase
    layer: str
    kind: str
    _make: Callable[[], Stages] = field(repr=False, compare=False)
    maker: Maker = field(repr=False, compare=False)

    @cached_property
    def inner(self) -> Stages:
        """The inner stages in order, each with its arrays by name, read-only."""
        with unwarned():
            made = self._make()
        for arrays in made.values():
            for name, array in arrays.items():
                arrays[name] = _frozen(array)
        return made

    @property
    def names(self) -> list[str]:
        """The names of all arrays, each once."""
        return list(dict.fromkeys(name for arrays in self.inner.values() for name in arrays))

    def array(self, name: str) -> Array:
        """Return the array called `name` of whichever inner stage has it first.

        Raises:
            KeyError: no inner stage has it.
        """
        for arrays in self.inner.values():
            if name in arrays:
                return arrays[name]
        known = ", ".join(sorted(self.names))
        raise KeyError(f"{self.phase} {self.layer} has no {name!r}; it has {known}")


@dataclass(frozen=True, eq=False)
class StepTrace:
    """One recorded iteration: one batch, one update. Equal to itself alone.

    Attributes:
        iteration: its number; the first update is iteration 1.
        loss: mean loss of the batch before the update.
        metrics: what fits the loss, before the update, by name: the accuracy where there are
            classes.
        lr: learning rate of the update.
        indices: which training samples were in the batch, shape (N,).
        targets: their labels, shape (N,).
        stages: all stages in order.
        layers: copies of the layers by name, in order of computation, after their backward pass.
        start: a copy of the model before the step, from which the step can be computed again.
        start_loss: a copy of the loss before the step.
        class_names: one name a class; a label is an index into it.
        augmented: what was done to each image before, in words; empty without augmentation.
        is_probe: whether it is a question instead of a step of training: a sample of one's own in
            eval mode, without an update (see `core.inspect.probe`).
    """

    iteration: int
    loss: float
    metrics: dict[str, float]
    lr: float
    indices: NDArray[np.int64]
    targets: Array
    stages: tuple[Stage, ...]
    layers: dict[str, Layer] = field(repr=False)
    start: Layer = field(repr=False)
    start_loss: Loss = field(repr=False)
    class_names: tuple[str, ...] = ()
    augmented: tuple[str, ...] = ()
    is_probe: bool = False

    @property
    def accuracy(self) -> float:
        """The share of the batch that was classified right; NaN where there are no classes."""
        return self.metrics.get("accuracy", nan)

    def stage(self, phase: StagePhase, layer: str) -> Stage:
        """Return the stage of a layer in a phase.

        Raises:
            KeyError: there is none.
        """
        for stage in self.stages:
            if stage.phase == phase and stage.layer == layer:
                return stage
        raise KeyError(f"iteration {self.iteration} has no stage {phase} {layer}")


def _frozen(array: Array) -> Array:
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view

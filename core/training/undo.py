"""Puts a trainer back to before a step that could not be finished."""

from __future__ import annotations

from itertools import chain
from types import TracebackType
from typing import Self

import numpy as np

from core.data import Batches
from core.kernels.workspace import Workspace
from core.layer import Layer
from core.model import Model
from core.optim import Optimizer
from core.tensor import Array, Tensor


class Undo:
    """Around a step: where that raises, the same step can be made again.

    Put back are the batches, the layers' `state`, generators and modes, the generator of the
    augmentation, and all that the optimiser updates and keeps. Only copies of small things are made
    before the update, and one of the params and slots right before it: a `capture` takes as long as
    a small step.

    Args:
        model: what is trained.
        optimizer: what updates it.
        batches: what gives the samples.
        work: keeps the copies; used again in every step.
        rng: draws the augmentation, if there is any.

    Attributes:
        layers: all layers of the model.
    """

    def __init__(
        self,
        model: Model,
        optimizer: Optimizer,
        batches: Batches,
        work: Workspace,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.layers: list[Layer] = list(model.walk())
        self._batches, self._work = batches.way_back(), work
        self._modes = [layer.training for layer in self.layers]
        self._state = [
            (layer.state, name, array, array.copy())
            for layer in self.layers
            for name, array in layer.own_state().items()
        ]
        rngs = [*(layer.rng for layer in self.layers), rng]
        self._drawn = [(one, one.bit_generator.state) for one in rngs if one]
        self._optimizer, self._settings = optimizer, dict(vars(optimizer))
        self._slots: dict[str, list[Array]] | None = None
        self._values: list[tuple[Tensor, Array]] = []
        self._updated: list[tuple[Array, Array]] = []

    def before_update(self) -> None:
        """Keep what the optimiser is about to change."""
        optimizer = self._optimizer
        self._slots = {name: list(slots) for name, slots in optimizer.slots.items()}
        self._values = [(param, param.value) for param in optimizer.params]
        for k, array in enumerate(chain((v for _, v in self._values), *self._slots.values())):
            if array.flags.writeable:
                kept = self._work.array(str(k), array.shape, array.dtype)
                np.copyto(kept, array)
                self._updated.append((array, kept))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._undo()

    def _undo(self) -> None:
        optimizer = self._optimizer
        self._batches()
        for layer, mode in zip(self.layers, self._modes, strict=True):
            layer.training = mode
        for state, name, array, kept in self._state:
            np.copyto(array, kept)
            state[name] = array
        for rng, drawn in self._drawn:
            rng.bit_generator.state = drawn
        vars(optimizer).clear()
        vars(optimizer).update(self._settings)
        if self._slots is not None:
            optimizer.slots.clear()
            optimizer.slots.update(self._slots)
            for param, value in self._values:
                param.value = value
        for array, kept in self._updated:
            np.copyto(array, kept)

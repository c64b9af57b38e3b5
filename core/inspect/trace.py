"""What happened in one iteration, kept so that no later step can change it.

While a trainer steps, a recorder copies every tensor once. The inner arrays of a stage (X^(col),
the terms of a gradient, …) are made from these copies when they are first asked for, by the layer's
own `forward_stages` and `backward_stages`; they are as fixed as the copies are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.explanations.parts import Explains
from core.kernels.workspace import Workspace
from core.layer import Layer, Phase, Stages
from core.losses import Loss
from core.model import Model
from core.optim import Optimizer
from core.tensor import Array, Tensor

StagePhase = Literal["forward", "loss", "backward", "update"]


@dataclass(frozen=True)
class Stage:
    """One stage of an iteration: the forward pass of a layer, the loss, and so on.

    Attributes:
        phase: what kind of stage it is.
        layer: name of the layer at work, "loss" for the loss.
        kind: keyword of the layer's type, "loss" for the loss.
        maker: what made it: the layer, the loss, or the optimiser, as they were then.
    """

    phase: StagePhase
    layer: str
    kind: str
    _make: Callable[[], Stages] = field(repr=False, compare=False)
    maker: Explains = field(repr=False, compare=False)

    @cached_property
    def inner(self) -> Stages:
        """The inner stages in order, each with its arrays by name, read-only."""
        made = self._make()
        for arrays in made.values():
            for name, array in arrays.items():
                arrays[name] = _frozen(array)
        return made

    def array(self, name: str) -> Array:
        """Return the array called `name` of whichever inner stage has it first.

        Raises:
            KeyError: no inner stage has it.
        """
        for arrays in self.inner.values():
            if name in arrays:
                return arrays[name]
        known = sorted({key for arrays in self.inner.values() for key in arrays})
        raise KeyError(f"{self.phase} {self.layer} has no {name!r}; it has {', '.join(known)}")


@dataclass(frozen=True, eq=False)
class StepTrace:
    """One recorded iteration: one batch, one update. Equal to itself alone.

    Attributes:
        iteration: its number; the first update is iteration 1.
        loss: mean loss of the batch before the update.
        accuracy: share of the batch that was classified right before the update.
        lr: learning rate of the update.
        indices: which training samples made the batch, shape (N,).
        targets: their labels, shape (N,).
        stages: all stages in order.
        class_names: one name a class; a label is an index into it.
    """

    iteration: int
    loss: float
    accuracy: float
    lr: float
    indices: NDArray[np.int64]
    targets: Array
    stages: tuple[Stage, ...]
    layers: dict[str, Layer] = field(repr=False)
    class_names: tuple[str, ...] = ()

    def stage(self, phase: StagePhase, layer: str) -> Stage:
        """Return the stage of a layer in a phase.

        Raises:
            KeyError: there is none.
        """
        for stage in self.stages:
            if stage.phase == phase and stage.layer == layer:
                return stage
        raise KeyError(f"iteration {self.iteration} has no stage {phase} {layer}")


class Recorder:
    """Stands beside one step of a trainer and copies what it sees.

    Args:
        model: whose layers are watched, until `finish`.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._leaves = model.leaves()
        self._forward: list[str] = []
        self._backward: list[str] = []
        self._frozen: dict[str, Layer] = {}
        # Original array -> its copy. The original is kept so that its identity stays its own.
        self._copies: dict[int, tuple[Array, Array]] = {}
        self._loss: Loss | None = None
        self._optimizer: Optimizer | None = None
        self._needed_input_grad = model.needs_input_grad
        model.needs_input_grad = True
        for layer in self._leaves:
            layer.observer = self._observe

    def _observe(self, layer: Layer, phase: Phase) -> None:
        if phase == "forward":
            self._forward.append(layer.name)
        else:
            # Nothing that forward made has changed since: one copy serves both passes.
            self._backward.append(layer.name)
            self._frozen[layer.name] = self._freeze(layer)

    def _freeze(self, layer: Layer) -> Layer:
        still = copy(layer)
        still.observer = None
        still.work = Workspace()
        still.input, still.output = self._still(layer.input), self._still(layer.output)
        still.params = {name: self._still(param) for name, param in layer.params.items()}
        still.state = {name: self._copy(array) for name, array in layer.state.items()}
        for name, value in vars(layer).items():
            if isinstance(value, np.ndarray):
                setattr(still, name, self._copy(value))
            elif isinstance(value, Tensor) and value in layer.params.values():
                setattr(still, name, self._same(layer, still, value))
        for name, child in layer.children().items():
            if name in vars(layer):
                setattr(still, name, self._shell(child))
        return still

    def _shell(self, branch: Layer) -> Layer:
        """A branch of a composite, of which only input and output are looked at."""
        still = copy(branch)
        still.input, still.output = self._still(branch.input), self._still(branch.output)
        return still

    @staticmethod
    def _same(layer: Layer, still: Layer, param: Tensor) -> Tensor:
        return next(still.params[name] for name, p in layer.params.items() if p is param)

    def _still(self, tensor: Tensor) -> Tensor:
        kept = Tensor(self._copy(tensor.value), tensor.name)
        kept.grad = self._copy(tensor.grad)
        return kept

    def _copy(self, array: Array) -> Array:
        known = self._copies.get(id(array))
        if known is None:
            kept = array.copy(order="K")
            kept.setflags(write=False)
            known = self._copies[id(array)] = (array, kept)
        return known[1]

    def watch_loss(self, loss: Loss) -> None:
        """Copy the loss, after its backward."""
        still = copy(loss)
        still.output = self._still(loss.output)
        for name, value in vars(loss).items():
            if isinstance(value, np.ndarray):
                setattr(still, name, self._copy(value))
        self._loss = still

    def watch_update(self, optimizer: Optimizer) -> None:
        """Copy what an optimiser remembers, before its step."""
        still = self._optimizer = copy(optimizer)
        still.params = []
        still.slots = {
            name: [array.copy() for array in arrays] for name, arrays in optimizer.slots.items()
        }

    def release(self) -> None:
        """Stop watching the model."""
        self._model.needs_input_grad = self._needed_input_grad
        for layer in self._leaves:
            layer.observer = None

    def stages(self, optimizer: Optimizer) -> tuple[Stage, ...]:
        """Return all stages, after the update."""
        return tuple(self._stages(optimizer))

    @property
    def layers(self) -> dict[str, Layer]:
        """The copies of the layers by name, in order of computation."""
        return {name: self._frozen[name] for name in self._forward}

    def _stages(self, optimizer: Optimizer) -> Iterator[Stage]:
        for name in self._forward:
            layer = self._frozen[name]
            yield Stage("forward", name, layer.keyword, layer.forward_stages, layer)
        if self._loss is not None:
            loss = self._loss
            yield Stage(
                "loss",
                "loss",
                "loss",
                lambda: {**loss.forward_stages(), **loss.backward_stages()},
                loss,
            )
        for name in self._backward:
            layer = self._frozen[name]
            yield Stage("backward", name, layer.keyword, layer.backward_stages, layer)
        if self._optimizer is None:
            return
        place = {id(param): k for k, param in enumerate(optimizer.params)}
        slots_before = self._optimizer.slots
        for layer in self._leaves:
            still = self._frozen[layer.name]
            updates: Stages = {}
            for name, param in layer.params.items():
                if id(param) in place:
                    k, before = place[id(param)], still.params[name]
                    arrays = {"before": before.value, "gradient": before.grad}
                    for slot, kept in optimizer.slots.items():
                        arrays |= {f"{slot}_before": slots_before[slot][k], slot: kept[k].copy()}
                    updates[name] = arrays | {"after": param.value.copy()}
            if updates:
                make = _with_steps(updates, self._optimizer)
                yield Stage("update", layer.name, layer.keyword, make, self._optimizer)


def _with_steps(updates: Stages, optimizer: Optimizer) -> Callable[[], Stages]:
    def make() -> Stages:
        made: Stages = {}
        for name, arrays in updates.items():
            step = arrays["after"] - arrays["before"]
            made[name] = {
                **arrays,
                **optimizer.update_arrays(arrays),
                "step": step,
                "ratio": _ratio(step, arrays["after"]),
            }
        return made

    return make


def _ratio(step: Array, value: Array) -> Array:
    """RMS of a step over RMS of the value it led to, 0 where that is all zeros."""
    sizes = [np.sqrt(np.mean(np.square(array, dtype=np.float64))) for array in (step, value)]
    return np.asarray(sizes[0] / sizes[1] if sizes[1] else 0.0)


def _frozen(array: Array) -> Array:
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view

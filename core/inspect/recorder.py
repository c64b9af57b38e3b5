"""Records one step of a trainer: copies everything that happens in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from core.errors import shown
from core.inspect.freeze import Freezer
from core.inspect.trace import Stage
from core.layer import Layer, Stages
from core.losses import Loss
from core.model import Model
from core.optim import Optimizer
from core.tensor import Array, Tensor


class Recorder:
    """Watches one step and copies what it sees; `release` it afterwards.

    Args:
        model: the model whose layers are watched, before its forward pass.
        loss: the loss, before it is computed.

    Attributes:
        start: a copy of the model as it was before the step, from which the step can be computed
            again.
        start_loss: a copy of the loss as it was before the step; what it shares with the model it
            shares with `start`.
    """

    def __init__(self, model: Model, loss: Loss) -> None:
        layers = list(model.walk())
        self._leaves = [layer for layer in layers if not isinstance(layer, Model)]
        self._forward: list[str] = []
        self._backward: list[str] = []
        self._frozen: dict[str, Layer] = {}
        before = Freezer(for_replay=True)
        self.start, self.start_loss = before(model), before(loss)
        self._freeze = Freezer()
        for param in (param for layer in layers for param in layer.own_params().values()):
            self._freeze.share(param.value, before(param.value))
        self._loss: Loss | None = None
        self._optimizer: Optimizer | None = None
        self._handles = [
            handle
            for layer in self._leaves
            for handle in (
                layer.register_forward_hook(self._saw_forward),
                layer.register_backward_hook(self._saw_backward),
            )
        ]

    def _saw_forward(self, layer: Layer, x: Tensor, y: Tensor) -> None:
        self._forward.append(layer.name)

    def _saw_backward(self, layer: Layer, grad_input: Array | None, grad_output: Array) -> None:
        # Nothing that the forward pass computed has changed since: one copy serves both passes.
        self._backward.append(layer.name)
        self._frozen[layer.name] = self._freeze(layer)

    def watch_loss(self, loss: Loss) -> None:
        """Copy the loss, after its backward."""
        self._loss = self._freeze(loss)

    def watch_update(self, optimizer: Optimizer) -> None:
        """Copy the optimiser's state before its step."""
        self._optimizer = self._freeze(optimizer)

    def release(self) -> None:
        """Stop watching the model."""
        for handle in self._handles:
            handle.remove()

    @property
    def layers(self) -> dict[str, Layer]:
        """The copies of the layers by name, in order of computation."""
        return {name: self._frozen[name] for name in self._forward}

    def stages(self, optimizer: Optimizer | None = None) -> tuple[Stage, ...]:
        """Return all stages, after the update by an optimiser if there was one."""
        return tuple(self._stages(optimizer))

    def _stages(self, optimizer: Optimizer | None) -> Iterator[Stage]:
        for name in self._forward:
            layer = self._frozen[name]
            yield Stage("forward", name, layer.keyword, partial(_forward_stages, layer), layer)
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
            yield Stage("backward", name, layer.keyword, partial(_backward_stages, layer), layer)
        if self._optimizer is None or optimizer is None:
            return
        number = {id(param): k for k, param in enumerate(optimizer.params)}
        slots_before = self._optimizer.slots
        for layer in self._leaves:
            still = self._frozen[layer.name]
            updates: Stages = {}
            for name, param in layer.params.items():
                if id(param) in number and param.requires_grad:
                    k, before = number[id(param)], still.params[name]
                    arrays = {"before": before.value, "gradient": before.grad}
                    for slot, kept in optimizer.slots.items():
                        arrays |= {f"{slot}_before": slots_before[slot][k], slot: kept[k].copy()}
                    updates[name] = arrays | {"after": param.value.copy()}
            if updates:
                make = _with_steps(updates, self._optimizer)
                yield Stage("update", layer.name, layer.keyword, make, self._optimizer)


def _forward_stages(layer: Layer) -> Stages:
    return _checked(layer, "forward_stages", layer.forward_stages())


def _backward_stages(layer: Layer) -> Stages:
    """Return the inner stages of a backward pass, without gradients of frozen params."""
    frozen = {f"g_{name}" for name, param in layer.params.items() if not param.requires_grad}
    return {
        inner: {name: array for name, array in arrays.items() if name not in frozen}
        for inner, arrays in _checked(layer, "backward_stages", layer.backward_stages()).items()
    }


def _checked(layer: Layer, method: str, stages: Stages) -> Stages:
    """Return what a layer says of itself; raise TypeError where that is not what was asked for."""
    if not isinstance(stages, dict):
        given = f"a {type(stages).__name__}"
    else:
        # Without a type checker they may be anything.
        arrays: dict[str, object] = {**stages}
        other = {inner: a for inner, a in arrays.items() if not isinstance(a, dict)}
        if not other:
            for inner, found in stages.items():
                _check_arrays(f"{layer.name}: {method}", inner, found)
            return stages
        given = ", ".join(f"a {type(a).__name__} as {inner!r}" for inner, a in other.items())
    raise TypeError(
        f"{layer.name}: {method} returned {given}; expected inner stages by name, each with its "
        "arrays by name, such as {'output': {'X_in': x, 'X_out': y}}"
    )


def _check_arrays(who: str, inner: str, arrays: Mapping[str, object]) -> None:
    """Refuse what is no array of real numbers in an inner stage, or has no name."""
    names: list[object] = [inner, *arrays]
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{who} returned the name {name!r}; expected a text, such as 'X_out'")
    for name, array in arrays.items():
        try:
            is_real = np.asarray(array).dtype.kind in "biuf"
        except ValueError:  # a ragged list
            is_real = False
        if not is_real:
            raise TypeError(
                f"{who} returned {shown(array)} as {name!r} of {inner!r}; expected an array of "
                "real numbers, such as self.output.value; leave out what is none"
            )


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
    """Return the RMS of a step divided by the RMS of the updated value; 0 if that is all zeros."""
    sizes = [np.sqrt(np.mean(np.square(array, dtype=np.float64))) for array in (step, value)]
    return np.asarray(sizes[0] / sizes[1] if sizes[1] else 0.0)

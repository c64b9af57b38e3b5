"""What an iteration starts from and what it leads to, as arrays by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.inspect.trace import Stage, StepTrace
from core.layer import Layer, Shape
from core.layers import Dropout
from core.losses import Loss
from core.model import Model
from core.optim import Optimizer

# The arrays of a forward pass that are drawn at random, by the layers that draw them.
DRAWN: Mapping[type[Layer], str] = {Dropout: "mask"}


@dataclass(frozen=True)
class Moment:
    """A recorded iteration.

    Attributes:
        iteration: its number.
        model: the model before it.
        loss: the loss, with the targets that it compared with.
        optimizer: the optimiser before it; None if no param was updated.
        input_shape: shape of one sample, without N.
        updated: names of the params that were updated, by their places (`0.weight`).
        frozen: names of those that have no gradient.
        arrays: all that a script needs, by names: `images` and `labels` of the batch, `loss`, and
            behind `before.`, `gradient.`, `after.`, `mask.` or the name of a slot (`velocity.`) the
            arrays of each param or place.
    """

    iteration: int
    model: Model
    loss: Loss
    optimizer: Optimizer | None
    input_shape: Shape
    updated: tuple[str, ...]
    frozen: tuple[str, ...]
    arrays: dict[str, NDArray[Any]]


def moment_of(trace: StepTrace) -> Moment:
    """Return the moment of a trace.

    Raises:
        ValueError: two layers share a param, which no script here can write down; or it is of a
            probe, which trains nothing.
    """
    if trace.is_probe:
        raise ValueError(
            "a probe is no step of training, of which a script could be written: go back to the "
            "training batch"
        )
    model = trace.start
    assert isinstance(model, Model)
    places = dict(places_of(model))
    shared = Counter(id(param) for layer in places.values() for param in layer.params.values())
    twice = [place for place, layer in places.items()
             if any(shared[id(param)] > 1 for param in layer.params.values())]  # fmt: skip
    if twice:
        raise ValueError(
            f"{' and '.join(twice)} share weights; a script can be written for layers with weights "
            "of their own only"
        )
    first = next(iter(trace.layers.values()))
    arrays: dict[str, NDArray[Any]] = {
        "images": first.input.value,
        "labels": trace.targets,
        "loss": np.asarray(trace.loss),
    }
    updates = {stage.layer: stage for stage in trace.stages if stage.phase == "update"}
    updated: list[str] = []
    frozen: list[str] = []
    for place, layer in places.items():
        if layer.name not in trace.layers:
            continue
        done, update = trace.layers[layer.name], updates.get(layer.name)
        if type(layer) in DRAWN:
            name = DRAWN[type(layer)]
            arrays[f"{name}.{place}"] = trace.stage("forward", layer.name).array(name)
        for name, param in layer.params.items():
            key = f"{place}.{name}"
            arrays[f"before.{key}"] = arrays[f"after.{key}"] = param.value
            if param.requires_grad:
                arrays[f"gradient.{key}"] = done.params[name].grad
            else:
                frozen.append(key)
            if update is not None and name in update.inner:
                updated.append(key)
                arrays |= _update(update, name, key)
        for name, array in layer.state.items():
            arrays[f"before.{place}.{name}"] = array
            arrays[f"after.{place}.{name}"] = done.state[name]
    (loss,) = (stage.maker for stage in trace.stages if stage.phase == "loss")
    assert isinstance(loss, Loss)
    maker = next(iter(updates.values())).maker if updates else None
    optimizer = maker if isinstance(maker, Optimizer) else None
    shape = first.input.shape[1:]
    names = tuple(updated), tuple(frozen)
    return Moment(trace.iteration, model, loss, optimizer, shape, *names, arrays)


def _update(stage: Stage, name: str, key: str) -> dict[str, NDArray[Any]]:
    """Return what an update needs besides the gradient, and what it gives."""
    assert isinstance(stage.maker, Optimizer)
    arrays = stage.inner[name]
    slots = {f"{slot}.{key}": arrays[f"{slot}_before"] for slot in stage.maker.slots}
    return {**slots, f"after.{key}": arrays["after"]}


def places_of(layer: Layer, prefix: str = "") -> Iterator[tuple[str, Layer]]:
    """Yield all layers inside of one with their dotted places, as `state_dict` names them."""
    for name, child in layer.children().items():
        yield prefix + name, child
        yield from places_of(child, f"{prefix}{name}.")

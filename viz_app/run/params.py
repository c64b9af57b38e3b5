"""What a model has learnt at a moment of its run, to be compared with another moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.tensor import Array
from core.training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class Params:
    """Copies of the params of a model.

    Attributes:
        iteration: after which update; 0 before the first one.
        values: by the names of layer and param, read-only.
    """

    iteration: int
    values: Mapping[tuple[str, str], Array]


def params_of(trainer: Trainer) -> Params:
    """Return what a model has learnt by now."""
    values = {
        (layer.name, name): param.value.copy()
        for layer in trainer.model.walk()
        for name, param in layer.params.items()
    }
    for value in values.values():
        value.setflags(write=False)
    return Params(trainer.iteration, values)

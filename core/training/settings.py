"""What a run depends on besides arrays and generators: settings, and which parts a trainer has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from core.snapshot.nodes import attributes
from core.training.trainer import Trainer

# Kinds of settings that are compared by value.
PLAIN = (type(None), bool, int, float, complex, str, np.generic, np.dtype)
MISSING = object()


def settings_of(trainer: Trainer) -> dict[str, object]:
    """Return all settings of a trainer and its parts by dotted name, and the parts themselves.

    Settings are attributes that are numbers, words, dtypes or tuples of these. Modes of layers are
    none: each step sets them.
    """
    found = {name: part for name, part in vars(trainer).items() if not _is_plain(part)}
    layers = list(trainer.model.walk())
    for title, thing in (*_parts(trainer), *((layer.name or "model", layer) for layer in layers)):
        unused = attributes(type(thing))[1]
        for name, value in getattr(thing, "__dict__", {}).items():
            if name not in unused and name != "training" and _is_plain(value):
                found[f"{title}.{name}"] = value
    for layer in layers:
        for name, param in layer.own_params().items():
            found[f"{layer.name}.{name}.requires_grad"] = param.requires_grad
    return found


def changed(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Return the names under which two results of `settings_of` differ."""
    return [
        name
        for name in {**before, **now}
        if not _same(before.get(name, MISSING), now.get(name, MISSING))
    ]


def _parts(trainer: Trainer) -> Iterator[tuple[str, object]]:
    """Yield the objects around the model that have settings, with what they are called."""
    yield from (("trainer", trainer), ("optimizer", trainer.optimizer), ("loss", trainer.loss))
    yield from (("batches", trainer.batches), ("schedule", trainer.schedule))
    for k, part in enumerate(getattr(trainer.augment, "parts", ())):
        yield f"augment.{k}", part
    # A schedule may go on with another one.
    for name, value in getattr(trainer.schedule, "__dict__", {}).items():
        yield f"schedule.{name}", value


def _is_plain(value: object) -> bool:
    kind = type(value)
    if kind is tuple:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    # Most are of these very types; the second question takes longer.
    return kind in PLAIN or isinstance(value, PLAIN)


def _same(one: object, other: object) -> bool:
    # NaN is itself only.
    return one is other or (_is_plain(one) and _is_plain(other) and one == other)

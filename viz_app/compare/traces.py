"""The difference of two iterations, as a trace: it is computed here, and only drawn elsewhere.

Stages belong together by phase and layer (see `matched`), arrays by the names of inner stage and
array. What the second iteration has not, or in another shape, has no difference: it is NaN there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from math import nan

import numpy as np

from core.inspect.trace import Stage, StepTrace
from core.layer import Stages
from core.tensor import Array


def difference_of(first: StepTrace, second: StepTrace) -> StepTrace:
    """Return the second iteration less the first, with the stages of the first."""
    layers = matched(first, second)
    stages = tuple(
        replace(stage, _make=partial(_less, stage, counterpart(stage, second, layers)))
        for stage in first.stages
    )
    return replace(first, loss=second.loss - first.loss, stages=stages)


def matched(first: StepTrace, second: StepTrace) -> dict[str, str]:
    """Return which layer of the second iteration belongs to each of the first, by their names.

    That is the one of the same name and kind; or, of those that are left, the next of its kind.
    """
    return paired(_kinds(first), _kinds(second))


def paired(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """Return which layers belong together; see `matched`.

    Args:
        first: the kind of each layer of the first run, by its name, in order.
        second: likewise.
    """
    same = {name: name for name, kind in first.items() if second.get(name) == kind}
    left = [(name, kind) for name, kind in second.items() if name not in same]
    for name, kind in first.items():
        found = next((item for item in left if item[1] == kind), None)
        if name not in same and found is not None:
            same[name] = found[0]
            left.remove(found)
    return same


def only_second(second: StepTrace, layers: Mapping[str, str]) -> list[str]:
    """Return the layers of the second iteration that belong to none of the first; see `matched`."""
    return [name for name in _kinds(second) if name not in layers.values()]


def _kinds(trace: StepTrace) -> dict[str, str]:
    """Return the layers, and the loss, and the kind of each, in order."""
    return {stage.layer: stage.kind for stage in trace.stages if stage.phase in ("forward", "loss")}


def counterpart(stage: Stage, second: StepTrace, layers: Mapping[str, str]) -> Stage | None:
    """Return the same stage of the second iteration; None if it has none; see `matched`."""
    key = stage.phase, layers.get(stage.layer)
    return next((other for other in second.stages if (other.phase, other.layer) == key), None)


def array_of(stage: Stage, inner: str, name: str) -> Array | None:
    """Return an array of a stage by its names, whichever inner stage has it; None if none has."""
    if stage.phase == "update":
        # There the same names stand for another param in each inner stage.
        return stage.inner.get(inner, {}).get(name)
    found = stage.inner.get(inner, {}).get(name)
    return found if found is not None else (stage.array(name) if name in stage.names else None)


def _less(first: Stage, second: Stage | None) -> Stages:
    return {
        inner: {
            name: subtracted(array, None if second is None else array_of(second, inner, name))
            for name, array in arrays.items()
        }
        for inner, arrays in first.inner.items()
    }


def subtracted(first: Array, second: Array | None) -> Array:
    """Return the second array less the first; NaN of the shape of the first if they do not fit."""
    if second is None or second.shape != first.shape:
        return np.full(first.shape, nan)
    dtype = np.result_type(first, second)
    dtype = dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float64)
    return np.subtract(second, first, dtype=dtype)

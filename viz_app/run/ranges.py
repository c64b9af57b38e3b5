"""The ranges of the numbers of an iteration, with which later ones are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite

import numpy as np

from core.inspect.trace import StepTrace
from core.tensor import Array

# Least and greatest finite number.
Range = tuple[float, float]
# By phase, layer, inner stage (of an update; empty otherwise) and array.
Ranges = Mapping[tuple[str, str, str, str], Range]


def ranges_of(trace: StepTrace) -> Ranges:
    """Return the range of every array of an iteration that holds a finite number."""
    found: dict[tuple[str, str, str, str], Range] = {}
    for stage in trace.stages:
        # A copy: the trace shall not keep arrays that nobody looks at.
        for inner, arrays in replace(stage).inner.items():
            for name, array in arrays.items():
                key = (stage.phase, stage.layer, inner if stage.phase == "update" else "", name)
                extent = range_of(array)
                if extent is not None:
                    found.setdefault(key, extent)
    return found


def range_of(array: Array) -> Range | None:
    """Return least and greatest finite number of an array; None if it has none."""
    if not array.size:
        return None
    low, high = float(array.min()), float(array.max())
    if not (isfinite(low) and isfinite(high)):
        finite = array[np.isfinite(array)]
        return range_of(finite)
    return low, high


def joined(ranges: Iterable[Range | None]) -> Range | None:
    """Return the least range that holds others; None if there is none."""
    found = [extent for extent in ranges if extent is not None]
    if not found:
        return None
    lows, highs = zip(*found, strict=True)
    return min(lows), max(highs)

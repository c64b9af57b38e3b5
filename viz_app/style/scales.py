"""Colour ranges that stay the same from step to step, so that a change of colour is a change."""

from __future__ import annotations

import numpy as np

from core.tensor import Array
from viz_app.style.notation import scale_of

Limits = tuple[float, float]
# What somebody can choose: keep the range first seen, or take that of the array at hand, or give
# every channel of it a range of its own.
MODES = {"fixed": "fixed", "this step": "step", "each channel": "channel"}

# A kept range is widened when numbers reach this many times beyond it: colours that are all at the
# end of their scale would tell nothing.
OUTGROWN = 2.0


class Scales:
    """The range of each array, kept from when it was first drawn until released or outgrown."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], Limits] = {}

    def release(self) -> None:
        """Forget all ranges; each is taken anew from what is drawn next."""
        self._kept.clear()

    def limits(self, phase: str, layer: str, key: str, array: Array, mode: str) -> Limits:
        """Return the colour range for an array, centred on zero where its scale diverges."""
        place = (phase, layer, key)
        limits = natural_limits(key, array)
        kept = self._kept.get(place)
        if mode == "fixed" and kept is not None:
            if _size(limits) <= OUTGROWN * _size(kept):
                return kept
            limits = (min(limits[0], kept[0]), max(limits[1], kept[1]))
        # Nothing but zeros says nothing of what is to come.
        if array.any():
            self._kept[place] = limits
        return limits


def natural_limits(key: str, array: Array) -> Limits:
    """Return the range that just holds an array's finite numbers."""
    finite = array[np.isfinite(array)]
    if finite.size == 0:
        return (0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if scale_of(key) == "diverging":
        most = max(abs(low), abs(high)) or 1.0
        return (-most, most)
    low = min(low, 0.0) if low > 0 else low
    return (low, high) if high > low else (low, low + 1.0)


def _size(limits: Limits) -> float:
    return max(abs(limits[0]), abs(limits[1]))

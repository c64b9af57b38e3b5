"""Colour ranges that stay the same from step to step, so that a change of colour is a change."""

from __future__ import annotations

from math import ceil, log2

from core.tensor import Array
from viz_app.run.ranges import Range, range_of
from viz_app.style.notation import scale_of

Limits = tuple[float, float]
# A range of the first iteration is doubled, again and again, when numbers reach this many times
# beyond it: colours that are all at the end of their scale would tell nothing.
OUTGROWN = 2.0


def kept_limits(key: str, array: Array, first: Range | None) -> Limits:
    """Return the colour range of an array as it was in the first iteration, if it still does.

    Args:
        key: name of the array.
        array: its numbers now.
        first: its range in the first iteration.
    """
    now = natural_limits(key, array)
    # Nothing but zeros says nothing of what is to come.
    if first is None or first == (0.0, 0.0):
        return now
    low, high = _limits(key, first)
    if now[0] < 0:
        # There were no negative numbers in the first iteration.
        low, high = centred((low, high))
    growth = _size(now) / (OUTGROWN * _size((low, high)))
    times = 2.0 ** ceil(log2(growth)) if growth > 1 else 1.0
    return (times * low, times * high)


def natural_limits(key: str, array: Array) -> Limits:
    """Return the range that just holds an array's finite numbers, around 0 if some are below."""
    return _limits(key, range_of(array) or (0.0, 1.0))


def _limits(key: str, extent: Range) -> Limits:
    if scale_of(key) == "diverging" or extent[0] < 0:
        return centred(extent)
    return (0.0, extent[1] or 1.0)


def centred(limits: Limits) -> Limits:
    """Return the least range around a given one of which 0, which is neutral, is the middle."""
    most = max(abs(limits[0]), abs(limits[1])) or 1.0
    return (-most, most)


def _size(limits: Limits) -> float:
    return max(abs(limits[0]), abs(limits[1]))

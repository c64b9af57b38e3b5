"""Messages with many small arrays, as one text and one array.

Each array that Bokeh sends travels in two frames of its own, and each number beside it is looked at
one by one: for a scene of fifty tiles that takes longer than all the rest of a step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from core.tensor import Array


def packed(message: object) -> dict[str, Any]:
    """Return a message as `unpacked` of `common/unpack.js` takes it.

    Returns:
        "text", JSON in which an array is {"floats": [from, to]}, and "numbers", all arrays one
        after the other, as float32 if that can hold them all, as float64 otherwise.

    Raises:
        TypeError: the message holds something that is neither JSON nor an array.
        ValueError: it holds a number that is not finite outside of its arrays.
    """
    parts: list[Array] = []
    length = 0

    def place(found: object) -> dict[str, list[int]]:
        nonlocal length
        if not isinstance(found, np.ndarray):
            raise TypeError(f"{found!r} is a {type(found).__name__}; expected JSON or an array.")
        parts.append(found.ravel())
        start, length = length, length + found.size
        return {"floats": [start, length]}

    text = json.dumps(message, default=place, allow_nan=False, separators=(",", ":"))
    numbers = np.concatenate(parts).astype(np.float64) if parts else np.empty(0)
    return {"text": text, "numbers": numbers.astype(np.float32) if _fits(numbers) else numbers}


def whole_numbers(values: Iterable[object]) -> list[int]:
    """Return numbers of a message from the page.

    Raises:
        TypeError: something is no whole number.
    """
    found = []
    for value in values:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"got {value!r}; expected a whole number")
        found.append(value)
    return found


def whole_by_name(values: Mapping[str, object]) -> dict[str, int]:
    """Return numbers of a message from the page by their names, as `whole_numbers` does."""
    return dict(zip(values, whole_numbers(values.values()), strict=True))


def _fits(numbers: Array) -> bool:
    """Return whether float32 holds the numbers: none becomes infinite, or zero."""
    sizes = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
    info = np.finfo(np.float32)
    return not sizes.size or bool(sizes.max() <= info.max and sizes.min() >= info.tiny)

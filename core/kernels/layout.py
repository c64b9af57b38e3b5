"""Copies that lie in memory as their originals do."""

from __future__ import annotations

import numpy as np

from core.tensor import Array


def layout_copy(x: Array) -> Array:
    """Return a copy of `x` with the same strides, gaps included.

    NumPy adds and multiplies arrays of other strides in another order, with other roundings.
    """
    if not x.size:
        return x.copy()
    steps = [(n - 1) * stride for n, stride in zip(x.shape, x.strides, strict=True)]
    before = -sum(step for step in steps if step < 0)
    behind = sum(step for step in steps if step > 0) + x.itemsize
    memory = np.empty(before + behind, np.uint8)
    copied: Array = np.ndarray(x.shape, x.dtype, memory, before, x.strides)
    np.copyto(copied, x)
    return copied

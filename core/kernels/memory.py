"""Channel-major memory.

Public activations have shape (N, C, H, W). In memory a channel comes first, as in the write-up:
there X^(out) = K X^(col) has shape (c_out, n p^2), so the matrix product leaves its result in
place, and every channel is one contiguous row for batch norm. An (N, C, H, W) array with such
strides holds the same data as any other.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.tensor import Array


def memory_order(x: Array) -> tuple[int, ...]:
    """Return the axes of `x` from the slowest to the fastest in memory."""
    return _slowest_first(x.strides)


@lru_cache
def _slowest_first(strides: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(strides)), key=lambda axis: (-abs(strides[axis]), axis)))


@lru_cache
def inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes by which to transpose back what was transposed by `order`."""
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def channels_first(x: Array) -> tuple[int, ...]:
    """Return the axes of `x` with axis 1 first and the others in memory order."""
    return (1, *(axis for axis in memory_order(x) if axis != 1))


def channel_rows(x: Array, order: tuple[int, ...]) -> Array:
    """Return `x` of shape (N, C, ...) as a contiguous matrix (C, M), a row for each channel.

    Args:
        x: array of shape (N, C, ...).
        order: its axes with 1 first, as `channels_first` gives them; arrays that share an order
            share the meaning of a column. Nothing is copied if memory lies in this order.
    """
    return np.ascontiguousarray(x.transpose(order)).reshape(x.shape[1], -1)


def from_rows(rows: Array, shape: tuple[int, ...], order: tuple[int, ...]) -> Array:
    """Return the (N, C, ...) view of what `channel_rows` made."""
    return rows.reshape([shape[axis] for axis in order]).transpose(inverse(order))

"""Channel-major memory: activations have shape (N, C, H, W), but a channel is contiguous.

In the write-up X^(out) = K X^(col) has shape (c_out, n p^2). So the matrix product already gives
channel-major memory, and batch norm reads one contiguous row for each channel. An array of shape
(N, C, H, W) with such strides is used like any other; input in any memory order is accepted.
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
    """Return the axes that undo `transpose(order)`."""
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def channels_first(x: Array) -> tuple[int, ...]:
    """Return the axes of `x` with axis 1 first and the others in memory order."""
    return (1, *(axis for axis in memory_order(x) if axis != 1))


def channel_rows(x: Array, order: tuple[int, ...]) -> Array:
    """Return `x` of shape (N, C, ...) as a contiguous matrix (C, M), a row for each channel.

    Args:
        x: array of shape (N, C, ...).
        order: its axes with 1 first, as `channels_first` returns them. Column k means the same cell
            in all arrays that use one order. Nothing is copied if memory lies in this order.
    """
    return np.ascontiguousarray(x.transpose(order)).reshape(x.shape[1], -1)


def from_rows(rows: Array, shape: tuple[int, ...], order: tuple[int, ...]) -> Array:
    """Return the view of shape (N, C, ...) of a matrix that `channel_rows` returned."""
    return rows.reshape([shape[axis] for axis in order]).transpose(inverse(order))

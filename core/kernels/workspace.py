"""Arrays that a layer allocates once and uses again in every step."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from core.kernels.memory import inverse, memory_order
from core.tensor import Array

T = TypeVar("T")
NO_ONES: Array = np.ones(0)


class Workspace:
    """Named scratch arrays that live as long as their owner.

    A smaller shape than the largest one seen is a view into the same memory, so the short last
    batch of an epoch allocates nothing.
    """

    def __init__(self) -> None:
        self._memory: dict[str, Array] = {}
        self._views: dict[str, Array] = {}
        self._like: dict[str, tuple[tuple[int, ...], tuple[int, ...], Array]] = {}
        self._ones = NO_ONES
        self._plans: dict[str, tuple[object, Any]] = {}

    def plan(self, name: str, key: object, make: Callable[[], T]) -> T:
        """Return what `make` returned the last time, as long as the key stays the same.

        For arrays of this workspace and views of them: to slice arrays anew in each step takes
        longer than to compute with small ones.

        Args:
            name: name of the plan here.
            key: everything that the result depends on; compared with `==`.
            make: returns the result.
        """
        known = self._plans.get(name)
        if known is None or known[0] != key:
            known = self._plans[name] = (key, make())
        plan: T = known[1]
        return plan

    def array(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return the C-contiguous array called `name`; it holds the numbers of its last use."""
        view = self._views.get(name)
        if view is not None and view.shape == shape and view.dtype == dtype:
            return view
        memory, size = self._memory.get(name), prod(shape)
        if memory is None or memory.dtype != dtype or memory.size < size:
            memory = self._memory[name] = np.zeros(size, dtype)
        view = memory.view(_Scratch)[:size].reshape(shape).view(np.ndarray)
        self._views[name] = view
        return view

    def like(
        self,
        name: str,
        x: Array,
        dtype: DTypeLike | None = None,
        shape: tuple[int, ...] | None = None,
    ) -> Array:
        """Return the array called `name` in the memory order of `x`.

        Activations of shape (N, C, H, W) lie channel-major in memory (see
        `core.kernels.memory`); a layer keeps that order by asking for an array like its input.

        Args:
            name: name of the array here.
            x: an array whose memory order to take.
            dtype: that of `x` if None.
            shape: that of `x` if None; has as many axes.
        """
        dtype = x.dtype if dtype is None else np.dtype(dtype)
        shape = x.shape if shape is None else shape
        known = self._like.get(name)
        if known is not None and known[:2] == (shape, x.strides) and known[2].dtype == dtype:
            return known[2]
        axes = memory_order(x)
        view = self.array(name, tuple(shape[axis] for axis in axes), dtype)
        view = view.transpose(inverse(axes))
        self._like[name] = (shape, x.strides, view)
        return view

    def ones(self, size: int, dtype: DTypeLike) -> Array:
        """Return a vector of ones: a product with it sums rows faster than `sum`."""
        if len(self._ones) < size or self._ones.dtype != dtype:
            self._ones = np.ones(size, dtype)
        return self._ones[:size]

    def copy(self) -> Workspace:
        """Return a workspace whose arrays have the same names and numbers."""
        copied = Workspace()
        copied._memory = {name: memory.copy() for name, memory in self._memory.items()}
        return copied

    def __getstate__(self) -> dict[str, Array]:
        """Return the memory alone: views of it would be arrays of their own in a copy."""
        return self._memory

    def __setstate__(self, memory: dict[str, Array]) -> None:
        vars(self).update(vars(Workspace()))
        self._memory = dict(memory)

    def clear(self) -> None:
        """Free all arrays."""
        self._memory.clear()
        self._views.clear()
        self._like.clear()
        self._plans.clear()
        self._ones = NO_ONES


class _Scratch(np.ndarray[Any, Any]):
    """Marks memory of a workspace: every scratch array is a view of an array of this type."""


def is_scratch(array: Array) -> bool:
    """Return whether an array lies in memory of a workspace, even if that is gone."""
    base: object = array
    while isinstance(base, np.ndarray):
        if isinstance(base, _Scratch):
            return True
        base = base.base
    return False


def owner(array: Array) -> object:
    """Return the object whose memory an array is a view of; the array itself if of none."""
    base: object = array
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return base

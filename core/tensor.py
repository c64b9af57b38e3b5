"""A tensor: a value and the gradient of the loss with respect to it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

# One floating array of any shape; float32 in training, float64 in gradient checks.
Array = NDArray[Any]


class Tensor:
    """Two arrays of one shape, `value` and `grad`, with a name.

    Layers share tensors instead of passing arrays on: the output tensor of one layer is the
    input tensor of the next. `grad` is created, filled with zeros, when it is first read, in the
    memory order of `value`.

    Attributes:
        name: what the tensor is called in error messages.
        requires_grad: False freezes a param: its gradient stays as it is, and no optimiser updates
            it.
    """

    __slots__ = ("_grad", "_value", "name", "requires_grad")
    # Attributes that no later step depends on (see `core.snapshot`).
    transient: ClassVar[frozenset[str]] = frozenset({"_grad"})

    def __init__(self, value: ArrayLike, name: str = "", requires_grad: bool = True) -> None:
        self._value: Array = np.asarray(value)
        self._grad: Array | None = None
        self.name = name
        self.requires_grad = requires_grad

    @property
    def value(self) -> Array:
        """The value. Assigning one of another shape or dtype drops the gradient of the old one."""
        return self._value

    @value.setter
    def value(self, value: Array) -> None:
        # Without a type checker it may be a list.
        value = np.asarray(value)
        self._value = value
        grad = self._grad
        if grad is not None and (grad.shape, grad.dtype) != (value.shape, value.dtype):
            self._grad = None

    @property
    def grad(self) -> Array:
        """g(L, value), of the shape of `value`.

        Raises:
            ValueError: on assignment of an array of another shape.
        """
        if self._grad is None:
            self._grad = np.zeros_like(self._value)
        return self._grad

    @grad.setter
    def grad(self, grad: Array | None) -> None:
        if grad is not None:
            self._check(grad)
        self._grad = grad

    @property
    def has_grad(self) -> bool:
        """Whether a gradient was written, or read, since the last one was dropped."""
        return self._grad is not None

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self._value, dtype, copy=copy)

    def __len__(self) -> int:
        return len(self._value)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of both arrays."""
        return self._value.shape

    def accumulate_grad(self, g: Array) -> None:
        """Add `g`, of the shape of `value`, to the gradient, unless the tensor is frozen.

        Raises:
            ValueError: `g` has another shape.
        """
        self._check(g)
        if not self.requires_grad:
            return
        if self._grad is None:
            self._grad = np.zeros_like(self._value)
        self._grad += g

    def zero_grad(self) -> None:
        """Set the gradient to zero."""
        if self._grad is not None:
            self._grad.fill(0)

    def update(self, lr: float) -> None:
        """Take one plain gradient step: value -= lr * grad."""
        self._value -= lr * self.grad

    def _check(self, grad: Array) -> None:
        if grad.shape != self._value.shape:
            raise ValueError(
                f"the gradient of {self.name or 'a tensor'} has shape {grad.shape}, but its "
                f"value has shape {self._value.shape}: the two must be the same"
            )

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, shape={self.shape}, dtype={self._value.dtype})"

"""Options of layers, checked whenever they are assigned."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, Self, TypeGuard, TypeVar, overload

import numpy as np

from core.kernels.im2col import Pair, pair

T = TypeVar("T")


class Option(property, Generic[T]):
    """An attribute whose values are checked: `eps = Option(positive)`.

    Args:
        check: takes a value and the attribute's name; returns the value to keep, or raises a
            ValueError that names the attribute.
        fixed: whether the value stays what it was first, because params have its size.
    """

    def __init__(self, check: Callable[[object, str], T], fixed: bool = False) -> None:
        super().__init__()
        self._check = check
        self._fixed = fixed

    def __set_name__(self, kind: type[object], name: str) -> None:
        self._name = name
        self._key = f"_{name}"
        # A property reads several times as fast as a `__get__` of Python.
        super().__init__(attrgetter(self._key), self._assign)

    if TYPE_CHECKING:

        @overload  # type: ignore[no-overload-impl, override]
        def __get__(self, layer: None, kind: type[object]) -> Self: ...
        @overload
        def __get__(self, layer: object, kind: type[object]) -> T: ...

    def _assign(self, layer: object, value: object) -> None:
        checked = self._check(value, self._name)
        if self._fixed and vars(layer).get(self._key, checked) != checked:
            raise AttributeError(
                f"{self._name} is {vars(layer)[self._key]!r} and cannot become {value!r}: make a "
                f"new {type(layer).__name__}"
            )
        setattr(layer, self._key, checked)


def is_real(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite real number, of Python or NumPy."""
    kinds = int | float | np.integer | np.floating
    return isinstance(value, kinds) and not isinstance(value, bool) and isfinite(value)


# Numbers are returned as those of Python: a scalar of NumPy would change the dtype of what it is
# added to.


def real(value: object, name: str) -> float:
    """Check for a finite number."""
    if not is_real(value):
        raise ValueError(f"{name} is {value!r}; expected a number")
    return float(value)


def positive(value: object, name: str) -> float:
    """Check for a finite number above 0."""
    if not is_real(value) or not value > 0:
        raise ValueError(f"{name} is {value!r}; expected a number above 0")
    return real(value, name)


def probability(value: object, name: str) -> float:
    """Check for a number of at least 0 and below 1."""
    if not is_real(value) or not 0 <= value < 1:
        raise ValueError(f"{name} is {value!r}; expected a probability, 0 <= {name} < 1")
    return real(value, name)


def share_or_none(value: object, name: str) -> float | None:
    """Check for a number from 0 to 1, or None."""
    if value is None:
        return None
    if not is_real(value) or not 0 <= value <= 1:
        raise ValueError(f"{name} is {value!r}; expected a number from 0 to 1, or None")
    return real(value, name)


def switch(value: object, name: str) -> bool:
    """Check for True or False."""
    if not isinstance(value, bool | np.bool):
        raise ValueError(f"{name} is {value!r}; expected True or False")
    return bool(value)


def sizes(value: object, name: str) -> Pair:
    """Check for a whole number of at least 1, or two of them, (vertical, horizontal)."""
    return pair(value, name, 1)

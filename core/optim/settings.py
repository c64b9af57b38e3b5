"""What optimisers accept: the ranges of their settings, and params as a list of tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import Any

import numpy as np

from core.tensor import Tensor

# Returns what to keep of a value for the setting of a name; raises ValueError if out of range.
Check = Callable[[Any, str], Any]


def at_least_zero(value: object, name: str) -> float:
    """Return a setting as a float.

    Raises:
        ValueError: it is negative, infinite, NaN, or no number.
    """
    number = _number(value)
    if number is None or not 0 <= number < inf:
        raise ValueError(f"{name} is {value!r}; expected a finite number of at least 0")
    return number


def below_one(value: object, name: str) -> float:
    """Return a share as a float.

    Raises:
        ValueError: it is not from 0 to below 1.
    """
    number = _number(value)
    if number is None or not 0 <= number < 1:
        raise ValueError(f"{name} is {value!r}; expected a number from 0 to below 1")
    return number


def up_to_one(value: object, name: str) -> float:
    """Return a share as a float.

    Raises:
        ValueError: it is not from 0 to 1.
    """
    number = _number(value)
    if number is None or not 0 <= number <= 1:
        raise ValueError(f"{name} is {value!r}; expected a number from 0 to 1")
    return number


def above_zero(value: object, name: str) -> float | None:
    """Return a limit as a float, or None for no limit.

    Raises:
        ValueError: it is neither None nor above 0.
    """
    if value is None:
        return None
    number = _number(value)
    if number is None or not number > 0:
        raise ValueError(f"{name} is {value!r}; expected a number above 0, or None")
    return number


def two_shares(value: object, name: str) -> tuple[float, float]:
    """Return a pair of shares, such as Adam's betas, as a tuple of floats.

    Raises:
        ValueError: it is no pair, or one of the two is not from 0 to below 1.
    """
    wrong = ValueError(f"{name} are {value!r}; expected two numbers from 0 to below 1")
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != 2:
        raise wrong
    try:
        return below_one(value[0], name), below_one(value[1], name)
    except ValueError:
        raise wrong from None


def whole(value: object, name: str) -> int:
    """Return a count as an int.

    Raises:
        ValueError: it is no whole number of at least 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ValueError(f"{name} is {value!r}; expected a whole number of at least 0")
    return int(value)


def params_of(params: Iterable[Tensor]) -> list[Tensor]:
    """Return params as a list that holds each tensor once.

    Raises:
        TypeError: something else than tensors.
        ValueError: there are none.
    """
    if hasattr(params, "parameters"):
        raise TypeError(
            f"an optimiser takes a list of tensors, got a {type(params).__name__}: pass its "
            "`parameters()`"
        )
    if isinstance(params, Tensor):
        raise TypeError("an optimiser takes a list of tensors, got one tensor: pass [tensor]")
    if isinstance(params, dict):
        raise TypeError("an optimiser takes a list of tensors, got a dict: pass list(d.values())")
    if not isinstance(params, Iterable):
        raise TypeError(f"an optimiser takes a list of tensors, got {params!r}")
    found: dict[int, Tensor] = {}
    for k, param in enumerate(params):
        # Without a type checker the caller may have passed anything.
        if not isinstance(param, Tensor):
            raise TypeError(_not_a_tensor(k, param))
        found.setdefault(id(param), param)
    if not found:
        raise ValueError("an optimiser needs at least one param to update")
    return list(found.values())


def _not_a_tensor(k: int, param: object) -> str:
    kind = type(param).__name__
    text = f"an optimiser takes a list of tensors, but number {k} of its params is a {kind}"
    if isinstance(param, tuple):
        return f"{text}: pass `parameters()`, not `named_parameters()`"
    if isinstance(param, dict):
        return f"{text}: groups of params are not supported, make an optimiser for each"
    return text


def _number(value: object) -> float | None:
    """Return a real number as a float; None if it is something else."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return None
    return None if isinstance(value, np.complexfloating) else float(value)

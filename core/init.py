"""Initial values of weights and biases.

Each initialiser draws an array of shape (out, in, ...) from a generator so that the variance of
activations, or of gradients, stays about the same from layer to layer. `fan_in` is the number of
inputs that one output sums, `fan_out` the number of outputs that one input reaches.

A layer with a weight and a bias takes an argument `init` and calls `initialise` and `initial_bias`;
params that begin with one number come from `constant`. All of them ask first whether so many params
are allowed (`at_most`). `instead_of_he` chooses the initialiser of a whole model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod, sqrt

import numpy as np

from core.tensor import Array

Initialiser = Callable[[tuple[int, ...], np.random.Generator], Array]


class _Budget:
    """How many params may be made inside of `at_most`, and how many were."""

    def __init__(self, most: int) -> None:
        self.most, self.made = most, 0


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


_instead: ContextVar[str | None] = ContextVar("instead", default=None)


@contextmanager
def instead_of_he(init: str | None) -> Iterator[None]:
    """Let another initialiser stand, inside the block, where the default `he` would; none if None.

    Args:
        init: name of an initialiser.
    """
    if init is not None:
        _known(init)
    token = _instead.set(init)
    try:
        yield
    finally:
        _instead.reset(token)


@contextmanager
def at_most(params: int | None) -> Iterator[None]:
    """Refuse, inside the block, to make more params than these; any number if None."""
    token = _budget.set(None if params is None else _Budget(params))
    try:
        yield
    finally:
        _budget.reset(token)


def _charge(shape: tuple[int, ...]) -> None:
    """Count the params of an array that is about to be made.

    Raises:
        ValueError: there would be too many.
    """
    budget = _budget.get()
    if budget is None:
        return
    wanted = budget.made + prod(shape)
    if wanted > budget.most:
        raise ValueError(
            f"needs {prod(shape):,} params, which makes {wanted:,} so far; at most "
            f"{budget.most:,} are allowed here: choose smaller layers"
        )
    budget.made = wanted


def constant(shape: tuple[int, ...], value: float) -> Array:
    """Return the initial values of a param that begins with one number everywhere."""
    _charge(shape)
    return np.full(shape, value, np.float32)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a weight of shape (out, in, *kernel)."""
    field = prod(shape[2:])
    return shape[1] * field, shape[0] * field


def he(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Normal with variance 2 / fan_in, for ReLU (He et al. 2015, eq. 10)."""
    return _normal(shape, sqrt(2 / fans(shape)[0]), rng)


def xavier(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Uniform with variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010, eq. 16)."""
    return _uniform(shape, sqrt(6 / sum(fans(shape))), rng)


def lecun(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Normal with variance 1 / fan_in (LeCun et al. 1998, eq. 16)."""
    return _normal(shape, sqrt(1 / fans(shape)[0]), rng)


def zeros(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Zeros; the generator is not used."""
    return np.zeros(shape, np.float32)


def torch_default(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Uniform between ±1 / sqrt(fan_in): PyTorch's `kaiming_uniform_(a=sqrt(5))`.

    The bias of the same layer is uniform between the same bounds (see `initial_bias`).
    """
    return _uniform(shape, 1 / sqrt(fans(shape)[0]), rng)


INITIALISERS: dict[str, Initialiser] = {
    "he": he,
    "xavier": xavier,
    "lecun": lecun,
    "zeros": zeros,
    "torch": torch_default,
}


def initialise(init: str | Initialiser, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return the initial weight of a layer.

    Args:
        init: an initialiser, or the name of one in `INITIALISERS`.
        shape: (out, in, *kernel); with groups, `in` counts the channels of one group.
        rng: where the numbers come from. Draw the weight before the bias.

    Raises:
        ValueError: no initialiser has that name, or there would be too many params (`at_most`).
    """
    _charge(shape)
    return _named(init)(shape, rng)


def initial_bias(
    init: str | Initialiser, weight_shape: tuple[int, ...], rng: np.random.Generator
) -> Array:
    """Return the initial bias, of shape (out,), of a layer whose weight has `weight_shape`.

    It is zero, and draws nothing from `rng`, with every initialiser but "torch", which draws it
    between ±1 / sqrt(fan_in) as PyTorch does.

    Raises:
        ValueError: no initialiser has that name.
    """
    _charge(weight_shape[:1])
    if _named(init) is torch_default:
        return _uniform(weight_shape[:1], 1 / sqrt(fans(weight_shape)[0]), rng)
    return np.zeros(weight_shape[0], np.float32)


def _named(init: str | Initialiser) -> Initialiser:
    found = _known(init) if isinstance(init, str) else init
    instead = _instead.get()
    return found if instead is None or found is not he else _known(instead)


def _known(init: str) -> Initialiser:
    if init not in INITIALISERS:
        raise ValueError(
            f"init is {init!r}; expected a function or one of {', '.join(INITIALISERS)}"
        )
    return INITIALISERS[init]


def _normal(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> Array:
    return (std * rng.standard_normal(shape)).astype(np.float32)


def _uniform(shape: tuple[int, ...], bound: float, rng: np.random.Generator) -> Array:
    return rng.uniform(-bound, bound, shape).astype(np.float32)

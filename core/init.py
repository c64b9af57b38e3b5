"""First values of weights.

Each initialiser draws an array of shape (out, in, ...) from a generator so that the variance of
activations, or of gradients, stays about the same from layer to layer. `fan_in` is the number of
inputs that one output sums, `fan_out` the number of outputs that one input reaches.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt

import numpy as np

from core.tensor import Array

Initialiser = Callable[[tuple[int, ...], np.random.Generator], Array]


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a weight of shape (out, in, *kernel)."""
    field = prod(shape[2:])
    return shape[1] * field, shape[0] * field


def he(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Normal with variance 2 / fan_in, for ReLU (He et al. 2015, eq. 10)."""
    return _normal(shape, sqrt(2 / fans(shape)[0]), rng)


def xavier(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Uniform with variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010, eq. 16)."""
    bound = sqrt(6 / sum(fans(shape)))
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def lecun(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Normal with variance 1 / fan_in (LeCun et al. 1998, eq. 16)."""
    return _normal(shape, sqrt(1 / fans(shape)[0]), rng)


def zeros(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Zeros; the generator is not used."""
    return np.zeros(shape, np.float32)


def _normal(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> Array:
    return (std * rng.standard_normal(shape)).astype(np.float32)

"""Kernels that people know, of any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import comb
from types import MappingProxyType

import numpy as np

from core.tensor import Array

Shape = tuple[int, int]


def _binomial(size: int) -> Array:
    """Return a row of Pascal's triangle: the discrete bell curve."""
    return np.array([comb(size - 1, k) for k in range(size)], float)


def _derivative(size: int) -> Array:
    """Return a smoothed difference: -1, 1; -1, 0, 1; or -1, -2, 0, 2, 1."""
    if size < 2:
        raise ValueError("a kernel of one cell along it finds no edge: choose another one")
    return np.array([-1.0, 1]) if size == 2 else np.convolve(_binomial(size - 2), [-1, 0, 1])


def _vertical(shape: Shape) -> Array:
    return np.outer(_binomial(shape[0]), _derivative(shape[1]))


def _horizontal(shape: Shape) -> Array:
    return np.outer(_derivative(shape[0]), _binomial(shape[1]))


def _edges(shape: Shape) -> Array:
    """Return the number of neighbours in the middle, and -1 in their places."""
    if shape == (1, 1):
        raise ValueError("a kernel of one cell finds no edge: choose another one")
    return shape[0] * shape[1] * _identity(shape) - 1


def _blur(shape: Shape) -> Array:
    made = np.outer(_binomial(shape[0]), _binomial(shape[1]))
    return np.asarray(made / made.sum())


def _identity(shape: Shape) -> Array:
    made = np.zeros(shape)
    made[shape[0] // 2, shape[1] // 2] = 1
    return made


# By name: returns the kernel of a shape (KH, KW). `vertical` and `horizontal` are Sobel's operator
# (Sobel and Feldman, 1968) and its larger kin, for what is brighter on the right or below; `edges`
# is the Laplacian with diagonals, `blur` the binomial filter (both in Gonzalez and Woods, "Digital
# Image Processing").
KERNELS: Mapping[str, Callable[[Shape], Array]] = MappingProxyType(
    {
        "vertical": _vertical,
        "horizontal": _horizontal,
        "edges": _edges,
        "blur": _blur,
        "identity": _identity,
        "zero": np.zeros,
    }
)
# How one that is drawn from a seed is called: random7.
RANDOM = "random"

"""Gradients by central differences, to check the ones derived by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.layer import Layer
from core.tensor import Array


@dataclass(frozen=True)
class GradientCheck:
    """The gradients of one tensor, by hand and by differences.

    Attributes:
        name: of the tensor, "input" or the dotted name of a param.
        analytic: what `backward` computed.
        numeric: what central differences gave.
        error: the largest absolute difference over the largest absolute gradient of the two.
    """

    name: str
    analytic: Array
    numeric: Array
    error: float


def gradcheck(
    layer: Layer, x: ArrayLike, step: float = 1e-5, rng: np.random.Generator | None = None
) -> list[GradientCheck]:
    """Compare all gradients of a layer or model with central differences, in float64.

    The loss is the sum of the output weighted by fixed random numbers, so that every output counts.
    Layer, state and generators are as before afterwards, except that dtype and gradients are
    float64's.

    Args:
        layer: what to check; it is converted to float64.
        x: an input (N, ...).
        step: how far a number is moved to each side.
        rng: where the weights of the outputs come from; a fixed one if None.

    Returns:
        One result for the input, then one for each param.
    """
    layer.astype(np.float64)
    x = np.array(x, np.float64)
    rerun = Replay(layer)
    layer.forward(x)
    weights = (rng or np.random.default_rng(0)).standard_normal(layer.output.shape)

    def loss() -> float:
        rerun()
        return float(np.sum(layer.forward(x).value * weights))

    loss()
    layer.zero_grad()
    layer.output.grad = weights.copy()
    layer.backward()
    tensors = [("input", x, layer.input.grad.copy())]
    tensors += [(name, p.value, p.grad.copy()) for name, p in layer.named_parameters()]
    results = [
        GradientCheck(name, analytic, numeric, relative_error(analytic, numeric))
        for name, value, analytic in tensors
        for numeric in [central_differences(loss, value, step)]
    ]
    rerun()
    return results


def central_differences(loss: Callable[[], float], value: Array, step: float) -> Array:
    """Return (L(v + step) - L(v - step)) / (2 step) for each number v of `value`, in place."""
    gradient = np.zeros(value.shape)
    for index in np.ndindex(value.shape):
        kept = value[index]
        value[index] = kept + step
        above = loss()
        value[index] = kept - step
        below = loss()
        value[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(analytic: Array, numeric: Array) -> float:
    """Return the largest difference over the largest magnitude of the two; 0 for two zeros."""
    difference = float(np.max(np.abs(analytic - numeric), initial=0))
    # Gradients that are zero but for rounding are compared absolutely.
    scale = max(float(np.max(np.abs(a), initial=0)) for a in (analytic, numeric))
    return difference / max(scale, 1e-3)


class Replay:
    """Puts back what a forward pass changes besides activations: generators and state."""

    def __init__(self, layer: Layer) -> None:
        self._generators: list[tuple[np.random.Generator, Any]] = []
        self._state: list[tuple[Array, Array]] = []
        for inner in layer.walk():
            if inner.rng is not None:
                self._generators.append((inner.rng, inner.rng.bit_generator.state))
            self._state += [(array, array.copy()) for array in inner.state.values()]

    def __call__(self) -> None:
        """Restore generators and state as they were when this object was made."""
        for rng, state in self._generators:
            rng.bit_generator.state = state
        for array, kept in self._state:
            np.copyto(array, kept)

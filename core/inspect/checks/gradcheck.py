"""Gradients by central differences, to check the ones derived by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.inspect.checks.kink import BENT, KINK, NOT_REPEATABLE, has_kink, is_repeatable
from core.kernels.workspace import Workspace
from core.layer import Layer
from core.snapshot import capture, restore
from core.tensor import Array

# Gradients smaller than this share of the largest one are compared with that share.
SMALL = 1e-2


@dataclass(frozen=True)
class GradientCheck:
    """The gradients of one tensor, by hand and by differences.

    Attributes:
        name: of the tensor, "input" or the dotted name of a param.
        analytic: what `backward` computed.
        numeric: the same by central differences.
        error: the largest absolute difference over the largest absolute gradient of the two.
        note: `NOT_REPEATABLE` if the loss is not the same when it is computed again, `KINK` if it
            has a kink within the step of some number: there the two need not agree. Else empty.
    """

    name: str
    analytic: Array
    numeric: Array
    error: float
    note: str = ""


def gradcheck(
    layer: Layer, x: ArrayLike, step: float = 1e-5, rng: np.random.Generator | None = None
) -> list[GradientCheck]:
    """Compare all gradients of a layer or model with central differences, in float64.

    The loss is the sum of the output weighted by fixed random numbers, so that every output counts.
    Each evaluation starts from the same state and the same random numbers. The layer is as before
    afterwards: params, gradients, state, generators, mode, dtype, and what its last forward pass
    keeps for `backward`.

    Args:
        layer: what to check.
        x: an input (N, ...).
        step: how far a number is moved to each side.
        rng: where the weights of the outputs come from; a fixed one if None.

    Returns:
        One result for the input, then one for each param that is not frozen.
    """
    x = np.array(x, np.float64)
    with _in_float64(layer):
        params = {name: p for name, p in layer.named_parameters() if p.requires_grad}
        values = [param.value for param in layer.parameters()]
        start = capture(layer, without=[x, *layer.parameters(), *values])
        output = layer.forward(x)
        weights = (rng or np.random.default_rng(0)).standard_normal(output.shape)

        def loss() -> float:
            restore(layer, start)
            return float(np.sum(layer.forward(x).value * weights))

        note = "" if is_repeatable(loss(), loss()) else NOT_REPEATABLE
        layer.zero_grad()
        layer.output.grad = weights.copy()
        layer.backward()
        tensors = {"input": (x, layer.input.grad.copy())}
        tensors |= {name: (param.value, param.grad.copy()) for name, param in params.items()}
        return [_check(name, loss, *tensor, step, note) for name, tensor in tensors.items()]


def central_differences(loss: Callable[[], float], value: Array, step: float) -> Array:
    """Return (L(v + step) - L(v - step)) / (2 step) for each number v of `value`, in place."""
    return _differences(loss, value, step, None)[0]


def relative_error(analytic: Array, numeric: Array) -> float:
    """Return the largest difference over the largest magnitude of the two; 0 for two zeros."""
    difference = float(np.max(np.abs(analytic - numeric), initial=0))
    # Gradients that are zero but for rounding are compared absolutely.
    scale = max(float(np.max(np.abs(a), initial=0)) for a in (analytic, numeric))
    return difference / max(scale, 1e-3)


def _check(
    name: str, loss: Callable[[], float], value: Array, analytic: Array, step: float, note: str
) -> GradientCheck:
    least = max(SMALL * float(np.abs(analytic).max(initial=0.0)), 1e-8)
    numeric, bent = _differences(loss, value, step, least)
    error = relative_error(analytic, numeric)
    return GradientCheck(name, analytic, numeric, error, note or (KINK if bent else ""))


def _differences(
    loss: Callable[[], float], value: Array, step: float, least: float | None
) -> tuple[Array, bool]:
    """Return the central differences, and whether one of them spans a kink.

    Kinks are only looked for where `least` is given (see `has_kink`).
    """
    gradient, bent = np.zeros(value.shape), False
    middle = loss() if least is not None else 0.0
    for index in np.ndindex(value.shape):
        kept = float(value[index])

        def at(share: float, index: tuple[int, ...] = index, kept: float = kept) -> float:
            value[index] = kept + share * step
            moved = loss()
            value[index] = kept
            return moved

        above, below = at(1), at(-1)
        gradient[index] = (above - below) / (2 * step)
        if least is None or bent:
            continue
        # Most numbers lie where the two slopes agree: these need no further points.
        slope = max(abs(float(gradient[index])), least)
        if abs(above + below - 2 * middle) / step > BENT * slope:
            losses = {1.0: above, -1.0: below, 0.0: middle, 0.5: at(0.5), -0.5: at(-0.5)}
            bent = has_kink(losses, step, least)
    return gradient, bent


@contextmanager
def _in_float64(layer: Layer) -> Iterator[None]:
    """Convert a layer to float64 inside the block, and restore it afterwards."""
    layers = list(layer.walk())
    tensors = {
        id(tensor): tensor
        for inner in layers
        for tensor in (inner.input, inner.output, *inner.own_params().values())
    }
    kept = [(tensor, tensor.value, tensor.grad) for tensor in tensors.values()]
    state = [(inner.state, dict(inner.state)) for inner in layers]
    attributes = [(inner, dict(vars(inner))) for inner in layers]
    before = capture(layer)
    try:
        for inner in layers:
            inner.work = Workspace()
        layer.astype(np.float64)
        layer.needs_input_grad = True
        yield
    finally:
        restore(layer, before)
        # What only the last pass depends on is not part of a snapshot.
        for inner, own in attributes:
            vars(inner).clear()
            vars(inner).update(own)
        for owner, arrays in state:
            owner.update(arrays)
        for tensor, value, grad in kept:
            tensor.value, tensor.grad = value, grad

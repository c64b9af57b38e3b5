"""Activations, number by number: y = f(x), g(L, x) = g(L, y) · f'(x)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.explanations.names import latex, letters, position
from core.explanations.parts import Reason, function, of_sum, products, term, total
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.layers.activation import Activation


@dataclass(frozen=True)
class Written:
    """A function and its slope as they are written, of x; the slope may use y = f(x)."""

    function: str = "f(x)"
    slope: str = "f'(x)"


def x_out(layer: Activation, at: Place) -> Reason:
    """The function of the input."""

    def make(x: float) -> float:
        return _value(layer, x)

    return function(
        layer.written.function,
        of_sum(make),
        lambda *k: f"{latex('X_out', *k)} = f({latex('X_in', *k)})",
        letters(at.index),
        at.index,
        [term(at.of("X_in")(*at.index))],
    )


def gate(layer: Activation, at: Place) -> Reason:
    """The slope f' at the input."""

    def make(x: float) -> float:
        out = np.zeros(1)
        layer.slope(np.array([x]), np.array([_value(layer, x)]), out)
        return float(out[0])

    return function(
        layer.written.slope,
        of_sum(make),
        lambda *k: f"{latex('gate', *k)} = f'({latex('X_in', *k)})",
        letters(at.index),
        at.index,
        [term(at.of("X_in")(*at.index))],
    )


def g_x_in(layer: Activation, at: Place) -> Reason:
    """The output gradient, let through by the slope."""
    return total(
        lambda *k: rf"{latex('g_X_in', *k)} = {latex('g_X_out', *k)} \cdot {latex('gate', *k)}",
        letters(at.index),
        at.index,
        [term(at.of("g_X_out")(*at.index), at.of("gate")(*at.index))],
    )


def closed(layer: Activation, at: Place) -> Reason:
    """The share of the channel's units whose slope is zero in a sample."""
    (n, c), slope = at.index, at.of("gate")
    place = _places(slope.array.shape[2:])
    count = len(place[0]) if place else 1
    return function(
        "share of zeros",
        lambda values: sum(value == 0 for value in values) / count,
        lambda n, c: (
            rf"{latex('closed', n, c)} = \frac{{1}}{{{count}}} "
            rf"\sum [{latex('gate', n, c, *'ij'[: len(place)])} = 0]"
        ),
        "n c",
        at.index,
        products([slope.at(np.full(count, n), c, *place)], [], lambda k: _where(place, k)),
    )


def dead(layer: Activation, at: Place) -> Reason:
    """The share of the channel's units whose slope is zero in every sample."""
    (c,), slope = at.index, at.of("gate")
    samples, _, *sizes = slope.array.shape
    sample, *place = _places((samples, *sizes))
    count = len(sample) // samples

    def make(values: Sequence[float]) -> float:
        return float(sum(not any(values[k::count]) for k in range(count)) / count)

    return function(
        "share of units with zeros only",
        make,
        lambda c: (
            rf"{latex('dead', c)} = \frac{{1}}{{{count}}} "
            rf"\sum [\max_{{n}} |{latex('gate', 'n', c, *'ij'[: len(place)])}| = 0]"
        ),
        "c",
        at.index,
        products([slope.at(sample, c, *place)], [], lambda k: _where([sample, *place], k)),
    )


def _places(sizes: Sequence[int]) -> list[NDArray[np.int64]]:
    """Return all indices of an array, one vector an axis."""
    return [axis.ravel() for axis in np.indices(sizes)]


def _where(place: Sequence[NDArray[np.int64]], k: int) -> str:
    return position(tuple(int(axis[k]) for axis in place))


def _value(layer: Activation, x: float) -> float:
    out = np.zeros(1)
    layer.function(np.array([x]), out)
    return float(out[0])


RULES = {"X_out": x_out, "gate": gate, "closed": closed, "dead": dead, "g_X_in": g_x_in}

"""Activations, number by number: y = f(x), g(L, x) = g(L, y) · f'(x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.explanations.names import latex, letters
from core.explanations.parts import Reason, function, of_sum, term, total
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


def _value(layer: Activation, x: float) -> float:
    out = np.zeros(1)
    layer.function(np.array([x]), out)
    return float(out[0])


RULES = {"X_out": x_out, "gate": gate, "g_X_in": g_x_in}

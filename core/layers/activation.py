"""Activations: one function on every number, no params."""

from __future__ import annotations

from math import pi, sqrt
from typing import ClassVar, Self

import numpy as np

from core.explanations import activation
from core.explanations.activation import Written
from core.explanations.parts import Rules
from core.kernels.erf import erf
from core.layer import Layer, Shape, Stages
from core.spec_item import SpecItem, number_text
from core.tensor import Array


class Activation(Layer):
    """y = f(x) for each number; g(L, x) = g(L, y) · f'(x).

    A subclass gives `f` and its slope. Any shape in, the same shape out.
    """

    rules: ClassVar[Rules] = {**Layer.rules, **activation.RULES}
    # f and its slope as an explanation writes them.
    written = Written()

    def function(self, x: Array, out: Array) -> None:
        """Write f(x) into `out`."""
        raise NotImplementedError

    def slope(self, x: Array, y: Array, out: Array) -> None:
        """Write f'(x) into `out`; `y` is f(x)."""
        raise NotImplementedError

    def _forward(self, x: Array) -> Array:
        y = self.work.like("X_out", x)
        self.function(x, y)
        return y

    def _backward(self, g: Array) -> Array:
        x = self.input.value
        g_in = self.work.like("g_X_in", x)
        self.slope(x, self.output.value, g_in)
        g_in *= g
        return g_in

    def gate(self) -> Array:
        """Return f'(x) of the last forward pass, by which the gradient is multiplied."""
        out = np.empty_like(self.input.value)
        self.slope(self.input.value, self.output.value, out)
        return out

    def forward_stages(self) -> Stages:
        """Return the output, and f' with how much of it is zero.

        `closed`, shape (N, C), is the share of a channel's units with f' = 0 in a sample; `dead`,
        shape (C,), the share with f' = 0 in all samples of the batch, which learn nothing from it.
        """
        x, gate = self.input.value, self.gate()
        # Units of a channel in one row; a feature is a channel of one unit.
        zero = (gate == 0).reshape(*x.shape[:2], -1)
        return {
            "output": {"X_in": x, "X_out": self.output.value},
            "gate": {
                "X_in": x,
                "gate": gate,
                "closed": zero.mean(axis=2, dtype=x.dtype),
                "dead": zero.all(axis=0).mean(axis=1, dtype=x.dtype),
            },
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {
            "gate": {"X_in": self.input.value, "gate": self.gate()},
            "input gradient": {
                "g_X_out": self.output.grad,
                "gate": self.gate(),
                "g_X_in": self.input.grad,
            },
        }


class ReLU(Activation):
    """f(x) = max(x, 0); f'(x) = 1 where x > 0, else 0 (at 0 too)."""

    keyword = "relu"
    written = Written("max(x, 0)", "1 where x > 0, else 0")

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        # maximum(x, 0) in a form that NumPy vectorises: five times as fast.
        np.clip(x, 0, np.inf, out=out)

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        np.greater(x, 0, out=out, casting="unsafe")

    def _backward(self, g: Array) -> Array:
        x = self.input.value
        gate = np.greater(x, 0, out=self.work.like("gate", x, bool))
        return np.multiply(g, gate, out=self.work.like("g_X_in", x))


class LeakyReLU(Activation):
    """f(x) = x where x > 0, else negative_slope · x."""

    keyword = "leaky"

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        slope = f"{negative_slope:g}"
        self.written = Written(f"x where x > 0, else {slope} · x", f"1 where x > 0, else {slope}")

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        np.minimum(x, 0, out=out)
        out *= self.negative_slope
        out += np.maximum(x, 0)

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        np.greater(x, 0, out=out, casting="unsafe")
        out *= 1 - self.negative_slope
        out += self.negative_slope

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        layer = cls(item.real("a slope", 0.01))
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword} {number_text(self.negative_slope)}"


class Sigmoid(Activation):
    """f(x) = 1 / (1 + e^-x); f'(x) = y (1 - y)."""

    keyword = "sigmoid"
    written = Written("1 / (1 + exp(-x))", "y (1 - y), y = f(x)")

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        # 1/2 + tanh(x/2)/2 is the same function and cannot overflow.
        np.multiply(x, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        np.subtract(1, y, out=out)
        out *= y


class Tanh(Activation):
    """f(x) = tanh x; f'(x) = 1 - y²."""

    keyword = "tanh"
    written = Written("tanh(x)", "1 - y², y = f(x)")

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        np.tanh(x, out=out)

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        np.multiply(y, y, out=out)
        np.subtract(1, out, out=out)


class GELU(Activation):
    """f(x) = x Φ(x) with the normal distribution Φ by erf; f'(x) = Φ(x) + x φ(x)."""

    keyword = "gelu"
    written = Written("x Φ(x)", "Φ(x) + x φ(x)")

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        np.multiply(x, _normal_cdf(x), out=out)

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        np.multiply(x, x, out=out)
        out *= -0.5
        np.exp(out, out=out)
        out *= x
        out /= sqrt(2 * pi)
        out += _normal_cdf(x)


def _normal_cdf(x: Array) -> Array:
    half: Array = 0.5 * (1 + erf(x / sqrt(2)))
    return half.astype(x.dtype, copy=False)

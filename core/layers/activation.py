"""Activations: one function applied to every number, without params."""

from __future__ import annotations

from math import prod
from typing import ClassVar, Self

import numpy as np

from core.kernels.normal import normal_cdf, normal_density
from core.layer import Layer, Shape, Stages
from core.layers.option import Option, real
from core.spec_item import SpecItem, number_text
from core.tensor import Array


class Activation(Layer):
    """Computes y = f(x) for each number; g(L, x) = g(L, y) · f'(x).

    Takes an input of any shape and returns the same shape. A subclass implements `function` and
    `slope`, and may state both in index notation.

    Attributes:
        function_line: right side of the line of X_out in `formulas`: `max(X_in[*i], 0)`.
        slope_line: right side of the line of gate: `X_in[*i] > 0`. Without these two nothing is
            said about how X_out and gate are computed.
    """

    function_line: ClassVar[str] = ""
    slope_line: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # A line of the parent does not describe this class's function.
        if "function" in vars(cls) and "function_line" not in vars(cls):
            cls.function_line = ""
        if "slope" in vars(cls) and "slope_line" not in vars(cls):
            cls.slope_line = ""

    @property
    def formulas(self) -> str:
        """One line of index notation for each array; see `function_line` and `slope_line`."""
        lines = [
            "closed[n,c] = 1/m * sum[*i](gate[n,c,*i] == 0)",
            "g_X_in[*i] = g_X_out[*i] * gate[*i]",
        ]
        if self.training:
            lines.append("dead[c] = 1/m * sum[*i](max[n](abs(gate[n,c,*i])) == 0)")
        if self.function_line:
            lines.append(f"X_out[*i] = {self.function_line}")
        if self.slope_line:
            lines.append(f"gate[*i] = {self.slope_line}")
        return "\n".join(lines)

    def formula_constants(self) -> dict[str, float]:
        """Return m, the number of units of a channel."""
        return {"m": prod(self.input.shape[2:])}

    def function(self, x: Array, out: Array) -> None:
        """Write f(x) into `out`, which has the shape of `x`."""
        raise NotImplementedError(f"{type(self).__name__} does not implement function(x, out)")

    def slope(self, x: Array, y: Array, out: Array) -> None:
        """Write f'(x) into `out`, which has the shape of `x`; `y` is f(x)."""
        raise NotImplementedError(f"{type(self).__name__} does not implement slope(x, y, out)")

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
        """Return the output, and f'(x) with how much of it is zero.

        `closed`, shape (N, C), is the share of a channel's units with f' = 0 in a sample; `dead`,
        shape (C,), the share with f' = 0 in all samples of the batch: no gradient passes them. It
        is of a training batch only.
        """
        x, gate = self.input.value, self.gate()
        # The units of a channel in one row; a feature is a channel of one unit.
        zero = (gate == 0).reshape(*x.shape[:2], -1)
        gates = {"X_in": x, "gate": gate, "closed": zero.mean(axis=2, dtype=x.dtype)}
        if self.training:
            gates["dead"] = zero.all(axis=0).mean(axis=1, dtype=x.dtype)
        return {"output": {"X_in": x, "X_out": self.output.value}, "gate": gates}

    def backward_stages(self) -> Stages:  # noqa: D102
        gate = self.gate()
        return {
            "gate": {"X_in": self.input.value, "gate": gate},
            "input gradient": {
                "g_X_out": self.output.grad,
                "gate": gate,
                "g_X_in": self.input.grad,
            },
        }


class ReLU(Activation):
    """f(x) = max(x, 0); f'(x) = 1 where x > 0, else 0 (also at x = 0, as in PyTorch)."""

    keyword = "relu"
    function_line = "max(X_in[*i], 0)"
    slope_line = "X_in[*i] > 0"

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        # The same as maximum(x, 0), in a form that NumPy vectorises: five times as fast.
        np.clip(x, 0, np.inf, out=out)

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        np.greater(x, 0, out=out, casting="unsafe")

    def _backward(self, g: Array) -> Array:
        if type(self).slope is not ReLU.slope:
            return super()._backward(g)
        # Booleans take a quarter of the memory.
        x = self.input.value
        gate = np.greater(x, 0, out=self.work.like("gate", x, bool))
        return np.multiply(g, gate, out=self.work.like("g_X_in", x))


class LeakyReLU(Activation):
    """f(x) = x where x > 0, else α x; f'(x) = 1 where x > 0, else α.

    Args:
        negative_slope: α.

    Raises:
        ValueError: it is no finite number, here or when it is assigned later.
    """

    keyword = "leaky"
    function_line = "max(X_in[*i], 0) + alpha * min(X_in[*i], 0)"
    slope_line = "(X_in[*i] > 0) + alpha * (X_in[*i] <= 0)"

    negative_slope = Option(real)

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def formula_constants(self) -> dict[str, float]:
        """Return m, the number of units of a channel, and alpha, the negative slope."""
        return {**super().formula_constants(), "alpha": self.negative_slope}

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
    """f(x) = 1 / (1 + exp(-x)); f'(x) = y (1 - y).

    Both are computed from exp(-|x|), which cannot overflow: for x << 0 the output is exp(x), not
    the rounding of 1, and for x >> 0 the slope is exp(-x), although y is 1 already.
    """

    keyword = "sigmoid"
    function_line = "sigmoid(X_in[*i])"
    slope_line = "X_out[*i] * (1 - X_out[*i])"

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        e = _exp_of_minus_size(x, self.work.like("exp", x))
        np.add(e, 1, out=out)
        # 1 / (1 + e) where x >= 0, else e / (1 + e); e is at most 1.
        np.maximum(e, x >= 0, out=e)
        np.divide(e, out, out=out)

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        e = _exp_of_minus_size(x, self.work.like("exp", x))
        np.add(e, 1, out=out)
        out *= out
        np.divide(e, out, out=out)


class Tanh(Activation):
    """f(x) = tanh(x); f'(x) = 1 - y².

    The slope is computed as 4 e / (1 + e)² with e = exp(-2|x|), which is the same number and does
    not become 0 where y is rounded to ±1.
    """

    keyword = "tanh"
    function_line = "tanh(X_in[*i])"
    slope_line = "1 - X_out[*i] ** 2"

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        np.tanh(x, out=out)

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        e = _exp_of_minus_size(x, self.work.like("exp", x))
        e *= e
        np.add(e, 1, out=out)
        out *= out
        np.divide(e, out, out=out)
        out *= 4


class GELU(Activation):
    """f(x) = x Φ(x) with the normal distribution Φ; f'(x) = Φ(x) + x φ(x) with its density φ.

    The exact form (Hendrycks & Gimpel 2016), PyTorch's default.
    """

    keyword = "gelu"
    function_line = "X_in[*i] * Phi(X_in[*i])"
    slope_line = "Phi(X_in[*i]) + X_in[*i] * phi(X_in[*i])"

    def function(self, x: Array, out: Array) -> None:  # noqa: D102
        # Φ is rounded to the dtype of x only after the product: far out it is smaller than x Φ.
        np.multiply(x, normal_cdf(x), out=out, casting="same_kind")

    def slope(self, x: Array, y: Array, out: Array) -> None:  # noqa: D102
        total = normal_density(x)
        total *= x
        total += normal_cdf(x)
        out[...] = total


def _exp_of_minus_size(x: Array, out: Array) -> Array:
    """Write exp(-|x|) into `out` and return it."""
    np.abs(x, out=out)
    np.negative(out, out=out)
    return np.exp(out, out=out)

"""Softmax."""

from __future__ import annotations

import numpy as np

from core.errors import ShapeError
from core.layer import Layer, Shape, Stages
from core.tensor import Array


class Softmax(Layer):
    """Turns the features or channels of each sample into positive numbers whose sum is 1.

    Over axis 1 of an input (N, C, ...):

        y = exp(x - max(x)) / Σ exp(x - max(x))
        g(L, x) = y (g(L, y) - Σ g(L, y) y)

    The maximum changes nothing but keeps the exponentials from overflowing. `CrossEntropyLoss`
    takes logits and computes this itself: put no softmax in front of it.

    Args:
        dim: the axis, 1; the argument is there because PyTorch's has it.

    Raises:
        ValueError: `dim` is another axis.
    """

    keyword = "softmax"
    formulas = """
        max[n,*i]      = max[c](X_in[n,c,*i])
        exp[n,c,*i]    = exp(X_in[n,c,*i] - max[n,*i])
        inv_sum[n,*i]  = 1 / sum[c](exp[n,c,*i])
        X_out[n,c,*i]  = exp[n,c,*i] * inv_sum[n,*i]
        dot[n,*i]      = sum[c](g_X_out[n,c,*i] * X_out[n,c,*i])
        g_X_in[n,c,*i] = X_out[n,c,*i] * (g_X_out[n,c,*i] - dot[n,*i])
    """

    transient = Layer.transient | {"_max", "_exp", "_inv_sum", "_dot"}

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        if dim != 1:
            raise ValueError(f"dim is {dim!r}; only axis 1, features or channels, is supported")
        # Of the last pass: maximum, 1 / sum and dot product of each position, shape (N, 1, ...).
        self._max = self._inv_sum = self._dot = np.zeros((0, 0))
        self._exp = np.zeros((0, 0))

    def _forward(self, x: Array) -> Array:
        self._max = x.max(axis=1, keepdims=True)
        self._exp = np.subtract(x, self._max, out=self.work.like("exp", x))
        np.exp(self._exp, out=self._exp)
        self._inv_sum = 1 / self._exp.sum(axis=1, keepdims=True)
        return np.multiply(self._exp, self._inv_sum, out=self.work.like("X_out", x))

    def _backward(self, g: Array) -> Array:
        y = self.output.value
        g_in = np.multiply(g, y, out=self.work.like("g_X_in", y))
        self._dot = g_in.sum(axis=1, keepdims=True)
        np.subtract(g, self._dot, out=g_in)
        g_in *= y
        return g_in

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if not input_shape:
            raise ShapeError("needs at least one axis after N", f"{input_shape}")
        return input_shape

    def to_spec(self) -> str:  # noqa: D102
        # `dim` can be 1 only.
        return self.keyword

    def forward_stages(self) -> Stages:  # noqa: D102
        return {
            "softmax": {
                "X_in": self.input.value,
                "max": self._max[:, 0],
                "exp": self._exp,
                "inv_sum": self._inv_sum[:, 0],
                "X_out": self.output.value,
            }
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        g, y, dot = self.output.grad, self.output.value, self._dot[:, 0]
        return {
            "dot product": {"g_X_out": g, "X_out": y, "dot": dot},
            "input gradient": {"g_X_out": g, "X_out": y, "dot": dot, "g_X_in": self.input.grad},
        }

"""The fully connected layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np

from core.errors import ShapeError
from core.generator import generator
from core.init import Initialiser, he, initial_bias, initialise
from core.kernels.gemm import gemm
from core.kernels.im2col import count
from core.layer import Layer, Shape, Stages
from core.layers.option import Option
from core.spec_item import SpecItem
from core.tensor import Array, Tensor


class Linear(Layer):
    """Computes each output as a weighted sum of all inputs.

    With W of shape (out, in), X of shape (N, in) and Y of shape (N, out):

        Y = X W^T + b
        g(L, W) = g(L, Y)^T X      g(L, b) = column sums of g(L, Y)      g(L, X) = g(L, Y) W

    Args:
        in_features: number of inputs.
        out_features: number of outputs.
        bias: whether b is added.
        rng: where the initial values come from. If None, a fresh generator, and the run cannot be
            repeated.
        init: initialiser of W, or its name: "he", "xavier", "lecun", "zeros", "torch". The default
            differs from PyTorch's: W is normal with variance 2 / in and b is zero, which suits
            ReLU. "torch" draws both uniformly between ±1 / sqrt(in), as PyTorch does.
    """

    letters: ClassVar[Mapping[str, str]] = {"i": "feature {}", "k": "output {}"}

    keyword = "linear"
    in_features = Option(count, fixed=True)
    out_features = Option(count, fixed=True)

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        init: str | Initialiser = he,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        rng = generator(rng)
        shape = (self.out_features, self.in_features)
        self.weight = Tensor(initialise(init, shape, rng))
        self.params["weight"] = self.weight
        self.bias = Tensor(initial_bias(init, shape, rng)) if bias else None
        if self.bias is not None:
            self.params["bias"] = self.bias

    @property
    def formulas(self) -> str:
        """One line of index notation for each array."""
        has_bias = self.bias is not None
        return f"""
            X_out[n,k]    = sum[i](X_in[n,i] * weight[k,i]){" + bias[k]" if has_bias else ""}
            g_weight[k,i] = sum[n](g_X_out[n,k] * X_in[n,i])
            {"g_bias[k]   = sum[n](g_X_out[n,k])" if has_bias else ""}
            g_X_in[n,i]   = sum[k](g_X_out[n,k] * weight[k,i])
        """

    def _forward(self, x: Array) -> Array:
        y = self.work.array("X_out", (len(x), self.out_features), x.dtype)
        gemm(x, self.weight.value.T, y)
        if self.bias is not None:
            y += self.bias.value
        return y

    def _backward(self, g: Array) -> Array | None:
        x = self.input.value
        if self.weight.requires_grad:
            self.weight.accumulate_grad(gemm(g.T, x))
        if self.bias is not None:
            self.bias.accumulate_grad(g.sum(axis=0))
        if not self.needs_input_grad:
            return None
        return gemm(g, self.weight.value, self.work.array("g_X_in", x.shape, x.dtype))

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 1:
            raise ShapeError("needs vectors (put flatten before it)", f"{input_shape}")
        if input_shape[0] != self.in_features:
            raise ShapeError(f"needs {self.in_features} features", f"{input_shape[0]}")
        return (self.out_features,)

    def multiply_adds(self, input_shape: Shape) -> int:  # noqa: D102
        return self.in_features * self.out_features

    def forward_stages(self) -> Stages:  # noqa: D102
        arrays = {"X_in": self.input.value, "weight": self.weight.value}
        if self.bias is not None:
            arrays["bias"] = self.bias.value
        return {"multiply": {**arrays, "X_out": self.output.value}}

    def backward_stages(self) -> Stages:  # noqa: D102
        g, x = self.output.grad, self.input.value
        grads = {"g_X_out": g, "X_in": x}
        # A frozen param has no gradient.
        if self.weight.requires_grad:
            grads["g_weight"] = self.weight.grad
        if self.bias is not None and self.bias.requires_grad:
            grads["g_bias"] = self.bias.grad
        stages = {"weight gradient": grads}
        if self.needs_input_grad:
            stages["input gradient"] = {
                "g_X_out": g,
                "weight": self.weight.value,
                "g_X_in": self.input.grad,
            }
        return stages

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        out_features = item.whole("a number of outputs")
        layer = cls(input_shape[0], out_features, not item.flag("nobias"), rng=rng)
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword} {self.out_features}{'' if self.bias else ' nobias'}"

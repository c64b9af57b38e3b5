"""The fully connected layer."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from core.errors import ShapeError
from core.explanations import linear
from core.explanations.parts import Rules
from core.init import Initialiser, he
from core.kernels.gemm import gemm
from core.kernels.im2col import count
from core.layer import Layer, Shape, Stages
from core.spec_item import SpecItem
from core.tensor import Array, Tensor


class Linear(Layer):
    """Every output is a weighted sum of all inputs.

    With W of shape (out, in), X (N, in) and Y (N, out):

        Y = X W^T + b
        g(L, W) = g(L, Y)^T X      g(L, b) = column sums of g(L, Y)      g(L, X) = g(L, Y) W
    """

    keyword = "linear"
    rules: ClassVar[Rules] = {**Layer.rules, **linear.RULES}

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        init: Initialiser = he,
    ) -> None:
        super().__init__()
        self.in_features = count(in_features, "in_features")
        self.out_features = count(out_features, "out_features")
        self.weight = Tensor(init((out_features, in_features), rng))
        self.params["weight"] = self.weight
        self.bias = Tensor(np.zeros(out_features, np.float32)) if bias else None
        if self.bias is not None:
            self.params["bias"] = self.bias

    def _forward(self, x: Array) -> Array:
        y = self.work.array("X_out", (len(x), self.out_features), x.dtype)
        gemm(x, self.weight.value.T, y)
        if self.bias is not None:
            y += self.bias.value
        return y

    def _backward(self, g: Array) -> Array | None:
        x = self.input.value
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

    def forward_stages(self) -> Stages:  # noqa: D102
        arrays = {"X_in": self.input.value, "weight": self.weight.value}
        if self.bias is not None:
            arrays["bias"] = self.bias.value
        return {"product": {**arrays, "X_out": self.output.value}}

    def backward_stages(self) -> Stages:  # noqa: D102
        g, x = self.output.grad, self.input.value
        grads = {"g_X_out": g, "X_in": x, "g_weight": self.weight.grad}
        if self.bias is not None:
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

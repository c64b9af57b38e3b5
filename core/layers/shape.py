"""Layers that move or drop numbers."""

from __future__ import annotations

from math import prod
from typing import ClassVar, Self

import numpy as np

from core.explanations import shape
from core.explanations.parts import Rules
from core.layer import Layer, Shape, Stages
from core.spec_item import SpecItem, number_text
from core.tensor import Array


class Flatten(Layer):
    """(N, ...) to (N, features), in row-major order of each sample; backward undoes it."""

    keyword = "flatten"
    rules: ClassVar[Rules] = {**Layer.rules, **shape.FLATTEN}

    def _forward(self, x: Array) -> Array:
        y = self.work.array("X_out", (len(x), prod(x.shape[1:])), x.dtype)
        np.copyto(y.reshape(x.shape), x)
        return y

    def _backward(self, g: Array) -> Array:
        return g.reshape(self.input.shape)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return (prod(input_shape),)


class Dropout(Layer):
    """In train mode sets each number to zero with probability p and divides the rest by 1 - p.

    y = x · mask, g(L, x) = g(L, y) · mask, with mask 0 or 1 / (1 - p). In eval mode y = x.

    Args:
        p: probability of a zero, 0 <= p < 1.
        rng: where the mask comes from.
    """

    keyword = "dropout"
    rules: ClassVar[Rules] = {**Layer.rules, **shape.DROPOUT}

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p!r}; expected a probability, 0 <= p < 1")
        self.p = p
        self.rng: np.random.Generator = rng
        self._mask = np.zeros(0)

    def _forward(self, x: Array) -> Array:
        self._mask = self.work.array("mask", x.shape, x.dtype)
        if not self.training:
            self._mask.fill(1)
            return x
        draws = self.rng.random(x.shape)
        np.greater_equal(draws, self.p, out=self._mask, casting="unsafe")
        self._mask /= 1 - self.p
        return np.multiply(x, self._mask, out=self.work.like("X_out", x))

    def _backward(self, g: Array) -> Array:
        return np.multiply(g, self._mask, out=self.work.like("g_X_in", g))

    def forward_stages(self) -> Stages:  # noqa: D102
        x, y = self.input.value, self.output.value
        return {"mask": {"X_in": x, "mask": self._mask}, "output": {"X_in": x, "X_out": y}}

    def backward_stages(self) -> Stages:  # noqa: D102
        return {
            "input gradient": {
                "g_X_out": self.output.grad,
                "mask": self._mask,
                "g_X_in": self.input.grad,
            }
        }

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        # A generator of its own: how many masks were drawn must not change later first weights.
        layer = cls(item.real("a probability", 0.5), rng=rng.spawn(1)[0])
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword} {number_text(self.p)}"

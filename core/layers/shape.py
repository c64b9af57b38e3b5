"""Layers that move or drop numbers, or leave them as they are."""

from __future__ import annotations

from math import prod
from typing import Self

import numpy as np

from core.errors import ShapeError
from core.generator import generator
from core.layer import Layer, Shape, Stages
from core.layers.option import Option, probability
from core.spec_item import SpecItem, number_text
from core.tensor import Array


class Identity(Layer):
    """Returns its input; a placeholder, or a branch of `Concat` and `Residual`."""

    keyword = "identity"
    formulas = """
        X_out[*i]  = X_in[*i]
        g_X_in[*i] = g_X_out[*i]
    """

    def _forward(self, x: Array) -> Array:
        # A copy, so that no later change of the input changes the output.
        y = self.work.like("X_out", x)
        np.copyto(y, x)
        return y

    def _backward(self, g: Array) -> Array:
        g_in = self.work.like("g_X_in", g)
        np.copyto(g_in, g)
        return g_in


class Flatten(Layer):
    """Reshapes (N, ...) to (N, features), in row-major order of each sample."""

    keyword = "flatten"

    @property
    def formulas(self) -> str:
        """One line of index notation for each array; their letters depend on the input's axes."""
        rank = len(self.input.shape) - 1
        names = ["c", *"zyx"[4 - rank :]] if rank <= 4 else [f"i{k}" for k in range(rank)]
        letters = ",".join(names)
        return f"""
            X_out[n,({letters})] = X_in[n,{letters}]
            g_X_in[n,{letters}]  = g_X_out[n,({letters})]
        """

    def _forward(self, x: Array) -> Array:
        y = self.work.array("X_out", (len(x), prod(x.shape[1:])), x.dtype)
        np.copyto(y.reshape(x.shape), x)
        return y

    def _backward(self, g: Array) -> Array:
        return g.reshape(self.input.shape)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if not input_shape:
            raise ShapeError("needs at least one axis after N", f"{input_shape}")
        return (prod(input_shape),)


class Dropout(Layer):
    """In train mode sets each number to zero with probability p and divides the rest by 1 - p.

    y = x · mask and g(L, x) = g(L, y) · mask, where mask is 0 or 1 / (1 - p) (Srivastava et al.
    2014, in the inverted form of PyTorch). In eval mode y = x.

    Args:
        p: probability of a zero, 0 <= p < 1.
        rng: where the mask comes from. If None, a fresh generator, and the run cannot be repeated.

    Raises:
        ValueError: p is no such probability, here or when it is assigned later.
    """

    keyword = "dropout"

    transient = Layer.transient | {"_mask"}

    p = Option(probability)

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | None = None) -> None:
        super().__init__()
        self.p = p
        self.rng: np.random.Generator = generator(rng)
        self._mask = np.zeros(0)

    @property
    def formulas(self) -> str:
        """One line of index notation for each array; the mask's depends on the mode."""
        drawn = '"drawn at random: 0 with probability p, else 1 / (1 - p)"'
        return f"""
            mask[*i]   = {drawn if self.training else "1"}
            X_out[*i]  = X_in[*i] * mask[*i]
            g_X_in[*i] = g_X_out[*i] * mask[*i]
        """

    def _forward(self, x: Array) -> Array:
        self._mask = self.work.array("mask", x.shape, x.dtype)
        y = self.work.like("X_out", x)
        if not self.training:
            self._mask.fill(1)
            np.copyto(y, x)
            return y
        draws = self.rng.random(x.shape)
        np.greater_equal(draws, self.p, out=self._mask, casting="unsafe")
        self._mask /= 1 - self.p
        return np.multiply(x, self._mask, out=y)

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
        # A generator of its own: the number of masks drawn must not change later initial weights.
        layer = cls(item.real("a probability", 0.5), rng=rng.spawn(1)[0])
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword} {number_text(self.p)}"

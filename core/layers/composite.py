"""Layers made of layers."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from core.errors import ShapeError, SpecError
from core.explanations import composite
from core.explanations.parts import Rules
from core.layer import Layer, Shape, Stages
from core.model import Model
from core.spec_item import SpecItem
from core.tensor import Array, Tensor


class Residual(Layer):
    """Adds what a body makes of the input to the input itself (He et al. 2016).

    y = body(x) + shortcut(x); g(L, x) = the body's input gradient + the shortcut's. Without a
    shortcut the second branch is x and its gradient g(L, y).
    """

    keyword = "residual"
    rules: ClassVar[Rules] = {**Layer.rules, **composite.RULES}

    def __init__(self, body: Model, shortcut: Model | None = None) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.connect(self.input)

    def children(self) -> dict[str, Layer]:  # noqa: D102
        branches: dict[str, Layer] = {"body": self.body}
        if self.shortcut is not None:
            branches["shortcut"] = self.shortcut
        return branches

    def connect(self, tensor: Tensor) -> None:  # noqa: D102
        super().connect(tensor)
        for branch in self.children().values():
            branch.connect(tensor)

    def rename(self, name: str) -> None:  # noqa: D102
        super().rename(name)
        self.body.rename(f"{name}.body")
        if self.shortcut is not None:
            self.shortcut.rename(f"{name}.shortcut")

    def _forward(self, x: Array) -> Array:
        y = self.body.forward(self.input).value
        other = x if self.shortcut is None else self.shortcut.forward(self.input).value
        return np.add(y, other, out=self.work.like("X_out", y))

    def _backward(self, g: Array) -> Array:
        self.body.output.grad = g
        self.body.backward()
        # Both branches write the gradient of the one input tensor: keep the first.
        total = self.work.like("g_X_in", self.input.value)
        self._g_body = self.work.like("g_body", self.input.value)
        np.copyto(self._g_body, self.input.grad)
        if self.shortcut is not None:
            self.shortcut.output.grad = g
            self.shortcut.backward()
            g = self.input.grad
        self._g_shortcut = g
        return np.add(self._g_body, g, out=total)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        made = self.body.output_shape(input_shape)
        other = input_shape if self.shortcut is None else self.shortcut.output_shape(input_shape)
        if made != other:
            raise ShapeError(
                "needs two branches of one shape", f"{made} from the body and {other} beside it"
            )
        return made

    def forward_stages(self) -> Stages:  # noqa: D102
        x = self.input.value
        other = x if self.shortcut is None else self.shortcut.output.value
        return {
            "sum": {
                "X_in": x,
                "body": self.body.output.value,
                "shortcut": other,
                "X_out": self.output.value,
            }
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {
            "sum": {
                "g_X_out": self.output.grad,
                "g_body": self._g_body,
                "g_shortcut": self._g_shortcut,
                "g_X_in": self.input.grad,
            }
        }

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        branches = item.models()
        item.done()
        if not 1 <= len(branches) <= 2:
            raise SpecError("residual needs one or two branches: residual(conv 8 p1 | conv 8 k1)")
        return cls(*branches)

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword}({' | '.join(b.to_spec() for b in self.children().values())})"

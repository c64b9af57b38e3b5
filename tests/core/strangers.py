"""Layers as people write them who have read no more than the docstring of `Layer`.

None of them is known to `core`: whatever works for them follows from the class alone.
"""

from __future__ import annotations

import numpy as np

from core.layer import LAYERS, Layer, Shape, Stages
from core.layers import Dropout, Linear, Tanh
from core.spec_item import SpecItem
from core.tensor import Array, Tensor


class Scale(Layer):
    """Nothing but a forward and a backward."""

    def __init__(self, factor: float = 2.0) -> None:
        super().__init__()
        self.factor = factor

    def _forward(self, x: Array) -> Array:
        return x * self.factor

    def _backward(self, g: Array) -> Array:
        return g * self.factor


class Same(Layer):
    """Returns its input itself, and the gradient too."""

    def _forward(self, x: Array) -> Array:
        return x

    def _backward(self, g: Array) -> Array:
        return g


class Gate(Layer):
    """y = a · s(x) with a param and a number inside, and a formula for each array."""

    keyword = "gatedunit"
    formulas = """
        s[*i]      = sigmoid(X_in[*i])
        X_out[n,c,*i] = a[c] * s[n,c,*i]
        g_a[c]     = sum[n,*i](g_X_out[n,c,*i] * s[n,c,*i])
        g_s[n,c,*i] = a[c] * g_X_out[n,c,*i]
        slope[*i]  = s[*i] * (1 - s[*i])
        g_X_in[*i] = g_s[*i] * slope[*i]
    """

    def __init__(self, channels: int = 2) -> None:
        super().__init__()
        self.params["a"] = Tensor(np.linspace(0.5, 1.5, channels, dtype=np.float32))

    def _wide(self, x: Array) -> Array:
        a = self.params["a"].value
        return a.reshape(-1, *(1,) * (x.ndim - 2))

    def _forward(self, x: Array) -> Array:
        self.s = 1 / (1 + np.exp(-x))
        return self._wide(x) * self.s

    def _backward(self, g: Array) -> Array:
        others = tuple(k for k in range(g.ndim) if k != 1)
        self.params["a"].accumulate_grad((g * self.s).sum(others))
        self.g_s = self._wide(g) * g
        return self.g_s * self.s * (1 - self.s)

    def forward_stages(self) -> Stages:
        return {
            "squash": {"X_in": self.input.value, "s": self.s},
            "scale": {"s": self.s, "a": self.params["a"].value, "X_out": self.output.value},
        }

    def backward_stages(self) -> Stages:
        slope = self.s * (1 - self.s)
        return {
            "scale": {"g_X_out": self.output.grad, "g_a": self.params["a"].grad, "g_s": self.g_s},
            "squash": {"slope": slope, "g_X_in": self.input.grad},
        }

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Gate:
        item.done()
        return cls(input_shape[0])


class Keeper(Layer):
    """Keeps what its stages show wherever it fits: a tuple, a list, a dictionary, its scratch."""

    def __init__(self) -> None:
        super().__init__()
        self.pair: tuple[Array, ...] = ()
        self.row: list[Array] = []
        self.named: dict[str, Array] = {}
        self.nested: dict[str, list[tuple[Array, int]]] = {}

    def _forward(self, x: Array) -> Array:
        buffer = self.work.array("buffer", x.shape, x.dtype)
        np.multiply(x, 3, out=buffer)
        # The same memory in every step, as somebody does who wants to be fast.
        if not self.row or self.row[0].shape != x.shape:
            self.pair = (np.empty_like(x),)
            self.row = [np.empty_like(x)]
            self.named = {"it": np.empty_like(x)}
            self.nested = {"deep": [(np.empty_like(x), 1)]}
        for array in (self.pair[0], self.row[0], self.named["it"], self.nested["deep"][0][0]):
            np.copyto(array, x)
        return buffer

    def _backward(self, g: Array) -> Array:
        return g * 3

    def forward_stages(self) -> Stages:
        return {
            "kept": {
                "X_in": self.input.value,
                "in_tuple": self.pair[0],
                "in_list": self.row[0],
                "in_dictionary": self.named["it"],
                "nested": self.nested["deep"][0][0],
                "scratch": self.work.array("buffer", self.input.shape, self.dtype),
                "X_out": self.output.value,
            }
        }


class Noise(Layer):
    """Adds noise from a generator of its own, under a name of its own, and counts its passes."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.source = rng
        self.passes = 0
        self.drift = np.zeros((), np.float64)

    def _forward(self, x: Array) -> Array:
        self.passes += 1
        self.drift += 0.01
        noise = self.source.standard_normal(x.shape) * 0.1 + self.drift / self.passes
        return (x + noise).astype(x.dtype)

    def _backward(self, g: Array) -> Array:
        return g


class SpatialDropout(Dropout):
    """Drops whole channels: a Dropout under another keyword."""

    keyword = "channeldropout"

    def _forward(self, x: Array) -> Array:
        if not self.training:
            return super()._forward(x)
        kept = self.rng.random((*x.shape[:2], *(1,) * (x.ndim - 2))) >= self.p
        self._mask = np.broadcast_to(kept / (1 - self.p), x.shape).astype(x.dtype)
        return x * self._mask


class Branches(Layer):
    """A composite: the sum of branches kept in a list, each weighted by a param."""

    def __init__(self, *branches: Layer) -> None:
        super().__init__()
        self.branches = list(branches)
        self.by_name = {"last": Tanh()}
        weights = np.linspace(1, 2, len(branches), dtype=np.float32)
        self.params["mix"] = Tensor(weights)

    def _forward(self, x: Array) -> Array:
        mix = self.params["mix"].value
        self.made = [branch.forward(x).value for branch in self.branches]
        total = sum((w * y for w, y in zip(mix, self.made, strict=True)), np.zeros_like(x))
        return self.by_name["last"].forward(total).value

    def _backward(self, g: Array) -> Array:
        last = self.by_name["last"]
        last.output.grad = g
        last.backward()
        inner, mix = last.input.grad, self.params["mix"].value
        self.params["mix"].accumulate_grad(
            np.array([np.sum(inner * y) for y in self.made], inner.dtype)
        )
        total = np.zeros_like(g)
        for w, branch in zip(mix, self.branches, strict=True):
            branch.output.grad = w * inner
            branch.backward()
            total += branch.input.grad
        return total


class Mixed(Layer):
    """Holds a layer under any attribute, and one in an object of its own."""

    class Box:
        def __init__(self, bias: Array) -> None:
            self.bias = bias

    def __init__(self, features: int, rng: np.random.Generator) -> None:
        super().__init__()
        self.whatever = Linear(features, features, rng=rng)
        self.box = self.Box(np.zeros(features, np.float32))

    def _forward(self, x: Array) -> Array:
        self.box.bias += 1
        return self.whatever.forward(x).value + self.box.bias

    def _backward(self, g: Array) -> Array:
        self.whatever.output.grad = g
        self.whatever.backward()
        return self.whatever.input.grad

    def forward_stages(self) -> Stages:
        return {
            "sum": {
                "X_in": self.input.value,
                "bias": self.box.bias,
                "X_out": self.output.value,
            }
        }


# Registered where a test needs it only: other tests go through all layers that there are.
KEYWORDS = {kind.keyword: LAYERS.pop(kind.keyword) for kind in (Gate, SpatialDropout)}

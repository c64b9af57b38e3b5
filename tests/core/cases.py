"""The layers under test, each with its options: a new layer is covered by being listed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, prod

import numpy as np
from numpy.typing import DTypeLike

from core.kernels.im2col import Pair
from core.kernels.shift_product import SMALLEST_INNER
from core.layer import Layer, Shape
from core.layers import (
    GELU,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from core.model import Model
from core.tensor import Array

Rng = np.random.Generator
Size = int | Pair


@dataclass(frozen=True)
class Case:
    """One layer with its options and the shape of its input.

    Attributes:
        id: name in pytest's report.
        make: makes the layer from a generator.
        input_shape: shape of the input, N included.
        training: train mode or eval mode.
    """

    id: str
    make: Callable[[Rng], Layer]
    input_shape: Shape
    training: bool = True

    def layer(self, dtype: type[np.floating] = np.float64) -> Layer:
        """Return a new layer, in all calls the same one, whose numbers are all random."""
        rng = np.random.default_rng(0)
        layer = self.make(rng).astype(dtype).train(self.training)
        for param in layer.parameters():
            param.value[...] = rng.uniform(-1, 1, param.shape)
        for _, array in named_state(layer):
            if array.dtype.kind == "f":
                array[...] = rng.uniform(0.5, 1.5, array.shape)
        return layer

    def input(self, batch: int | None = None, dtype: DTypeLike = np.float64) -> Array:
        """Return an input between -2 and 2, its numbers far apart from each other and from zero.

        Far, that is, for a central difference, which must not step over a kink.
        """
        shape = (self.input_shape[0] if batch is None else batch, *self.input_shape[1:])
        order = np.random.default_rng(1).permutation(prod(shape)).reshape(shape)
        return ((order + 0.3) * (4 / order.size) - 2).astype(dtype)


def named_state(layer: Layer, prefix: str = "") -> Iterator[tuple[str, Array]]:
    """Yield all arrays of `state` with their dotted names."""
    for name, array in layer.state.items():
        yield prefix + name, array
    for name, child in layer.children().items():
        yield from named_state(child, f"{prefix}{name}.")


def text(size: Size) -> str:
    return str(size) if isinstance(size, int) else f"{size[0]}x{size[1]}"


def conv(
    channels: Pair,
    kernel: Size,
    stride: Size = 1,
    padding: Size = 0,
    bias: bool = True,
    batch: int = 2,
    image: Pair = (6, 5),
) -> Case:
    name = f"conv-{text(channels)}-k{text(kernel)}-s{text(stride)}-p{text(padding)}"
    return Case(
        f"{name}-{text(image)}{'' if bias else '-nobias'}",
        lambda rng: Conv2d(*channels, kernel, stride, padding, bias, rng=rng),
        (batch, channels[0], *image),
    )


def conv_grid() -> Iterator[Case]:
    for kernel, stride, padding, bias in product(range(1, 6), (1, 2, 3), (0, 1, 2), (True, False)):
        yield conv((1, 1), kernel, stride, padding, bias, batch=1)
        yield conv((3, 2), kernel, stride, padding, bias)
    pairs: tuple[Size, ...] = ((2, 3), (5, 1), (1, 4))
    strides: tuple[Size, ...] = (1, (1, 2), (3, 1))
    paddings: tuple[Size, ...] = (0, (0, 2), (2, 1))
    for pair_kernel, pair_stride, pair_padding in product(pairs, strides, paddings):
        yield conv((2, 3), pair_kernel, pair_stride, pair_padding)
    # As many channels as it takes for the other form of the product, forward and backward.
    for kernel, padding in product(range(1, 6), (0, 1, 2)):
        many = ceil(SMALLEST_INNER / kernel)
        yield conv((many, 2), kernel, 1, padding)
        yield conv((2, many), kernel, 1, padding, bias=False)


def pool(
    kind: type[MaxPool2d | AvgPool2d],
    kernel: Size,
    stride: Size | None = None,
    padding: Size = 0,
    shape: Shape = (2, 2, 6, 5),
) -> Case:
    words = [kind.keyword, f"k{text(kernel)}", f"s{text(stride or kernel)}", f"p{text(padding)}"]
    return Case(
        "-".join([*words, *map(str, shape)]), lambda rng: kind(kernel, stride, padding), shape
    )


def pool_grid() -> Iterator[Case]:
    for kind in (MaxPool2d, AvgPool2d):
        for kernel, stride, padding in product(range(1, 6), (1, 2, 3), (0, 1, 2)):
            if 2 * padding <= kernel:
                yield pool(kind, kernel, stride, padding)
                yield pool(kind, kernel, stride, padding, (1, 1, 5, 7))
        strides: tuple[Size | None, ...] = (None, (1, 2), (3, 1))
        paddings: tuple[Size, ...] = (0, (1, 0), (1, 1))
        for pair_stride, pair_padding in product(strides, paddings):
            yield pool(kind, (2, 3), pair_stride, pair_padding)
            yield pool(kind, (4, 2), pair_stride, pair_padding)


def norm(kind: type[BatchNorm1d | BatchNorm2d], shape: Shape) -> Iterator[Case]:
    name = "-".join([kind.keyword, *map(str, shape)])
    for training, mode in ((True, "train"), (False, "eval")):
        yield Case(f"{name}-{mode}", lambda rng: kind(shape[1]), shape, training)
    yield Case(f"{name}-momentum", lambda rng: kind(shape[1], momentum=0.3), shape)
    yield Case(f"{name}-cumulative", lambda rng: kind(shape[1], momentum=None), shape)
    yield Case(f"{name}-eps", lambda rng: kind(shape[1], eps=0.1), shape)


def activations() -> Iterator[Case]:
    makers: dict[str, Callable[[Rng], Layer]] = {
        "relu": lambda rng: ReLU(),
        "leaky": lambda rng: LeakyReLU(),
        "leaky-0.2": lambda rng: LeakyReLU(0.2),
        "leaky-0": lambda rng: LeakyReLU(0.0),
        "sigmoid": lambda rng: Sigmoid(),
        "tanh": lambda rng: Tanh(),
        "gelu": lambda rng: GELU(),
    }
    for name, make in makers.items():
        yield Case(f"{name}-4", make, (3, 4))
        yield Case(f"{name}-3x4x5", make, (2, 3, 4, 5))


def body(rng: Rng, channels: int, stride: int = 1) -> Model:
    """A convolution and a batch norm, from two channels."""
    return Model([Conv2d(2, channels, 3, stride, 1, rng=rng), BatchNorm2d(channels)])


def nested(rng: Rng) -> Model:
    """Models in a model, and one residual block of each kind."""
    identity = Residual(Model([*body(rng, 2), Tanh(), Conv2d(2, 2, 1, rng=rng)]))
    shrinking = Residual(body(rng, 3, 2), Model([Conv2d(2, 3, 1, 2, rng=rng)]))
    head = Model([Flatten(), Linear(3, 2, rng=rng)])
    return Model([identity, LeakyReLU(), shrinking, GlobalAvgPool2d(), head])


def small(rng: Rng) -> Model:
    """The usual network, small."""
    return Model(
        [
            Conv2d(1, 2, 3, padding=1, rng=rng),
            BatchNorm2d(2),
            ReLU(),
            MaxPool2d(2),
            Flatten(),
            Linear(12, 3, rng=rng),
        ]
    )


def composites() -> Iterator[Case]:
    shape = (2, 2, 5, 4)
    makers: dict[str, Callable[[Rng], Layer]] = {
        "residual": lambda rng: Residual(body(rng, 2)),
        "residual-shortcut": lambda rng: Residual(body(rng, 3, 2), body(rng, 3, 2)),
        "residual-twice": lambda rng: Residual(Model([Residual(body(rng, 2)), Tanh()])),
        "model-one-layer": lambda rng: Model([Tanh()]),
        "model-nested": nested,
    }
    for name, make in makers.items():
        yield Case(f"{name}-train", make, shape)
        yield Case(f"{name}-eval", make, shape, training=False)
    yield Case("model-small", small, (2, 1, 6, 4))


GRIDS = [*conv_grid(), *pool_grid()]

OTHERS = [
    conv((1, 2), 3, 1, 1, image=(1, 1)),
    conv((1, 2), 3, 1, 1, image=(2, 9)),
    conv((1, 2), 3, 2, 1, image=(9, 2)),
    conv((2, 1), (4, 1), 2, 0, image=(4, 7), batch=3),
    *(pool(kind, 3, 2, 1, (3, 1, 1, 8)) for kind in (MaxPool2d, AvgPool2d)),
    *(
        pool(kind, kernel, shape=(2, 1, 8, 7))
        for kind in (MaxPool2d, AvgPool2d)
        for kernel in ((2, 3), (4, 2))
    ),
    *(
        Case("-".join(["gap", *map(str, shape)]), lambda rng: GlobalAvgPool2d(), shape)
        for shape in ((2, 3, 4, 5), (1, 1, 3, 3), (2, 2, 1, 1))
    ),
    Case("linear-4x3", lambda rng: Linear(4, 3, rng=rng), (2, 4)),
    Case("linear-4x3-nobias", lambda rng: Linear(4, 3, False, rng=rng), (2, 4)),
    Case("linear-1x1", lambda rng: Linear(1, 1, rng=rng), (1, 1)),
    *norm(BatchNorm2d, (3, 2, 3, 4)),
    *norm(BatchNorm2d, (1, 1, 2, 3)),
    *norm(BatchNorm1d, (4, 3)),
    *norm(BatchNorm1d, (2, 3, 4)),
    *activations(),
    Case("flatten-3", lambda rng: Flatten(), (2, 3)),
    Case("flatten-2x3x4", lambda rng: Flatten(), (2, 2, 3, 4)),
    Case("dropout-train", lambda rng: Dropout(rng=rng), (3, 2, 3, 4)),
    Case("dropout-0.2-train", lambda rng: Dropout(0.2, rng=rng), (4, 5)),
    Case("dropout-0-train", lambda rng: Dropout(0.0, rng=rng), (1, 4)),
    Case("dropout-eval", lambda rng: Dropout(rng=rng), (3, 4), training=False),
    *composites(),
]

CASES = [*GRIDS, *OTHERS]

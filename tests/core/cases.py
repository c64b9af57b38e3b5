"""The layers under test, each with its options: a new layer is covered by being listed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from core.kernels.im2col import Pair
from core.kernels.shift_product import SMALLEST_INNER
from core.layer import LAYERS, Layer, Shape
from core.layers import (
    GELU,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Identity,
    LayerNorm,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
    Upsample,
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


def own_layers() -> set[str]:
    """Return the keywords of the layers of `core`; tests define others."""
    return {word for word, kind in LAYERS.items() if kind.__module__.startswith("core.")}


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
        lambda rng: Conv2d(*channels, kernel, stride, padding, bias=bias, rng=rng),
        (batch, channels[0], *image),
    )


def conv_with(
    words: str, channels: Pair, kernel: Size, shape: Pair = (6, 5), **options: Any
) -> Case:
    """A convolution with options that `conv` lacks, which `words` name."""
    return Case(
        f"conv-{text(channels)}-k{text(kernel)}-{words}",
        lambda rng: Conv2d(*channels, kernel, rng=rng, **options),
        (2, channels[0], *shape),
    )


def conv_options() -> Iterator[Case]:
    """Dilation, groups, "same" and X^(col), alone and together."""
    kernels: tuple[Size, ...] = (1, 2, 3)
    dilations: tuple[Size, ...] = (2, (3, 1))
    paddings: tuple[Size, ...] = (0, 2)
    for kernel, stride, padding, dilation in product(kernels, (1, 2), paddings, dilations):
        options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
        words = f"s{stride}-p{text(padding)}-d{text(dilation)}"
        yield conv_with(words, (2, 3), kernel, (7, 8), **options)
        yield conv_with(f"{words}-im2col", (2, 3), kernel, (7, 8), algorithm="im2col", **options)
    # As many channels as it takes for the other form of the product.
    yield conv_with("many-d2", (8, 2), 2, (7, 8), padding=1, dilation=2)
    yield conv_with("many-d2x3", (6, 8), 3, (7, 8), padding=2, dilation=(2, 3))
    odd_and_even: tuple[Size, ...] = (1, 2, 3, 4, (2, 5))
    one_to_three: tuple[Size, ...] = (1, 2, (1, 3))
    for kernel, dilation in product(odd_and_even, one_to_three):
        words = f"same-d{text(dilation)}"
        yield conv_with(words, (2, 2), kernel, padding="same", dilation=dilation)
        yield conv_with(
            f"{words}-im2col", (1, 2), kernel, padding="same", dilation=dilation, algorithm="im2col"
        )
    for channels, groups in (((2, 4), 2), ((4, 2), 2), ((3, 3), 3), ((6, 4), 2), ((4, 8), 4)):
        plain: tuple[tuple[Size, int, bool], ...] = ((1, 1, True), (3, 1, False), ((2, 3), 2, True))
        for kernel, stride, bias in plain:
            words = f"s{stride}-g{groups}{'' if bias else '-nobias'}"
            yield conv_with(words, channels, kernel, stride=stride, groups=groups, bias=bias)
        yield conv_with(
            f"s2x1-p1-d1x2-g{groups}-im2col",
            *(channels, 3),
            stride=(2, 1),
            padding=1,
            dilation=(1, 2),
            groups=groups,
            algorithm="im2col",
        )
    small_and_large: tuple[Size, ...] = (1, 3, (2, 4))
    none_and_uneven: tuple[Size, ...] = (0, (1, 2))
    for kernel, stride, padding in product(small_and_large, (1, 2), none_and_uneven):
        words = f"s{stride}-p{text(padding)}-im2col"
        options = {"stride": stride, "padding": padding, "algorithm": "im2col"}
        yield conv_with(words, (3, 2), kernel, **options)
    yield conv_with("valid", (1, 2), 3, padding="valid")


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


def pool_options() -> Iterator[Case]:
    """`ceil_mode`, and the mean without padding."""
    kernels: tuple[Size, ...] = (2, 3, (2, 5))
    strides: tuple[Size, ...] = (1, 2, (3, 4))
    paddings: tuple[Size, ...] = (0, 1)
    for kernel, stride, padding in product(kernels, strides, paddings):
        for shape in ((2, 2, 6, 5), (1, 2, 7, 8)):
            words = f"k{text(kernel)}-s{text(stride)}-p{text(padding)}-{'x'.join(map(str, shape))}"
            yield pool_with(f"pool-{words}-ceil", MaxPool2d, kernel, stride, padding, shape)
            yield pool_with(f"avgpool-{words}-ceil", AvgPool2d, kernel, stride, padding, shape)
            yield pool_with(
                f"avgpool-{words}-ceil-nopad",
                *(AvgPool2d, kernel, stride, padding, shape),
                count_include_pad=False,
            )
    plain: tuple[tuple[Size, Size, Size], ...] = (
        (3, 1, 1),
        (3, 2, 1),
        ((2, 4), 2, (1, 2)),
        (2, 2, 0),
    )
    for kernel, stride, padding in plain:
        yield pool_with(
            f"avgpool-k{text(kernel)}-s{text(stride)}-p{text(padding)}-nopad",
            *(AvgPool2d, kernel, stride, padding, (2, 2, 6, 5)),
            ceil_mode=False,
            count_include_pad=False,
        )
    # The window is larger than the image.
    for kind in (MaxPool2d, AvgPool2d):
        yield pool_with(f"{kind.keyword}-larger-ceil", kind, (3, 4), 3, 0, (2, 1, 2, 3))


def pool_with(
    name: str,
    kind: type[MaxPool2d | AvgPool2d],
    kernel: Size,
    stride: Size,
    padding: Size,
    shape: Shape,
    **options: bool,
) -> Case:
    options = {"ceil_mode": True, **options}
    return Case(name, lambda rng: kind(kernel, stride, padding, **options), shape)


def norm(kind: type[BatchNorm1d | BatchNorm2d], shape: Shape) -> Iterator[Case]:
    name = "-".join([kind.keyword, *map(str, shape)])
    for training, mode in ((True, "train"), (False, "eval")):
        yield Case(f"{name}-{mode}", lambda rng: kind(shape[1]), shape, training)
    yield Case(f"{name}-momentum", lambda rng: kind(shape[1], momentum=0.3), shape)
    yield Case(f"{name}-cumulative", lambda rng: kind(shape[1], momentum=None), shape)
    yield Case(f"{name}-eps", lambda rng: kind(shape[1], eps=0.1), shape)


def sample_norms() -> Iterator[Case]:
    """Group norm and layer norm, whose statistics belong to one sample."""
    # At least 3 numbers in a group: the gradient of two is the rounding of large terms.
    for shape in ((2, 4, 2, 3), (3, 6), (2, 4, 3)):
        channels, name = shape[1], "x".join(map(str, shape))
        for groups in (1, 2) if len(shape) == 2 else (1, 2, channels):
            yield group_norm(f"{groups}-{name}", shape, groups)
        yield group_norm(f"2-{name}-eps", shape, 2, eps=0.1)
        yield group_norm(f"2-{name}-noaffine", shape, 2, affine=False)
        for axes in range(1, len(shape)):
            yield layer_norm(f"{axes}-{name}", shape, shape[-axes:])
        yield layer_norm(f"all-{name}-eps", shape, shape[1:], eps=0.1)
        yield layer_norm(f"all-{name}-noaffine", shape, shape[1:], elementwise_affine=False)
        yield layer_norm(f"last-{name}-nobias", shape, shape[-1:], bias=False)


def group_norm(name: str, shape: Shape, groups: int, **options: Any) -> Case:
    return Case(f"groupnorm-{name}", lambda rng: GroupNorm(groups, shape[1], **options), shape)


def layer_norm(name: str, shape: Shape, sizes: Shape, **options: Any) -> Case:
    return Case(f"layernorm-{name}", lambda rng: LayerNorm(sizes, **options), shape)


def upsample(factor: Size) -> Case:
    return Case(f"upsample-{text(factor)}", lambda rng: Upsample(scale_factor=factor), (2, 3, 2, 4))


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
    makers |= {"softmax": lambda rng: Softmax(), "identity": lambda rng: Identity()}
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
        "residual-one-layer": lambda rng: Residual(Tanh(), Conv2d(2, 2, 1, rng=rng)),
        "concat": lambda rng: Concat(body(rng, 3), Conv2d(2, 1, 1, rng=rng), body(rng, 2)),
        "concat-one": lambda rng: Concat(body(rng, 3)),
        "concat-identity": lambda rng: Concat(Identity(), Model(Tanh(), Identity())),
        "concat-nested": lambda rng: Model(
            Concat(Concat(Tanh(), Residual(body(rng, 2))), Dropout(0.0, rng=rng)),
            Upsample(scale_factor=2),
        ),
        "model-one-layer": lambda rng: Model([Tanh()]),
        "model-nested": nested,
    }
    for name, make in makers.items():
        yield Case(f"{name}-train", make, shape)
        yield Case(f"{name}-eval", make, shape, training=False)
    yield Case("concat-features", lambda rng: Concat(Linear(3, 2, rng=rng), ReLU()), (4, 3))
    yield Case("model-small", small, (2, 1, 6, 4))


GRIDS = [*conv_grid(), *pool_grid(), *conv_options(), *pool_options()]

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
    *sample_norms(),
    *(upsample(factor) for factor in (1, 2, 3, (2, 3), (3, 1))),
    Case("flatten-3", lambda rng: Flatten(), (2, 3)),
    Case("flatten-3x4", lambda rng: Flatten(), (2, 3, 4)),
    Case("flatten-2x3x4", lambda rng: Flatten(), (2, 2, 3, 4)),
    Case("dropout-train", lambda rng: Dropout(rng=rng), (3, 2, 3, 4)),
    Case("dropout-0.2-train", lambda rng: Dropout(0.2, rng=rng), (4, 5)),
    Case("dropout-0-train", lambda rng: Dropout(0.0, rng=rng), (1, 4)),
    Case("dropout-eval", lambda rng: Dropout(rng=rng), (3, 4), training=False),
    *composites(),
]

CASES = [*GRIDS, *OTHERS]

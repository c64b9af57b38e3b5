"""Which layers stand for which modules and functions of PyTorch, by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from core.interop.call import Call, Maker
from core.kernels.im2col import pair
from core.layer import Layer
from core.layers import (
    GELU,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
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
    Sigmoid,
    Softmax,
    Tanh,
    Upsample,
)

Pool = type[MaxPool2d] | type[AvgPool2d]


def plain(kind: Callable[[], Layer]) -> Maker:
    """Return a maker for a layer without options."""
    return lambda call: [kind()]


def conv(call: Call) -> list[Layer]:
    """A convolution; PyTorch's arguments are ours."""
    call.only("padding_mode", "zeros", advice="it could stand for the others, but for edges")
    names = ("stride", "padding", "dilation", "groups")
    options = {name: call[name] for name in names}
    sizes = call["in_channels"], call["out_channels"], call["kernel_size"]
    return [Conv2d(*sizes, **options, bias=call["bias"] is not None, rng=call.rng)]


def linear(call: Call) -> list[Layer]:
    """A linear layer, of vectors."""
    if len(call.input_shape) != 1:
        raise call.refused(f"inputs of shape (N, {', '.join(map(str, call.input_shape))})",
                           "a linear layer takes vectors (N, features)",
                           "put nn.Flatten() before it")  # fmt: skip
    sizes = call["in_features"], call["out_features"]
    return [Linear(*sizes, bias=call["bias"] is not None, rng=call.rng)]


def batch_norm(kind: type[BatchNorm1d | BatchNorm2d]) -> Maker:
    """Return a maker of batch norms of a kind."""

    def make(call: Call) -> list[Layer]:
        call.only("affine", True, advice="its weights of 1 and biases of 0 compute the same")
        call.only("track_running_stats", True, advice="nn.GroupNorm keeps no statistics either")
        return [kind(call["num_features"], call["eps"], call["momentum"])]

    return make


def group_norm(call: Call) -> list[Layer]:
    """Group norm."""
    return [GroupNorm(call["num_groups"], call["num_channels"], call["eps"], call["affine"])]


def instance_norm(call: Call) -> list[Layer]:
    """Instance norm: group norm with a group for each channel."""
    call.only("track_running_stats", False)
    return [GroupNorm(call["num_features"], call["num_features"], call["eps"], call["affine"])]


def layer_norm(call: Call) -> list[Layer]:
    """Layer norm."""
    affine, bias = (call[name] is not None for name in ("weight", "bias"))
    return [LayerNorm(tuple(call["normalized_shape"]), call["eps"], affine, bias)]


def max_pool(call: Call) -> list[Layer]:
    """Max pooling."""
    kernel, dilation = (pair(call.option(name, 1), name, 1) for name in ("kernel_size", "dilation"))
    covered = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    call.only("dilation", 1, (1, 1), [1, 1], advice=f"kernel_size={covered} covers as much")
    call.only("return_indices", False)
    return [MaxPool2d(*_windows(call), ceil_mode=bool(call["ceil_mode"]))]


def avg_pool(call: Call) -> list[Layer]:
    """Average pooling."""
    call.only("divisor_override", None)
    counted = bool(call.option("count_include_pad", True))
    return [AvgPool2d(*_windows(call), bool(call["ceil_mode"]), counted)]


def _windows(call: Call) -> tuple[Any, Any, Any]:
    kernel, stride, padding = call["kernel_size"], call["stride"], call["padding"]
    # A function may be called with an empty stride, which is that of the kernel.
    return kernel, stride or None, padding or 0


def adaptive(kind: Pool) -> Maker:
    """Return a maker for pooling to a fixed size, where that is one of equal windows."""

    def make(call: Call) -> list[Layer]:
        call.only("return_indices", False)
        _, height, width = call.input_shape
        _, tall, wide = call.output_shape
        if (tall, wide) == (height, width):
            return [Identity()]
        if (tall, wide) == (1, 1) and kind is AvgPool2d:
            return [GlobalAvgPool2d()]
        if height % tall or width % wide:
            raise call.refused(
                f"output_size {tall}×{wide} for images of {height}×{width}",
                "windows are of one size",
                f"use nn.{kind.__name__} with a kernel_size and a stride",
            )
        return [kind((height // tall, width // wide))]

    return make


def mean(call: Call) -> list[Layer]:
    """The mean over height and width."""
    over = call["dim"]
    axes = sorted(axis % 4 for axis in ([over] if isinstance(over, int) else over or []))
    if axes != [2, 3] or len(call.input_shape) != 3:
        raise call.refused(
            f"dim={over!r}",
            "only the mean over height and width exists",
            "x.mean((2, 3)) could stand for one over each, as x.mean(-1).mean(-1)",
        )
    return [GlobalAvgPool2d(), *([] if call["keepdim"] else [Flatten()])]


def leaky_relu(call: Call) -> list[Layer]:
    """ReLU with a slope."""
    return [LeakyReLU(call.option("negative_slope", 0.01))]


def gelu(call: Call) -> list[Layer]:
    """GELU in its exact form."""
    call.only("approximate", "none", advice="it differs by 0.0005 at most")
    return [GELU()]


def softmax(call: Call) -> list[Layer]:
    """Softmax over features or channels."""
    axes = len(call.input_shape) + 1
    call.only("dim", 1, 1 - axes, advice=f"the classes or channels, among {axes} axes")
    return [Softmax()]


def dropout(call: Call) -> list[Layer]:
    """A module of dropout, which drops while the network trains."""
    return [Dropout(call.option("p", 0.5), rng=call.rng.spawn(1)[0])]


def dropout_function(call: Call) -> list[Layer]:
    """A function of dropout; one that is told not to train drops nothing."""
    return [Identity()] if call.option("training", True) is False else dropout(call)


def upsample(call: Call) -> list[Layer]:
    """Nearest-neighbour upsampling by whole factors."""
    call.only("mode", "nearest", advice="it could stand for the others, but for steps")
    (_, height, width), (_, tall, wide) = call.input_shape, call.output_shape
    if tall % height or wide % width:
        raise call.refused(
            f"output {tall}×{wide} for images of {height}×{width}",
            "an image grows by whole factors",
        )
    return [Upsample(scale_factor=pair((tall // height, wide // width), "scale_factor", 1))]


def reshape(call: Call) -> list[Layer]:
    """What makes vectors of each sample's numbers, or changes nothing."""
    if call.output_shape == call.input_shape:
        return []
    if call.output_shape != (prod(call.input_shape),):
        raise call.refused(
            f"a result of shape (N, {', '.join(map(str, call.output_shape))})",
            "numbers can be put into one vector (N, features) only",
            "x.flatten(1) does, and squeezes height and width of 1 too",
        )
    return [Flatten()]


def flatten(call: Call) -> list[Layer]:
    """A module that makes vectors, of samples that may be vectors already."""
    return reshape(call) or [Flatten()]


def cast(call: Call) -> list[Layer]:
    """What changes device, or between the dtypes that weights may have, to that of its weights."""
    given = str(call["dtype"])
    if given.startswith("torch.") and given not in ("torch.float32", "torch.float64"):
        raise call.refused(f"dtype {given}", "only float32 and float64 exist", "leave it out")
    return []


def nothing(call: Call) -> list[Layer]:
    """What returns its input."""
    return []


# By the name of the class in `torch.nn`.
MODULES: Mapping[str, Maker] = {
    "AdaptiveAvgPool2d": adaptive(AvgPool2d),
    "AdaptiveMaxPool2d": adaptive(MaxPool2d),
    "AvgPool2d": avg_pool,
    "BatchNorm1d": batch_norm(BatchNorm1d),
    "BatchNorm2d": batch_norm(BatchNorm2d),
    "Conv2d": conv,
    "Dropout": dropout,
    "Flatten": flatten,
    "GELU": gelu,
    "GroupNorm": group_norm,
    "Identity": plain(Identity),
    "InstanceNorm2d": instance_norm,
    "LayerNorm": layer_norm,
    "LeakyReLU": leaky_relu,
    "Linear": linear,
    "MaxPool2d": max_pool,
    "ReLU": plain(ReLU),
    "Sigmoid": plain(Sigmoid),
    "Softmax": softmax,
    "Tanh": plain(Tanh),
    "Upsample": upsample,
    "UpsamplingNearest2d": upsample,
}

# By the name of a function of `torch` or `torch.nn.functional`, or of a tensor's method; with the
# names of its arguments behind the input.
FUNCTIONS: Mapping[str, tuple[Maker, tuple[str, ...]]] = {
    "adaptive_avg_pool2d": (adaptive(AvgPool2d), ("output_size",)),
    "adaptive_max_pool2d": (adaptive(MaxPool2d), ("output_size", "return_indices")),
    "avg_pool2d": (
        avg_pool,
        (
            *("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
            "divisor_override",
        ),
    ),
    "clone": (nothing, ()),
    "contiguous": (nothing, ()),
    "dropout": (dropout_function, ("p", "training", "inplace")),
    # From the dtype of its weights to that of its input, which the comparison checks.
    "float": (nothing, ()),
    "flatten": (reshape, ("start_dim", "end_dim")),
    "gelu": (gelu, ("approximate",)),
    "interpolate": (upsample, ("size", "scale_factor", "mode")),
    "leaky_relu": (leaky_relu, ("negative_slope", "inplace")),
    "max_pool2d": (
        max_pool,
        ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
    ),
    "mean": (mean, ("dim", "keepdim")),
    "relu": (plain(ReLU), ("inplace",)),
    "relu_": (plain(ReLU), ()),
    "reshape": (reshape, ()),
    "sigmoid": (plain(Sigmoid), ()),
    "softmax": (softmax, ("dim",)),
    "squeeze": (reshape, ("dim",)),
    "tanh": (plain(Tanh), ()),
    "to": (cast, ("dtype",)),
    "view": (reshape, ()),
}

# Functions that join branches.
JOINS: Mapping[str, str] = {
    **dict.fromkeys(("add", "add_", "iadd"), "add"),
    **dict.fromkeys(("cat", "concat", "concatenate"), "concat"),
}

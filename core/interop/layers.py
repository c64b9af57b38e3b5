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
    call.only("padding_mode", "zeros")
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
    call.only("dilation", 1, (1, 1), [1, 1])
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
        raise call.refused(f"dim={over!r}", "only the mean over height and width exists")
    return [GlobalAvgPool2d(), *([] if call["keepdim"] else [Flatten()])]


def leaky_relu(call: Call) -> list[Layer]:
    """ReLU with a slope."""
    return [LeakyReLU(call.option("negative_slope", 0.01))]


def gelu(call: Call) -> list[Layer]:
    """GELU in its exact form."""
    call.only("approximate", "none")
    return [GELU()]


def softmax(call: Call) -> list[Layer]:
    """Softmax over features or channels."""
    call.only("dim", *((1, -1) if len(call.input_shape) == 1 else (1,)))
    return [Softmax()]


def dropout(call: Call) -> list[Layer]:
    """A module of dropout, which drops while the network trains."""
    return [Dropout(call.option("p", 0.5), rng=call.rng.spawn(1)[0])]


def dropout_function(call: Call) -> list[Layer]:
    """A function of dropout; one that is told not to train drops nothing."""
    return [Identity()] if call.option("training", True) is False else dropout(call)


def upsample(call: Call) -> list[Layer]:
    """Nearest-neighbour upsampling by whole factors."""
    call.only("mode", "nearest")
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
        )
    return [Flatten()]


def flatten(call: Call) -> list[Layer]:
    """A module that makes vectors, of samples that may be vectors already."""
    return reshape(call) or [Flatten()]


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
    "view": (reshape, ()),
}

# Functions that join branches.
JOINS: Mapping[str, str] = {
    **dict.fromkeys(("add", "add_", "iadd"), "add"),
    **dict.fromkeys(("cat", "concat", "concatenate"), "concat"),
}

# What could stand for a module or function that has no layer, by a part of its name.
INSTEAD: Mapping[str, str] = {
    "logsoftmax": "leave it out: CrossEntropyLoss takes what comes before it",
    "log_softmax": "leave it out: CrossEntropyLoss takes what comes before it",
    "convtranspose": "nn.Upsample and nn.Conv2d could stand for it",
    "conv1d": "nn.Conv2d over images of height 1 could stand for it",
    "conv3d": "nn.Conv2d could stand for it, with the third axis among the channels",
    "pixelunshuffle": "nn.Conv2d with a stride could stand for it",
    "unflatten": "nothing here makes images of vectors",
    "softmax2d": "nn.Softmax(dim=1) could stand for it",
    "upsample": "nn.Upsample(mode='nearest') could stand for it",
    "parametrized": "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight') makes it "
    "a plain module again",
    "pad": "the padding of nn.Conv2d could stand for it, which pads with zeros",
    "pixelshuffle": "nn.Upsample could stand for it",
    "dropout": "nn.Dropout could stand for it",
    "batchnorm": "nn.BatchNorm2d could stand for it",
    "norm": "nn.GroupNorm or nn.LayerNorm could stand for it",
    "lppool": "nn.AvgPool2d could stand for it",
    "pool": "nn.MaxPool2d or nn.AvgPool2d could stand for it",
    "relu6": "nn.ReLU could stand for it",
    "prelu": "nn.LeakyReLU could stand for it",
    **dict.fromkeys(("silu", "mish", "swish", "elu", "softplus"), "nn.GELU could stand for it"),
    "relu": "nn.ReLU or nn.LeakyReLU could stand for it",
    "hardsigmoid": "nn.Sigmoid could stand for it",
    **dict.fromkeys(("hardtanh", "softsign", "tanh"), "nn.Tanh could stand for it"),
    "embedding": "nn.Linear over one-hot vectors could stand for it",
    **dict.fromkeys(("lstm", "gru", "rnn"), "nothing here reads a sequence step by step"),
    **dict.fromkeys(("attention", "transformer"), "nothing here looks from one place to another"),
    **dict.fromkeys(
        ("mul", "sub", "div", "matmul"), "only x + body(x) joins two tensors by number"
    ),
}


def instead_of(name: str) -> str:
    """Return what could stand for a module or function without a layer, and which have one."""
    plain_name = name.lower()
    advice = next((text for part, text in INSTEAD.items() if part in plain_name), "")
    known = ", ".join(sorted(MODULES))
    return f"{advice}; there is a layer for {known}" if advice else f"there is one for {known}"

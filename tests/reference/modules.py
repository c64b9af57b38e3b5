"""Our layers as PyTorch's modules."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from core.layer import Layer
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
from core.layers.norm import BatchNorm
from core.model import Model
from core.tensor import Array

# PyTorch is no dependency, so the type checker does not see it.
torch: Any = import_module("torch")
nn: Any = torch.nn
Module = Any
TorchTensor = Any


def conv(layer: Conv2d) -> Module:
    channels = layer.in_channels, layer.out_channels
    windows = layer.kernel_size, layer.stride, layer.padding, layer.dilation
    return nn.Conv2d(*channels, *windows, groups=layer.groups, bias=layer.bias is not None)


def max_pool(layer: MaxPool2d) -> Module:
    windows = layer.kernel_size, layer.stride, layer.padding
    return nn.MaxPool2d(*windows, ceil_mode=layer.ceil_mode)


def avg_pool(layer: AvgPool2d) -> Module:
    windows = layer.kernel_size, layer.stride, layer.padding
    return nn.AvgPool2d(*windows, layer.ceil_mode, layer.count_include_pad)


def norm(kind: Callable[..., Module]) -> Callable[[BatchNorm], Module]:
    return lambda layer: kind(layer.num_features, layer.eps, layer.momentum)


def residual(layer: Residual) -> Module:
    module = nn.Module()
    module.body = to_torch(layer.body)
    module.shortcut = nn.Identity() if layer.shortcut is None else to_torch(layer.shortcut)
    module.forward = lambda x: module.body(x) + module.shortcut(x)
    return module


def concat(layer: Concat) -> Module:
    module = nn.Module()
    for name, branch in layer.children().items():
        module.add_module(name, to_torch(branch))
    module.forward = lambda x: torch.cat([branch(x) for branch in module.children()], 1)
    return module


def layer_norm(layer: LayerNorm) -> Module:
    return nn.LayerNorm(
        layer.normalized_shape, layer.eps, layer.weight is not None, layer.bias is not None
    )


MODULES: dict[type[Layer], Callable[[Any], Module]] = {
    Conv2d: conv,
    Linear: lambda layer: nn.Linear(
        layer.in_features, layer.out_features, bias=layer.bias is not None
    ),
    BatchNorm1d: norm(nn.BatchNorm1d),
    BatchNorm2d: norm(nn.BatchNorm2d),
    MaxPool2d: max_pool,
    AvgPool2d: avg_pool,
    GlobalAvgPool2d: lambda layer: nn.AdaptiveAvgPool2d(1),
    ReLU: lambda layer: nn.ReLU(),
    LeakyReLU: lambda layer: nn.LeakyReLU(layer.negative_slope),
    Sigmoid: lambda layer: nn.Sigmoid(),
    Tanh: lambda layer: nn.Tanh(),
    GELU: lambda layer: nn.GELU(),
    GroupNorm: lambda layer: nn.GroupNorm(
        layer.num_groups, layer.num_channels, layer.eps, layer.weight is not None
    ),
    LayerNorm: layer_norm,
    Softmax: lambda layer: nn.Softmax(1),
    Upsample: lambda layer: nn.Upsample(scale_factor=layer.scale_factor),
    Flatten: lambda layer: nn.Flatten(),
    Identity: lambda layer: nn.Identity(),
    Dropout: lambda layer: nn.Dropout(layer.p),
    Model: lambda layer: nn.Sequential(*map(to_torch, layer)),
    Residual: residual,
    Concat: concat,
}


def to_torch(layer: Layer) -> Module:
    return MODULES[type(layer)](layer)


def leaf(array: Array) -> TorchTensor:
    return torch.tensor(array, requires_grad=True)

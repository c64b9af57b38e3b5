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
from core.layers.norm import BatchNorm
from core.layers.pool import Pool2d
from core.model import Model
from core.tensor import Array

# PyTorch is no dependency, so the type checker does not see it.
torch: Any = import_module("torch")
nn: Any = torch.nn
Module = Any
TorchTensor = Any


def conv(layer: Conv2d) -> Module:
    channels = layer.in_channels, layer.out_channels
    windows = layer.kernel_size, layer.stride, layer.padding
    return nn.Conv2d(*channels, *windows, bias=layer.bias is not None)


def pool(kind: Callable[..., Module]) -> Callable[[Pool2d], Module]:
    return lambda layer: kind(layer.kernel_size, layer.stride, layer.padding)


def norm(kind: Callable[..., Module]) -> Callable[[BatchNorm], Module]:
    return lambda layer: kind(layer.num_features, layer.eps, layer.momentum)


def residual(layer: Residual) -> Module:
    module = nn.Module()
    module.body = to_torch(layer.body)
    module.shortcut = nn.Identity() if layer.shortcut is None else to_torch(layer.shortcut)
    module.forward = lambda x: module.body(x) + module.shortcut(x)
    return module


MODULES: dict[type[Layer], Callable[[Any], Module]] = {
    Conv2d: conv,
    Linear: lambda layer: nn.Linear(
        layer.in_features, layer.out_features, bias=layer.bias is not None
    ),
    BatchNorm1d: norm(nn.BatchNorm1d),
    BatchNorm2d: norm(nn.BatchNorm2d),
    MaxPool2d: pool(nn.MaxPool2d),
    AvgPool2d: pool(nn.AvgPool2d),
    GlobalAvgPool2d: lambda layer: nn.AdaptiveAvgPool2d(1),
    ReLU: lambda layer: nn.ReLU(),
    LeakyReLU: lambda layer: nn.LeakyReLU(layer.negative_slope),
    Sigmoid: lambda layer: nn.Sigmoid(),
    Tanh: lambda layer: nn.Tanh(),
    GELU: lambda layer: nn.GELU(),
    Flatten: lambda layer: nn.Flatten(),
    Dropout: lambda layer: nn.Dropout(layer.p),
    Model: lambda layer: nn.Sequential(*map(to_torch, layer)),
    Residual: residual,
}


def to_torch(layer: Layer) -> Module:
    return MODULES[type(layer)](layer)


def leaf(array: Array) -> TorchTensor:
    return torch.tensor(array, requires_grad=True)

"""Layers as the calls that make them, in `core` and in PyTorch, which mostly agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.code.text import Expression, call, changed
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
from core.layers.pool import Pool2d
from core.model import Model


@dataclass(frozen=True)
class Dialect:
    """How a library writes layers.

    Attributes:
        prefix: stands in front of the names of those that both libraries have.
        makers: the layers that it writes in its own way: their calls, from the layer and its place.
        composites: what it calls those that hold others.
    """

    prefix: str
    makers: Mapping[type[Layer], Callable[[Any, str], str]]
    composites: Mapping[type[Layer], str]

    def write(self, layer: Layer, place: str = "", indent: str = "") -> str:
        """Return the call that makes a layer.

        Raises:
            ValueError: it is of a class of somebody's own.
        """
        kind = type(layer)
        if kind in self.composites:
            inside = f"{place}." if place else ""
            calls = [
                f"{indent}    {self.write(child, inside + name, indent + '    ')},\n"
                for name, child in layer.children().items()
            ]
            return f"{self.composites[kind]}(\n{''.join(calls)}{indent})"
        if kind in self.makers:
            return self.makers[kind](layer, place)
        if kind in BOTH:
            return self.prefix + BOTH[kind](layer)
        raise unknown("layer", layer)


def unknown(what: str, thing: object) -> ValueError:
    """Return the error for a layer, loss or optimiser that no script can be written for."""
    kind = type(thing)
    name = getattr(thing, "name", "") or kind.__name__
    return ValueError(
        f"no code can be written for the {what} {name}: its class {kind.__module__}."
        f"{kind.__qualname__} is none of core's; expected one of core"
    )


def _conv(layer: Conv2d) -> str:
    sizes = layer.in_channels, layer.out_channels, layer.kernel_size
    return call("Conv2d", *sizes, **changed({
        "stride": (layer.stride, (1, 1)), "padding": (layer.padding, (0, 0)),
        "dilation": (layer.dilation, (1, 1)), "groups": (layer.groups, 1),
        "bias": (layer.bias is not None, True),
    }))  # fmt: skip


def _linear(layer: Linear) -> str:
    bias = changed({"bias": (layer.bias is not None, True)})
    return call("Linear", layer.in_features, layer.out_features, **bias)


def _batch_norm(layer: BatchNorm) -> str:
    options = {"eps": (layer.eps, 1e-5), "momentum": (layer.momentum, 0.1)}
    return call(type(layer).__name__, layer.num_features, **changed(options))


def _pool(layer: Pool2d, **more: tuple[object, object]) -> str:
    return call(type(layer).__name__, layer.kernel_size, **changed({
        "stride": (layer.stride, layer.kernel_size), "padding": (layer.padding, (0, 0)),
        "ceil_mode": (layer.ceil_mode, False), **more,
    }))  # fmt: skip


def _group_norm(layer: GroupNorm) -> str:
    options = {"eps": (layer.eps, 1e-5), "affine": (layer.weight is not None, True)}
    return call("GroupNorm", layer.num_groups, layer.num_channels, **changed(options))


def _layer_norm(layer: LayerNorm) -> str:
    has_weight, has_bias = layer.weight is not None, layer.bias is not None
    return call("LayerNorm", layer.normalized_shape, **changed({
        "eps": (layer.eps, 1e-5), "elementwise_affine": (has_weight, True),
        "bias": (has_bias, has_weight),
    }))  # fmt: skip


# Calls that mean the same in both libraries.
BOTH: Mapping[type[Layer], Callable[[Any], str]] = {
    Conv2d: _conv,
    Linear: _linear,
    BatchNorm1d: _batch_norm,
    BatchNorm2d: _batch_norm,
    GroupNorm: _group_norm,
    LayerNorm: _layer_norm,
    MaxPool2d: _pool,
    AvgPool2d: lambda layer: _pool(layer, count_include_pad=(layer.count_include_pad, True)),
    LeakyReLU: lambda layer: call("LeakyReLU", layer.negative_slope),
    Softmax: lambda layer: call("Softmax", 1),
    Upsample: lambda layer: call("Upsample", scale_factor=layer.scale_factor),
    **{kind: lambda layer: call(type(layer).__name__)
       for kind in (ReLU, Sigmoid, Tanh, GELU, Flatten, Identity)},
}  # fmt: skip


def _drawn(layer: Dropout, place: str) -> str:
    drawn = call("Drawn", Expression(f'saved["mask.{place}"]'))
    return call("Dropout", layer.p, rng=Expression(drawn))


def _own_conv(layer: Conv2d, place: str) -> str:
    # As the iteration was computed: the sums are added in the same order.
    end = "" if layer.algorithm == "fast" else f', algorithm="{layer.algorithm}"'
    return f"{_conv(layer)[:-1]}{end})"


CORE = Dialect(
    "",
    {
        Conv2d: _own_conv,
        Dropout: _drawn,
        GlobalAvgPool2d: lambda layer, place: "GlobalAvgPool2d()",
    },
    {Model: "Model", Residual: "Residual", Concat: "Concat"},
)
TORCH = Dialect(
    "nn.",
    {
        Dropout: lambda layer, place: f'Mask(saved["mask.{place}"])',
        GlobalAvgPool2d: lambda layer, place: "nn.AdaptiveAvgPool2d(1)",
    },
    {Model: "nn.Sequential", Residual: "Residual", Concat: "Concat"},
)

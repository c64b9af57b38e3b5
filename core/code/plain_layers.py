"""What each layer is in plain NumPy: an expression, or a function of the template `plain`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.code.text import changed
from core.kernels.im2col import Windows
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
from core.layers.norm import BatchNorm


@dataclass(frozen=True)
class Inline:
    """A layer in one expression each way.

    Attributes:
        forward: of {x}, the input; {place} is the layer's place.
        backward: of {g}, the gradient of the output, {x} and the output {y}.
    """

    forward: str
    backward: str


@dataclass(frozen=True)
class Function:
    """A layer by a function, whose backward function is called `<name>_backward`.

    `y, kept = name(x, *params, **options)`, then `g_x, *g_params = backward(g, kept)`; the second
    returns no tuple if there are no params.

    Attributes:
        name: of the function.
        params: names of the params that it takes; of a layer without one it gets None.
        options: what it takes besides.
        back: name of the backward function, if it is another.
        follow: options of `track`, which follows the running statistics; None if there are none.
    """

    name: str
    params: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    back: str = ""
    follow: dict[str, object] | None = None


Writer = Callable[[Any, Shape], Inline | Function]


def _around(windows: Windows) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the padding as ((above, below), (left, right))."""
    (top, left), (bottom, right) = windows.before, windows.after
    return (top, bottom), (left, right)


NO_PADDING = ((0, 0), (0, 0))


def _conv(layer: Conv2d, shape: Shape) -> Function:
    windows = layer.windows()
    return Function("conv", ("weight", "bias"), changed({
        "stride": (windows.stride, (1, 1)), "padding": (_around(windows), NO_PADDING),
        "dilation": (windows.dilation, (1, 1)), "groups": (layer.groups, 1),
    }))  # fmt: skip


def _batch_norm(layer: BatchNorm, shape: Shape) -> Function:
    follow = changed({"momentum": (layer.momentum, 0.1)})
    options = changed({"eps": (layer.eps, 1e-5)})
    return Function("batch_norm", ("weight", "bias"), options, follow=follow)


def _group_norm(layer: GroupNorm, shape: Shape) -> Function:
    options = {"groups": layer.num_groups, **changed({"eps": (layer.eps, 1e-5)})}
    return Function("group_norm", ("weight", "bias"), options, "norm_backward")


def _layer_norm(layer: LayerNorm, shape: Shape) -> Function:
    last = {"last": len(layer.normalized_shape), **changed({"eps": (layer.eps, 1e-5)})}
    return Function("layer_norm", ("weight", "bias"), last, "norm_backward")


def _max_pool(layer: MaxPool2d, shape: Shape) -> Function:
    windows = layer.windows(*shape[1:])
    padding = changed({"padding": (_around(windows), NO_PADDING)})
    return Function("max_pool", (), {"kernel": windows.kernel, "stride": windows.stride, **padding})


def _avg_pool(layer: AvgPool2d, shape: Shape) -> Function:
    windows = layer.windows(*shape[1:])
    (py, px), counted = layer.padding, NO_PADDING
    if layer.count_include_pad:
        counted = ((py, py), (px, px))
    options: dict[str, tuple[object, object]] = {
        "padding": (_around(windows), NO_PADDING),
        "counted": (counted, NO_PADDING),
    }
    sizes = {"kernel": windows.kernel, "stride": windows.stride}
    return Function("avg_pool", (), {**sizes, **changed(options)})


def _leaky(layer: LeakyReLU, shape: Shape) -> Inline:
    slope = repr(layer.negative_slope)
    return Inline(
        f"np.where({{x}} > 0, {{x}}, {slope} * {{x}})",
        f"np.where({{x}} > 0, {{g}}, {slope} * {{g}})",
    )


def _always(step: Inline | Function) -> Writer:
    return lambda layer, shape: step


PLAIN: Mapping[type[Layer], Writer] = {
    Conv2d: _conv,
    Linear: _always(Function("linear", ("weight", "bias"))),
    BatchNorm1d: _batch_norm,
    BatchNorm2d: _batch_norm,
    GroupNorm: _group_norm,
    LayerNorm: _layer_norm,
    MaxPool2d: _max_pool,
    AvgPool2d: _avg_pool,
    GlobalAvgPool2d: _always(
        Inline(
            "{x}.mean(axis=(2, 3), keepdims=True)",
            "np.broadcast_to({g} / ({x}.shape[2] * {x}.shape[3]), {x}.shape)",
        )
    ),
    ReLU: _always(Inline("np.maximum({x}, 0)", "{g} * ({x} > 0)")),
    LeakyReLU: _leaky,
    Sigmoid: _always(Function("sigmoid")),
    Tanh: _always(Inline("np.tanh({x})", "{g} * (1 - {y}**2)")),
    GELU: _always(Function("gelu")),
    Softmax: _always(Function("softmax")),
    Upsample: lambda layer, shape: Function("upsample", (), {"factor": layer.scale_factor}),
    Flatten: _always(Inline("{x}.reshape(len({x}), -1)", "{g}.reshape({x}.shape)")),
    Identity: _always(Inline("{x}", "{g}")),
    Dropout: _always(Inline('{x} * saved["mask.{place}"]', '{g} * saved["mask.{place}"]')),
}

"""Every layer again, as loops over single numbers that follow its definition.

Each function takes a layer, for its options and numbers, and an input. It returns the output and a
function that takes the output's gradient, adds to the gradient of each param of the layer and
returns the input's gradient. State and generators of the layer change as in its own forward pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

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
from core.tensor import Array, Tensor

Backward = Callable[[Array], Array]
Result = tuple[Array, Backward]


def run(layer: Layer, x: Array) -> Result:
    """Compute any layer naively."""
    return NAIVE[type(layer)](layer, x)


def linear(layer: Linear, x: Array) -> Result:
    weight = layer.weight.value
    y = np.zeros((len(x), layer.out_features))
    for n, o in np.ndindex(y.shape):
        y[n, o] = sum(weight[o, i] * x[n, i] for i in range(layer.in_features))
        if layer.bias is not None:
            y[n, o] += layer.bias.value[o]

    def backward(g: Array) -> Array:
        g_in = np.zeros(x.shape)
        for n, o in np.ndindex(g.shape):
            for i in range(layer.in_features):
                layer.weight.grad[o, i] += g[n, o] * x[n, i]
                g_in[n, i] += g[n, o] * weight[o, i]
            if layer.bias is not None:
                layer.bias.grad[o] += g[n, o]
        return g_in

    return y, backward


def corners(layer: Conv2d | Pool2d, x: Array) -> Iterator[tuple[int, int, int, int]]:
    """Yield (i, j, row, column) of each output cell and the corner of its window in the image."""
    rows, columns = starts(layer, x, 0), starts(layer, x, 1)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            yield i, j, row, column


def starts(layer: Conv2d | Pool2d, x: Array, axis: int) -> list[int]:
    """Return where the windows begin along an axis of the image."""
    size, step, (before, after) = x.shape[2 + axis], layer.stride[axis], borders(layer, axis)
    reach = (layer.kernel_size[axis] - 1) * dilation(layer)[axis]
    begins, start = [], -before
    while start + reach < size + after:
        begins.append(start)
        start += step
    # One more window where the last one leaves something over, unless it begins in the padding.
    left_over = not begins or begins[-1] + reach < size + after - 1
    if isinstance(layer, Pool2d) and layer.ceil_mode and left_over and start < size:
        begins.append(start)
    return begins


def borders(layer: Conv2d | Pool2d, axis: int) -> tuple[int, int]:
    """Return the padding before and behind an axis."""
    if layer.padding == "same":
        total = (layer.kernel_size[axis] - 1) * dilation(layer)[axis]
        return total // 2, total - total // 2
    return layer.padding[axis], layer.padding[axis]


def dilation(layer: Conv2d | Pool2d) -> tuple[int, int]:
    return layer.dilation if isinstance(layer, Conv2d) else (1, 1)


def cells(layer: Conv2d | Pool2d, x: Array) -> Iterator[tuple[int, ...]]:
    """Yield (i, j, s, t, row, column) of each cell of each window that is not padding."""
    (height, width), (down, across) = x.shape[2:], dilation(layer)
    for i, j, row, column in corners(layer, x):
        for s, t in np.ndindex(layer.kernel_size):
            y, z = row + s * down, column + t * across
            if 0 <= y < height and 0 <= z < width:
                yield i, j, s, t, y, z


def images(layer: Conv2d | Pool2d, x: Array, channels: int) -> Array:
    *_, (i, j, _, _) = corners(layer, x)
    return np.zeros((len(x), channels, i + 1, j + 1))


def conv(layer: Conv2d, x: Array) -> Result:
    weight = layer.weight.value
    y = images(layer, x, layer.out_channels)
    inputs, outputs = weight.shape[1], layer.out_channels // layer.groups
    # Sample, output channel, channel of the kernel, channel of the image.
    planes = [
        (n, o, c, o // outputs * inputs + c)
        for n, o, c in np.ndindex(len(x), layer.out_channels, inputs)
    ]
    places = list(cells(layer, x))
    for n, o, c, z in planes:
        for i, j, s, t, row, column in places:
            y[n, o, i, j] += weight[o, c, s, t] * x[n, z, row, column]
    if layer.bias is not None:
        for n, o, i, j in np.ndindex(y.shape):
            y[n, o, i, j] += layer.bias.value[o]

    def backward(g: Array) -> Array:
        g_in = np.zeros(x.shape)
        for n, o, c, z in planes:
            for i, j, s, t, row, column in places:
                layer.weight.grad[o, c, s, t] += g[n, o, i, j] * x[n, z, row, column]
                g_in[n, z, row, column] += g[n, o, i, j] * weight[o, c, s, t]
        if layer.bias is not None:
            for n, o, i, j in np.ndindex(g.shape):
                layer.bias.grad[o] += g[n, o, i, j]
        return g_in

    return y, backward


def max_pool(layer: MaxPool2d, x: Array) -> Result:
    y = images(layer, x, x.shape[1])
    y.fill(-math.inf)
    winners: dict[tuple[int, ...], tuple[int, ...]] = {}
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, _, _, row, column in cells(layer, x):
            if x[n, c, row, column] > y[n, c, i, j]:
                y[n, c, i, j] = x[n, c, row, column]
                winners[n, c, i, j] = (n, c, row, column)

    def backward(g: Array) -> Array:
        g_in = np.zeros(x.shape)
        for place, winner in winners.items():
            g_in[winner] += g[place]
        return g_in

    return y, backward


def avg_pool(layer: AvgPool2d, x: Array) -> Result:
    y = images(layer, x, x.shape[1])
    sizes = np.zeros(y.shape[2:])
    for i, j, row, column in corners(layer, x):
        for s, t in np.ndindex(layer.kernel_size):
            sizes[i, j] += counts(layer, x, 0, row + s) and counts(layer, x, 1, column + t)
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, _, _, row, column in cells(layer, x):
            y[n, c, i, j] += x[n, c, row, column] / sizes[i, j]

    def backward(g: Array) -> Array:
        g_in = np.zeros(x.shape)
        for n, c in np.ndindex(x.shape[:2]):
            for i, j, _, _, row, column in cells(layer, x):
                g_in[n, c, row, column] += g[n, c, i, j] / sizes[i, j]
        return g_in

    return y, backward


def counts(layer: AvgPool2d, x: Array, axis: int, place: int) -> bool:
    """Return whether a row or column counts in the size of a window."""
    border = layer.padding[axis] if layer.count_include_pad else 0
    return -border <= place < int(x.shape[2 + axis]) + border


def global_avg_pool(layer: GlobalAvgPool2d, x: Array) -> Result:
    size = x.shape[2] * x.shape[3]
    y = np.zeros((*x.shape[:2], 1, 1))
    for n, c in np.ndindex(x.shape[:2]):
        y[n, c] = math.fsum(x[n, c].flat) / size

    def backward(g: Array) -> Array:
        return np.array([g[n, c, 0, 0] / size for n, c, _, _ in np.ndindex(x.shape)]).reshape(
            x.shape
        )

    return y, backward


def batch_norm(layer: BatchNorm, x: Array) -> Result:
    """One channel after the other; backward by the chain rule through variance and mean."""
    y, x_hat, std = np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape[1])
    m = x.size // x.shape[1]
    state = layer.state
    state["num_batches_tracked"] += layer.training
    for c in range(x.shape[1]):
        if layer.training:
            mean = math.fsum(x[:, c].flat) / m
            variance = math.fsum((number - mean) ** 2 for number in x[:, c].flat) / m
            new = layer.momentum
            if new is None:
                new = 1 / int(state["num_batches_tracked"])
            state["running_mean"][c] = (1 - new) * state["running_mean"][c] + new * mean
            unbiased = variance * m / (m - 1)
            state["running_var"][c] = (1 - new) * state["running_var"][c] + new * unbiased
        else:
            mean, variance = state["running_mean"][c], state["running_var"][c]
        std[c] = math.sqrt(variance + layer.eps)
        x_hat[:, c] = (x[:, c] - mean) / std[c]
        y[:, c] = layer.weight.value[c] * x_hat[:, c] + layer.bias.value[c]

    def backward(g: Array) -> Array:
        g_in = np.zeros(x.shape)
        for c in range(x.shape[1]):
            layer.bias.grad[c] += math.fsum(g[:, c].flat)
            layer.weight.grad[c] += math.fsum((g[:, c] * x_hat[:, c]).flat)
            g_centred = layer.weight.value[c] * g[:, c] / std[c]
            if layer.training:
                centred = x_hat[:, c] * std[c]
                g_var = -math.fsum((g_centred * centred).flat) / (2 * std[c] ** 2)
                g_centred += g_var * 2 * centred / m
                g_centred -= math.fsum(g_centred.flat) / m
            g_in[:, c] = g_centred
        return g_in

    return y, backward


def sample_norm(
    members: Callable[[Any, Array], Iterator[tuple[slice | int, ...]]],
) -> Callable[[Any, Array], Result]:
    """Return the naive form of a norm within samples; `members` gives the index of each group."""

    def layer_by_groups(layer: GroupNorm | LayerNorm, x: Array) -> Result:
        gamma, beta = (wide(layer, p, x) for p in (layer.weight, layer.bias))
        groups = list(members(layer, x))
        x_hat, stds = np.zeros(x.shape), []
        for group in groups:
            m = x[group].size
            mean = math.fsum(x[group].flat) / m
            variance = math.fsum((number - mean) ** 2 for number in x[group].flat) / m
            stds.append(math.sqrt(variance + layer.eps))
            x_hat[group] = (x[group] - mean) / stds[-1]
        y = x_hat * (1 if gamma is None else gamma) + (0 if beta is None else beta)

        def backward(g: Array) -> Array:
            for index in np.ndindex(x.shape):
                place = index[1:2] if isinstance(layer, GroupNorm) else index[-rank(layer) :]
                if layer.weight is not None:
                    layer.weight.grad[place] += g[index] * x_hat[index]
                if layer.bias is not None:
                    layer.bias.grad[place] += g[index]
            g_x_hat = g * (1 if gamma is None else gamma)
            g_in = np.zeros(x.shape)
            for group, std in zip(groups, stds, strict=True):
                m, centred = x[group].size, x_hat[group] * std
                g_centred = g_x_hat[group] / std
                g_var = -math.fsum((g_centred * centred).flat) / (2 * std**2)
                g_centred = g_centred + g_var * 2 * centred / m
                g_in[group] = g_centred - math.fsum(g_centred.flat) / m
            return g_in

        return y, backward

    return layer_by_groups


def rank(layer: LayerNorm) -> int:
    return len(layer.normalized_shape)


def wide(layer: GroupNorm | LayerNorm, param: Tensor | None, x: Array) -> Array | None:
    """Return the number of a param for each number of the input."""
    if param is None:
        return None
    value = param.value
    if isinstance(layer, GroupNorm):
        value = np.array([np.full(x.shape[2:], number) for number in value])
    return np.broadcast_to(value, x.shape)


def channel_groups(layer: GroupNorm, x: Array) -> Iterator[tuple[slice | int, ...]]:
    size = layer.num_channels // layer.num_groups
    for n, k in np.ndindex(len(x), layer.num_groups):
        yield n, slice(k * size, (k + 1) * size)


def last_axes(layer: LayerNorm, x: Array) -> Iterator[tuple[slice | int, ...]]:
    yield from np.ndindex(x.shape[: x.ndim - rank(layer)])


def softmax(layer: Softmax, x: Array) -> Result:
    """One position after the other; backward by the matrix of all derivatives."""
    y = np.zeros(x.shape)
    places = [(n, slice(None), *place) for n, *place in np.ndindex(len(x), *x.shape[2:])]
    for place in places:
        total = math.fsum(math.exp(v) for v in x[place])
        y[place] = [math.exp(v) / total for v in x[place]]

    def backward(g: Array) -> Array:
        g_in = np.zeros(x.shape)
        for place in places:
            p = y[place]
            g_in[place] = [
                math.fsum(g[place][k] * p[k] * ((k == c) - p[c]) for k in range(len(p)))
                for c in range(len(p))
            ]
        return g_in

    return y, backward


def upsample(layer: Upsample, x: Array) -> Result:
    sy, sx = layer.scale_factor
    n, c, h, w = x.shape
    y = np.zeros((n, c, h * sy, w * sx))
    for a, b, i, j in np.ndindex(y.shape):
        y[a, b, i, j] = x[a, b, i // sy, j // sx]

    def backward(g: Array) -> Array:
        g_in = np.zeros(x.shape)
        for a, b, i, j in np.ndindex(g.shape):
            g_in[a, b, i // sy, j // sx] += g[a, b, i, j]
        return g_in

    return y, backward


def activation(
    f: Callable[[Any, float], float], slope: Callable[[Any, float], float]
) -> Callable[[Any, Array], Result]:
    """Return the naive form of the layer that applies `f`, whose derivative is `slope`."""

    def layer_by_numbers(layer: Layer, x: Array) -> Result:
        def each(function: Callable[[Any, float], float]) -> Array:
            return np.array([function(layer, float(v)) for v in x.flat]).reshape(x.shape)

        return each(f), lambda g: g * each(slope)

    return layer_by_numbers


def dropout(layer: Dropout, x: Array) -> Result:
    mask = np.ones(x.shape)
    if layer.training:
        kept = layer.rng.random(x.shape) >= layer.p
        mask = np.where(kept, 1 / (1 - layer.p), 0.0)
    return x * mask, lambda g: g * mask


def flatten(layer: Flatten, x: Array) -> Result:
    y = np.array([list(sample.flat) for sample in x])
    return y, lambda g: g.reshape(x.shape)


def model(layer: Model, x: Array) -> Result:
    backwards = []
    for inner in layer:
        x, backward = run(inner, x)
        backwards.append(backward)

    def chain(g: Array) -> Array:
        for backward in reversed(backwards):
            g = backward(g)
        return g

    return x, chain


def residual(layer: Residual, x: Array) -> Result:
    results = [run(branch, x) for branch in layer.children().values()]
    if layer.shortcut is None:
        results.append((x, lambda g: g))
    (a, backward_a), (b, backward_b) = results
    return a + b, lambda g: backward_a(g) + backward_b(g)


def concat(layer: Concat, x: Array) -> Result:
    results = [run(branch, x) for branch in layer.children().values()]
    y = np.array([[c for out, _ in results for c in out[n]] for n in range(len(x))])

    def backward(g: Array) -> Array:
        g_in, first = np.zeros(x.shape), 0
        for out, branch_backward in results:
            g_in += branch_backward(g[:, first : first + out.shape[1]])
            first += out.shape[1]
        return g_in

    return y, backward


def cdf(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


NAIVE: dict[type[Layer], Callable[[Any, Array], Result]] = {
    Linear: linear,
    Conv2d: conv,
    MaxPool2d: max_pool,
    AvgPool2d: avg_pool,
    GlobalAvgPool2d: global_avg_pool,
    BatchNorm1d: batch_norm,
    BatchNorm2d: batch_norm,
    ReLU: activation(lambda _, x: max(x, 0.0), lambda _, x: float(x > 0)),
    LeakyReLU: activation(
        lambda layer, x: x if x > 0 else layer.negative_slope * x,
        lambda layer, x: 1.0 if x > 0 else layer.negative_slope,
    ),
    Sigmoid: activation(lambda _, x: logistic(x), lambda _, x: logistic(x) * (1 - logistic(x))),
    Tanh: activation(lambda _, x: math.tanh(x), lambda _, x: 1 - math.tanh(x) ** 2),
    GELU: activation(
        lambda _, x: x * cdf(x),
        lambda _, x: cdf(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    ),
    GroupNorm: sample_norm(channel_groups),
    LayerNorm: sample_norm(last_axes),
    Softmax: softmax,
    Upsample: upsample,
    Dropout: dropout,
    Flatten: flatten,
    Identity: lambda layer, x: (x, lambda g: g),
    Model: model,
    Residual: residual,
    Concat: concat,
}

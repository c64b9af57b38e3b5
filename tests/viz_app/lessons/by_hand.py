"""One iteration computed with plain loops, from the weights before it: knows nothing of `core`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from math import exp, log, sqrt
from typing import Any, TypeAlias

import numpy as np

from core.data import load_dataset
from core.tensor import Array
from viz_app.lessons import Record

# Of a layer only its options are read: stride, padding, kernel_size, eps.
Layer: TypeAlias = "Any"
Back: TypeAlias = "tuple[Array, dict[str, Array]]"


@dataclass
class Hand:
    """What each layer took and gave, and the gradients of both and of its params, by its name."""

    x: dict[str, Array] = field(default_factory=dict)
    y: dict[str, Array] = field(default_factory=dict)
    g_x: dict[str, Array] = field(default_factory=dict)
    g_y: dict[str, Array] = field(default_factory=dict)
    params: dict[str, dict[str, Array]] = field(default_factory=dict)
    grads: dict[str, dict[str, Array]] = field(default_factory=dict)
    p: Array = field(default_factory=lambda: np.zeros(0))
    labels: Array = field(default_factory=lambda: np.zeros(0, int))
    g_logits: Array = field(default_factory=lambda: np.zeros(0))
    loss: float = 0.0


def by_hand(record: Record, words: Mapping[str, str], dataset: str) -> Hand:
    """Compute the iteration of a record from its first weights and its images."""
    data, trace = load_dataset(words.get("data", dataset)), record.trace
    hand = Hand(labels=data.train.labels[trace.indices])
    images = data.train.images[trace.indices].astype(float)
    start = {layer.name: layer for layer in trace.start.walk()}
    x = images
    for name in trace.layers:
        layer = start[name]
        hand.x[name] = x
        hand.params[name] = {k: p.value.astype(float) for k, p in layer.params.items()}
        x = hand.y[name] = FORWARD[layer.keyword](x, hand.params[name], layer)
    hand.p = np.array([[exp(z) / sum(map(exp, row)) for z in row] for row in x])
    n = len(x)
    hand.loss = sum(-log(hand.p[k, label]) for k, label in enumerate(hand.labels)) / n
    hand.g_logits = hand.p / n
    for k, label in enumerate(hand.labels):
        hand.g_logits[k, label] -= 1 / n
    g = hand.g_logits
    for name in reversed(trace.layers):
        layer = start[name]
        hand.g_y[name] = g
        given = hand.x[name], hand.y[name], g, hand.params[name], layer
        g, hand.grads[name] = BACKWARD[layer.keyword](*given)
        hand.g_x[name] = g
    return hand


def conv(x: Array, params: Mapping[str, Array], layer: Layer) -> Array:
    w, (sy, sx), (py, px) = params["weight"], layer.stride, layer.padding
    (n, c, height, width), (o, _, kh, kw) = x.shape, w.shape
    rows, columns = (height + 2 * py - kh) // sy + 1, (width + 2 * px - kw) // sx + 1
    y = np.zeros((n, o, rows, columns))
    for a, k, i, j in np.ndindex(y.shape):
        y[a, k, i, j] = params["bias"][k] if "bias" in params else 0
        for b, s, t in product(range(c), range(kh), range(kw)):
            r, q = i * sy + s - py, j * sx + t - px
            if 0 <= r < height and 0 <= q < width:
                y[a, k, i, j] += w[k, b, s, t] * x[a, b, r, q]
    return y


def conv_back(x: Array, y: Array, g: Array, params: Mapping[str, Array], layer: Layer) -> Back:
    w, (sy, sx), (py, px) = params["weight"], layer.stride, layer.padding
    g_x, g_w = np.zeros(x.shape), np.zeros(w.shape)
    for a, k, i, j in np.ndindex(g.shape):
        for b, s, t in np.ndindex(w.shape[1:]):
            r, q = i * sy + s - py, j * sx + t - px
            if 0 <= r < x.shape[2] and 0 <= q < x.shape[3]:
                g_w[k, b, s, t] += g[a, k, i, j] * x[a, b, r, q]
                g_x[a, b, r, q] += g[a, k, i, j] * w[k, b, s, t]
    g_b = {"bias": g.sum(axis=(0, 2, 3))} if "bias" in params else {}
    return g_x, {"weight": g_w, **g_b}


def bn(x: Array, params: Mapping[str, Array], layer: Layer) -> Array:
    y = np.zeros(x.shape)
    for c in range(x.shape[1]):
        mean, std = _statistics(x[:, c], layer)
        y[:, c] = params["weight"][c] * (x[:, c] - mean) / std + params["bias"][c]
    return y


def _statistics(numbers: Array, layer: Layer) -> tuple[float, float]:
    flat = [float(v) for v in numbers.reshape(-1)]
    mean = sum(flat) / len(flat)
    return mean, sqrt(sum((v - mean) ** 2 for v in flat) / len(flat) + layer.eps)


def bn_back(x: Array, y: Array, g: Array, params: Mapping[str, Array], layer: Layer) -> Back:
    """By the Jacobian of one channel: how each of its numbers moves each other one."""
    g_x, g_w, g_b = np.zeros(x.shape), np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for c in range(x.shape[1]):
        mean, std = _statistics(x[:, c], layer)
        flat, given = x[:, c].reshape(-1), g[:, c].reshape(-1)
        hat, m = (flat - mean) / std, flat.size
        jacobian = (np.eye(m) - 1 / m - np.outer(hat, hat) / m) / std * params["weight"][c]
        g_x[:, c] = (jacobian.T @ given).reshape(x[:, c].shape)
        g_w[c], g_b[c] = given @ hat, given.sum()
    return g_x, {"weight": g_w, "bias": g_b}


def pool(x: Array, params: Mapping[str, Array], layer: Layer) -> Array:
    (k, _), (sy, sx) = layer.kernel_size, layer.stride
    rows, columns = (x.shape[2] - k) // sy + 1, (x.shape[3] - k) // sx + 1
    y = np.zeros((*x.shape[:2], rows, columns))
    for a, c, i, j in np.ndindex(y.shape):
        y[a, c, i, j] = max(map(float, x[a, c, i * sy : i * sy + k, j * sx : j * sx + k].flat))
    return y


def winner(window: Array) -> tuple[int, int]:
    """Return the first of the largest, row by row."""
    best = (0, 0)
    for s, t in np.ndindex(window.shape):
        best = (s, t) if window[s, t] > window[best] else best
    return best


def pool_back(x: Array, y: Array, g: Array, params: Mapping[str, Array], layer: Layer) -> Back:
    (k, _), (sy, sx), g_x = layer.kernel_size, layer.stride, np.zeros(x.shape)
    for a, c, i, j in np.ndindex(g.shape):
        s, t = winner(x[a, c, i * sy : i * sy + k, j * sx : j * sx + k])
        g_x[a, c, i * sy + s, j * sx + t] += g[a, c, i, j]
    return g_x, {}


def avgpool(x: Array, params: Mapping[str, Array], layer: Layer) -> Array:
    (k, _), (sy, sx) = layer.kernel_size, layer.stride
    rows, columns = (x.shape[2] - k) // sy + 1, (x.shape[3] - k) // sx + 1
    y = np.zeros((*x.shape[:2], rows, columns))
    for a, c, i, j in np.ndindex(y.shape):
        y[a, c, i, j] = x[a, c, i * sy : i * sy + k, j * sx : j * sx + k].sum() / k**2
    return y


def avgpool_back(x: Array, y: Array, g: Array, params: Mapping[str, Array], layer: Layer) -> Back:
    (k, _), (sy, sx), g_x = layer.kernel_size, layer.stride, np.zeros(x.shape)
    for a, c, i, j in np.ndindex(g.shape):
        g_x[a, c, i * sy : i * sy + k, j * sx : j * sx + k] += g[a, c, i, j] / k**2
    return g_x, {}


def linear(x: Array, params: Mapping[str, Array], layer: Layer) -> Array:
    return np.array([[float(w @ row) for w in params["weight"]] for row in x]) + params["bias"]


def linear_back(x: Array, y: Array, g: Array, params: Mapping[str, Array], layer: Layer) -> Back:
    g_w = np.sum([np.outer(g[k], x[k]) for k in range(len(x))], axis=0)
    return g @ params["weight"], {"weight": g_w, "bias": g.sum(axis=0)}


FORWARD: dict[str, Any] = {
    "conv": conv,
    "bn": bn,
    "bn1d": bn,
    "pool": pool,
    "avgpool": avgpool,
    "linear": linear,
    "relu": lambda x, params, layer: np.where(x > 0, x, 0),
    "sigmoid": lambda x, params, layer: 1 / (1 + np.exp(-x)),
    "flatten": lambda x, params, layer: x.reshape(len(x), -1),
}
BACKWARD: dict[str, Any] = {
    "conv": conv_back,
    "bn": bn_back,
    "pool": pool_back,
    "avgpool": avgpool_back,
    "linear": linear_back,
    "relu": lambda x, y, g, params, layer: (np.where(x > 0, g, 0), {}),
    "bn1d": bn_back,
    "sigmoid": lambda x, y, g, params, layer: (g * y * (1 - y), {}),
    "flatten": lambda x, y, g, params, layer: (g.reshape(x.shape), {}),
}

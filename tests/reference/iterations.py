"""Iterations to compare: networks that together have every layer, and what they are trained on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.io.text import parse_model
from core.layer import Shape
from core.model import Model

BATCH, CLASSES = 3, 3
LR, MOMENTUM = 0.1, 0.9


@dataclass(frozen=True)
class Network:
    """A network as text, the shape of its images, and the loss, called as in PyTorch."""

    input_shape: Shape
    text: str
    loss: str = "CrossEntropyLoss"
    loss_options: dict[str, Any] = field(default_factory=dict)

    def model(self) -> Model:
        """Make the network in float64; its params do not matter."""
        return parse_model(self.text, self.input_shape, np.random.default_rng(0)).astype(np.float64)


# Without dropout: its mask comes from another generator.
NETWORKS = {
    "row": Network(
        (2, 7, 6),
        "conv 3 k3 p1, bn, relu, pool 3 s2 p1, conv 4 k3 s2 p1, leaky 0.1, gap, flatten, linear 3",
    ),
    "uneven": Network(
        (1, 9, 7),
        "conv 3 k3x2 s2x1 p1x0 nobias, gelu, pool 2x3, flatten, linear 5, bn1d, tanh, "
        "linear 3 nobias",
    ),
    "branches": Network(
        (2, 5, 5),
        "residual(conv 2 k3 p1, bn), relu, residual(conv 3 k3 s2 p1, bn | conv 3 k1 s2), "
        "avgpool 2 s1, sigmoid, flatten, linear 3",
    ),
    "conv options": Network(
        (4, 6, 5),
        "conv 4 k3 same d2, leaky, bn eps0.1 cumulative, conv 4 k2 same g2 im2col, tanh, "
        "conv 4 k3x2 s2x1 p1 d1x2 g2 nobias, bn m0.3, conv 3 k2x4 same d1x3, leaky, "
        "conv 2 k3 p2 d2x1 im2col nobias, layernorm, gelu, flatten, linear 3",
        "CrossEntropyLoss",
        {"label_smoothing": 0.1},
    ),
    "pool options": Network(
        (2, 8, 7),
        "pool 3 s2 p1 ceil, conv 2 k2, avgpool 2 ceil, upsample 2x3, avgpool 3 s2 p1 ceil, "
        "pool 2 s3 ceil, upsample 2, avgpool 3 s1 p1 nopad, leaky, avgpool 3x2 s2 p1 ceil nopad, "
        "flatten, linear 3",
        "BCEWithLogitsLoss",
    ),
    "sample norms": Network(
        (4, 5, 4),
        "layernorm axes1, conv 6 k2, groupnorm 3, gelu, conv 4 k2, layernorm, sigmoid, "
        "groupnorm 2 eps0.1 noaffine, tanh, layernorm axes2 nobias, flatten, linear 6, "
        "groupnorm 2, gelu, layernorm eps0.1 noaffine, linear 3",
        "MSELoss",
    ),
    "joined": Network(
        (2, 5, 4),
        "identity, concat(identity | conv 2 k3 p1, bn | softmax), sigmoid, bn, "
        "concat(conv 2 k3 s2 | residual(concat(tanh)), pool 2 ceil, conv 2 k2), flatten, "
        "linear 4, layernorm, concat(tanh | linear 2), softmax, linear 3",
        "L1Loss",
    ),
}

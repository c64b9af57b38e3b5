"""Iterations to compare: networks that together have every layer, and what they are trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.io.text import parse_model
from core.layer import Shape
from core.model import Model

BATCH, CLASSES = 3, 3
LR, MOMENTUM = 0.1, 0.9


@dataclass(frozen=True)
class Network:
    """A network as text, and the shape of its images."""

    input_shape: Shape
    text: str

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
}

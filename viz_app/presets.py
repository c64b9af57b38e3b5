"""Presets: a network, its data, and settings that make a good first look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data import DataSet
from core.io.text import parse_model
from core.model import Model

TWO_CONVOLUTIONS = (
    "conv 8 k3 p1, bn, relu, pool 2, conv 16 k3 p1, bn, relu, pool 2, flatten, linear {classes}"
)

# Ten cards, as many as stand side by side on the main screen.
RESIDUAL = (
    "conv 16 k3 p1, bn, avgpool 2, residual(conv 16 k3 p1, relu), dropout 0.2, gap, flatten, "
    "linear {classes}"
)


@dataclass(frozen=True)
class Preset:
    """Where a session starts.

    Attributes:
        title: what people read.
        dataset: name of the data set.
        network: text of the model; `{classes}` becomes the number of classes of the data.
        batch_size: samples of a step.
        learning_rate: of SGD.
        momentum: of SGD.
    """

    title: str
    dataset: str
    network: str
    batch_size: int
    learning_rate: float
    momentum: float = 0.9

    def model(self, data: DataSet, rng: np.random.Generator) -> Model:
        """Make the network for the images and classes of a data set.

        Raises:
            SpecError: the images are too small for it.
        """
        text = self.network.format(classes=data.classes)
        return parse_model(text, data.input_shape, rng)


PRESETS = {
    "digits": Preset("Digits 8×8", "digits", TWO_CONVOLUTIONS, 8, 0.02),
    "one": Preset(
        "One convolution",
        "strokes",
        "conv 1 k3, relu, pool 2, flatten, linear {classes}",
        1,
        0.05,
    ),
    "residual": Preset("Residual block", "digits", RESIDUAL, 8, 0.05),
    "mnist": Preset("MNIST", "mnist", TWO_CONVOLUTIONS, 32, 0.02),
    "fashion": Preset("Fashion", "fashion", TWO_CONVOLUTIONS, 32, 0.02),
    "shapes": Preset("Coloured shapes", "shapes", TWO_CONVOLUTIONS, 16, 0.02),
}
DEFAULT = "digits"

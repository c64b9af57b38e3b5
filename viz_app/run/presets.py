"""Presets: named recipes that make a good first look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from core.data import DataSet, load_dataset
from core.optim import SGD
from viz_app.run.recipe import OWN_DATA, Recipe

# No bias in front of a batch norm, which takes it away again: its gradient would be the rounding of
# a sum that is zero, and other digits on every processor.
TWO_CONVOLUTIONS = (
    "conv 8 k3 p1 nobias, bn, relu, pool 2, conv 16 k3 p1 nobias, bn, relu, pool 2, flatten, "
    "linear {classes}"
)

# Ten cards, as many as stand side by side on the main screen.
RESIDUAL = (
    "conv 16 k3 p1 nobias, bn, avgpool 2, residual(conv 16 k3 p1, relu), dropout 0.2, gap, "
    "flatten, linear {classes}"
)


@dataclass(frozen=True)
class Preset:
    """A named recipe.

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

    def recipe(self, name: str, data: DataSet | None = None) -> Recipe:
        """Return the recipe.

        Args:
            name: of the preset.
            data: a person's own data set; the preset's if None.
        """
        return Recipe(
            self.network,
            load_dataset(self.dataset) if data is None else data,
            self.learning_rate,
            self.batch_size,
            partial(SGD, momentum=self.momentum),
            preset=name,
            dataset=self.dataset if data is None else OWN_DATA,
        )


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
# What an address that names none stands for.
DEFAULT = "one"

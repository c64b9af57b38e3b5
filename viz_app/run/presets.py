"""Presets: named recipes that make a good first look."""

from __future__ import annotations

from dataclasses import dataclass

from core.data import DataSet, load_dataset
from viz_app.run.recipe import OWN_DATA, Recipe

# No bias in front of a batch norm, which takes it away again: its gradient would be the rounding of
# a sum that is zero, and other digits on every processor.
TWO_CONVOLUTIONS = (
    "conv 8 k3 p1 nobias, bn, relu, pool 2, conv 16 k3 p1 nobias, bn, relu, pool 2, flatten, "
    "linear {classes}"
)

WITHOUT_NORM = TWO_CONVOLUTIONS.replace(" nobias, bn", "")
AVERAGED = TWO_CONVOLUTIONS.replace("pool 2", "avgpool 2")


def _deep(activation: str) -> str:
    """Return five linear layers with an activation between them."""
    return f"flatten, {f'linear 16, {activation}, ' * 4}linear {{classes}}"


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
        look_for: what to look for, a sentence.
        dataset: name of the data set.
        network: text of the model; `{classes}` becomes the number of classes of the data.
        batch_size: samples of a step.
        learning_rate: of SGD.
        momentum: of SGD.
        counterpart: the preset that it is compared with, which differs by one thing; or nothing.
    """

    title: str
    look_for: str
    dataset: str
    network: str
    batch_size: int
    learning_rate: float
    momentum: float = 0.9
    counterpart: str = ""

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
            f"sgd momentum {self.momentum}" if self.momentum else "sgd",
            preset=name,
            dataset=self.dataset if data is None else OWN_DATA,
            base=name,
        )


PRESETS = {
    "digits": Preset(
        "Digits 8×8",
        "How kernels become edge detectors: compare a kernel then and now.",
        "digits",
        TWO_CONVOLUTIONS,
        8,
        0.02,
    ),
    "one": Preset(
        "One convolution",
        "Every number, for there are few: follow one from the image to the loss and back.",
        "strokes",
        "conv 1 k3, relu, pool 2, flatten, linear {classes}",
        1,
        0.05,
    ),
    "residual": Preset(
        "Residual block",
        "Two ways back to the image: the gradients of both branches are added.",
        "digits",
        RESIDUAL,
        8,
        0.05,
    ),
    "mnist": Preset(
        "MNIST",
        "The same network on larger images: what grows, and what does not?",
        "mnist",
        TWO_CONVOLUTIONS,
        32,
        0.02,
    ),
    "fashion": Preset(
        "Fashion",
        "Which classes are mistaken for each other: evaluate the test split after some training.",
        "fashion",
        TWO_CONVOLUTIONS,
        32,
        0.02,
    ),
    "shapes": Preset(
        "Coloured shapes",
        "Three input channels: a kernel has a part for each, and their products are added.",
        "shapes",
        TWO_CONVOLUTIONS,
        16,
        0.02,
    ),
    "deep-sigmoid": Preset(
        "Deep sigmoid",
        "Gradient flow: each sigmoid takes most of the gradient away, and the loss hardly falls.",
        "digits",
        _deep("sigmoid"),
        8,
        0.02,
        counterpart="deep-relu",
    ),
    "deep-relu": Preset(
        "Deep ReLU",
        "Gradient flow: the same depth as “Deep sigmoid”, and gradients reach the first layer.",
        "digits",
        _deep("relu"),
        8,
        0.02,
        counterpart="deep-sigmoid",
    ),
    "no-norm": Preset(
        "Without batch norm",
        "How the loss falls, and how large the outputs become, beside “Digits 8×8”.",
        "digits",
        WITHOUT_NORM,
        8,
        0.02,
        counterpart="digits",
    ),
    "average": Preset(
        "Average pooling",
        "The gradient of a window is shared out evenly; in “Digits 8×8” the winner takes it all.",
        "digits",
        AVERAGED,
        8,
        0.02,
        counterpart="digits",
    ),
    "one-batch": Preset(
        "Overfitting one batch",
        "The loss falls to almost nothing, for ten images are learnt by heart: evaluate the test "
        "split.",
        "few",
        TWO_CONVOLUTIONS,
        10,
        0.02,
    ),
    "too-fast": Preset(
        "Too large a rate",
        "The ReLUs die: after some iterations all are zero for every image, and the loss stays.",
        "digits",
        "flatten, linear 16, relu, linear {classes}",
        8,
        0.5,
    ),
}


def with_preset(recipe: Recipe, name: str) -> Recipe:
    """Return the recipe of a preset, with the seed and the precision of another one."""
    return PRESETS[name].recipe(name).with_(seed=recipe.seed, dtype=recipe.dtype)


# What an address that names none stands for.
DEFAULT = "one"


def with_network(recipe: Recipe, network: str) -> Recipe:
    """Return a recipe with another network, which may be that of its preset again."""
    is_of_preset = recipe.base in PRESETS and PRESETS[recipe.base].network == network
    return recipe.with_(network=network, preset=recipe.base if is_of_preset else "")

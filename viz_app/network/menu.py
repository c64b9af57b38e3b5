"""What can be put into the texts of a run: layers, optimisers, losses, schedules, augmentations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.init import INITIALISERS
from core.io.choices import Choices
from core.io.parts import AUGMENTATIONS, LOSSES, NONE, OPTIMISERS, SCHEDULES, WARM_UP
from core.io.text import words_of
from core.layer import LAYERS

# Layers as they are put in. Those that are not here need no words behind their keyword.
LAYER_TEXTS = {
    "avgpool": "avgpool 2",
    "concat": "concat(\n  conv 4 k3 p1\n|\n  conv 4 k1\n)",
    "conv": "conv 8 k3 p1",
    "dropout": "dropout 0.2",
    "groupnorm": "groupnorm 2",
    "leaky": "leaky 0.01",
    "linear": "linear {classes}",
    "pool": "pool 2",
    # The convolution on the way past lets it fit behind any number of channels.
    "residual": "residual(\n  conv 8 k3 p1\n  relu\n|\n  conv 8 k1\n)",
    "upsample": "upsample 2",
}
# Those that can stand behind a vector too, as they are put in there.
VECTOR_TEXTS = {
    "concat": "concat(\n  linear 4\n|\n  linear 4\n)",
    "residual": "residual(\n  linear 8\n  relu\n|\n  linear 8\n)",
}
# Of an image on which every layer can say which words it knows.
IMAGE = (4, 8, 8)
# Words with the numbers that they need, or that are usual.
PART_TEXTS = {
    "sgd": "sgd momentum 0.9",
    "step": "step 100 factor 0.1",
    "cosine": "cosine 300",
    WARM_UP: f"{WARM_UP} 20, cosine 300",
    "shift": "shift 1",
}


@dataclass(frozen=True)
class Part:
    """What can be put in.

    Attributes:
        word: what it begins with.
        text: what is put in.
        knows: what may stand behind the word.
        vector_text: what is put in behind a vector; empty if that is the same.
    """

    word: str
    text: str
    knows: str
    vector_text: str = ""


def layer_menu() -> list[Part]:
    """Return all layers that have a text."""
    return [
        Part(
            word,
            LAYER_TEXTS.get(word, word),
            " ".join(words_of(word, IMAGE)),
            VECTOR_TEXTS.get(word, ""),
        )
        for word in sorted(LAYERS)
    ]


def part_menus() -> Mapping[str, list[Part]]:
    """Return what the other texts of a run may be, by the name of the setting."""
    both = "shift 1, flip"
    return {
        "optimizer": _parts(OPTIMISERS),
        "loss": _parts(LOSSES),
        "schedule": _parts(SCHEDULES),
        "init": [Part(name, name, "") for name in INITIALISERS],
        "augment": [Part(NONE, NONE, ""), *_parts(AUGMENTATIONS), Part(both, both, "")],
    }


def _parts(choices: Choices) -> list[Part]:
    return [
        Part(word, PART_TEXTS.get(word, word), " ".join(choice.words()))
        for word, choice in choices.items()
    ]

"""The text form of the parts of a training run besides its model.

sgd momentum 0.9 nesterov        adam beta2 0.99 weight_decay 0.01
warmup 20, cosine 300            shift 2, flip
cross_entropy label_smoothing 0.1
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from core.data.augment import Augment, Augmentation, Flip, Shift
from core.io.choices import Choice, Choices, Chosen, read_choices
from core.io.pointing import PointedError, split
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.schedule import Constant, Cosine, Schedule, StepDecay, WarmUp
from core.tensor import Tensor

# Something to update, where options are tried.
_PARAM = Tensor(np.zeros(1))
OPTIMISERS: Choices = {
    "sgd": Choice(SGD, elsewhere=("momentum", "nesterov"), params=[_PARAM], lr=0.0),
    "adam": Choice(Adam, params=[_PARAM], lr=0.0),
    "adamw": Choice(AdamW, params=[_PARAM], lr=0.0),
    "rmsprop": Choice(RMSprop, params=[_PARAM], lr=0.0),
}
LOSSES: Choices = {
    "cross_entropy": Choice(
        CrossEntropyLoss,
        elsewhere=("ce", "categoricalcrossentropy", "sparsecategoricalcrossentropy"),
    ),
    "mse": Choice(MSELoss, elsewhere=("l2", "meansquarederror")),
    "l1": Choice(L1Loss, elsewhere=("mae", "meanabsoluteerror")),
    "bce": Choice(BCEWithLogitsLoss, elsewhere=("bcewithlogits", "binarycrossentropy")),
}
WARM_UP = "warmup"
SCHEDULES: Choices = {
    "constant": Choice(Constant, lr=1.0),
    "step": Choice(StepDecay, {"every": "iterations until the rate falls"}, lr=1.0),
    "cosine": Choice(Cosine, {"total": "iterations until it ends"}, lr=1.0),
    WARM_UP: Choice(WarmUp, {"iterations": "how many it takes"}, after=Constant(1.0)),
}
AUGMENTATIONS: Choices = {
    "shift": Choice(Shift, {"most": "pixels, in each direction"}),
    "flip": Choice(Flip),
}
# What an augmentation that does nothing is called.
NONE = "none"


def make_optimizer(text: str, params: Sequence[Tensor], lr: float) -> Optimizer:
    """Return the optimiser that a text stands for, such as `sgd momentum 0.9`.

    Raises:
        SpecError: the text stands for none; the message points at what is wrong.
    """
    (chosen,) = read_choices(text, OPTIMISERS, "an optimiser", 1)
    return cast(Optimizer, chosen.make(params=params, lr=lr))


def make_loss(text: str) -> Loss:
    """Return the loss that a text stands for, such as `cross_entropy label_smoothing 0.1`.

    Raises:
        SpecError: the text stands for none; the message points at what is wrong.
    """
    (chosen,) = read_choices(text, LOSSES, "a loss", 1)
    return cast(Loss, chosen.make())


def make_schedule(text: str, lr: float) -> Schedule:
    """Return the schedule that a text stands for, such as `warmup 20, cosine 300`.

    Args:
        text: one of `SCHEDULES`; `warmup` in front of another one leads to that.
        lr: the rate that it begins with, or rises to.

    Raises:
        SpecError: the text stands for none; the message points at what is wrong.
    """
    return _schedule(_schedules(text), lr)


def make_augment(text: str, rng: np.random.Generator) -> Augment | None:
    """Return the augmentation that a text stands for, such as `shift 2, flip`; None for `none`.

    Args:
        text: some of `AUGMENTATIONS`, in the order in which they are done.
        rng: draws what is done to each sample.

    Raises:
        SpecError: the text stands for none; the message points at what is wrong.
    """
    if text.strip().lower() == NONE:
        return None
    chosen = read_choices(text, AUGMENTATIONS, "an augmentation")
    return Augment([cast(Augmentation, one.make()) for one in chosen], rng)


def plain_optimizer(text: str) -> str:
    """Return a text of an optimiser as it is written; options of a default value are left out."""
    return _plain(read_choices(text, OPTIMISERS, "an optimiser", 1))


def plain_loss(text: str) -> str:
    """Return a text of a loss as it is written; see `plain_optimizer`."""
    return _plain(read_choices(text, LOSSES, "a loss", 1))


def plain_schedule(text: str) -> str:
    """Return a text of a schedule as it is written; see `plain_optimizer`."""
    return _plain(_schedules(text))


def plain_augment(text: str) -> str:
    """Return a text of an augmentation as it is written; see `plain_optimizer`."""
    if text.strip().lower() == NONE:
        return NONE
    return _plain(read_choices(text, AUGMENTATIONS, "an augmentation"))


def slots_of(text: str) -> int:
    """Return how many arrays the optimiser of a text keeps for each param."""
    return len(make_optimizer(text, [_PARAM], 0.0).slot_names)


def _plain(chosen: Sequence[Chosen]) -> str:
    return ", ".join(map(str, chosen))


def _schedules(text: str) -> list[Chosen]:
    found = read_choices(text, SCHEDULES, "a schedule")
    parts = list(split(text, 0, len(text), ","))
    for part, one in zip(parts[:-1], found[:-1], strict=True):
        if one.word != WARM_UP:
            said = f"{one.word} leads to no other schedule: only {WARM_UP} stands before one"
            raise PointedError(text, part, said)
    if found[-1].word == WARM_UP:
        said = f"{WARM_UP} leads to a schedule: write `{found[-1]}, cosine 300`, for example"
        raise PointedError(text, parts[-1], said)
    return found


def _schedule(chosen: Sequence[Chosen], lr: float) -> Schedule:
    first, *rest = chosen
    others = {"after": _schedule(rest, lr)} if rest else {"lr": lr}
    return cast(Schedule, first.make(**others))

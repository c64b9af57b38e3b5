"""Checks the arguments of a trainer, so that a wrong one is named where it is passed."""

from __future__ import annotations

import numpy as np

from core.data import DataSet, Split
from core.data.augment import Augment
from core.errors import shown, with_article
from core.losses import Loss
from core.model import Model
from core.optim import Optimizer
from core.optim.settings import at_least_zero
from core.schedule import check_schedule

# What arguments are expected to be.
A_LOSS = "a loss of core, such as CrossEntropyLoss() or MSELoss()"
AN_OPTIMISER = "an optimiser of core over the model's params, such as SGD(model.parameters())"
# What a network of PyTorch needs.
FROM_TORCH = "core.from_torch(network, input_shape) makes a Model of it"


def check_parts(
    model: object,
    optimizer: object,
    data: object,
    loss: object,
    schedule: object,
    augment: object,
) -> None:
    """Check the parts of a trainer.

    Raises:
        TypeError: one is of another kind.
        ValueError: the optimiser holds none of the model's params.
    """
    if not isinstance(model, Model):
        raise TypeError(wrong_kind("model", model, "a Model, such as Model(layers)", FROM_TORCH))
    if not isinstance(optimizer, Optimizer):
        raise TypeError(wrong_kind("optimizer", optimizer, AN_OPTIMISER))
    if not isinstance(data, DataSet):
        raise TypeError(wrong_kind("data", data, 'a DataSet, such as load_dataset("digits")'))
    if not isinstance(loss, Loss):
        raise TypeError(wrong_kind("loss", loss, A_LOSS))
    if schedule is not None:
        check_schedule("schedule", schedule)
    if augment is not None and not isinstance(augment, Augment):
        raise TypeError(
            wrong_kind("augment", augment, "an Augment, such as Augment([Flip()], rng)")
        )
    own = {id(param) for param in model.parameters()}
    if own and own.isdisjoint(id(param) for param in optimizer.params):
        raise ValueError(
            "the optimiser holds none of the model's params, so nothing would be trained: make it "
            "with model.parameters() of this model"
        )


def check_rate(rate: object, iteration: int) -> float:
    """Return the rate that a schedule returned as a float.

    Raises:
        ValueError: it is not a finite number of at least 0.
    """
    try:
        found = at_least_zero(rate, "lr")
    except ValueError as error:
        raise ValueError(
            f"the schedule returned {rate!r} as lr of iteration {iteration}, counted from 0; "
            "expected a finite number of at least 0"
        ) from error
    return found


def check_split(name: str, split: object) -> None:
    """Raise TypeError if an argument is no Split; `name` is what it is called."""
    if isinstance(split, DataSet):
        raise TypeError(f"{name} is a DataSet; expected one of its splits: pass data.test")
    if not isinstance(split, Split):
        raise TypeError(wrong_kind(name, split, "a Split, such as data.test"))


def check_epochs(epochs: object) -> None:
    """Raise ValueError if a number of epochs is not a whole number of at least 0."""
    if not is_whole(epochs, 0):
        raise ValueError(f"epochs is {epochs!r}; expected a whole number of at least 0")


def is_whole(value: object, least: int) -> bool:
    """Return whether a value is a whole number of at least `least`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and value >= least  # type: ignore[operator]


def is_of_torch(value: object) -> bool:
    """Return whether a value, or a class, is one of PyTorch's, or derived from one."""
    kind = value if isinstance(value, type) else type(value)
    return any(base.__module__.partition(".")[0] == "torch" for base in kind.__mro__)


def wrong_kind(name: str, value: object, expected: str, for_torch: str = "") -> str:
    """Return what to say of an argument of another kind than was expected.

    Args:
        name: of the argument.
        value: what was passed.
        expected: what it should have been.
        for_torch: what to do with an object of PyTorch.
    """
    if isinstance(value, type):
        what = f"the class {value.__name__}"
    else:
        what = with_article(type(value).__name__) if is_of_torch(value) else shown(value)
    if not is_of_torch(value):
        return f"{name} is {what}; expected {expected}"
    advice = f": {for_torch}" if for_torch else ""
    return f"{name} is {what} of PyTorch; expected {expected}{advice}"

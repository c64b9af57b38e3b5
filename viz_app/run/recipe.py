"""What a run is made from: the same recipe gives the same run, number by number."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from core.data import DataSet
from core.errors import SpecError
from core.io.parts import NONE, make_augment, make_loss, make_optimizer, make_schedule, slots_of
from core.io.pointing import PointedError, Range
from core.io.text import parse_model
from core.layers import Conv2d
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.losses.regression import DifferenceLoss
from core.model import Model
from core.optim import Optimizer
from core.schedule import Constant, Schedule
from core.tensor import Tensor
from core.training.trainer import Trainer
from viz_app.run.cost import OWN, Limits, Step
from viz_app.run.weights import Weights

# Name of a person's own data set.
OWN_DATA = "own"
# Stands for the number of classes in the text of a model.
CLASSES = "{classes}"
# Losses that compare outputs with classes, as a sentence calls them.
OF_CLASSES: dict[type[Loss], str] = {
    CrossEntropyLoss: "cross-entropy",
    BCEWithLogitsLoss: "binary cross-entropy",
    MSELoss: MSELoss.title,
    L1Loss: L1Loss.title,
}
TWO = 2
MakeOptimizer = Callable[[Sequence[Tensor], float], Optimizer]


@dataclass(frozen=True, eq=False)
class Recipe:
    """What a run is made from.

    With float64 and convolutions through X^(col) all processors compute the same digits of all
    that is printed, but for what is left where larger numbers cancel; with float32 they part after
    some hundred iterations.

    Attributes:
        network: text of the model, in which `{classes}` becomes the number of classes; or a model,
            of which each run takes a copy.
        data: what it is trained on.
        learning_rate: of the first update. With a schedule, that decides.
        batch_size: samples of a step.
        optimizer: text of the optimiser (see `core.io.parts`); or what is called with params and
            learning rate; or an optimiser over the model's params, copied with it.
        loss: text of the loss, or a loss.
        schedule: text of the schedule, which leads from `learning_rate` to others; or the learning
            rate by iteration.
        seed: of the first weights of a text, of the order of the samples, and of the augmentation.
        dtype: what is computed in: "float64" or "float32".
        init: name of the initialiser of the weights of a text.
        augment: text of what is done to the images before each step.
        preset: name of the preset that it comes from; empty for an own network.
        dataset: name of the data set; `OWN_DATA` for a person's own.
        base: name of the preset that a network took the place of; empty if it never had one.
        weights: a person's own, from which the run begins; None for those that the seed draws.
    """

    network: str | Model
    data: DataSet
    learning_rate: float
    batch_size: int
    optimizer: str | MakeOptimizer | Optimizer = "sgd"
    loss: str | Loss = "cross_entropy"
    schedule: str | Schedule = "constant"
    seed: int = 0
    dtype: str = "float64"
    init: str = "he"
    augment: str = NONE
    preset: str = ""
    dataset: str = OWN_DATA
    base: str = ""
    weights: Weights | None = None

    def makes_the_run_of(self, other: Recipe) -> bool:
        """Return whether the same run follows from both."""
        mine, others = dict(vars(self)), dict(vars(other))
        # Equal calls make equal optimisers, and are no equal objects.
        is_same = _same_call(mine.pop("optimizer"), others.pop("optimizer"))
        return is_same and all(
            mine[name] is value or mine[name] == value for name, value in others.items()
        )

    def with_(self, **settings: Any) -> Recipe:
        """Return the recipe with other settings."""
        return replace(self, **settings)

    @property
    def begins_with_preset(self) -> bool:
        """Whether it is a preset, or an own network in place of one, on any data."""
        return bool(self.preset or self.base)

    @property
    def has_own_schedule(self) -> bool:
        """Whether a function that nobody can change here decides the learning rate."""
        return not isinstance(self.schedule, str)

    def step(self, model: Model) -> Step:
        """Return a step of training a model of this recipe, as far as its cost depends on it."""
        made = self.optimizer
        slots = (
            slots_of(made)
            if isinstance(made, str)
            else len(_optimizer(made, model, self.learning_rate).slot_names)
        )
        is_augmented = self.augment != NONE
        return Step(model, self.data.input_shape, self.dtype, slots, is_augmented)

    def network_text(self) -> str:
        """Return the text of the network with the number of classes; empty of a model."""
        text = self.network if isinstance(self.network, str) else ""
        return text.replace(CLASSES, str(self.data.classes))

    def parsed(self, text: str, rng: np.random.Generator, limits: Limits = OWN) -> Model:
        """Return the model that a text describes for the data.

        Raises:
            SpecError: the text describes no network that fits the data, or has too many params.
        """
        if CLASSES in text and not self.data.classes:
            labels = self.data.train.labels
            raise SpecError(
                "{classes} stands for the number of classes, but the labels have none: they are "
                f"{labels.dtype} of shape {labels.shape}. Write the number of outputs in its "
                "place, or pass whole numbers (N,) as labels"
            )
        whole = text.replace(CLASSES, str(self.data.classes))
        try:
            return parse_model(
                whole, self.data.input_shape, rng, limits.most_params(self.dtype), self.init
            )
        except PointedError as error:
            raise _pointed_into(text, len(str(self.data.classes)), error) from error

    def check(self, model: Model) -> None:
        """Refuse a model that cannot be trained on the data.

        Raises:
            SpecError: it has nothing to train, or not one output a class; the message says what to
                do.
            ShapeError: it does not fit the samples.
        """
        classes = self.data.classes
        linear = f"linear {classes}, one output a class" if classes else "linear 1"
        if not model.parameters():
            raise SpecError(
                "the network has no weights, so nothing of it can be trained: put a layer that has "
                f"some into it, such as flatten, {linear}"
            )
        loss = make_loss(self.loss) if isinstance(self.loss, str) else self.loss
        name = next((words for kind, words in OF_CLASSES.items() if isinstance(loss, kind)), "")
        if not classes or not name:
            return
        given = model.output_shape(self.data.input_shape)
        if len(given) != 1:
            shape = "×".join(map(str, given)) or "one number"
            raise SpecError(
                f"the network ends with {shape} for each image, and {name} needs a vector: "
                f"end the network with flatten, {linear}"
            )
        if given[0] < classes and not (given[0] == 1 and _takes_one(loss, classes)):
            outputs = "1 output" if given[0] == 1 else f"{given[0]} outputs"
            raise SpecError(
                f"the network ends with {outputs}, and the data have {classes} classes: end the "
                f"network with {linear}"
            )

    def idle_outputs(self, model: Model) -> str:
        """Return what should be said of outputs that stand for no class; empty if all do."""
        classes, given = self.data.classes, model.output_shape(self.data.input_shape)
        if not classes or len(given) != 1 or given[0] <= classes:
            return ""
        return (
            f"The network has {given[0]} outputs and the data have {classes} classes: outputs from "
            f"{classes} on stand for none. One a class has a network that ends with linear "
            f"{CLASSES}."
        )

    def trainer(self, limits: Limits = OWN, samples: int = 0) -> Trainer:
        """Return a trainer that stands before the first iteration.

        Args:
            limits: what a step may cost; a text that asks for too many params is not followed.
            samples: of the largest batch to come, if that is larger than the first one.

        Raises:
            SpecError: the text describes no network that fits the data, or has too many params; or
                the network cannot be trained on the data.
            ValueError: a step costs too much.
            DataError: the batch size is out of range.
            StateError: the person's own weights do not fit the network.
            TypeError: a part of the recipe cannot be copied.
        """
        # What is added at the end leaves the others as they were.
        seeds = np.random.SeedSequence(self.seed).spawn(3)
        weights, order, changes = map(np.random.default_rng, seeds)
        # Copied together, so that an optimiser holds the params of the copy.
        network, made, loss, schedule = self._copies()
        model = self.parsed(network, weights, limits) if isinstance(network, str) else network
        self.check(model)
        if isinstance(made, str):
            # Before the optimiser takes memory too.
            samples = min(max(self.batch_size, samples), len(self.data.train))
            limits.check(self.step(model), samples)
        model.astype(np.dtype(self.dtype))
        for layer in model.walk():
            if isinstance(layer, Conv2d):
                layer.algorithm = "im2col"
        optimizer = _optimizer(made, model, self.learning_rate)
        if optimizer is made:
            optimizer.lr = self.learning_rate
        loss = make_loss(loss) if isinstance(loss, str) else loss
        if isinstance(schedule, str):
            schedule = _made_schedule(schedule, self.learning_rate)
        augment = make_augment(self.augment, changes)
        if augment is not None:
            augment.check(self.data.input_shape)
        trainer = Trainer(
            model, optimizer, self.data, self.batch_size, order, loss, schedule, augment=augment
        )
        if self.weights is not None:
            self.weights.put_into(trainer)
        return trainer

    def _copies(self) -> tuple[Any, ...]:
        parts = {name: getattr(self, name) for name in ("network", "optimizer", "loss", "schedule")}
        try:
            return tuple(deepcopy(parts).values())
        except Exception as error:
            raise TypeError(_uncopied(parts, error)) from error


def _takes_one(loss: Loss, classes: int) -> bool:
    """Return whether a loss compares one output with the number of the class."""
    return isinstance(loss, DifferenceLoss) or (
        isinstance(loss, BCEWithLogitsLoss) and classes == TWO
    )


def _pointed_into(text: str, width: int, error: PointedError) -> PointedError:
    """Return an error that points into the text of a model before `{classes}` was replaced.

    Args:
        text: as it was written.
        width: letters of the number of classes.
        error: points into the text with that number.
    """

    def before(at: int) -> int:
        further = 0
        for found in re.finditer(re.escape(CLASSES), text):
            start = found.start() - further
            if at <= start:
                break
            if at < start + width:
                return found.start()
            further += len(CLASSES) - width
        return at + further

    part = Range(before(error.part.start), before(error.part.stop))
    return PointedError(text, part, error.said)


def _made_schedule(text: str, learning_rate: float) -> Schedule | None:
    """Return the schedule of a text; None where the rate is the optimiser's own."""
    made = make_schedule(text, learning_rate)
    return None if isinstance(made, Constant) else made


def _optimizer(
    made: str | MakeOptimizer | Optimizer, model: Model, learning_rate: float
) -> Optimizer:
    if isinstance(made, str):
        return make_optimizer(made, model.parameters(), learning_rate)
    return made if isinstance(made, Optimizer) else made(model.parameters(), learning_rate)


def _uncopied(parts: Mapping[str, Any], error: Exception) -> str:
    """Return which part of a recipe cannot be copied, and what to do."""
    network = parts["network"]
    # What lies inside another one comes before it.
    layers = list(network.walk()) if isinstance(network, Model) else []
    owners = [(f"layer {layer.name} ({type(layer).__name__})", layer) for layer in layers]
    owners += [(f"the {name}", part) for name, part in parts.items()]
    owner, found = next(item for item in owners if not _can_be_copied(item[1]))
    held = getattr(found, "__dict__", {})
    wrong = [name for name, value in held.items() if not _can_be_copied(value)]
    attribute = f", because of its attribute {', '.join(wrong)}" if wrong else ""
    return (
        f"{owner} cannot be copied{attribute}: {error}. Every run takes a copy of its own: keep "
        "such an object outside, in the module, or give the class a __deepcopy__ that leaves it out"
    )


def _can_be_copied(value: object) -> bool:
    try:
        deepcopy(value)
    except Exception:
        return False
    return True


def _same_call(one: object, other: object) -> bool:
    if isinstance(one, partial) and isinstance(other, partial):
        return (one.func, one.args, one.keywords) == (other.func, other.args, other.keywords)
    # An optimiser may compare itself otherwise.
    return one is other or (isinstance(one, str) and one == other)

"""What a run is made from: the same recipe gives the same run, number by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from core.data import DataSet
from core.errors import SpecError
from core.io.text import parse_model
from core.layers import Conv2d
from core.losses import CrossEntropyLoss, Loss
from core.model import Model
from core.optim import SGD, Optimizer
from core.schedule import Schedule
from core.tensor import Tensor
from core.training.trainer import Trainer
from viz_app.run.cost import OWN, Limits, Step
from viz_app.run.weights import Weights

# Name of a person's own data set.
OWN_DATA = "own"
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
        optimizer: called with params and learning rate; or an optimiser over the model's params,
            copied with it.
        loss: cross-entropy if None.
        schedule: learning rate by iteration.
        seed: of the first weights of a text, and of the order of the samples.
        dtype: what is computed in: "float64" or "float32".
        preset: name of the preset that it comes from; empty for an own network.
        dataset: name of the data set; `OWN_DATA` for a person's own.
        weights: a person's own, from which the run begins; None for those that the seed draws.
    """

    network: str | Model
    data: DataSet
    learning_rate: float
    batch_size: int
    optimizer: MakeOptimizer | Optimizer = SGD
    loss: Loss | None = None
    schedule: Schedule | None = None
    seed: int = 0
    dtype: str = "float64"
    preset: str = ""
    dataset: str = OWN_DATA
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

    def step(self, model: Model, optimizer: Optimizer) -> Step:
        """Return a step of training a model of this recipe, as far as its cost depends on it."""
        return Step(model, self.data.input_shape, self.dtype, len(optimizer.slot_names))

    def optimizer_of(self, model: Model) -> Optimizer:
        """Return the optimiser of a model that was made from the text of this recipe."""
        return _optimizer(self.optimizer, model, self.learning_rate)

    def parsed(self, text: str, rng: np.random.Generator, limits: Limits = OWN) -> Model:
        """Return the model that a text describes for the data.

        Raises:
            SpecError: the text describes no network that fits the data, or has too many params.
        """
        if "{classes}" in text and not self.data.classes:
            labels = self.data.train.labels
            raise SpecError(
                "{classes} stands for the number of classes, but the labels have none: they are "
                f"{labels.dtype} of shape {labels.shape}. Write the number of outputs in its "
                "place, or pass whole numbers (N,) as labels"
            )
        whole = text.replace("{classes}", str(self.data.classes))
        return parse_model(whole, self.data.input_shape, rng, limits.most_params(self.dtype))

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
        if not classes or not isinstance(self.loss, CrossEntropyLoss | None):
            return
        given = model.output_shape(self.data.input_shape)
        if len(given) != 1:
            shape = "×".join(map(str, given)) or "one number"
            raise SpecError(
                f"the network ends with {shape} for each image, and cross-entropy needs a vector: "
                f"end the network with flatten, {linear}"
            )
        if given[0] < classes:
            outputs = "1 output" if given[0] == 1 else f"{given[0]} outputs"
            raise SpecError(
                f"the network ends with {outputs}, and the data have {classes} classes: end the "
                f"network with {linear}"
            )

    def trainer(self, limits: Limits = OWN) -> Trainer:
        """Return a trainer that stands before the first iteration.

        Args:
            limits: what a step may cost; a text that asks for too many params is not followed.

        Raises:
            SpecError: the text describes no network that fits the data, or has too many params; or
                the network cannot be trained on the data.
            DataError: the batch size is out of range.
            StateError: the person's own weights do not fit the network.
            TypeError: a part of the recipe cannot be copied.
        """
        weights, order = map(np.random.default_rng, np.random.SeedSequence(self.seed).spawn(2))
        # Copied together, so that an optimiser holds the params of the copy.
        network, made, loss, schedule = self._copies()
        model = self.parsed(network, weights, limits) if isinstance(network, str) else network
        self.check(model)
        model.astype(np.dtype(self.dtype))
        for layer in model.walk():
            if isinstance(layer, Conv2d):
                layer.algorithm = "im2col"
        optimizer = _optimizer(made, model, self.learning_rate)
        if optimizer is made:
            optimizer.lr = self.learning_rate
        trainer = Trainer(model, optimizer, self.data, self.batch_size, order, loss, schedule)
        if self.weights is not None:
            self.weights.put_into(trainer)
        return trainer

    def _copies(self) -> tuple[Any, ...]:
        parts = {name: getattr(self, name) for name in ("network", "optimizer", "loss", "schedule")}
        try:
            return tuple(deepcopy(parts).values())
        except Exception as error:
            raise TypeError(_uncopied(parts, error)) from error


def _optimizer(made: MakeOptimizer | Optimizer, model: Model, learning_rate: float) -> Optimizer:
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
    return one is other

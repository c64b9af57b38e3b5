"""What training reports: of an iteration, of an epoch, of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Measured:
    """A loss and the metrics that fit it.

    Attributes:
        loss: mean loss of the samples.
        metrics: mean over the samples by name; `Loss.metrics` says which.
    """

    loss: float
    metrics: Mapping[str, float]

    @property
    def accuracy(self) -> float:
        """The share of samples that were classified right; NaN where there are no classes."""
        return self.metrics.get("accuracy", nan)


@dataclass(frozen=True)
class StepResult(Measured):
    """The result of one iteration; loss and metrics are of its batch before the update.

    Attributes:
        iteration: its number; the first update is iteration 1.
        lr: learning rate of the update.
        indices: which training samples the batch held, shape (N,).
        augmented: what was done to each image before, in words; empty without augmentation.
    """

    iteration: int
    lr: float
    indices: NDArray[np.int64]
    augmented: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation(Measured):
    """How well a model does on the first `done` of `total` samples of a split."""

    done: int
    total: int


@dataclass(frozen=True)
class EpochResult(Measured):
    """The result of one epoch of `Trainer.fit`; loss and metrics are the means over its batches.

    Attributes:
        epoch: its number; the first pass over the samples is epoch 1.
        steps: how many iterations it had.
        validation: evaluation after the epoch; None without a validation split, and for an epoch
            that was stopped.
    """

    epoch: int
    steps: int
    validation: Evaluation | None


class Means:
    """Adds up loss and metrics of batches, weighted by their numbers of samples.

    Attributes:
        count: the samples so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._loss = 0.0
        self._metrics: dict[str, float] = {}

    def add(self, loss: float, metrics: Mapping[str, float], count: int) -> None:
        """Take in the means over `count` samples."""
        self.count += count
        self._loss += loss * count
        for name, value in metrics.items():
            self._metrics[name] = self._metrics.get(name, 0.0) + value * count

    @property
    def loss(self) -> float:
        """The mean loss of all samples."""
        return self._loss / self.count

    @property
    def metrics(self) -> dict[str, float]:
        """The mean of each metric over all samples."""
        return {name: total / self.count for name, total in self._metrics.items()}

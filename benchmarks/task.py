"""One workload ready to run, whichever framework runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from benchmarks.workloads import Workload
from core.io.text import parse_model
from core.tensor import Array

LEARNING_RATE = 0.01


@dataclass(frozen=True)
class Setting:
    """What both frameworks start from, so that they must come to the same result.

    Attributes:
        workload: what to run.
        x: input (N, C, H, W).
        labels: classes (N,), for a whole training step.
        g: gradient of the output, for a pass through layers alone.
        seed: of the first weights.
    """

    workload: Workload
    x: Array
    labels: Array
    g: Array
    seed: int


def make_setting(workload: Workload, seed: int = 0) -> Setting:
    """Draw the random numbers of a workload."""
    rng = np.random.default_rng(seed)
    shape = workload.input_shape
    output_shape = parse_model(workload.layers, shape[1:], rng).output_shape(shape[1:])
    return Setting(
        workload,
        rng.standard_normal(shape, np.float32),
        rng.integers(10, size=shape[0]),
        rng.standard_normal((shape[0], *output_shape), np.float32),
        seed,
    )


class Task(ABC):
    """A workload in one framework."""

    @abstractmethod
    def step(self) -> None:
        """Do what is timed, once."""

    @abstractmethod
    def results(self) -> dict[str, Array]:
        """Return what the last step computed: output or loss, and all gradients, by name."""

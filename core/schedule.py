"""Learning-rate schedules: the rate of an iteration as a function of its number.

A schedule is any function of an iteration's number, counted from 0. Those here are objects, so that
their settings can be read and changed, and are part of a run's state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

# From the number of an update, counted from 0, to its learning rate.
Schedule = Callable[[int], float]


@dataclass
class Constant:
    """A rate that stays as it is."""

    lr: float

    def __call__(self, iteration: int) -> float:
        """Return the rate of an iteration."""
        return self.lr


@dataclass
class StepDecay:
    """A rate that is multiplied by `factor` after each `every` iterations.

    Raises:
        ValueError: `every` is not at least 1.
    """

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"every is {self.every}; expected at least 1 iteration")

    def __call__(self, iteration: int) -> float:
        """Return the rate of an iteration."""
        return self.lr * self.factor ** (iteration // self.every)


@dataclass
class Cosine:
    """A rate that falls from `lr` to `least` on half a cosine (Loshchilov & Hutter 2017).

    It does so in `total` iterations, and stays at `least` then.

    Raises:
        ValueError: `total` is not at least 1.
    """

    lr: float
    total: int
    least: float = 0.0

    def __post_init__(self) -> None:
        if self.total < 1:
            raise ValueError(f"total is {self.total}; expected at least 1 iteration")

    def __call__(self, iteration: int) -> float:
        """Return the rate of an iteration."""
        share = min(iteration / self.total, 1.0)
        return self.least + (self.lr - self.least) * (1 + cos(pi * share)) / 2


@dataclass
class WarmUp:
    """A rate that rises linearly to the first rate of `after`, then follows it.

    Raises:
        ValueError: `iterations`, the length of the rise, is negative.
    """

    after: Schedule
    iterations: int

    def __post_init__(self) -> None:
        if self.iterations < 0:
            raise ValueError(f"iterations is {self.iterations}; expected at least 0")

    def __call__(self, iteration: int) -> float:
        """Return the rate of an iteration."""
        if iteration < self.iterations:
            return self.after(0) * (iteration + 1) / self.iterations
        return self.after(iteration - self.iterations)


def constant(lr: float) -> Constant:
    """Return a schedule that never changes."""
    return Constant(lr)


def step_decay(lr: float, every: int, factor: float = 0.1) -> StepDecay:
    """Return a schedule that multiplies the rate by `factor` after each `every` iterations."""
    return StepDecay(lr, every, factor)


def cosine(lr: float, total: int, least: float = 0.0) -> Cosine:
    """Return a schedule that falls from `lr` to `least` in `total` iterations, on half a cosine."""
    return Cosine(lr, total, least)


def warm_up(after: Schedule, iterations: int) -> WarmUp:
    """Return a schedule that rises to the first rate of `after`, then follows it."""
    return WarmUp(after, iterations)

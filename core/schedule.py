"""Learning-rate schedules: the rate of an iteration as a function of its number.

A schedule is any function of an iteration's number, counted from 0. Those here are objects, so that
their settings can be read and changed, and are part of a run's state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

import numpy as np

from core.optim.settings import at_least_zero

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
        ValueError: `every` is not a whole number of at least 1, or `factor` is below 0.
    """

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        _check_count("every", self.every, 1)
        at_least_zero(self.factor, "factor")

    def __call__(self, iteration: int) -> float:
        """Return the rate of an iteration."""
        # The settings may have been changed since.
        self.__post_init__()
        return self.lr * self.factor ** (iteration // self.every)


@dataclass
class Cosine:
    """A rate that falls from `lr` to `least` on half a cosine (Loshchilov & Hutter 2017).

    It does so in `total` iterations, and stays at `least` then.

    Raises:
        ValueError: `total` is not a whole number of at least 1, or `least` is below 0.
    """

    lr: float
    total: int
    least: float = 0.0

    def __post_init__(self) -> None:
        _check_count("total", self.total, 1)
        at_least_zero(self.least, "least")

    def __call__(self, iteration: int) -> float:
        """Return the rate of an iteration."""
        self.__post_init__()
        share = min(iteration / self.total, 1.0)
        return self.least + (self.lr - self.least) * (1 + cos(pi * share)) / 2


@dataclass
class WarmUp:
    """A rate that rises linearly to the first rate of `after`, then follows it.

    Raises:
        ValueError: `iterations`, the length of the rise, is not a whole number of at least 0.
        TypeError: `after` is no schedule.
    """

    after: Schedule
    iterations: int

    def __post_init__(self) -> None:
        check_schedule("after", self.after)
        _check_count("iterations", self.iterations, 0)

    @property
    def lr(self) -> float:
        """The rate that `after` begins with, if that has one."""
        lr: float = getattr(self.after, "lr")  # noqa: B009
        return lr

    @lr.setter
    def lr(self, lr: float) -> None:
        setattr(self.after, "lr", lr)  # noqa: B010

    def __call__(self, iteration: int) -> float:
        """Return the rate of an iteration."""
        self.__post_init__()
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


def check_schedule(name: str, schedule: object) -> None:
    """Raise TypeError if an argument is no schedule; `name` is what it is called."""
    if not callable(schedule) or isinstance(schedule, type):
        raise TypeError(
            f"{name} is {schedule!r}; expected a function from the number of an iteration to a "
            "learning rate, such as constant(0.1)"
        )


def _check_count(name: str, value: object, least: int) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:  # type: ignore[operator]
        raise ValueError(f"{name} is {value!r}; expected a whole number of at least {least}")

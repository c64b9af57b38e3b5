"""Learning-rate schedules: the rate of an iteration as a function of its number."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi

# From the number of an update, counted from 0, to its learning rate.
Schedule = Callable[[int], float]


def constant(lr: float) -> Schedule:
    """Return a schedule that never changes."""
    return lambda iteration: lr


def step_decay(lr: float, every: int, factor: float = 0.1) -> Schedule:
    """Multiply the rate by `factor` after each `every` iterations."""
    if every < 1:
        raise ValueError(f"every is {every}; expected at least 1 iteration")
    return lambda iteration: lr * factor ** (iteration // every)


def cosine(lr: float, total: int, least: float = 0.0) -> Schedule:
    """Fall from `lr` to `least` on half a cosine in `total` iterations (Loshchilov & Hutter 2017).

    After `total` the rate stays at `least`.
    """
    if total < 1:
        raise ValueError(f"total is {total}; expected at least 1 iteration")

    def rate(iteration: int) -> float:
        share = min(iteration / total, 1.0)
        return least + (lr - least) * (1 + cos(pi * share)) / 2

    return rate


def warm_up(after: Schedule, iterations: int) -> Schedule:
    """Rise linearly to the first rate of `after` in `iterations` iterations, then follow it."""
    if iterations < 0:
        raise ValueError(f"iterations is {iterations}; expected at least 0")

    def rate(iteration: int) -> float:
        if iteration < iterations:
            return after(0) * (iteration + 1) / iterations
        return after(iteration - iterations)

    return rate

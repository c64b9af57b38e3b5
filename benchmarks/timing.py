"""Times that can be compared although other programs disturb the machine."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Protocol

# Steps of one task in a row: the first brings its data back into the cache.
STEPS_IN_A_ROW = 5


class Timed(Protocol):
    """What can be timed."""

    def step(self) -> object:
        """Do it once."""


@dataclass(frozen=True)
class Times:
    """Milliseconds of one step: the least of all, and the median."""

    least: float
    median: float


def interleaved(tasks: Sequence[Timed], seconds: float) -> list[Times]:
    """Time the tasks in turns, a few steps each, so that a slow spell hits all of them.

    Args:
        tasks: what to time.
        seconds: how long to go on, in total.
    """
    samples: list[list[float]] = [[] for _ in tasks]
    for task in tasks:
        task.step()
    gc.collect()
    gc.disable()
    try:
        end = perf_counter() + seconds
        while perf_counter() < end:
            for task, times in zip(tasks, samples, strict=True):
                for _ in range(STEPS_IN_A_ROW):
                    start = perf_counter()
                    task.step()
                    times.append((perf_counter() - start) * 1000)
    finally:
        gc.enable()
    return [Times(min(times), median(times)) for times in samples]

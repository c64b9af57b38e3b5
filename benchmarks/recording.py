"""What recording costs, in time and in memory: `python -m benchmarks.recording`.

Leaves with status 1 if a figure misses its target.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from benchmarks.timing import interleaved
from core.inspect.flow import gradient_flow
from core.training.history import History
from core.training.trainer import Trainer
from tools.memory import bytes_held
from viz_app.run.presets import PRESETS


@dataclass(frozen=True)
class Figure:
    """One row of the table: what was measured, and the most that it may be."""

    name: str
    value: float
    target: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value <= self.target


@dataclass
class Call:
    """Something to time."""

    step: Callable[[], object]


def make_trainer(seed: int = 0) -> Trainer:
    """Return the trainer that the dashboard starts with."""
    return PRESETS["digits"].recipe("digits").with_(seed=seed).trainer()


def recording(seconds: float) -> list[Figure]:
    """Compare a recorded step with a plain one, and time the gradient flow of its trace."""
    plain, watched = make_trainer(), make_trainer()
    trace = make_trainer().record_step()
    tasks = [Call(plain.step), Call(watched.record_step), Call(lambda: gradient_flow(trace))]
    step, record, flow = (times.least for times in interleaved(tasks, seconds))
    return [
        Figure("record_step / step", record / step, 2.0, ""),
        Figure("gradient flow of a trace", flow, 0.5, "ms"),
    ]


def history(iterations: int, visits: int) -> list[Figure]:
    """Make a run, then look at random iterations of it."""
    kept = History(make_trainer())
    for _ in range(iterations):
        kept.advance()
    times = []
    for iteration in np.random.default_rng(0).integers(1, iterations + 1, visits):
        start = perf_counter()
        kept.goto(int(iteration))
        times.append(perf_counter() - start)
    name = f"{iterations} iterations"
    return [
        Figure(f"{name}: slowest of {visits} visits", max(times), 1.0, "s"),
        Figure(f"{name}: memory", bytes_held(kept, [kept.trainer]) / 1e6, 64.0, "MB"),
    ]


def print_table(figures: Sequence[Figure]) -> None:
    """Print a row for each figure."""
    row = "{:<38} {:>12} {:>10}  {}"
    print(row.format("figure", "measured", "target", "met"))
    for f in figures:
        measured, target = f"{f.value:.3g} {f.unit}", f"{f.target:g} {f.unit}"
        print(row.format(f.name, measured, target, "yes" if f.met else "no"))


def main(arguments: list[str] | None = None) -> int:
    """Measure all figures."""
    parser = argparse.ArgumentParser(description="Measure what recording costs.")
    parser.add_argument("--seconds", type=float, default=8.0, help="for the times of steps (8)")
    parser.add_argument("--iterations", type=int, default=10_000, help="of the run (10000)")
    parser.add_argument("--visits", type=int, default=20, help="to its iterations (20)")
    options = parser.parse_args(arguments)
    figures = recording(options.seconds) + history(options.iterations, options.visits)
    print_table(figures)
    return 0 if all(f.met for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())

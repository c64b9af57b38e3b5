"""What a learning-rate schedule does, in a sentence with its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.io.parts import make_schedule
from core.schedule import Constant, Cosine, Schedule, StepDecay, WarmUp


def schedule_said(text: str, rate: float) -> str:
    """Return what the rate does under a schedule, iterations counted from 1 as on the page.

    Args:
        text: of the schedule, such as `warmup 20, cosine 300`.
        rate: the learning rate that it begins with, or rises to.

    Raises:
        SpecError: the text stands for none.
    """
    return f"The rate {_said(make_schedule(text, rate), 1)}."


def _said(schedule: Schedule, first: int) -> str:
    """Return what a schedule does from an iteration on."""
    say = _SAYINGS.get(type(schedule))
    return say(schedule, first) if say else "follows a schedule of its own"


def _constant(schedule: Constant, first: int) -> str:
    return f"stays at {schedule.lr:.4g}"


def _step(schedule: StepDecay, first: int) -> str:
    every = "each iteration" if schedule.every == 1 else f"each {schedule.every} iterations"
    then = f"{schedule(schedule.every):.4g} from iteration {first + schedule.every} on"
    return f"is {schedule.lr:.4g}, and times {schedule.factor:.4g} after {every}: {then}"


def _cosine(schedule: Cosine, first: int) -> str:
    end = f"{schedule.least:.4g} in iteration {first + schedule.total}"
    return f"goes from {schedule.lr:.4g} to {end} on half a cosine, and stays there"


def _warm_up(schedule: WarmUp, first: int) -> str:
    behind = _said(schedule.after, first + schedule.iterations)
    if not schedule.iterations:
        return behind
    last = first + schedule.iterations - 1
    start, end = (f"{schedule(k):.4g}" for k in (0, schedule.iterations - 1))
    return f"rises evenly from {start} to {end} in iteration {last}; then it {behind}"


_SAYINGS: Mapping[type, Callable[[Any, int], str]] = {
    Constant: _constant,
    StepDecay: _step,
    Cosine: _cosine,
    WarmUp: _warm_up,
}

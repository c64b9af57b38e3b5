"""Computes a run again up to an iteration, in short slices that can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from time import perf_counter

from core.training.history import History
from viz_app.run.settings import SettingValue

# Seconds of a slice: the page answers in between. A press arrives in several frames, each of which
# waits for a slice.
SLICE = 0.1


@dataclass(frozen=True)
class Change:
    """A change of a run: of a setting, or of a number of its model.

    Attributes:
        at: the last iteration before the change; 0 if it comes before the first one.
        name: of the setting, or `EDIT`; see `viz_app.run.edits.changes`.
        value: what it is from then on; the text of an `Edit`.
    """

    at: int
    name: str
    value: SettingValue


@dataclass(frozen=True)
class Progress:
    """How far a replay is: `done` of `target` iterations, and `beside` of a second run."""

    done: int
    target: int
    beside: int | None = None

    def __str__(self) -> str:
        if self.beside is None:
            return f"Replaying to iteration {self.target}: {self.done} done."
        done = f"{self.done} of run A, {self.beside} of run B done"
        return f"Replaying both runs to iteration {self.target}: {done}."

    @property
    def share(self) -> float:
        """How many iterations of the way are done, the mean of both runs."""
        return self.done if self.beside is None else (self.done + self.beside) / 2


class Replay:
    """A replay of a run that has just begun.

    Args:
        history: of the run.
        target: where the replay ends.
        changes: to be made on the way.
        make: makes a change of the run behind its last iteration.

    Attributes:
        failure: why it cannot go on, as long as that waits to be told; None if it can.
    """

    def __init__(
        self,
        history: History,
        target: int,
        changes: Iterable[Change],
        make: Callable[[Change], None],
    ) -> None:
        self._history, self.target, self._make = history, target, make
        self._changes = sorted(changes, key=attrgetter("at"))
        self.failure: Exception | None = None

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(self._history.trainer.iteration, self.target)

    @property
    def ahead(self) -> list[Change]:
        """The changes that are still to be made, in order."""
        return list(self._changes)

    def pass_over(self, iteration: int) -> list[Change]:
        """Leave out the changes up to an iteration, which were made elsewhere; return them."""
        seen = [change for change in self._changes if change.at <= iteration]
        self._changes = self._changes[len(seen) :]
        return seen

    def go_on(self) -> bool:
        """Compute one slice; return whether the iteration before the target is reached.

        Raises:
            DivergenceError, DataError: as `History.advance`.
        """
        trainer, end = self._history.trainer, perf_counter() + SLICE
        self._make_changes()
        while trainer.iteration < self.target - 1 and perf_counter() < end:
            due = min([self.target - 1, *(change.at for change in self._changes)])
            self._history.skip(partial(self._is_at, due, end))
            self._make_changes()
        return trainer.iteration >= self.target - 1

    def _is_at(self, due: int, end: float) -> bool:
        """Return whether an iteration is reached, or the time is over."""
        return self._history.trainer.iteration >= due or perf_counter() >= end

    def make_last_changes(self) -> None:
        """Make the changes that are due behind the target, once that is reached."""
        self._make_changes()

    def _make_changes(self) -> None:
        while self._changes and self._changes[0].at <= self._history.trainer.iteration:
            self._make(self._changes.pop(0))

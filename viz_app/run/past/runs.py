"""Whole runs that undo leads back to, and from which it has led back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.data import DataSet
from viz_app.run.companion import Companion
from viz_app.run.past.changes import MOST
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change

# The most bytes of own data and weights of the runs that can be gone back to, but for the last: a
# data set of the largest size.
RUN_BUDGET = 70_000_000


@dataclass(frozen=True, eq=False)
class Left:
    """A run that was left for a new one, and what leads back to it.

    Attributes:
        words: for what the new one began.
        recipe: of the run that was left.
        iterations: how many it had.
        changes: that were made in it.
        own: the person's own data set that could be chosen; None if there was none.
        taken_over: how many changes the new run had from its beginning.
        leads: whether its companion is another one than that of the new run.
        companion: one that will go where its own did, if it `leads` one.
        stays: whether the run itself went on, and only its companion was left.
        after: the change that undo would have taken back otherwise; None if there was none.
    """

    words: str
    recipe: Recipe
    iterations: int
    changes: tuple[Change, ...]
    own: DataSet | None
    taken_over: int = 0
    leads: bool = False
    companion: Companion | None = None
    stays: bool = False
    after: Change | None = None

    def is_missed(self, now: Recipe) -> bool:
        """Return whether it has what no setting brings back: what was done, or brought along.

        Args:
            now: recipe of the run that it was left for.
        """
        mine = self.recipe
        is_gone = (mine.dataset == OWN_DATA and mine.data is not now.data) or (
            mine.weights is not None and mine.weights is not now.weights
        )
        return self.iterations > 1 or bool(self.changes) or is_gone

    @property
    def sizes(self) -> dict[int, int]:
        """Bytes of the arrays of its person that it holds, by their identity."""
        weights = self.recipe.weights
        arrays = [*(weights.state.values() if weights else ())]
        for data in filter(None, (self.own, self.recipe.data)):
            # Others come with the program.
            if data is self.own or self.recipe.dataset == OWN_DATA:
                arrays += [data.train.images, data.test.images]
        return {id(array): array.nbytes for array in arrays}


@dataclass(frozen=True, eq=False)
class UndoneRun:
    """A run from which `undo` has led back to another one.

    Attributes:
        run: where it stood; `words` for what was undone.
        before: the runs that had been left for it.
        back: the recipe of the run to which `undo` has led.
        iterations: how many that had then.
        changes: that had been made in it.
    """

    run: Left
    before: tuple[Left, ...]
    back: Recipe
    iterations: int
    changes: tuple[Change, ...]

    def is_at(self, recipe: Recipe, iterations: int, changes: Sequence[Change]) -> bool:
        """Return whether a run is still that to which `undo` has led, and was not gone on with."""
        here = iterations, tuple(changes)
        return here == (self.iterations, self.changes) and recipe.makes_the_run_of(self.back)

    @property
    def sizes(self) -> dict[int, int]:
        """Bytes of the arrays of its person that it holds, by their identity."""
        return {k: v for one in (*self.before, self.run) for k, v in one.sizes.items()}


_Run = TypeVar("_Run", Left, UndoneRun)


def last_of(runs: Sequence[_Run]) -> tuple[_Run, ...]:
    """Return the last runs to go to; the first ones are given up where they hold too much."""
    found = tuple(runs[-MOST:])
    while len(found) > 1 and _bytes_of(found[:-1]) > RUN_BUDGET:
        found = found[1:]
    return found


def _bytes_of(runs: Sequence[Left | UndoneRun]) -> int:
    return sum({k: v for one in runs for k, v in one.sizes.items()}.values())

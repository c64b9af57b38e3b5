"""What can be undone, and made again: the last changes of a run, each with the moment before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from core.data import DataSet
from core.inspect.trace import StepTrace
from core.training.way_back import WayBack
from viz_app.run.companion import Companion
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change

# The most changes that are kept, and the most bytes of all but the last.
MOST, BUDGET = 20, 64_000_000
# The most bytes of own data and weights of the runs that can be gone back to, but for the last: a
# data set of the largest size.
RUN_BUDGET = 70_000_000


@dataclass(frozen=True, eq=False)
class Moment:
    """A moment of a run, whatever happens afterwards.

    Attributes:
        way: to where its history was.
        trace: the iteration at which it stood.
        held: what else changes with the run, by the names of its attributes.
    """

    way: WayBack
    trace: StepTrace
    held: Mapping[str, Any]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those that the run had."""
        return tuple(self.held["changes"])


@dataclass(frozen=True, eq=False)
class Undoable:
    """A change, and the moment before it."""

    change: Change
    before: Moment


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


@dataclass(frozen=True, eq=False)
class Undone:
    """A change that was undone.

    Attributes:
        change: the change.
        iteration: at which it was made.
        changes: of the run without it.
    """

    change: Change
    iteration: int
    changes: tuple[Change, ...]


class UndoList:
    """The last changes of a run, in the order in which they were made."""

    def __init__(self) -> None:
        self._all: list[Undoable] = []
        # Those that can be made again, the last of them first.
        self._undone: list[Undone] = []

    def __len__(self) -> int:
        return len(self._all)

    @property
    def last(self) -> Undoable:
        """The last one."""
        return self._all[-1]

    def add(self, change: Change, before: Moment) -> None:
        """Keep one more; the first ones are given up where they take too much memory.

        What was undone before is not made again behind it, unless it is what was undone last.
        """
        is_redone = change == self.redoable(before.trace.iteration, before.changes)
        self._undone = self._undone[:-1] if is_redone else []
        self._all = [*self._all[1 - MOST :], Undoable(change, before)]
        while len(self._all) > 1 and sum(one.before.way.nbytes for one in self._all) > BUDGET:
            del self._all[0]

    def amend(self, change: Change) -> None:
        """Put another change in the place of the last one."""
        self._all[-1] = Undoable(change, self.last.before)

    def undo(self) -> Moment:
        """Keep the last one as undone; return the moment before it."""
        last = self._all.pop()
        before = last.before
        self._undone.append(Undone(last.change, before.trace.iteration, before.changes))
        return before

    def redoable(self, iteration: int, changes: Sequence[Change]) -> Change | None:
        """Return the change that was undone last; None if that was not at this moment.

        Args:
            iteration: at which the run stands.
            changes: that it has.
        """
        last = self._undone[-1] if self._undone else None
        here = iteration, tuple(changes)
        return last.change if last and (last.iteration, last.changes) == here else None

    def clear(self) -> None:
        """Keep nothing: another run begins."""
        self._all.clear()
        self._undone.clear()

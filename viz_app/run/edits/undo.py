"""What can be undone, and made again: the last changes of a run, each with the moment before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.inspect.trace import StepTrace
from core.training.way_back import WayBack
from viz_app.run.recipe import Recipe
from viz_app.run.replay import Change

# The most changes that are kept, and the most bytes of all but the last.
MOST, BUDGET = 20, 64_000_000


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
    """

    words: str
    recipe: Recipe
    iterations: int
    changes: tuple[Change, ...]


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
    """The last changes of a run, in the order in which they were made.

    Attributes:
        undone: those that can be made again, the last of them first.
    """

    def __init__(self) -> None:
        self._all: list[Undoable] = []
        self.undone: tuple[Undone, ...] = ()

    def __len__(self) -> int:
        return len(self._all)

    @property
    def last(self) -> Undoable:
        """The last one."""
        return self._all[-1]

    def add(self, change: Change, before: Moment) -> None:
        """Keep one more; the first ones are given up where they take too much memory.

        What was undone before is not made again behind it.
        """
        self.undone = ()
        self._all = [*self._all[1 - MOST :], Undoable(change, before)]
        while len(self._all) > 1 and sum(one.before.way.nbytes for one in self._all) > BUDGET:
            del self._all[0]

    def pop(self) -> Undoable:
        """Return the last one, and keep it no longer."""
        return self._all.pop()

    def clear(self) -> None:
        """Keep nothing: another run begins."""
        self._all.clear()
        self.undone = ()

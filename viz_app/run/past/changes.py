"""The last changes of a run, each with the moment before it: what is undone, and made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.inspect.trace import StepTrace
from core.training.way_back import WayBack
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

"""What undo takes back in a run, or leads back to, and what redo makes or leads to again."""

from __future__ import annotations

from collections.abc import Sequence

from core.data import DataSet
from viz_app.run.past.changes import UndoList
from viz_app.run.past.runs import Left, UndoneRun
from viz_app.run.recipe import Recipe
from viz_app.run.replay import Change


class Past:
    """Of a run and of those before it; a new run has none until it is given one.

    Attributes:
        made: the last changes of the run.
        left: the runs before it in which something was done, the last one at the end.
        undone: the runs from which undo has led back, the last one at the end.
        on_way: what redo leads to if the replay on the way is stopped; None if none is on its way
            because of undo or redo.
    """

    def __init__(self) -> None:
        self.made = UndoList()
        self.left: tuple[Left, ...] = ()
        self.undone: tuple[UndoneRun, ...] = ()
        self.on_way: UndoneRun | None = None

    def clear(self) -> None:
        """Keep nothing: another run begins."""
        self.made.clear()
        self.left, self.undone, self.on_way = (), (), None

    def last(self, changes: Sequence[Change]) -> Change | Left | None:
        """Return the last change, or the run that was left for this one: what undo takes back.

        None if there is neither.

        Args:
            changes: of the run.
        """
        left = self.left[-1] if self.left else None
        last = self.made.last.change if self.made else None
        if left is not None and (
            len(changes) <= left.taken_over if last is None else last is left.after
        ):
            return left
        if last is not None:
            return last
        return changes[-1] if changes else None

    def forget(self, data: DataSet | None) -> None:
        """Give up the runs on a data set: nothing leads back to them, nor anywhere again."""
        self.left = tuple(one for one in self.left if one.recipe.data is not data)
        self.undone = ()

    def stop(
        self, on_way: UndoneRun, recipe: Recipe, iterations: int, changes: Sequence[Change]
    ) -> None:
        """Hear that a way has ended early; redo leads on from there to where it could lead.

        Args:
            on_way: what was `on_way`.
            recipe: of the run as it stands.
            iterations: how many it has.
            changes: that were made in it.
        """
        rest = tuple(one for one in self.undone if one is not on_way)
        stopped = UndoneRun(on_way.run, on_way.before, recipe, iterations, tuple(changes))
        self.undone = (*rest, stopped)

"""The trail: the numbers that were visited, one from another.

It has an entry for every entry that this page has in the browser's own history, and the same one of
them is the present one. So the browser's Back and Forward, and those of the trail, are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.inspect.cell import Cell
from core.symbols import symbol
from viz_app.place.place import Place
from viz_app.style.gradients import G
from viz_app.style.notation import plain
from viz_app.style.typeset import mathml

# So many of the last ones are shown.
LONGEST = 8


@dataclass(frozen=True)
class Stop:
    """A number that was visited.

    Attributes:
        iteration: in which iteration.
        place: where in it.
        cell: where the number lies; None where nothing was selected.
    """

    iteration: int
    place: Place
    cell: Cell | None

    def is_at(self, iteration: int, place: Place) -> bool:
        """Return whether this is the number that is selected at a place of an iteration."""
        here = self.place
        mine = (self.iteration, here.stage, here.inner, here.array, here.index)
        return mine == (iteration, place.stage, place.inner, place.array, place.index)


@dataclass
class Trail:
    """The stops in order, and which one is the present one."""

    stops: list[Stop | None] = field(default_factory=lambda: [None])
    at: int = 0

    def stay(self, stop: Stop) -> None:
        """Take in where one is now: the address of the page is replaced as well."""
        self.stops[self.at] = stop

    def visit(self) -> None:
        """Begin a new entry behind the present one; those that were behind it are given up."""
        self.stops[self.at + 1 :] = [None]
        self.at += 1

    def open(self, iteration: int, place: Place) -> None:
        """Go to the nearest stop at which an address was, or begin anew there."""
        order = sorted(range(len(self.stops)), key=lambda k: abs(k - self.at))
        for k in order:
            stop = self.stops[k]
            if stop is not None and stop.is_at(iteration, place):
                self.at = k
                return
        self.stops, self.at = [None], 0

    def message(self, iteration: int, notation: str = G) -> dict[str, Any]:
        """Return what the browser shows: the chips of the stops with a number, and how far each is.

        Args:
            iteration: the present one. Stops in others say in which.
            notation: of gradients.
        """
        chips = [
            _chip(stop, stop.cell, k - self.at, iteration, notation)
            for k, stop in enumerate(self.stops)
            if stop is not None and stop.cell is not None
        ]
        now = next((k for k, chip in enumerate(chips) if chip["away"] == 0), len(chips) - 1)
        first = max(0, min(now - LONGEST // 2, len(chips) - LONGEST))
        return {
            "chips": chips[first : first + LONGEST],
            "back": self.at > 0,
            "forward": self.at + 1 < len(self.stops),
        }


def _chip(stop: Stop, cell: Cell, away: int, iteration: int, notation: str) -> Mapping[str, Any]:
    where = "" if stop.iteration == iteration else f", iteration {stop.iteration}"
    return {
        "symbol": mathml(indexed(cell), notation, is_inline=True),
        "title": plain(cell.words, notation) + where,
        "elsewhere": bool(where),
        "away": away,
    }


def indexed(cell: Cell, letters: Mapping[int, str] | None = None) -> str:
    """Return the symbol of a cell with its index, in LaTeX.

    Args:
        cell: the cell.
        letters: what stands for its index on an axis instead of the number.
    """
    latex = symbol(cell.array, len(cell.index)).latex
    index = [(letters or {}).get(k, str(at)) for k, at in enumerate(cell.index)]
    return f"{{{latex}}}_{{{','.join(index)}}}" if index else latex

"""What a view says of a number of its layer beside its arithmetic.

That is a heading, a sentence for whoever asks why, and which array of the stage it goes into.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.inspect.cell import Cell
from core.inspect.trace import StagePhase, StepTrace
from viz_app.scene.kinds import kinds_of

# Takes the trace and the cell, where the sentence depends on them; returns none for an empty text.
MakeWhy = Callable[[StepTrace, Cell], str]


@dataclass(frozen=True)
class Saying:
    """What is said of the numbers of an array.

    Attributes:
        heading: what was done, with the index of the cell: "Row {} times column {}".
        why: one or two sentences in plain notation, or what makes them.
        onto: the array of the same stage that the number becomes a part of, at the same sample,
            channel and so on; empty where none is said.
    """

    heading: str = ""
    why: str | MakeWhy = ""
    onto: str = ""

    def heading_of(self, cell: Cell) -> str:
        """Return the heading of a cell; empty if there is none."""
        return self.heading.format(*cell.index)

    def why_of(self, trace: StepTrace, cell: Cell) -> str:
        """Return why it is so, in plain notation; empty if nothing is to be said."""
        return self.why if isinstance(self.why, str) else self.why(trace, cell)


# (phase, array) -> what is said of it.
Sayings = Mapping[tuple[StagePhase, str], Saying]
_SAYINGS: dict[type, dict[tuple[StagePhase, str], Saying]] = {}
NOTHING = Saying()


def say(sayings: Sayings, *kinds: type) -> None:
    """Register what is said of the arrays of types of layers, losses or optimisers.

    A subclass says the same, as long as that fits it (see `viz_app.scene.kinds`).
    """
    for kind in kinds:
        _SAYINGS.setdefault(kind, {}).update(sayings)


def saying_of(trace: StepTrace, cell: Cell) -> Saying:
    """Return what is said of a cell, by the most specific type; nothing if none says anything."""
    stage = trace.stage(cell.phase, cell.layer)
    inner = next(name for name, arrays in stage.inner.items() if cell.array in arrays)
    for kind in kinds_of(stage, inner):
        found = _SAYINGS.get(kind, {}).get((cell.phase, cell.array))
        if found is not None:
            return found
    return NOTHING

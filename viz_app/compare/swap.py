"""Two runs exchanged: the second one leads, so that what only it has can be looked at."""

from __future__ import annotations

from dataclasses import replace

from viz_app.compare.comparison import Comparison
from viz_app.place.address import Moment
from viz_app.place.place import RUNS
from viz_app.run.run import Run
from viz_app.scene.registry import Look


def swapped(run: Run, look: Look) -> Moment:
    """Return the same moment with run B as run A, and run A as run B.

    Args:
        run: run A, which is compared.
        look: what is seen of both.

    Raises:
        ValueError: they cannot be exchanged; the message says why.
    """
    comparison: Comparison | None = run.companion
    if comparison is None:
        raise ValueError("No run is compared with this one: there is nothing to be swapped.")
    difference, beside = comparison.difference, look.beside
    inverse = difference.inverse(run.recipe)
    weights = run.recipe.weights
    if weights is not None and difference.recipe(run.recipe).weights is not weights:
        raise ValueError(
            f"Run B begins from a part of {weights.name}, which no link can say, so it cannot be "
            "run A."
        )
    if inverse is None:
        raise ValueError(
            f"Run A cannot be made from run B by one setting ({difference.title}): open run B by "
            "itself, under Settings, to look at it."
        )
    if beside is None or beside.trace is None:
        raise ValueError("Run B is not at this iteration: there is nothing to be swapped.")
    here = look.trace.iteration
    later = [change.at for change in run.changes if change.at > here]
    if later:
        raise ValueError(
            f"Run A was changed after iteration {max(later)}, which swapping here would lose: go "
            "there first."
        )
    changes = tuple(difference.changes(run.changes))
    if changes != tuple(run.changes):
        raise ValueError(
            f"The {difference.words} of run A was changed on its way and that of run B was not, "
            "which swapping would lose: undo that change first."
        )
    place = beside.other.place if beside.other else look.place
    return Moment(
        difference.recipe(run.recipe), here, changes, replace(place, run=RUNS[0], visited=0),
        (), inverse,
    )  # fmt: skip

"""What is said where two runs are swapped, or one of them goes on alone."""

from __future__ import annotations

from viz_app.run.run import Run
from viz_app.run.settings import shown


def told_of_swap(run: Run) -> str:
    """Return what is said once run B is to be run A, before it is."""
    difference = run.companion.difference
    return f"A and B are swapped: run A is the one with {shown(difference.title)} now."


def told_of_end(run: Run) -> str:
    """Return which run goes on, and which does not, where a comparison is to end."""
    difference = run.companion.difference
    # What was changed on the way is not as the recipe says.
    is_changed = any(change.name == difference.name for change in run.changes)
    own = None if is_changed else difference.inverse(run.recipe)
    mine = "" if own is None else f" ({shown(own.title)})"
    return (
        f"The comparison has ended: run A{mine} goes on alone, without run B "
        f"({shown(difference.title)})."
    )

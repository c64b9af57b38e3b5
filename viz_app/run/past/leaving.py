"""Leaves a run for another one, so that undo leads back to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from viz_app.run.past.runs import Left, last_of
from viz_app.run.run import Run
from viz_app.words import ended, joined


def leaving(run: Run, words: str, *, leads: bool = False) -> Left:
    """Return what leads back to a run as it stands, and to its companion if it `leads`.

    Args:
        run: the run.
        words: for what it is left.
        leads: whether another companion takes the place of its own.
    """
    companion = run.companion.anew() if leads and run.companion else None
    return Left(
        words, run.recipe, run.history.length, tuple(run.changes), run.own,
        leads=leads, companion=companion,
    )  # fmt: skip


def begin_instead(run: Run, words: str, begin: Callable[[], str], *, is_told: bool = False) -> str:
    """Begin a run anew, so that undo leads back to how it was.

    It does not lead to a run that nobody would miss (see `Left.is_missed`), but to the one
    before.

    Args:
        run: the run.
        words: for what the new one begins.
        begin: does it, and returns what should be said of how.
        is_told: whether it is said, and undone, in any case.

    Returns:
        What should be said about it; of the new run itself only where undo leads back from it.
    """
    left, before = leaving(run, words), run.past.left
    said = begin()
    is_undone = left.is_missed(run.recipe) or is_told
    run.past.left = last_of((*before, left)) if is_undone else before
    if run.past.left:
        # What can be undone has changed once more.
        run.param.trigger("settings")
    return joined(f"A new run begins at iteration 1: {ended(words)}", said) if is_undone else said


def take_the_place(run: Run, begin: Callable[[], object], words: str) -> None:
    """Begin another run, that of the companion; undo leads back from it to both as they were.

    Args:
        run: the run.
        begin: goes there, by whatever way, or leaves the run as it is.
        words: for what.
    """
    left, before, history = leaving(run, words, leads=True), run.past.left, run.history
    begin()
    if run.history is not history:
        run.past.left = last_of((*before, replace(left, taken_over=len(run.planned))))


def leave_companion(run: Run, words: str) -> None:
    """Lead nobody along any more; undo brings the companion back.

    Args:
        run: the run.
        words: for what.
    """
    past = run.past
    left = replace(
        leaving(run, words, leads=True),
        stays=True, taken_over=len(run.changes),
        after=past.made.last.change if past.made else None,
    )  # fmt: skip
    run.accompany(None)
    past.left, past.undone = last_of((*past.left, left)), ()

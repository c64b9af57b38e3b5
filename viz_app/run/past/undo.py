"""Goes back to before the last change of a run, or to the run before it, and forward again."""

from __future__ import annotations

from dataclasses import replace

import param

from viz_app.run.edits import changes as kinds
from viz_app.run.past.leaving import leaving
from viz_app.run.past.runs import Left, UndoneRun, last_of
from viz_app.run.replay import Change
from viz_app.run.run import Run
from viz_app.words import ended


def undoable(run: Run) -> Change | Left | None:
    """Return the last change of a run, or the run that was left for it: what `undo` takes back.

    None if there is neither.
    """
    return run.past.last(run.changes)


def undo(run: Run) -> str:
    """Go back to where the last change was made, to the run without it.

    One that a link has brought along is undone by a replay without it, and a new run by a
    replay of the one before.

    Returns:
        What should be said about it.

    Raises:
        ValueError: there is no change.
    """
    run.check_free()
    change, past = undoable(run), run.past
    if change is None:
        raise ValueError("There is no change to be undone.")
    if isinstance(change, Left):
        words = change.words
        _undo_run(run, change, past.left[:-1])
    elif not past.made:
        words = kinds.words(change)
        back = replace(
            leaving(run, words), iterations=run.trace.iteration, changes=tuple(run.changes[:-1])
        )
        _undo_run(run, back, past.left)
    else:
        words = kinds.words(change)
        run.return_to(past.made.undo())
    return f"Undone: {ended(words)}"


def redoable(run: Run) -> Change | Left | None:
    """Return what `redo` makes again, or the run that it leads to again.

    None where something else was done or one went on.
    """
    change = run.past.made.redoable(run.trace.iteration, run.changes)
    if change is not None:
        return change
    last = run.past.undone[-1] if run.past.undone and not run.replaying else None
    is_there = last and last.is_at(run.recipe, run.history.length, run.changes)
    return last.run if last and is_there else None


def redo(run: Run) -> str:
    """Make the change again that was undone last, or go to the run again that was left by it.

    Returns:
        What should be said about it.

    Raises:
        ValueError: there is none.
    """
    run.check_free()
    change = redoable(run)
    if change is None:
        raise ValueError("Nothing that was undone can be made again here.")
    if isinstance(change, Left):
        *rest, last = run.past.undone
        _go_to(run, change, last.before)
        run.past.undone = tuple(rest)
        run.past.on_way = last if run.replaying else None
        return f"Redone: {ended(change.words)}"
    edit = kinds.edit_of(change)
    if edit is None:
        run.change(change.name, change.value)
    else:
        run.edit(edit, behind=change.at == run.trace.iteration)
    return f"Redone: {ended(kinds.words(change))}"


def _undo_run(run: Run, back: Left, before: tuple[Left, ...]) -> None:
    """Go back to a run, from which `redo` leads here again.

    Args:
        run: what goes there.
        back: where to go.
        before: the runs that were left for that one.
    """
    here = replace(leaving(run, back.words, leads=back.leads), stays=back.stays)
    left, rest = run.past.left, run.past.undone
    _go_to(run, back, before)
    iterations = run.history.length if back.stays else back.iterations
    undone = UndoneRun(here, left, back.recipe, iterations, back.changes)
    run.past.undone = last_of((*rest, undone))
    run.past.on_way = undone if run.replaying else None


def _go_to(run: Run, left: Left, before: tuple[Left, ...]) -> None:
    """Go to another run as it stood, and to whom that one led along.

    Args:
        run: what goes there.
        left: where to go.
        before: the runs that were left for that one.
    """
    companion = run.companion
    with param.parameterized.batch_call_watchers(run):
        try:
            if left.leads:
                run.companion = left.companion.anew() if left.companion else None
            if left.stays:
                run.accompany(run.companion)
            else:
                run.replay(left.recipe, left.iterations, left.changes)
                run.own = left.own
        except BaseException:
            run.companion = companion
            raise
        run.past.left = before
    # What can be undone has changed once more.
    run.param.trigger("settings")

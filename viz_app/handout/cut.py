"""How much of a large matrix is printed: what a question needs, and some cells beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.tensor import Array

# So many rows, and columns, fit below and beside each other on a page.
MOST = 16
# Where a piece of a matrix may begin. Not at what is needed: that would tell where an answer is.
BEGINNINGS = (MOST, MOST // 2, MOST // 4)


def kept(needed: Array, axis: int) -> list[int]:
    """Return which rows or columns of a matrix are printed.

    Args:
        needed: which cells are.
        axis: 0 for rows, 1 for columns.
    """
    total = needed.shape[axis]
    if total <= MOST:
        return list(range(total))
    wanted = sorted({int(index[axis]) for index in np.argwhere(needed)})[:MOST] or [0]
    for step in BEGINNINGS:
        start = wanted[0] // step * step
        if wanted[-1] < start + MOST:
            start = min(start, total - MOST)
            return list(range(start, start + MOST))
    # In several pieces, with others among them.
    others = [k for k in range(total) if k not in wanted]
    return sorted([*wanted, *others[: MOST - len(wanted)]])


def note(totals: Sequence[int], printed: Sequence[list[int]]) -> str:
    """Return which rows and columns are printed where some are left out; empty for all.

    Args:
        totals: how many rows and columns there are.
        printed: those that are printed.
    """
    said = [
        f"{axis} {_runs(places)} of {total}"
        for axis, total, places in zip(("rows", "columns"), totals, printed, strict=True)
        if len(places) < total
    ]
    return ", ".join(said)


def _runs(places: Sequence[int]) -> str:
    """Return numbers in words: those that follow each other as "0 to 5"."""
    runs = list[list[int]]()
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)

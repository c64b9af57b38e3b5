"""The terms of an explanation as rows of a table: what its columns are, and each row's index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from core.inspect.cell import Cell
from core.inspect.explain import Factor, Term
from core.symbols import axes, symbol
from viz_app.components.explanation.trail import indexed
from viz_app.cover.covered import NOTHING, Covered
from viz_app.style.notation import markup, plain
from viz_app.style.typeset import mathml

# Reasons of one term that are listed.
MOST_REASONS = 3
# Letters for the axis along which the rows of the table go; rows and columns of a matrix.
LETTERS = {
    "sample": "n",
    "channel": "c",
    "output channel": "o",
    "input channel": "c",
    "kernel": "o",
    "class": "k",
    "feature": "i",
    "input": "i",
    "output": "k",
    "position": "i",
}
MATRIX = {"row": "r", "column": "k"}
IMAGE = {"row": "i", "column": "j"}
# Letters that say only where in a matrix, not what.
PLAIN = {*MATRIX.values(), *IMAGE.values()}


def rows(
    terms: Sequence[tuple[int, Term]],
    is_rounding: Callable[[Factor], bool],
    notation: str,
    covered: Covered = NOTHING,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of some terms, and the groups of rows that have the same columns.

    Args:
        terms: the terms, each with its number among all of them.
        is_rounding: whether a factor is nothing but rounding, and is told as zero.
        notation: of gradients.
        covered: of which cells the numbers are not told.
    """
    told, groups = list[dict[str, Any]](), list[dict[str, Any]]()
    for _, group in groupby(terms, key=lambda item: _arrays(item[1])):
        members = list(group)
        heads, letters, labels = _columns([term for _, term in members], notation)
        groups.append({"count": len(members), "heads": heads, "letters": letters})
        for (place, term), label in zip(members, labels, strict=True):
            row = _row(place, term, is_rounding, notation)
            told.append({"label": label, **row, **_covered(term, covered)})
    return told, groups


def reasons(term: Term) -> list[Factor]:
    """Return the numbers that a term follows from, without those that are multiplied in it."""
    return [factor for factor in term.because if factor not in term.factors]


def _arrays(term: Term) -> tuple[tuple[str, str] | None, ...]:
    """Return what the factors of a term are, by which terms have the same columns."""
    cells = [factor.cell for factor in term.factors]
    return tuple(None if cell is None else (cell.layer, cell.array) for cell in cells)


def _columns(terms: Sequence[Term], notation: str) -> tuple[list[str], str, list[str]]:
    """Return the heads of the columns of factors, the head of the indices, and these."""
    columns = [[term.factors[k].cell for term in terms] for k in range(len(terms[0].factors))]
    along = [_along(cells) if cells[0] is not None else {} for cells in columns]
    running = [(k, found) for k, found in enumerate(along) if found]
    indices = {
        tuple(tuple(cell.index[axis] for axis in along[k]) for cell in columns[k])
        for k, _ in running
    }
    # What all columns run along together has one letter; it is that which says most.
    together = len(indices) == 1
    found = sorted(running, key=lambda item: (bool({*item[1].values()} & PLAIN), -item[0]))
    letters = list(found[0][1].values()) if together else []
    labels = [",".join(map(str, index)) for index in next(iter(indices))] if together else []
    heads = []
    for cells, axes_along in zip(columns, along, strict=True):
        # Elsewhere each column has places of its own.
        run = letters or [r"\cdot"] * len(axes_along)
        shown = dict(zip(axes_along, run, strict=False))
        heads.append(
            "" if cells[0] is None else mathml(indexed(cells[0], shown), notation, is_inline=True)
        )
    return heads, mathml(",".join(letters)) if letters else "", labels or [""] * len(terms)


def _along(cells: Sequence[Cell]) -> dict[int, str]:
    """Return the axes along which the index changes from cell to cell, and letters for them."""
    first, rank = cells[0].index, len(cells[0].index)
    names = axes(cells[0].array, rank)
    table = LETTERS | (MATRIX if rank == len(MATRIX) else IMAGE)
    return {
        axis: table.get(names[axis], "ijkl"[axis % 4])
        for axis in range(rank)
        if any(cell.index[axis] != first[axis] for cell in cells)
    }


def _row(
    place: int, term: Term, is_rounding: Callable[[Factor], bool], notation: str
) -> dict[str, Any]:
    because = reasons(term)
    return {
        "place": place,
        "note": markup(term.note, notation),
        "value": term.value,
        "factors": [_number(factor, is_rounding, notation) for factor in term.factors],
        "because": [_number(factor, is_rounding, notation) for factor in because[:MOST_REASONS]],
        "reasons": len(because),
    }


def hides(covered: Covered, term: Term) -> bool:
    """Return whether a number that a term is made of is covered, or was computed from one."""
    return any(f.cell is not None and covered.hides(f.cell) for f in (*term.factors, *term.because))


def _covered(term: Term, covered: Covered) -> dict[str, Any]:
    """Return which numbers of a term are covered, by their places in it; nothing if none is."""
    if not covered.masks or not hides(covered, term):
        return {}
    numbers = (*term.factors, *reasons(term))
    hidden = [
        place
        for place, number in enumerate(numbers)
        if (number.cell is None and number.value != number.value)
        or (number.cell is not None and covered.hides(number.cell))
    ]
    return {"covered": hidden}


def _number(factor: Factor, is_rounding: Callable[[Factor], bool], notation: str) -> dict[str, Any]:
    """Return a number of a term; where it lies in a cell, with the array's symbol and words."""
    cell = factor.cell
    return {
        "value": factor.value,
        "linked": cell is not None,
        "rounding": is_rounding(factor),
        "symbol": "" if cell is None else _symbol(cell, notation),
        "title": "" if cell is None else plain(cell.words, notation),
    }


def _symbol(cell: Cell, notation: str) -> str:
    return mathml(symbol(cell.array, len(cell.index)).latex, notation, is_inline=True)

"""Questions that are answered by filling in the terms of a sum."""

from __future__ import annotations

import numpy as np

from core.inspect.explain import explain
from core.tensor import Array
from viz_app.lessons import rules
from viz_app.lessons.answer import Blank, Given, spoken
from viz_app.lessons.error import LessonError
from viz_app.lessons.kinds.kind import Found, Kind, one
from viz_app.lessons.kinds.numbers import read_number
from viz_app.lessons.question import BLANK, Question, Rule
from viz_app.lessons.record import Record


def _find_terms(question: Question, rule: Rule, record: Record) -> Found:
    cell = rules.single(record, rule)
    if cell is None:
        raise LessonError(rule.line, f"{rule.text!r}", "one cell whose sum is asked")
    told = explain(record.trace, cell)
    if told.operation != "sum":
        raise LessonError(rule.line, f"{rule.text!r} is no sum of terms", "a cell that is a sum")
    values = told.terms.values
    blanks = _blank_terms(values, question.blanks)
    terms = tuple(
        Blank(tuple((f.cell, f.value) for f in term.factors), term.value, k in blanks)
        for k, term in enumerate(told.terms)
    )
    if question.blanks == BLANK:
        right, terms = [told.total], ()
    else:
        right = [float(values[k]) for k in sorted(blanks)]
    said = ", ".join(map(spoken, right)) or spoken(told.total)
    fair = bool(np.count_nonzero(values) >= max(1, len(blanks))) and not told.is_rounding
    return Found(right, said, one(record, cell), cell, terms=terms, is_fair=fair)


def _blank_terms(values: Array, count: int) -> set[int]:
    """Return which terms are blank: spread over those that are not zero, as far as there are."""
    if count <= 0:
        return set()
    first = [*np.flatnonzero(values), *np.flatnonzero(values == 0)]
    among = first[: max(count, int(np.count_nonzero(values)))]
    at = np.linspace(0, len(among) - 1, min(count, len(among))).round().astype(int)
    return {int(among[k]) for k in at}


def _read_terms(question: Question, found: Found, given: object) -> Given:
    listed = list(given) if isinstance(given, list | tuple) else [given]
    if len(listed) != len(found.right):
        raise ValueError(
            f"{len(listed)} numbers are given; expected {len(found.right)}, one a blank"
        )
    return [read_number(question, found, value) for value in listed]


def _near_each(question: Question, given: Given, right: Given) -> bool:
    return len(given) == len(right) and all(
        question.tolerance.holds(a, b) for a, b in zip(given, right, strict=True)
    )


TERMS = Kind(_find_terms, _read_terms, _near_each, "fill in the blanks", takes_named=True)

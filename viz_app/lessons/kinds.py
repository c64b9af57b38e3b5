"""The kinds of questions: what each one's rule gives, covers, and takes as an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from math import isfinite

import numpy as np

from core.inspect.cell import Cell
from core.inspect.explain import explain, is_rounding
from core.symbols import in_words
from viz_app.lessons import rules
from viz_app.lessons.answer import Answer, Blank, Given, filled, spoken
from viz_app.lessons.covered import Covered, covered
from viz_app.lessons.error import LessonError
from viz_app.lessons.mistakes import is_named, wrong_numbers
from viz_app.lessons.question import BLANK, Question, Rule
from viz_app.lessons.record import Record, whole
from viz_app.lessons.rules import Chosen
from viz_app.run.settings import number, shown

SIGNS = {"+": "positive", "-": "negative", "0": "zero"}
# A larger number is no answer.
LARGEST = 1e300
# Two numbers nearer than this share of the larger one are not to be told apart.
APART = 0.01
# A click on so many cells is no question any more.
MOST_CLICKS = 64


@dataclass(frozen=True)
class Found:
    """What a kind finds in a record.

    Attributes:
        right: the right answer.
        said: the same in words.
        asked: cells whose numbers are asked.
        cell: the cell to explain.
        relations: whether what belongs to a cell must not be seen.
        array: the array to click at.
        options: to choose from.
        terms: of a sum.
        is_fair: as `Answer.is_fair`.
        wrongs: mistakes that the kind itself knows, with their sentences.
    """

    right: Given
    said: str
    asked: tuple[Chosen, ...] = ()
    cell: Cell | None = None
    relations: bool = False
    array: Cell | None = None
    options: tuple[str, ...] = ()
    terms: tuple[Blank, ...] = ()
    is_fair: bool = True
    wrongs: tuple[tuple[Given, str], ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of question.

    Attributes:
        find: returns what its rule gives.
        read: returns an answer as `Given`; ValueError where it is none.
        agrees: whether two answers are the same.
        title: what it asks for, in words.
        takes_named: whether mistakes may have a name (see `viz_app.lessons.mistakes`).
    """

    find: Callable[[Question, Rule, Record], Found]
    read: Callable[[Question, Found, object], Given]
    agrees: Callable[[Question, Given, Given], bool]
    title: str
    takes_named: bool = field(default=False)


def answer_of(question: Question, record: Record) -> Answer:
    """Return what an iteration answers to a question.

    Raises:
        LessonError: a rule cannot be read, or names what the iteration does not have.
    """
    kind = KINDS[question.kind]
    found = kind.find(question, question.rule, record)
    wrongs = list(found.wrongs)
    for mistake in question.mistakes:
        why = _filled(mistake.why, mistake.rule.line, record)
        wrongs += [(given, why) for given in _mistaken(kind, question, mistake.rule, found, record)]
    asked = found.asked
    if question.cover is not None:
        asked = tuple(rules.chosen(record, rule) for rule in question.cover)
    hidden = covered(record.trace, asked, found.relations) if question.asks else Covered()
    return Answer(
        question,
        found.right,
        found.said,
        _filled(question.why, question.line, record),
        hidden,
        partial(kind.read, question, found),
        partial(kind.agrees, question),
        tuple(wrongs),
        found.cell,
        found.array,
        found.options,
        found.terms,
        found.is_fair,
    )


def _filled(text: str, line: int, record: Record) -> str:
    return filled(text, lambda rule: rules.number(record, Rule(rule, line)))


def _mistaken(
    kind: Kind, question: Question, rule: Rule, found: Found, record: Record
) -> list[Given]:
    """Return the wrong answers that a mistake leads to."""
    if not is_named(rule):
        return [kind.find(question, rule, record).right]
    if not kind.takes_named:
        expected = f"a rule, as behind {question.kind}:"
        raise LessonError(rule.line, f"the mistake {rule.text!r}", expected)
    right = rules.number(record, question.rule) if question.kind == "sign" else found.right
    if isinstance(right, list):
        right = right[0] if question.blanks == BLANK else np.nan
    numbers = wrong_numbers(record, rule, float(right), found.cell)
    if question.kind == "sign":
        return [_sign_of(value) for value in numbers]
    return [[value] for value in numbers] if question.kind == "terms" else [*numbers]


# Numbers.


def _find_number(question: Question, rule: Rule, record: Record) -> Found:
    value, cell = rules.number(record, rule), rules.single(record, rule)
    if not isfinite(value):
        raise LessonError(rule.line, f"{rule.text!r} is {value}", "a number that is finite")
    value = 0.0 if cell is not None and is_rounding(record.trace, cell) else value
    return Found(value, spoken(value), _one(record, cell), cell, is_fair=value != 0)


def _find_sign(question: Question, rule: Rule, record: Record) -> Found:
    found = _find_number(question, rule, record)
    sign = _sign_of(found.right)
    return replace(found, right=sign, said=SIGNS[sign])


def _find_count(question: Question, rule: Rule, record: Record) -> Found:
    text, _ = record.split(rule)
    if rules.RELATIONS.match(text):
        chosen = rules.chosen(record, rule)
        count = int(chosen.mask.sum())
        related = " where " not in text
        return Found(float(count), str(count), cell=_named(record, rule), relations=related)
    found = _find_number(question, rule, record)
    if found.right != round(found.right):
        raise LessonError(rule.line, f"{rule.text!r} is {found.said}", "a whole number")
    return replace(found, is_fair=True)


def _sign_of(value: float) -> str:
    return "0" if value == 0 else "+" if value > 0 else "-"


def _one(record: Record, cell: Cell | None) -> tuple[Chosen, ...]:
    if cell is None:
        return ()
    mask = np.zeros(record.array(whole(cell)).shape, bool)
    mask[cell.index] = True
    return (Chosen(whole(cell), mask),)


def _named(record: Record, rule: Rule) -> Cell | None:
    """Return the cell to which other cells are related."""
    text, _ = record.split(rule)
    found = rules.RELATIONS.match(text)
    if found is None or found["relation"] == "where":
        return None
    return rules.single(record, replace(rule, text=found["of"] + rule.text[len(text) :]))


def _read_number(question: Question, found: Found, given: object) -> Given:
    written = given.replace("\N{MINUS SIGN}", "-") if isinstance(given, str) else given
    value = number(written) if isinstance(written, str) else written
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST:
        return float(value)
    raise ValueError(f"{shown(str(given))} is no number; expected one, such as -0.25")


def _read_whole(question: Question, found: Found, given: object) -> Given:
    value = _read_number(question, found, given)
    if value != round(value) or value < 0:
        raise ValueError(f"{shown(str(given))} is no count; expected a whole number")
    return value


def _read_sign(question: Question, found: Found, given: object) -> Given:
    text = str(given).replace("\N{MINUS SIGN}", "-")
    if text not in SIGNS:
        raise ValueError(f"{shown(str(given))} is no sign; expected one of {', '.join(SIGNS)}")
    return text


def _near(question: Question, one: Given, other: Given) -> bool:
    return question.tolerance.holds(one, other)


def _same(question: Question, one: Given, other: Given) -> bool:
    return bool(one == other)


# Cells.


def _find_cells(question: Question, rule: Rule, record: Record) -> Found:
    chosen, (text, _) = rules.chosen(record, rule), record.split(rule)
    relation = rules.RELATIONS.match(text)
    kind = relation["relation"] if relation else ""
    cells = chosen.cells
    said = "; ".join(in_words(chosen.array.array, index) for index in cells[:4])
    more = f" and {len(cells) - 4} more" if len(cells) > 4 else ""
    every = Chosen(chosen.array, np.ones(chosen.mask.shape, bool))
    return Found(
        [list(index) for index in cells],
        f"{said}{more}" or "no cell",
        (every,) if kind == "where" else (),
        _named(record, rule),
        kind not in ("", "where"),
        chosen.array,
        is_fair=0 < len(cells) <= MOST_CLICKS,
    )


def _find_largest(question: Question, rule: Rule, record: Record) -> Found:
    array, values = rules.field(record, rule)
    if not values.size or not np.isfinite(values).all():
        raise LessonError(
            rule.line, f"{rule.text!r} has no largest cell", "numbers that are finite"
        )
    flat = np.sort(values.reshape(-1))[::-1]
    index = tuple(map(int, np.unravel_index(int(values.argmax()), values.shape)))
    clear = flat.size < 2 or flat[0] - flat[1] > APART * max(abs(flat[0]), abs(flat[1]))
    return Found(
        [list(index)],
        in_words(array.array, index),
        (Chosen(array, np.ones(values.shape, bool)),),
        replace(array, index=index),
        array=array,
        is_fair=bool(clear),
    )


def _read_cells(question: Question, found: Found, given: object) -> Given:
    cells = list[list[int]]()
    for index in given if isinstance(given, list | tuple) else [None]:
        if not isinstance(index, list | tuple) or not all(type(k) is int for k in index):
            raise ValueError(f"{shown(str(given))} are no cells; expected indices as [[0, 4]]")
        cells.append([*index])
    return sorted(cells)


# Choices.


def _find_choice(question: Question, rule: Rule, record: Record) -> Found:
    holds = [_holds(option.when, record) for option in question.options]
    if sum(holds) != 1:
        raise LessonError(
            question.line, f"{sum(holds)} sentences are right with these numbers", "exactly one"
        )
    right = holds.index(True)
    says = tuple(_filled(option.say, option.when.line, record) for option in question.options)
    wrongs = tuple(
        (float(k), _filled(option.why, option.when.line, record))
        for k, option in enumerate(question.options)
        if option.why and k != right
    )
    return Found(float(right), says[right], options=says, wrongs=wrongs)


def _holds(rule: Rule, record: Record) -> bool:
    return rule.text == "yes" if rule.text in ("yes", "no") else rules.number(record, rule) != 0


def _read_choice(question: Question, found: Found, given: object) -> Given:
    if type(given) is float and given.is_integer():
        given = int(given)
    if type(given) is not int or not 0 <= given < len(found.options):
        raise ValueError(
            f"{shown(str(given))} is none of the sentences; expected 0 to {len(found.options) - 1}"
        )
    return float(given)


def _find_order(question: Question, rule: Rule, record: Record) -> Found:
    def measured(label: str) -> float:
        return rules.number(record, replace(rule, text=rule.text.replace("@layer", label)))

    values = {label: measured(label) for label in question.among}
    order = sorted(values, key=lambda label: -values[label])
    sizes = [values[label] for label in order]
    clear = all(a - b > APART * max(abs(a), abs(b)) for a, b in pairwise(sizes))
    asked = [_named_array(record, rule, label) for label in question.among]
    said = ", ".join(f"{label} ({spoken(values[label])})" for label in order)
    return Found(order, said, tuple(c for c in asked if c), options=question.among, is_fair=clear)


def _named_array(record: Record, rule: Rule, label: str) -> Chosen | None:
    """Return all cells of the first array that a measure names."""
    rule = replace(rule, text=rule.text.replace("@layer", label))
    text, stage = record.split(rule)
    book = record.book(stage)
    name = next((word for word in rules.WORD.findall(text) if word in book), None)
    if name is None:
        return None
    array = book.cell(name, ())
    return Chosen(array, np.ones(record.array(array).shape, bool))


def _read_order(question: Question, found: Found, given: object) -> Given:
    labels = [str(label) for label in given] if isinstance(given, list | tuple) else []
    if sorted(labels) != sorted(question.among):
        raise ValueError(
            f"{shown(str(given))} is no order; expected each of {', '.join(question.among)} once"
        )
    return labels


# Sums.


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
    return Found(right, said, _one(record, cell), cell, terms=terms, is_fair=fair)


def _blank_terms(values: np.ndarray, count: int) -> set[int]:
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
    return [_read_number(question, found, value) for value in listed]


def _near_each(question: Question, one: Given, other: Given) -> bool:
    return len(one) == len(other) and all(
        question.tolerance.holds(a, b) for a, b in zip(one, other, strict=True)
    )


KINDS: Mapping[str, Kind] = {
    "cells": Kind(_find_cells, _read_cells, _same, "click the cells"),
    "largest": Kind(_find_largest, _read_cells, _same, "click the largest"),
    "sign": Kind(_find_sign, _read_sign, _same, "its sign", takes_named=True),
    "number": Kind(_find_number, _read_number, _near, "a number", takes_named=True),
    "count": Kind(_find_count, _read_whole, _same, "how many", takes_named=True),
    "order": Kind(_find_order, _read_order, _same, "the largest first"),
    "choose": Kind(_find_choice, _read_choice, _same, "choose a sentence"),
    "terms": Kind(_find_terms, _read_terms, _near_each, "fill in the blanks", takes_named=True),
}

"""Questions whose answer is a number, or its sign."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

from core.inspect.explain import is_rounding
from viz_app.lessons import rules
from viz_app.lessons.answer import Given, spoken
from viz_app.lessons.error import LessonError, NotFiniteError
from viz_app.lessons.kinds.kind import Found, Kind, named, one, same
from viz_app.lessons.question import Question, Rule
from viz_app.lessons.record import Record
from viz_app.run.settings import number, shown

SIGNS = {"+": "positive", "-": "negative", "0": "zero"}
# A larger number is no answer.
LARGEST = 1e300


def _find_number(question: Question, rule: Rule, record: Record) -> Found:
    value, cell = rules.number(record, rule), rules.single(record, rule)
    if not isfinite(value):
        raise NotFiniteError(rule.line, f"{rule.text!r} is {value}", "a finite number")
    # Terms that cancel make a zero that somebody can reason out; others are zero by chance.
    cancels = cell is not None and is_rounding(record.trace, cell)
    right = 0.0 if cancels else value
    fair = cancels or value != 0
    return Found(right, spoken(right), one(record, cell), cell, is_fair=fair)


def _find_sign(question: Question, rule: Rule, record: Record) -> Found:
    found = _find_number(question, rule, record)
    sign = sign_of(found.right)
    return replace(found, right=sign, said=SIGNS[sign])


def _find_count(question: Question, rule: Rule, record: Record) -> Found:
    text, _ = record.split(rule)
    is_list = bool(set(":;") & set(text))
    if is_list or rules.RELATIONS.match(text):
        chosen = rules.chosen(record, rule)
        count = int(chosen.mask.sum())
        related = " where " not in text and not is_list
        return Found(float(count), str(count), cell=named(record, rule), relations=related)
    found = _find_number(question, rule, record)
    if found.right != round(found.right):
        raise LessonError(rule.line, f"{rule.text!r} is {found.said}", "a whole number")
    return replace(found, is_fair=True)


def sign_of(value: float) -> str:
    """Return the key in `SIGNS` of a number."""
    return "0" if value == 0 else "+" if value > 0 else "-"


def read_number(question: Question, found: Found, given: object) -> Given:
    """Return the number that somebody gave, or typed.

    Raises:
        ValueError: it is none.
    """
    written = given.replace("\N{MINUS SIGN}", "-") if isinstance(given, str) else given
    value = number(written) if isinstance(written, str) else written
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST:
        return float(value)
    raise ValueError(f"{shown(str(given))} is no number; expected one, such as -0.25")


def _read_whole(question: Question, found: Found, given: object) -> Given:
    value = read_number(question, found, given)
    if value != round(value) or value < 0:
        raise ValueError(f"{shown(str(given))} is no count; expected a whole number")
    return value


def _read_sign(question: Question, found: Found, given: object) -> Given:
    text = str(given).replace("\N{MINUS SIGN}", "-")
    if text not in SIGNS:
        raise ValueError(f"{shown(str(given))} is no sign; expected one of {', '.join(SIGNS)}")
    return text


def _near(question: Question, given: Given, right: Given) -> bool:
    return question.tolerance.holds(given, right)


NUMBER = Kind(_find_number, read_number, _near, "a number", takes_named=True)
SIGN = Kind(_find_sign, _read_sign, same, "its sign", takes_named=True)
COUNT = Kind(_find_count, _read_whole, same, "how many", takes_named=True)

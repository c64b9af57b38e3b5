"""Questions that are answered by choosing or ordering sentences and names."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from viz_app.lessons import rules
from viz_app.lessons.answer import Given, spoken, told
from viz_app.lessons.error import LessonError
from viz_app.lessons.kinds.kind import APART, Found, Kind, same
from viz_app.lessons.question import Question, Rule
from viz_app.lessons.record import Record
from viz_app.lessons.rules import Chosen
from viz_app.run.settings import shown


def _find_choice(question: Question, rule: Rule, record: Record) -> Found:
    holds = [_holds(option.when, record) for option in question.options]
    if sum(holds) != 1:
        raise LessonError(
            question.line, f"{sum(holds)} sentences are right with these numbers", "exactly one"
        )
    right = holds.index(True)
    says = tuple(option.say for option in question.options)
    wrongs = tuple(
        (float(k), told(option.why, option.when.line, record))
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


CHOOSE = Kind(_find_choice, _read_choice, same, "choose a sentence")
ORDER = Kind(_find_order, _read_order, same, "the largest first")

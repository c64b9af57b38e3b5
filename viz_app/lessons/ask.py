"""Asks a question of an iteration."""

from __future__ import annotations

from functools import partial
from itertools import count, islice

from viz_app.cover.covered import NOTHING
from viz_app.lessons import rules
from viz_app.lessons.answer import Answer, Given, told
from viz_app.lessons.covered import covered
from viz_app.lessons.error import LessonError, NotFiniteError
from viz_app.lessons.kinds import KINDS, Found, Kind
from viz_app.lessons.kinds.numbers import sign_of
from viz_app.lessons.lesson import Step
from viz_app.lessons.mistakes import is_named, wrong_numbers
from viz_app.lessons.question import BLANK, Question, Rule
from viz_app.lessons.record import MOST_WORK, Record, moment_of, record_of, work_of
from viz_app.run.cost import HERE, Limits

# So many other seeds are tried for numbers with one clear answer.
MOST_TRIED = 24


def answer_of(question: Question, record: Record) -> Answer:
    """Return what an iteration answers to a question.

    Raises:
        LessonError: a rule cannot be read, or names what the iteration does not have.
    """
    kind = KINDS[question.kind]
    found = kind.find(question, question.rule, record)
    wrongs = list(found.wrongs)
    for mistake in question.mistakes:
        why = told(mistake.why, mistake.rule.line, record)
        wrongs += [(given, why) for given in _mistaken(kind, question, mistake.rule, found, record)]
    asked = found.asked
    if question.cover is not None:
        asked = tuple(rules.chosen(record, rule) for rule in question.cover)
    hidden = covered(record.trace, asked, found.relations) if question.asks else NOTHING
    return Answer(
        question,
        found.right,
        found.said,
        told(question.why, question.line, record),
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


def _mistaken(
    kind: Kind, question: Question, rule: Rule, found: Found, record: Record
) -> list[Given]:
    """Return the wrong answers that a mistake leads to."""
    if not is_named(rule):
        try:
            return [kind.find(question, rule, record).right]
        except NotFiniteError:
            # Nobody answers that.
            return []
    if not kind.takes_named:
        expected = f"a rule, as behind {question.kind}:"
        raise LessonError(rule.line, f"the mistake {rule.text!r}", expected)
    right: Given = found.right
    if question.kind == "sign":
        right = rules.number(record, question.rule)
    if question.kind == "terms":
        if question.blanks != BLANK:
            # A mistake is one of the whole sum.
            return []
        right = right[0]
    numbers = wrong_numbers(record, rule, float(right), found.cell)
    if question.kind == "sign":
        return [sign_of(value) for value in numbers]
    return [[value] for value in numbers] if question.kind == "terms" else [*numbers]


def points_of(step: Step, record: Record) -> list[rules.Chosen]:
    """Return the cells that a step puts a spotlight on.

    Raises:
        LessonError: a rule cannot be read, or names what the iteration does not have.
    """
    return [rules.chosen(record, rule) for rule in step.points]


def other_seed(step: Step, seed: int, level: int = 0, limits: Limits = HERE) -> int:
    """Return the next seed with which the question of a step has one clear answer.

    Args:
        step: as the lesson has it.
        seed: the present one.
        level: of fading, that it will have.
        limits: what a step of training may cost.

    Raises:
        LessonError: the question cannot be answered.
    """
    work = work_of(moment_of(step.with_seed().words, step.line, limits))
    for other in islice(count(seed + 1), max(1, min(MOST_TRIED, MOST_WORK // max(1, work)))):
        again = step.with_seed(other, level)
        if again.question is None:
            return other
        kind, record = KINDS[again.question.kind], record_of(again.words, step.line, limits)
        if kind.find(again.question, again.question.rule, record).is_fair:
            return other
    return seed + 1

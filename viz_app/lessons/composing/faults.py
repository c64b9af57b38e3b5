"""What is wrong with a part of a draft: what the reader of files says, and at which field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from viz_app.lessons.answer import Answer
from viz_app.lessons.ask import answer_of, points_of
from viz_app.lessons.composing.draft import Draft, DraftStep, write_lesson
from viz_app.lessons.composing.fields import block_of
from viz_app.lessons.error import LessonError
from viz_app.lessons.lesson import Step
from viz_app.lessons.reading.blocks import Text, read_block
from viz_app.lessons.reading.lessons import read_lesson
from viz_app.lessons.record import Record
from viz_app.run.cost import Limits

# Stands for the parts that are not looked at.
ANY = "any"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a step, or with the head.

    Attributes:
        key: of the field: `title`, `text`, a key of the block, or `block` for the block as a whole.
        text: what is wrong, and what was expected.
    """

    key: str
    text: str


@lru_cache(maxsize=256)
def read_step(moment: str, step: DraftStep, limits: Limits) -> Step | Fault:
    """Return a step of a draft as a lesson has it, or what is wrong with it.

    Args:
        moment: of the head.
        step: the step.
        limits: what a step of training may cost.
    """
    try:
        return read_lesson(_file(moment, step), limits=limits).steps[0]
    except LessonError as error:
        return _fault(_file(moment, step), error)


def answer_in(
    record: Record, moment: str, step: DraftStep, number: int, limits: Limits
) -> Answer | Fault | None:
    """Return what an iteration answers to a step of a draft; None if it asks nothing.

    Args:
        record: the moment of the step.
        moment: of the head.
        step: the step.
        number: of the step, from 1.
        limits: what a step of training may cost.

    Returns:
        The answer, or what is wrong with the step, or does not fit the iteration.
    """
    read = read_step(moment, step, limits)
    if isinstance(read, Fault):
        return read
    read = replace(read, number=number).with_seed()
    try:
        points_of(read, record)
        return answer_of(read.question, record) if read.question is not None else None
    except LessonError as error:
        return _fault(_file(moment, step), error)


@lru_cache(maxsize=64)
def head_fault(head: str, limits: Limits) -> Fault | None:
    """Return what is wrong with a head; None if nothing is."""
    text = write_lesson(Draft(head, (DraftStep(ANY, ANY),)))
    try:
        read_lesson(text, limits=limits)
    except LessonError as error:
        return _fault(text, error)
    return None


def _file(moment: str, step: DraftStep) -> str:
    """Return a file of one step."""
    head = {"title": ANY, "minutes": "1", "learns": ANY}
    return write_lesson(Draft(block_of(head | ({"moment": moment} if moment else {})), (step,)))


def _fault(text: str, error: LessonError) -> Fault:
    """Return what an error in a file of one step means, as `write_lesson` writes it."""
    lines = text.split("\n")
    title = lines.index("---", 1) + 3
    # Behind a heading, an empty line, the text, an empty line and the fence.
    block = title + 5
    if error.line < title:
        return _at(lines[1 : title - 3], 2, error)
    if error.line < block:
        # A text that is missing has the line of its heading.
        is_title = error.line == title and lines[title + 1]
        return Fault("title" if is_title else "text", _said(error))
    return _at(lines[block - 1 : -2], block, error)


def _said(error: LessonError) -> str:
    return f"{error.given}; expected {error.expected}"


def _at(lines: list[str], first: int, error: LessonError) -> Fault:
    """Return what an error in a block means, whose first line has a number."""
    try:
        keys = read_block(Text("\n".join(lines), first)).lines
    except LessonError:
        return Fault("block", f"line {error.line - first + 1}: {_said(error)}")
    before = [(at, key) for key, at in keys.items() if at <= max(error.line, first)]
    return Fault(max(before, default=(0, "block"))[1], _said(error))

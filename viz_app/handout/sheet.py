"""A step of a lesson on paper, made from the same iteration and covering as on the board."""

from __future__ import annotations

from typing import Any

from viz_app.components.lesson.lesson import question_message, said_of, step_message
from viz_app.handout.matrices import matrices_of
from viz_app.lessons import Answer, Lesson, LessonError, Step, answer_of, record_of
from viz_app.lessons.kinds.cells import MOST_CLICKS
from viz_app.run.cost import HERE, Limits
from viz_app.style.gradients import NOTATIONS
from viz_app.style.notation import markup


def handout_step(lesson: Lesson, number: int, limits: Limits = HERE) -> dict[str, Any]:
    """Return what the browser prints of one step, and of its answer in the key.

    Args:
        lesson: the lesson.
        number: of the step, from 1.
        limits: what a step of training may cost.

    Returns:
        What `Sheet` of `content.d.ts` says of it; only `key` tells what is covered.
    """
    step = lesson.steps[number - 1].with_seed()
    notation = step.words.get("notation", NOTATIONS[0])
    head = {
        "lesson": markup(lesson.title, notation),
        "learns": markup(lesson.learns, notation),
        "minutes": lesson.minutes,
        "count": len(lesson.steps),
        "step": number,
    }
    try:
        return head | step_message(step, notation) | _question(step, notation, limits)
    except LessonError as error:
        return head | step_message(step, notation) | {"error": str(error)}


def _question(step: Step, notation: str, limits: Limits) -> dict[str, Any]:
    """Return what is asked, the matrices for it, and the key.

    Raises:
        LessonError: it cannot be asked.
    """
    if step.question is None:
        return {}
    record = record_of(step.words, step.line, limits)
    answer = answer_of(step.question, record)
    shape = () if answer.array is None else record.array(answer.array).shape
    return {
        **question_message(answer, [], shape, None, notation),
        "matrices": matrices_of(step, answer, record),
        "key": _key(answer, shape, notation) if answer.question.asks else None,
    }


def _key(answer: Answer, shape: tuple[int, ...], notation: str) -> dict[str, str]:
    return {
        "said": markup(said_of(answer, shape, MOST_CLICKS), notation),
        "why": markup(answer.why, notation),
    }

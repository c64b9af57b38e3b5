"""A step of a lesson beside the board: what it says and asks, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import param

from core.inspect.cell import Cell
from core.symbols import axes, symbol
from viz_app.components.component import Component, script, source
from viz_app.components.explanation.trail import indexed
from viz_app.lessons import Answer, Step, Verdict
from viz_app.lessons.answer import Blank, Given, spoken
from viz_app.lessons.kinds import KINDS
from viz_app.style import sheets
from viz_app.style.notation import markup
from viz_app.style.typeset import mathml

# So many cells of a right answer are named; all of them are framed on the board.
MOST_TOLD = 9


class LessonPanel(Component):
    """Shows `content`, see `step_message`; nothing if there is no lesson.

    Sends what somebody did, with the number of the content that it was done to: {"press": "next",
    "back", "again", "explain", "here", "close" or the name of a lesson}, {"given": an answer},
    {"cell": a chosen cell that is given up}. It keeps `kept` for the next visit, and sends what it
    has kept of a lesson that begins as {"kept": text}.
    """

    content = param.Dict(default={})
    kept = param.Dict(default={"key": "", "text": ""}, doc="Progress, by the key of its lesson.")
    lit = param.List(default=[], item_type=str, doc="Controls of the page, which get a spotlight.")

    _esm = script("lesson/lesson.js")
    _stylesheets: ClassVar = [source("lesson/lesson.css"), sheets.FORMULA]


def step_message(step: Step, notation: str) -> dict[str, Any]:
    """Return what the browser shows of a step before anything is asked; texts are HTML."""
    return {"heading": markup(step.title, notation), "text": markup(step.text, notation)}


def question_message(
    answer: Answer,
    chosen: Sequence[Sequence[int]],
    shape: Sequence[int],
    verdict: Verdict | None,
    notation: str,
) -> dict[str, Any]:
    """Return what the browser shows of a question; nothing of its answer before the verdict.

    Args:
        answer: to the question.
        chosen: the cells that were clicked.
        shape: of the array that they lie in.
        verdict: what was said of an answer; None while it is open.
        notation: of gradients.
    """
    question = answer.question
    told = not question.asks or verdict is not None
    message: dict[str, Any] = {
        "ask": markup(question.ask, notation),
        "kind": question.kind,
        "title": KINDS[question.kind].title,
        "asks": question.asks,
        "options": [markup(option, notation) for option in answer.options],
        "labels": list(question.among),
        "terms": [_term(term, told, notation) for term in answer.terms],
        "symbol": _indexed(answer.explain, notation) if answer.terms and answer.explain else "",
        "why": markup(answer.why, notation) if told else "",
    }
    if answer.array is not None:
        message["array"] = mathml(symbol(answer.array.array).latex, notation, is_inline=True)
        message["chosen"] = [
            {"index": list(index), "words": at_words(answer.array, index, shape)}
            for index in chosen
        ]
    if verdict is not None:
        said = verdict.said
        if answer.array is not None:
            places = [at_words(answer.array, index, shape) for index in verdict.right]
            more = len(places) - MOST_TOLD
            said = "; ".join(places[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
        message["verdict"] = {
            "right": verdict.is_right,
            "said": markup(said, notation),
            "mistake": markup(verdict.mistake, notation),
            "explain": verdict.explain is not None,
        }
    return message


def at_words(array: Cell, index: Sequence[int], shape: Sequence[int]) -> str:
    """Return where a cell lies in its array, in words; of axes with one entry nothing is said."""
    named = zip(axes(array.array, len(index), array.phase == "update"), index, shape, strict=True)
    return ", ".join(f"{axis} {k}" for axis, k, size in named if size > 1) or "the only cell"


def given_message(kind: str, given: Given) -> Given:
    """Return an answer as the controls show it: numbers as texts, as somebody has typed them."""
    if kind == "terms":
        return [_typed(value) for value in given]
    return _typed(given) if kind in ("number", "count") else given


def _typed(value: object) -> str:
    return spoken(value) if isinstance(value, int | float) else str(value)


def _indexed(cell: Cell, notation: str) -> str:
    return mathml(indexed(cell), notation, is_inline=True)


def _term(term: Blank, told: bool, notation: str) -> dict[str, Any]:
    factors = [
        {"symbol": "" if cell is None else _indexed(cell, notation), "value": spoken(value)}
        for cell, value in term.factors
    ]
    is_open = term.is_blank and not told
    return {
        "factors": factors,
        "blank": term.is_blank,
        "value": "" if is_open else spoken(term.value),
    }

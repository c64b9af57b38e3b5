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
    "back", "again", "answer", "explain", "here", "anew" or "close"}, {"given": an answer}, {"cell":
    a chosen cell that is given up}, or {"save": a name}, for a file of the answers. It keeps `kept`
    for the next visit, and sends what it has kept of a lesson that begins as {"kept": text}.
    """

    content = param.Dict(default={})
    kept = param.Dict(default={"key": ""}, doc="Progress, by the key of its lesson; see `Kept`.")
    carried = param.Dict(
        default={"name": "", "address": "", "refused": ""},
        doc="Name of the lesson; of somebody's own, query and fragment of its link, or why none.",
    )
    lit = param.List(default=[], item_type=str, doc="Controls of the page, which get a spotlight.")

    _esm = script("lesson/lesson.js")
    _stylesheets: ClassVar = [source("lesson/lesson.css"), sheets.FORMULA]

    def hand_over(self, name: str, content: str) -> None:
        """Hand a file over, which the browser saves as it saves every download."""
        self._send_msg({"name": name, "content": content})


def step_message(step: Step, notation: str) -> dict[str, Any]:
    """Return what the browser shows of a step before anything is asked; texts are HTML."""
    return {"heading": markup(step.title, notation), "text": markup(step.text, notation)}


def question_message(
    answer: Answer,
    chosen: Sequence[Sequence[int]],
    shape: Sequence[int],
    verdict: Verdict | None,
    notation: str,
    *,
    is_shown: bool = False,
) -> dict[str, Any]:
    """Return what the browser shows of a question; nothing of its answer before the verdict.

    Args:
        answer: to the question.
        chosen: the cells that were clicked.
        shape: of the array that they lie in.
        verdict: what was said of an answer; None while it is open.
        notation: of gradients.
        is_shown: whether the answer is shown without one.
    """
    question = answer.question
    told = not question.asks or verdict is not None or is_shown
    message: dict[str, Any] = {
        "ask": markup(question.ask, notation),
        "kind": question.kind,
        "title": KINDS[question.kind].title,
        "asks": question.asks,
        "options": [markup(option, notation) for option in answer.options],
        "labels": list(question.among),
        **_terms(answer.terms, told, notation),
        "symbol": _indexed(answer.explain, notation) if answer.terms and answer.explain else "",
        "why": markup(answer.why, notation) if told else "",
    }
    if answer.array is not None:
        message["array"] = mathml(symbol(answer.array.array).latex, notation, is_inline=True)
        message["chosen"] = [
            {"index": list(index), "words": at_words(answer.array, index, shape)}
            for index in chosen
        ]
    if verdict is not None or is_shown:
        message["told"] = {
            "said": markup(said_of(answer, shape), notation),
            "explain": answer.explain is not None,
        }
    if verdict is not None:
        message["verdict"] = {
            "right": verdict.is_right,
            "mistake": markup(verdict.mistake, notation),
        }
    return message


def said_of(answer: Answer, shape: Sequence[int], most: int = MOST_TOLD) -> str:
    """Return the right answer in words; cells are named by where they lie in their array.

    Args:
        answer: to the question.
        shape: of the array whose cells are clicked, if any are.
        most: so many of them are named.
    """
    if answer.array is None:
        return answer.said
    places = [at_words(answer.array, index, shape) for index in answer.right]
    more = len(places) - most
    return "; ".join(places[:most]) + (f" and {more} more" if more > 0 else "")


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


def _terms(terms: Sequence[Blank], told: bool, notation: str) -> dict[str, Any]:
    """Return the rows of a sum: what is multiplied stands above them, where it is the same in all.

    Args:
        terms: of the sum.
        told: whether the blanks may be seen.
        notation: of gradients.
    """
    arrays = {tuple(cell.array if cell else "" for cell, _ in term.factors) for term in terms}
    indices = [[cell.index if cell else () for cell, _ in term.factors] for term in terms]
    same = len(arrays) == 1 and "" not in next(iter(arrays))
    heads = next(iter(arrays)) if same else ()
    rows = [
        {
            "label": _label(indices, k) if same else _product(term, notation),
            # A single factor is the term itself.
            "factors": []
            if term.is_blank and not told and len(term.factors) == 1
            else [spoken(value) for _, value in term.factors],
            "blank": term.is_blank,
            "value": "" if term.is_blank and not told else spoken(term.value),
        }
        for k, term in enumerate(terms)
    ]
    return {
        "heads": [mathml(symbol(array).latex, notation, is_inline=True) for array in heads],
        "terms": rows,
    }


def _label(indices: Sequence[Sequence[tuple[int, ...]]], k: int) -> str:
    """Return what tells a term from the others: the part of its index that is not the same in all.

    Args:
        indices: of each term, those of its factors.
        k: which term.
    """
    for place, index in enumerate(indices[k]):
        varying = [
            str(at)
            for axis, at in enumerate(index)
            if len({other[place][axis] for other in indices}) > 1
        ]
        if varying:
            return ",".join(varying)
    return ""


def _product(term: Blank, notation: str) -> str:
    factors = [spoken(v) if cell is None else _indexed(cell, notation) for cell, v in term.factors]
    return " × ".join(factors)

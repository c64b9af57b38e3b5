"""A lesson that is being composed, as a form: its head, its steps, and one of them in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.lessons import Answer, LessonError, Work
from viz_app.lessons.composing.draft import DraftStep
from viz_app.lessons.composing.faults import Fault, head_fault, read_step
from viz_app.lessons.composing.fields import Value, fields_of
from viz_app.lessons.composing.hand import Hand
from viz_app.lessons.composing.question import ARRAY, MANY, ONE, kind_of
from viz_app.lessons.kinds import KINDS
from viz_app.lessons.mistakes import NAMED
from viz_app.lessons.reading.lessons import CONTROLS, HEAD
from viz_app.run.cost import Limits
from viz_app.style import sheets
from viz_app.style.notation import markup

# What the form has a field for: texts, lists of texts, and lists of keys.
TEXTS = ("moment", "ask", "why", "tolerance", *(kind for kind in KINDS if kind != "choose"))
LISTS = ("point", "controls", "among", "blanks")
RECORDS = {"choose": ("say", "when", "why"), "mistakes": ("if", "why")}
WITHOUT = ("without stride", "without padding")


class ComposePanel(Component):
    """Shows `content`, see `Composed` of `content.d.ts`; nothing if nothing is composed.

    Sends what somebody did to the draft of a "key": {"press": …}, {"choose": number of a step},
    {"kind": …}, {"pick": …}, or {"enter": {"number", "key", "value"}, "count": which entry}. What
    begins has no key: {"begin": {"copy": name}, {"file": text}, {"draft": what was kept} or {}}.
    It keeps `kept` for the next visit, and saves a file that it is sent as {"name", "text"}.
    """

    content = param.Dict(default={})
    kept = param.Dict(default={}, doc="The draft, by its key.")
    menus = param.Dict(
        default={
            "kinds": {key: kind.title for key, kind in KINDS.items()},
            "controls": [*CONTROLS],
            "mistakes": [*NAMED, *WITHOUT],
            "named": [key for key, kind in KINDS.items() if kind.takes_named],
        },
        constant=True,
        doc="What can be chosen from.",
    )

    _esm = script("compose/compose.js")
    _stylesheets: ClassVar = [
        source("lesson/lesson.css"),
        source("compose/compose.css"),
        sheets.FORMULA,
    ]

    def hand_over(self, name: str, text: str) -> None:
        """Hand a file to the browser."""
        self._send_msg({"name": name, "text": text})


def work_message(
    work: Work, hand: Hand | None, found: Answer | Fault | None, notation: str, limits: Limits
) -> dict[str, Any]:
    """Return what the browser shows of a draft.

    Args:
        work: the draft.
        hand: the step in hand; None if it is the head.
        found: what its moment answers, or what is wrong; see `Hand.found`.
        notation: of gradients.
        limits: what a step of training may cost.
    """
    head, moment = head_fault(work.draft.head, limits), work.moment
    form = step_form(hand.step, found, notation) if hand else head_form(work, head)
    steps = [
        {
            "title": markup(step.title, notation),
            "kind": _kind(step),
            "faulty": isinstance(read_step(moment, step, limits), Fault),
        }
        for step in work.draft.steps
    ]
    if hand is not None:
        steps[hand.number - 1]["faulty"] = form["fault"] is not None
    return {
        "title": markup(title_of(work), notation),
        "steps": steps,
        "chosen": work.chosen,
        "faulty": head is not None,
        "undo": bool(work.before),
        "form": form,
    }


def title_of(work: Work) -> str:
    """Return the title of a draft, as far as it has one."""
    try:
        title = fields_of(work.draft.head).get("title", "")
    except LessonError:
        return ""
    return title if isinstance(title, str) else ""


def _kind(step: DraftStep) -> str:
    try:
        return kind_of(fields_of(step.block))
    except LessonError:
        return ""


def head_form(work: Work, fault: Fault | None) -> dict[str, Any]:
    """Return the form of the head of a draft."""
    block = work.draft.head
    fields = _fields(block, HEAD, (), {})
    return {"block": block, "fields": fields, "more": [], "fault": _fault(fault)}


def step_form(step: DraftStep, found: Answer | Fault | None, notation: str) -> dict[str, Any]:
    """Return the form of a step.

    Args:
        step: the step.
        found: what the iteration answers, or what is wrong; None if it asks nothing, or is not in
            sight.
        notation: of gradients.
    """
    fields = _fields(step.block, TEXTS, LISTS, RECORDS)
    kind = next((kind for kind in KINDS if fields and kind in fields), "")
    more = [key for key in fields or {} if key not in (*TEXTS, *LISTS, *RECORDS)]
    shown = {"title": markup(step.title, notation), "text": markup(step.text, notation)}
    if fields and kind:
        shown["ask"] = markup(str(fields.get("ask", "")), notation)
    form = {
        "title": step.title,
        "text": step.text,
        "block": step.block,
        "fields": fields,
        "more": more,
        "kind": kind,
        "clicks": kind in (*MANY, *ONE, *ARRAY),
        "shown": shown,
        "fault": _fault(found if isinstance(found, Fault) else None),
    }
    if not isinstance(found, Answer):
        return form
    said, why = markup(found.said, notation), markup(found.why, notation)
    return {**form, "answer": {"said": said, "why": why, "fair": found.is_fair}}


def _fault(fault: Fault | None) -> dict[str, str] | None:
    return None if fault is None else {"key": fault.key, "text": fault.text}


def _fields(
    block: str, texts: Sequence[str], lists: Sequence[str], records: Mapping[str, Sequence[str]]
) -> dict[str, Any] | None:
    """Return the values of a block as its form has them; None if it has no place for one."""
    try:
        fields = fields_of(block)
    except LessonError:
        return None
    found = dict[str, Any]()
    for key, value in fields.items():
        items = value if isinstance(value, list) else [value]
        is_known = key in (*texts, *lists, *records)
        if not is_known or (key in texts and isinstance(value, str)):
            found[key] = value
        elif key not in texts and all(_fits(item, records.get(key)) for item in items):
            found[key] = items
        else:
            return None
    return found


def _fits(item: Value, keys: Sequence[str] | None) -> bool:
    """Return whether an item is a text, or has texts under some keys."""
    if keys is None:
        return isinstance(item, str)
    return (
        isinstance(item, dict)
        and set(item) <= set(keys)
        and all(isinstance(text, str) for text in item.values())
    )

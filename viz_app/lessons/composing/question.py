"""Edits of what a step asks: its kind, and rules that are made by clicking cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.inspect.cell import Cell
from core.tensor import Array
from viz_app.lessons.composing.fields import Value, block_of, fields_of
from viz_app.lessons.error import LessonError
from viz_app.lessons.kinds import KINDS
from viz_app.lessons.question import Rule
from viz_app.lessons.reading.questions import OF_QUESTION
from viz_app.lessons.record import Record, whole
from viz_app.lessons.rules import RELATIONS, Chosen, chosen

# What is asked by clicking: any number of cells, one of them, or the array that it lies in.
MANY, ONE, ARRAY = ("cells", "count"), ("number", "sign", "terms"), ("largest",)
# How the gradients of layers are compared, until somebody writes something else.
MEASURE = "sqrt(sum[*i](g_X_out[*i] ** 2)) of backward @layer"
MOST_LABELS = 4


def kind_of(fields: dict[str, Value]) -> str:
    """Return the kind of a block's question; empty if it asks nothing."""
    return next((kind for kind in KINDS if kind in fields), "")


def with_kind(block: str, kind: str, layers: Sequence[str] = ()) -> str:
    """Return a block that asks in another way; what both ways have stays.

    Args:
        block: the block.
        kind: key of `KINDS`; empty to ask nothing.
        layers: of the network, which can be put in order.

    Raises:
        LessonError: the block cannot be read.
    """
    fields = fields_of(block)
    before = kind_of(fields)
    if kind == before:
        return block
    rule = fields.pop(before, "")
    for key in ("among", "blanks") if kind else OF_QUESTION:
        fields.pop(key, None)
    if kind:
        fields |= {"ask": fields.get("ask", ""), "why": fields.get("why", "")}
        fields[kind] = rule if isinstance(rule, str) else ""
    if kind == "choose":
        fields[kind] = [{"say": "", "when": "yes"}, {"say": "", "when": "no"}]
    elif kind == "order":
        fields |= {kind: MEASURE, "among": [*layers[:MOST_LABELS]]}
    elif kind == "terms":
        fields["blanks"] = "2"
    return block_of(fields)


def clicked(kind: str, rule: str, cell: Cell, record: Record) -> str:
    """Return a rule that holds a clicked cell, or one less if it held that.

    Args:
        kind: of the question.
        rule: as it is.
        cell: the clicked one.
        record: the moment of the step.
    """
    stage = replace(cell, array="", index=())
    suffix = "" if stage == record.stage_in_sight else f" of {_stage_text(cell)}"
    if kind in ARRAY:
        return f"{cell.array}{suffix}"
    if kind in ONE:
        return f"{_term(cell.array, cell.index)}{suffix}"
    shape = np.shape(record.array(whole(cell)))
    mask = np.zeros(shape, bool)
    before = _plainly_chosen(record, rule)
    if before is not None and before.array == whole(cell):
        mask |= before.mask
    mask[cell.index] ^= True
    return f"{choice_of(cell.array, mask)}{suffix}" if mask.any() else ""


def pointed(points: Sequence[str], cell: Cell, record: Record) -> list[str]:
    """Return what gets a spotlight, with a clicked cell, or without it if it had one."""
    arrays = [found and found.array for found in (_plainly_chosen(record, p) for p in points)]
    at = arrays.index(whole(cell)) if whole(cell) in arrays else len(points)
    rule = clicked("cells", "".join(points[at : at + 1]), cell, record)
    return [*points[:at], *([rule] if rule else []), *points[at + 1 :]]


def choice_of(array: str, mask: Array) -> str:
    """Return a choice of cells as a rule: all of them, whole lines of them, and single ones.

    Args:
        array: name of the array.
        mask: which of its cells; at least one.
    """
    if mask.all() and mask.size > 1:
        return array
    left, terms = mask.copy(), list[str]()
    for axis in range(mask.ndim):
        for at in np.argwhere(mask.all(axis=axis)) if mask.shape[axis] > 1 else ():
            line = (*at[:axis], slice(None), *at[axis:])
            if left[line].any():
                left[line] = False
                terms.append(_term(array, (*at[:axis], ":", *at[axis:])))
    return "; ".join([*terms, *(_term(array, at) for at in np.argwhere(left))])


def _term(array: str, index: Iterable[object]) -> str:
    places = ",".join(map(str, index))
    return f"{array}[{places}]" if places else array


def _stage_text(cell: Cell) -> str:
    if cell.phase == "loss":
        return "loss"
    return f"{cell.phase} {cell.layer}" + (f".{cell.inner}" if cell.phase == "update" else "")


def _plainly_chosen(record: Record, rule: str) -> Chosen | None:
    """Return the cells that a rule names one by one, or by lines; None if it does not."""
    if not rule or any(RELATIONS.match(part.strip()) for part in rule.split(";")):
        return None
    try:
        return chosen(record, Rule(rule, 0))
    except LessonError:
        return None

"""Questions that are answered by clicking cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.symbols import in_words
from viz_app.lessons import rules
from viz_app.lessons.answer import Given
from viz_app.lessons.error import LessonError
from viz_app.lessons.kinds.kind import APART, Found, Kind, named, same
from viz_app.lessons.question import Question, Rule
from viz_app.lessons.record import Record
from viz_app.lessons.rules import Chosen
from viz_app.run.settings import shown

# A click on so many cells is no question any more.
MOST_CLICKS = 64


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
        named(record, rule),
        kind not in ("", "where"),
        chosen.array,
        is_fair=0 < len(cells) <= (1 if kind == "that decide" else MOST_CLICKS),
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


CELLS = Kind(_find_cells, _read_cells, same, "click the cells")
LARGEST = Kind(_find_largest, _read_cells, same, "click the largest")

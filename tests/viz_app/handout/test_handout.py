"""A lesson on paper: nothing in front of the key tells an answer, and the key tells all of them."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import Any

import numpy as np
import pytest

from tests.rounding import assert_close
from tests.viz_app.covering import arrays_of, found_in
from tests.viz_app.lessons.by_hand import by_hand
from tests.viz_app.lessons.expected import EXPECTED
from viz_app.components.wire import packed
from viz_app.cover.iteration import cover
from viz_app.handout import handout_step
from viz_app.handout.cut import MOST, kept, note
from viz_app.lessons import FILES, Record, Step, answer_of, bundled, read_lesson, record_of
from viz_app.lessons.kinds.numbers import SIGNS
from viz_app.lessons.record import whole
from viz_app.run.presets import PRESETS
from viz_app.style.notation import markup

LESSONS = {name: bundled(name) for name in FILES}
# A matrix of more columns than a page has room for.
WIDE = """---
title: Wide
minutes: 5
learns: One number.
moment: preset=digits
---
## One

Text.

```step
moment: stage=1&inner=3
ask: How large is it?
number: K_X_col[0,300]
why: It is {K_X_col[0,300]}.
```
"""


def asked() -> list[tuple[str, int]]:
    return [
        (name, step.number)
        for name, lesson in LESSONS.items()
        for step in lesson.steps
        if step.question is not None and step.question.asks
    ]


@cache
def printed(name: str, at: int) -> tuple[Step, Record, dict[str, Any]]:
    step = LESSONS[name].steps[at - 1].with_seed()
    return step, record_of(step.words, step.line), handout_step(LESSONS[name], at)


@pytest.mark.parametrize(("name", "at"), asked())
def test_the_key_tells_what_loops_find(name: str, at: int) -> None:
    step, record, sheet = printed(name, at)
    question = step.question
    assert question is not None
    hand = by_hand(record, step.words, PRESETS[step.words["preset"]].dataset)
    drawn = list(map(int, re.findall(r"\d+", question.rule.text)))
    right, _ = EXPECTED[name, at](hand, record, drawn)
    said = unescape(sheet["key"]["said"])
    assert sheet["key"]["why"]
    if question.kind == "choose":
        assert said == unescape(markup(question.options[int(right)].say))
    elif question.kind == "sign":
        assert said == SIGNS[right]
    elif question.kind == "order":
        assert re.sub(r" \([^)]*\)", "", said).split(", ") == right
    elif question.kind in ("cells", "largest"):
        found = [tuple(map(int, re.findall(r"\d+", cell))) for cell in said.split("; ")]
        # Of axes with one entry nothing is said.
        assert {cell[-1] for cell in found} == {index[-1] for index in right}
        assert len(found) == len(right)
    else:
        found_numbers = [float(text.replace("\N{MINUS SIGN}", "-")) for text in said.split(", ")]
        if question.kind == "terms":
            rows = [k for k, term in enumerate(sheet["terms"]) if term["blank"]]
            right = [right[k] for k in rows]
        # Printed in four digits.
        wanted = np.ravel(right)
        assert_close(found_numbers, wanted, magnitude=np.abs(wanted), eps=1e-3, roundings=1)


@pytest.mark.parametrize(("name", "at"), asked())
def test_nothing_in_front_of_the_key_tells_the_answer(name: str, at: int) -> None:
    step, record, sheet = printed(name, at)
    assert step.question is not None
    # What the browser is sent can be sent.
    packed(sheet)
    before = {word: text for word, text in sheet.items() if word != "key"}
    assert before["why"] == ""
    assert not {"told", "verdict", "error"} & before.keys()
    answer = answer_of(step.question, record)
    cell = answer.explain
    if step.question.kind not in ("number", "sign") or cell is None:
        return
    value = record.array(whole(cell))[cell.index]
    covering = cover(record.trace, answer.covered)
    if any((array == value).any() for array in arrays_of(covering).values()):
        # The same number stands in sight elsewhere: it is asked which it is.
        return
    assert found_in([before], [value]) == set()
    assert found_in([sheet["key"]], [value]) or step.question.kind == "sign"


def test_matrices_are_those_of_the_iteration_with_the_asked_cell_blank() -> None:
    _, record, sheet = printed("2-convolution-as-product", 3)
    arrays = record.trace.stage("forward", "conv").array
    found = {matrix["key"]: matrix for matrix in sheet["matrices"]}
    assert {"K", "X_col", "K_X_col"} <= found.keys()
    for key, matrix in found.items():
        here = matrix["empty"] == 0
        np.testing.assert_array_equal(matrix["values"][here], arrays(key)[here])
        assert (matrix["rows"], matrix["columns"]) == tuple(
            list(range(size)) for size in arrays(key).shape
        )
    assert found["K_X_col"]["empty"].sum() == 1
    assert not found["K"]["empty"].any()
    # The column of the question, which the step points at.
    assert (found["X_col"]["lit"].sum(axis=0) > 0).sum() == 1
    # Worked out, it is there, with the reason and without a key.
    worked = printed("2-convolution-as-product", 2)[2]
    assert worked["key"] is None
    assert worked["why"]
    assert not any(matrix["empty"].any() for matrix in worked["matrices"])


def test_the_largest_is_not_told_by_what_is_blank() -> None:
    sheet = printed("1-one-iteration", 3)[2]
    probabilities = next(m for m in sheet["matrices"] if m["key"] == "probabilities")
    assert probabilities["empty"].all()
    assert not probabilities["lit"].any()


def test_marks_of_the_board_are_on_paper_where_they_tell_nothing() -> None:
    (batch, *_) = printed("8-softmax-and-loss", 7)[2]["matrices"]
    assert (batch["key"], batch["sign"]) == ("probabilities", "◥ target")
    assert batch["marked"].sum(axis=1).tolist() == [1, 1, 1, 1]
    for at in (1, 2):
        assert not any(m["marked"].any() for m in printed("7-pooling-routes", at)[2]["matrices"])


def test_a_wide_matrix_is_cut_to_what_is_asked() -> None:
    lesson = read_lesson(WIDE)
    sheet = handout_step(lesson, 1)
    record = record_of(lesson.steps[0].words)
    assert {m["key"] for m in sheet["matrices"]} >= {"K", "X_col", "K_X_col"}
    for matrix in sheet["matrices"]:
        rows, columns = matrix["rows"], matrix["columns"]
        assert len(rows) <= MOST
        assert len(columns) <= MOST
        array = record.trace.stage("forward", "conv1").array(matrix["key"])
        if matrix["key"] != "K":
            assert 300 in columns
            assert matrix["note"] == f"columns {columns[0]} to {columns[-1]} of {array.shape[1]}"
        here = matrix["empty"] == 0
        np.testing.assert_array_equal(matrix["values"][here], array[np.ix_(rows, columns)][here])


def test_what_cannot_be_asked_is_said() -> None:
    lesson = read_lesson(WIDE.replace("K_X_col[0,300]\n", "K_X_col[0,30000]\n"))
    assert "lies outside of the array" in handout_step(lesson, 1)["error"]


def test_what_is_cut_does_not_tell_where_an_answer_is() -> None:
    def columns(*at: int, total: int = 100) -> list[int]:
        needed = np.zeros((2, total), bool)
        needed[0, list(at)] = True
        return kept(needed, 1)

    assert columns(3, total=16) == list(range(16))
    # The same piece for many answers.
    assert columns(16) == columns(17) == columns(31) == list(range(16, 32))
    assert columns(14, 18) == list(range(8, 24))
    assert columns(99) == columns(96) == list(range(84, 100))
    far = columns(0, 50)
    assert {0, 50} < set(far)
    assert len(far) == MOST
    assert note((2, 100), ([0, 1], far)) == "columns 0 to 14, 50 of 100"
    assert note((2, 16), ([0, 1], list(range(16)))) == ""

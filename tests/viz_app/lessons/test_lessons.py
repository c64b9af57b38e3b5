"""Every question of the bundled lessons, answered right and wrong by loops of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from core.tensor import Array
from tests.rounding import assert_close
from tests.viz_app.lessons.by_hand import Hand, by_hand, winner
from tests.viz_app.lessons.expected import EXPECTED
from viz_app.cover.iteration import cover
from viz_app.lessons import (
    FILES,
    Answer,
    Record,
    Step,
    answer_of,
    bundled,
    other_seed,
    points_of,
    record_of,
)
from viz_app.lessons.covered import covered
from viz_app.lessons.record import whole
from viz_app.lessons.rules import Chosen
from viz_app.run.presets import PRESETS
from viz_app.scene.pins import scene_of
from viz_app.scene.registry import Look
from viz_app.scene.scene import Scene
from viz_app.scene.sight import draws

NAMES = list(FILES)
# Kinds that ask for the number in a cell.
NUMBERS = ("number", "sign", "terms")
# Of a number: nobody tells two apart that differ by less.
ALIKE = 1e-5
LESSONS = {name: bundled(name) for name in NAMES}


@lru_cache(maxsize=64)
def asked(name: str, number: int, again: bool, level: int) -> tuple[Step, Record, Answer, Hand]:
    step = LESSONS[name].steps[number - 1]
    seed = other_seed(step, step.seed) if again else None
    step = step.with_seed(seed, level)
    record = record_of(step.words, step.line)
    assert step.question is not None
    dataset = PRESETS[step.words["preset"]].dataset
    return step, record, answer_of(step.question, record), by_hand(record, step.words, dataset)


def questions() -> list[tuple[str, int]]:
    return [
        (n, s.number) for n in NAMES for s in bundled(n).steps if s.question and s.question.asks
    ]


@pytest.mark.parametrize(("name", "number"), questions())
@pytest.mark.parametrize("again", [False, True])
def test_every_question_is_answered_by_loops(name: str, number: int, again: bool) -> None:
    step, record, answer, hand = asked(name, number, again, 0)
    assert step.question is not None
    drawn = list(map(int, re.findall(r"\d+", step.question.rule.text)))
    right, wrongs = EXPECTED[name, number](hand, record, drawn)
    if step.question.kind == "terms":
        check_terms(name, number, again, right)
        return
    verdict = answer.judge(right)
    assert verdict.is_right, (right, verdict.right)
    assert verdict.why
    assert not verdict.mistake
    for said, wrong in wrongs.items():
        if step.question.kind == "number" and step.question.tolerance.holds(wrong, right):
            continue
        verdict = answer.judge(wrong)
        assert not verdict.is_right
        assert re.match(said, verdict.mistake), (said, verdict.mistake)
        assert bool(verdict.mistake) == bool(said)


def check_terms(name: str, number: int, again: bool, products: list[float]) -> None:
    """Some terms blank, then all."""
    _, _, answer, _ = asked(name, number, again, 0)
    blank = [k for k, term in enumerate(answer.terms) if term.is_blank]
    assert len(blank) == len(answer.right) == 2
    assert_close([term.value for term in answer.terms], products)
    assert answer.judge([products[k] for k in blank]).is_right
    assert not answer.judge([products[k] + 1 for k in blank]).is_right
    answer = asked(name, number, again, 1)[2]
    total = sum(products)
    assert answer.judge([total]).is_right
    assert answer.terms == ()
    verdict = answer.judge([-total])
    assert not verdict.is_right
    assert verdict.mistake
    assert answer.judge([total / len(products)]).mistake


def alike(array: Array, number: float) -> Array:
    """Return where a number of an array could be read for another one."""
    same: Array = np.abs(array - number) <= ALIKE * abs(number)
    return same


@pytest.mark.parametrize(("name", "number"), questions())
def test_the_answer_stands_nowhere_in_the_iteration(name: str, number: int) -> None:
    _, record, answer, _ = asked(name, number, False, 0)
    if answer.question.kind not in NUMBERS or not answer.covered.masks:
        return
    if answer.explain is None or answer.question.cover is not None:
        return
    array = record.array(answer.explain)
    # Where an image repeats itself, other cells of the array have the same number by themselves.
    same = Chosen(whole(answer.explain), alike(array, array[answer.explain.index]))
    hidden, seen = covered(record.trace, [same]), 0
    assert hidden.hides(answer.explain)
    assert all((hidden.masks[key] >= mask).all() for key, mask in answer.covered.masks.items())
    for stage in cover(record.trace, hidden).stages:
        for arrays in stage.inner.values():
            for shown in arrays.values():
                assert not alike(shown, array[answer.explain.index]).any(), (
                    stage,
                    name,
                )
                seen += np.isfinite(shown).sum()
    assert seen > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_whole(name: str) -> None:
    lesson = LESSONS[name]
    asks = [step for step in lesson.steps if step.question and step.question.asks]
    assert len(asks) >= 4
    assert 5 <= lesson.minutes <= 10
    text = (Path(__file__).parents[3] / "docs" / "mathematics.md").read_text("utf-8")
    # The derivation leads to the lesson, as the lesson does to the derivation.
    link = re.escape(f"[{lesson.title}](../viz_app/lessons/files/{name}.md)")
    heading = re.escape(lesson.mathematics)
    assert re.search(rf"^#+ {heading}\n\nLessons?: [^\n]*{link}", text, re.MULTILINE)
    for step in lesson.steps:
        for seed in (step.seed, step.seed + 1):
            there = step.with_seed(seed)
            record = record_of(there.words, there.line)
            assert all(found.mask.any() for found in points_of(there, record))
            on_board = scene_of(Look(record.trace, record.place))
            for found in points_of(there, record):
                assert is_drawn(on_board, found.array.array, found.cells), (step.title, found.array)
            if there.question is not None:
                answer = answer_of(there.question, record)
                assert answer.why
                assert answer.is_fair or seed != step.seed or not there.question.asks, step.title
                if answer.array is not None:
                    assert is_drawn(on_board, answer.array.array, answer.right), step.title
                elif answer.explain is not None and there.question.kind in NUMBERS:
                    cell = answer.explain
                    assert is_drawn(on_board, cell.array, [cell.index]), step.title


@pytest.mark.parametrize("name", NAMES)
def test_the_right_sentence_does_not_always_stand_at_one_place(name: str) -> None:
    asks = [asked(name, number, False, 0)[2] for lesson, number in questions() if lesson == name]
    places = [answer.right for answer in asks if answer.question.kind == "choose"]
    assert len(places) < 2 or len(set(places)) > 1


def is_drawn(scene: Scene, array: str, cells: Iterable[Sequence[int]]) -> bool:
    """Return whether one of some cells is on the board, or its array is to be computed there."""
    panels = [panel for panel in scene.panels.values() if panel.array == array]
    awaited = any(panel.is_empty for panel in panels)
    return awaited or any(draws(scene, array, cell) for cell in cells)


def test_each_question_of_a_lesson_has_an_answer_here() -> None:
    assert set(questions()) <= EXPECTED.keys()


def test_the_winner_is_the_first_of_equals() -> None:
    assert winner(np.array([[1.0, 2.0], [2.0, 0.0]])) == (0, 1)

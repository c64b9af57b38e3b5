"""Every question of the bundled lessons, answered right and wrong by loops of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from tests.viz_app.lessons.by_hand import Hand, by_hand, winner
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

# A right answer, and wrong ones with the beginning of what is said of each; empty for nothing.
Expected: TypeAlias = "tuple[Any, dict[str, Any]]"
Expect: TypeAlias = Callable[[Hand, Record, "list[int]"], Expected]
NAMES = list(FILES)
LESSONS = {name: bundled(name) for name in NAMES}
EXPECTED: dict[tuple[str, int], Expect] = {}


def expect(lesson: str, *steps: int) -> Callable[[Expect], Expect]:
    def register(function: Expect) -> Expect:
        EXPECTED.update(dict.fromkeys(((lesson, step) for step in steps), function))
        return function

    return register


def window(i: int, j: int, kernel: int = 3) -> list[list[int]]:
    return [[0, 0, i + s, j + t] for s in range(kernel) for t in range(kernel)]


def sentence(right: int, *others: str) -> Expect:
    """A choice whose answer is no number: the others, with what is said of each."""
    wrong = {said: k for k, said in enumerate(others) if said}
    return lambda hand, record, drawn: (right, wrong)


def rank(values: list[float]) -> list[int]:
    return sorted(range(len(values)), key=lambda k: -values[k])


# 1 One iteration.


@expect("1-one-iteration", 2)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = drawn[-2:]
    wrong = {"This is only": [[0, 0, i, j]]}
    return window(i, j), wrong | ({"Rows and columns": window(j, i)} if i != j else {})


@expect("1-one-iteration", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    best, *_, worst = rank(list(hand.p[0]))
    return [[0, best]], {"This is the smallest|This logit is": [[0, worst]]}


@expect("1-one-iteration", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    is_worse = hand.p[0, hand.labels[0]] < 1 / 3
    return (
        (0, {"The right class has less": 1}) if is_worse else (1, {"The right class has more": 0})
    )


EXPECTED["1-one-iteration", 5] = sentence(0, "", "The derivative", "How much")
EXPECTED["1-one-iteration", 7] = sentence(0, "", "The gradient knows", "The slope")


@expect("1-one-iteration", 6, 8)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    s, t = drawn[-2:]
    g = hand.grads["conv"]["weight"][0, 0, s, t]
    if record.line < 140:
        return "-+"[int(g < 0)], {"You moved": "+-"[int(g < 0)]}
    wrong = {
        "The size": 0.05 * g,
        "This is the gradient with": -g,
        "This is the gradient itself": g,
    }
    return -0.05 * g, wrong


# 2 A convolution is a matrix product.


@expect("2-convolution-as-product", 1)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = drawn[-2:]
    wrong = (
        {"This is the window": [[0, 4 * j + i]]} if i != j else {"": [[0, (4 * i + j + 1) % 16]]}
    )
    return [[0, 4 * i + j]], wrong


@expect("2-convolution-as-product", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = divmod(drawn[-1], 4)
    kernel, image = hand.params["conv"]["weight"][0, 0], hand.x["conv"][0, 0]
    return [kernel[s, t] * image[i + s, j + t] for s in range(3) for t in range(3)], {}


@expect("2-convolution-as-product", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    y, x = drawn[-2:]
    visits = sum([0, 0, y, x] in window(i, j) for i in range(4) for j in range(4))
    wrong = {"Nine is right": 9} if visits != 9 else {}
    return visits, wrong | {"This is the number": 16}


@expect("2-convolution-as-product", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    return len(range(0, 4, 2)) ** 2, {"The stride": 8, "This is their": 16}


@expect("2-convolution-as-product", 6)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    return (6 + 2 * 1 - 3 + 1) ** 2, {"Padding 1 adds": 25, "This is their": 16}


@expect("2-convolution-as-product", 7)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    inside = [(s, t) for s in range(-1, 2) for t in range(-1, 2) if s >= 0 and t >= 0]
    return len(inside), {"The window has": 9, "This is how many": 5}


EXPECTED["2-convolution-as-product", 8] = sentence(0, "", "It needs exactly", "Each copy")


# 3 The gradient of a kernel.


def met(hand: Hand, k: int) -> list[float]:
    """The products of output gradient and pixel of one weight, window by window."""
    s, t = divmod(k, 3)
    g, image = hand.g_y["conv"][0, 0], hand.x["conv"][0, 0]
    return [g[i, j] * image[i + s, j + t] for i in range(4) for j in range(4)]


EXPECTED["3-gradient-of-a-kernel", 1] = lambda hand, record, drawn: (
    16,
    {"Nine pixels": 9, "In one window": 1},
)


@expect("3-gradient-of-a-kernel", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    g = sum(met(hand, drawn[-1]))
    return "-+"[int(g > 0)], {"The gradient has": "+-"[int(g > 0)]}


@expect("3-gradient-of-a-kernel", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    return met(hand, drawn[-1]), {}


@expect("3-gradient-of-a-kernel", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    g = sum(met(hand, 3))
    return 0.01 * g, {"This is the slope": g, "The size": -0.01 * g}


EXPECTED["3-gradient-of-a-kernel", 6] = lambda hand, record, drawn: (
    len(hand.labels) * 16,
    {"So many windows": 16, "So many images": 8},
)
EXPECTED["3-gradient-of-a-kernel", 7] = sentence(0, "", "Its line", "The learning rate")


@expect("3-gradient-of-a-kernel", 8)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    assert abs(hand.grads["conv"]["bias"][0]) < 1e-12
    return "0", {"The gradients of": "+"}


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
        verdict = answer.judge(wrong)
        assert not verdict.is_right
        assert re.match(said, verdict.mistake), (said, verdict.mistake)
        assert bool(verdict.mistake) == bool(said)


def check_terms(name: str, number: int, again: bool, products: list[float]) -> None:
    """Some terms blank, then all."""
    _, _, answer, _ = asked(name, number, again, 0)
    blank = [k for k, term in enumerate(answer.terms) if term.is_blank]
    assert len(blank) == len(answer.right) == 2
    np.testing.assert_allclose([term.value for term in answer.terms], products, atol=1e-12)
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


@pytest.mark.parametrize(("name", "number"), questions())
def test_the_answer_stands_nowhere_in_the_iteration(name: str, number: int) -> None:
    _, record, answer, _ = asked(name, number, False, 0)
    if answer.question.kind not in ("number", "terms", "sign") or not answer.covered.masks:
        return
    assert answer.explain is not None
    array = record.array(answer.explain)
    # Where an image repeats itself, other cells of the array have the same number by themselves.
    same = Chosen(whole(answer.explain), np.isclose(array, array[answer.explain.index], atol=0))
    hidden, seen = covered(record.trace, [same]), 0
    assert hidden.hides(answer.explain)
    assert all((hidden.masks[key] >= mask).all() for key, mask in answer.covered.masks.items())
    for stage in cover(record.trace, hidden).stages:
        for arrays in stage.inner.values():
            for shown in arrays.values():
                assert not np.isclose(shown, array[answer.explain.index], atol=0).any(), (
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
    assert re.search(rf"^#+ {re.escape(lesson.mathematics)}$", text, re.MULTILINE)
    for step in lesson.steps:
        for seed in (step.seed, step.seed + 1):
            there = step.with_seed(seed)
            record = record_of(there.words, there.line)
            assert all(found.mask.any() for found in points_of(there, record))
            if there.question is not None:
                assert answer_of(there.question, record).why


def test_each_question_of_a_lesson_has_an_answer_here() -> None:
    assert set(questions()) <= EXPECTED.keys()


def test_the_winner_is_the_first_of_equals() -> None:
    assert winner(np.array([[1.0, 2.0], [2.0, 0.0]])) == (0, 1)

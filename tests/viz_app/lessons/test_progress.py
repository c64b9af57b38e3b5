"""How far somebody has come: data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from viz_app.lessons import FILES, Progress, Verdict, bundled
from viz_app.lessons.progress import MOST_TRIES

RIGHT, WRONG = Verdict(True, "+", "positive", "why"), Verdict(False, "+", "positive", "why", "no")
LESSON = bundled(next(iter(FILES)))


def some() -> Progress:
    progress = Progress.of(LESSON).at(2).committed(0, [[0, 1]], WRONG, 12.5)
    return progress.again(3).committed(3, "x̂", RIGHT, 20)


def test_a_way_through_a_lesson() -> None:
    progress = some()
    assert (progress.step, progress.seed, progress.level) == (2, 3, 1)
    assert [(one.seed, one.level, one.is_right) for one in progress.tries] == [
        (0, 0, False), (3, 1, True),
    ]  # fmt: skip
    assert not progress.is_open(3)
    assert progress.is_open(4)
    there = progress.at(3)
    assert (there.step, there.seed, there.level, there.visited) == (3, None, 0, (1, 2, 3))
    assert there.is_open(0)


def test_a_lesson_is_done_when_all_is_seen_and_answered() -> None:
    progress, asked = Progress.of(LESSON), 0
    for step in LESSON.steps:
        assert not progress.is_done(LESSON)
        progress = progress.at(step.number)
        if step.question is not None and step.question.asks:
            asked += 1
            verdict = WRONG if asked == 1 else RIGHT
            progress = progress.committed(step.seed, "+", verdict, 1.0)
            # What comes later does not count.
            progress = progress.committed(step.seed, "+", RIGHT, 2.0)
    assert progress.is_done(LESSON)
    assert progress.score(LESSON) == pytest.approx((asked - 1) / asked)
    assert Progress.of(LESSON).score(LESSON) == 0


def test_only_the_last_tries_are_kept() -> None:
    one = some().tries[0]
    full = replace(some(), tries=(one,) * MOST_TRIES).committed(9, "+", RIGHT, 1.0)
    assert len(full.tries) == MOST_TRIES
    assert full.tries[-1].seed == 9

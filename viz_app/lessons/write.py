"""Writes a lesson as a file that `read_lesson` reads; what it takes for composing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import yaml

from viz_app.lessons.lesson import Lesson, Step
from viz_app.lessons.question import BLANK, WORKED, Question, Tolerance

# Texts are written on one line, however long they are.
WIDTH = 10_000


def write_lesson(lesson: Lesson) -> str:
    """Return the text of a file. Whether it can be read is for `read_lesson` to say."""
    common = dict(lesson.steps[0].words) if lesson.steps else {}
    for step in lesson.steps:
        common = {word: text for word, text in common.items() if step.words.get(word) == text}
    head: dict[str, Any] = {
        "title": lesson.title,
        "minutes": lesson.minutes,
        "learns": lesson.learns,
        **_given(moment=_words(common), mathematics=lesson.mathematics),
    }
    parts = [f"---\n{_yaml(head)}---\n", *(_step(step, common) for step in lesson.steps)]
    return "\n".join(parts)


def _step(step: Step, common: Mapping[str, str]) -> str:
    own = {word: text for word, text in step.words.items() if common.get(word) != text}
    block = _given(
        moment=_words(own),
        draw={draw.name: f"{draw.first} to {draw.last}" for draw in step.draws},
        point=[rule.text for rule in step.points],
        controls=list(step.controls),
    )
    if step.question is not None:
        block |= _question(step.question)
    return f"## {step.title}\n\n{step.text}\n" + (
        f"\n```step\n{_yaml(block)}```\n" if block else ""
    )


def _question(question: Question) -> dict[str, Any]:
    options = [
        {"say": option.say, "when": option.when.text, **_given(why=option.why)}
        for option in question.options
    ]
    cover = question.cover
    return {
        "ask": question.ask,
        question.kind: options or question.rule.text,
        **_given(among=list(question.among), blanks=[*map(_blanks, question.levels)]),
        **({} if cover is None else {"cover": [rule.text for rule in cover] or "nothing"}),
        **_given(tolerance=_tolerance(question.tolerance)),
        "why": question.why,
        **_given(mistakes=[{"if": m.rule.text, "why": m.why} for m in question.mistakes]),
    }


def _given(**values: Any) -> dict[str, Any]:
    """Return the values that are not empty."""
    return {key: value for key, value in values.items() if value}


def _words(words: Mapping[str, str]) -> str:
    """Return words of an address, as people read them where nothing stands against it."""
    is_plain = not any(set("%&+#?=;\n") & set(text) for text in words.values())
    return "&".join(f"{k}={v}" for k, v in words.items()) if is_plain else urlencode(words)


def _blanks(count: int) -> str:
    return {WORKED: "none", BLANK: "all"}.get(count, str(count))


def _tolerance(tolerance: Tolerance) -> str:
    if tolerance == Tolerance():
        return ""
    return f"{100 * tolerance.relative:g}%" if tolerance.relative else f"{tolerance.absolute:g}"


def _yaml(values: Mapping[str, Any]) -> str:
    written: str = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=WIDTH)
    return written

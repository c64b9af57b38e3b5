"""Reads the question of a step."""

from __future__ import annotations

import re

from viz_app.lessons.answer import VALUE
from viz_app.lessons.error import LessonError
from viz_app.lessons.kinds import KINDS
from viz_app.lessons.question import BLANK, WORKED, Mistake, Option, Question, Rule, Tolerance
from viz_app.lessons.reading.blocks import Reader, Text, text_of
from viz_app.lessons.reading.texts import LONGEST_RULE, MOST, rule_of, rules, sentence

MOST_BLANKS = 20
# Keys that only a step with a question has, besides those of the kinds.
OF_QUESTION = ("ask", "why", "mistakes", "cover", "tolerance", "among", "blanks")


def question_of(reader: Reader) -> Question | None:
    """Return what a step asks; None if it asks nothing.

    Raises:
        LessonError: it cannot be read.
    """
    kinds = [kind for kind in KINDS if reader.has(kind)]
    if len(kinds) != 1:
        belongs = [key for key in OF_QUESTION if reader.has(key)]
        if not kinds and not belongs:
            return None
        given = f"{kinds[0]}: and {kinds[1]}:" if kinds else f"{belongs[0]}: without a question"
        keys = ", ".join(f"{kind}:" for kind in KINDS)
        raise LessonError(reader.line((kinds[1:] or belongs)[0]), given, f"one of {keys}")
    kind = kinds[0]
    line = reader.line(kind)
    is_choice = kind == "choose"
    rule = Rule("", line) if is_choice else rule_of(reader.text(kind, LONGEST_RULE))
    for key, owner in (("among", "order"), ("blanks", "terms")):
        if reader.has(key) != (kind == owner):
            given = f"{kind}: {'with' if reader.has(key) else 'without'} {key}:"
            raise LessonError(line, given, f"{key}: with {owner}:, and with nothing else")
    among = tuple(label.text for label in rules(reader, "among"))
    if kind == "order" and (len(set(among)) < 2 or "@layer" not in rule.text):
        raise LessonError(line, f"order: {rule.text}", "@layer in it, and two labels under among:")
    tolerance = reader.text("tolerance", 20) if reader.has("tolerance") else Text("2%", line)
    near = Tolerance.parse(tolerance.text)
    if near is None:
        raise LessonError(tolerance.line, f"tolerance: {tolerance.text}", "such as 5% or 0.01")
    cover = rules(reader, "cover") if reader.has("cover") else None
    return Question(
        kind,
        _asked(reader, "ask"),
        rule,
        sentence(reader, "why"),
        line,
        _mistakes(reader),
        _options(reader) if is_choice else (),
        among,
        None if cover is None else tuple(c for c in cover if c.text != "nothing"),
        near,
        _blanks(reader),
    )


def _asked(reader: Reader, key: str) -> str:
    """Return a sentence that is read before the answer: it holds no numbers of the run."""
    said = sentence(reader, key)
    if found := VALUE.search(said):
        raise LessonError(
            reader.line(key), f"{found[0]} before the answer", "numbers in a why: only"
        )
    return said


def _mistakes(reader: Reader) -> tuple[Mistake, ...]:
    found = reader.readers("mistakes", MOST, ("if", "why"))
    return tuple(
        Mistake(rule_of(inner.text("if", LONGEST_RULE)), sentence(inner, "why")) for inner in found
    )


def _options(reader: Reader) -> tuple[Option, ...]:
    found = []
    for inner in reader.readers("choose", MOST, ("say", "when", "why")):
        no = Rule("no", inner.block.line)
        when = rule_of(inner.text("when", LONGEST_RULE)) if inner.has("when") else no
        why = sentence(inner, "why") if inner.has("why") else ""
        found.append(Option(_asked(inner, "say"), when, why))
    if len(found) < 2 or len({option.say for option in found}) < len(found):
        raise LessonError(reader.line("choose"), f"{len(found)} sentences", "2 different ones")
    return tuple(found)


def _blanks(reader: Reader) -> tuple[int, ...]:
    named, found = {"none": WORKED, "all": BLANK}, []
    for node in reader.items("blanks", MOST):
        text = text_of(node, 10)
        count = int(text.text) if re.fullmatch(r"[0-9]{1,3}", text.text) else MOST_BLANKS + 1
        count = named.get(text.text, count)
        if not (text.text in named or 0 < count <= MOST_BLANKS):
            raise LessonError(
                text.line, f"blanks: {text.text}", f"none, a number up to {MOST_BLANKS}, or all"
            )
        found.append(count)
    return tuple(found)

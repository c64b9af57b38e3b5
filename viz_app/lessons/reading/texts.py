"""What a lesson may say: plain texts, sentences and rules."""

from __future__ import annotations

import re

from viz_app.lessons.error import LessonError
from viz_app.lessons.question import Rule
from viz_app.lessons.reading.blocks import Node, Reader, Text, text_of

# Of a step's text, of any other sentence, and of a rule.
LONGEST_TEXT, LONGEST_SENTENCE, LONGEST_RULE = 700, 300, 200
# How many there are of one thing in a step.
MOST = 8
# Nothing of this is plain text: HTML, links and emphasis.
MARKUP = re.compile(r"<[A-Za-z/!?]|\]\(|`|\*\*|&#?\w+;")


def plain(text: Text, longest: int) -> str:
    """Return a text that is plain.

    Raises:
        LessonError: it has markup, is empty, or too long.
    """
    text = text_of(text, longest)
    if found := MARKUP.search(text.text):
        raise LessonError(text.line, f"markup: {found[0]!r}", "plain text")
    return text.text


def sentence(reader: Reader, key: str) -> str:
    """Return a sentence that has to be there; see `plain`."""
    return plain(reader.text(key, LONGEST_SENTENCE), LONGEST_SENTENCE)


def rules(reader: Reader, key: str) -> tuple[Rule, ...]:
    """Return the rules of a list, which may be missing.

    Raises:
        LessonError: it holds something else.
    """
    return tuple(map(rule_of, reader.items(key, MOST)))


def rule_of(node: Node) -> Rule:
    """Return a rule.

    Raises:
        LessonError: it is no text, empty, or too long.
    """
    text = text_of(node, LONGEST_RULE)
    return Rule(text.text, text.line)

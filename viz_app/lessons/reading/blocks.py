"""Reads the YAML of a lesson: texts, lists and mappings, each with the number of its line.

Only events of the parser are taken, so that no object is ever made; aliases, anchors and tags are
refused. Every scalar is a text: `no`, `1e3` and `12:30` stay what somebody has written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import yaml

from viz_app.lessons.error import LessonError

# A block of YAML is not longer or deeper than this.
MOST_CHARACTERS, MOST_DEPTH, MOST_NODES = 4_000, 4, 200


@dataclass(frozen=True)
class Text:
    """A text.

    Attributes:
        text: what stands there.
        line: number of its line in the file, from 1.
    """

    text: str
    line: int


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True)
class Fields:
    """A mapping. Each key stands there once."""

    fields: dict[str, Node]
    lines: dict[str, int]
    line: int


Node = Text | Items | Fields
NAMES = {Text: "a text", Items: "a list", Fields: "keys with values"}


def read_block(block: Text) -> Fields:
    """Return the mapping that a block of YAML holds.

    Raises:
        LessonError: it is no mapping, too large, or holds what a lesson may not.
    """
    text, line = block.text, block.line
    if len(text) > MOST_CHARACTERS:
        raise LessonError(
            line, f"a block of {len(text):,} characters", f"at most {MOST_CHARACTERS:,}"
        )
    events, counted = _events(text, line), iter(range(MOST_NODES))
    found = _node(next(events), events, counted, 0)
    # A second document would be refused here.
    for _ in events:
        pass
    if not isinstance(found, Fields):
        raise LessonError(line, NAMES[type(found)], "lines of the form key: value")
    return found


@dataclass(frozen=True)
class _Event:
    event: yaml.Event
    line: int


def _events(text: str, first: int) -> Iterator[_Event]:
    """Yield the events of one document from its first node on, with their lines."""
    documents = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = first + event.start_mark.line
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise LessonError(line, "an alias or an anchor", "the text itself")
            if getattr(event, "tag", None):
                raise LessonError(line, f"the tag {event.tag[:40]!r}", "a text without a tag")
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1 or event.version or event.tags:
                    raise LessonError(line, "a directive or a second document", "one document")
            if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                yield _Event(event, line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise LessonError(
            first + (mark.line if mark else 0),
            f"this cannot be read: {error.problem or error.context}",
            "YAML (a text with a colon in it, or that begins with a sign, stands in quotes)",
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, LessonError):
            raise
        said = str(error).splitlines()[0][:80]
        raise LessonError(first, f"this cannot be read: {said}", "YAML of plain text") from None
    if not documents:
        raise LessonError(first, "an empty block", "lines of the form key: value")


def _node(at: _Event, events: Iterator[_Event], counted: Iterator[int], depth: int) -> Node:
    if next(counted, None) is None or depth > MOST_DEPTH:
        raise LessonError(
            at.line, "too much in one block", f"at most {MOST_NODES} values, {MOST_DEPTH} deep"
        )
    if isinstance(at.event, yaml.ScalarEvent):
        return Text(" ".join(at.event.value.split()), at.line)
    if isinstance(at.event, yaml.SequenceStartEvent):
        items = list[Node]()
        while not isinstance((inner := next(events)).event, yaml.CollectionEndEvent):
            items.append(_node(inner, events, counted, depth + 1))
        return Items(tuple(items), at.line)
    fields, lines = dict[str, Node](), dict[str, int]()
    while not isinstance((inner := next(events)).event, yaml.CollectionEndEvent):
        key = _node(inner, events, counted, depth + 1)
        if not isinstance(key, Text) or key.text in fields:
            given = f"{key.text!r} a second time" if isinstance(key, Text) else "a key of parts"
            raise LessonError(inner.line, given, "each key once, as a word")
        lines[key.text] = inner.line
        fields[key.text] = _node(next(events), events, counted, depth + 1)
    return Fields(fields, lines, at.line)


class Reader:
    """Takes the values of a mapping by their keys, and refuses those that are not known.

    Args:
        block: the mapping.
        known: all keys that it may have.

    Raises:
        LessonError: it has another one. So does every method where a value is not what it asks for.
    """

    def __init__(self, block: Fields, known: Iterable[str]) -> None:
        self.block, self._known = block, tuple(known)
        for key in block.fields:
            if key not in self._known:
                near = get_close_matches(key, self._known, 1)
                expected = near[0] if near else f"one of {', '.join(self._known)}"
                raise LessonError(block.lines[key], f"the key {key[:40]!r}", expected)

    def has(self, key: str) -> bool:
        """Return whether there is such a key."""
        return key in self.block.fields

    def line(self, key: str) -> int:
        """Return the number of the line of a key that is there."""
        return self.block.lines[key]

    def text(self, key: str, longest: int) -> Text:
        """Return a text that has to be there."""
        if key not in self.block.fields:
            raise LessonError(self.block.line, f"no {key}:", f"a line {key}: and its value")
        return text_of(self.block.fields[key], longest)

    def whole(self, key: str, least: int, most: int) -> int:
        """Return a whole number that has to be there."""
        text = self.text(key, 10)
        if not re.fullmatch(r"[0-9]{1,6}", text.text) or not least <= int(text.text) <= most:
            raise LessonError(text.line, f"{key}: {text.text}", f"a number from {least} to {most}")
        return int(text.text)

    def fields(self, key: str) -> Mapping[str, Node]:
        """Return a mapping, which is empty where there is none."""
        node = self.block.fields.get(key, Fields({}, {}, 0))
        if not isinstance(node, Fields):
            raise LessonError(node.line, f"{key}: {NAMES[type(node)]}", NAMES[Fields])
        return node.fields

    def items(self, key: str, most: int) -> tuple[Node, ...]:
        """Return a list, which is empty where there is none; a value alone is a list of one."""
        node = self.block.fields.get(key, Items((), 0))
        items = node.items if isinstance(node, Items) else (node,)
        if len(items) > most:
            raise LessonError(node.line, f"{len(items)} in {key}:", f"at most {most}")
        return items

    def readers(self, key: str, most: int, known: Iterable[str]) -> list[Reader]:
        """Return a list of mappings."""
        found = []
        for node in self.items(key, most):
            if not isinstance(node, Fields):
                raise LessonError(node.line, NAMES[type(node)], f"the keys {', '.join(known)}")
            found.append(Reader(node, known))
        return found


def text_of(node: Node, longest: int) -> Text:
    """Return a value that is a text.

    Raises:
        LessonError: it is none, empty, or too long.
    """
    if not isinstance(node, Text):
        raise LessonError(node.line, NAMES[type(node)], "a text")
    if not 0 < len(node.text) <= longest:
        given = f"{len(node.text)} characters" if node.text else "nothing"
        raise LessonError(node.line, given, f"1 to {longest} characters")
    return node

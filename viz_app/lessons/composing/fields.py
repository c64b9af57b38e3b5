"""The YAML of a draft: a block as plain data, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import yaml

from viz_app.lessons.reading.blocks import Fields, Items, Node, Text, read_block
from viz_app.lessons.reading.lessons import HEAD
from viz_app.lessons.reading.sections import UNSEEN

# What a key holds: a text, a list, or keys again.
Value: TypeAlias = "str | list[Value] | dict[str, Value]"
# Texts are written on one line, however long they are.
WIDTH = 10_000
# In which order keys are written; a kind of question stands behind `ask`, all others at the end.
ORDER = (
    *HEAD, "draw", "point", "controls", "ask", "", "among", "blanks", "cover", "tolerance", "why",
    "mistakes",
)  # fmt: skip
# These stay where they are empty, so that an error has a line.
NEEDED = ("title", "minutes", "learns", "ask", "why")


class _Plain(yaml.SafeDumper):  # type: ignore[misc]  # it has no types
    """Writes texts without quotes where they need none: a lesson reads all of them as texts."""

    yaml_implicit_resolvers: Mapping[str, object] = {}

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Write lists further in than their keys."""
        super().increase_indent(flow, False)


def fields_of(block: str) -> dict[str, Value]:
    """Return what a block of YAML holds.

    Raises:
        LessonError: it cannot be read; its line counts from the first one of the block.
    """
    found = _plain(read_block(Text(block, 1))) if block.strip() else {}
    assert isinstance(found, dict)
    return found


def block_of(fields: Mapping[str, Value]) -> str:
    """Return a block of YAML that holds fields, in the order of a lesson's file."""
    if not fields:
        return ""
    ordered = dict(sorted(fields.items(), key=lambda field: _rank(field[0])))
    written: str = yaml.dump(
        ordered, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=WIDTH
    )
    return written


def with_field(block: str, key: str, value: Value) -> str:
    """Return a block with another value of a key; an empty one takes an optional key away.

    Raises:
        LessonError: the block cannot be read.
    """
    fields = fields_of(block)
    if value or key not in ORDER or key in NEEDED:
        fields[key] = value
    else:
        fields.pop(key, None)
    return block_of(fields)


def cleaned(value: Value) -> Value:
    """Return a value as somebody has typed it without characters that nobody sees."""
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {str(key): cleaned(item) for key, item in value.items()}
    return "\n".join(UNSEEN.sub("", line) for line in str(value).splitlines())


def _plain(node: Node) -> Value:
    if isinstance(node, Fields):
        return {key: _plain(value) for key, value in node.fields.items()}
    return [_plain(item) for item in node.items] if isinstance(node, Items) else node.text


def _rank(key: str) -> int:
    return ORDER.index(key if key in ORDER else "")

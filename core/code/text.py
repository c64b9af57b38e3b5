"""Pieces of source text: calls, and the functions of a template that a script uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")


def template(name: str) -> str:
    """Return the text of a template."""
    return (TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")


def call(name: str, *arguments: object, **options: object) -> str:
    """Return the text of a call; strings are quoted, an `Expression` stands as it is."""
    given = [*map(repr, arguments), *(f"{key}={value!r}" for key, value in options.items())]
    return f"{name}({', '.join(given)})"


class Expression(str):
    """Text of an expression."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def changed(options: Mapping[str, tuple[object, object]]) -> dict[str, object]:
    """Return the options that differ from their defaults, of (value, default) by name."""
    return {name: value for name, (value, default) in options.items() if value != default}


def definitions(text: str, names: Iterable[str]) -> str:
    """Return the functions and classes of a template that some names need, in its order."""
    blocks = {
        found[1]: block
        for block in re.split(r"\n{3,}", text.strip())
        if (found := re.match(r"(?:def|class) (\w+)", block))
    }
    needed, open_names = set[str](), list(names)
    while open_names:
        name = open_names.pop()
        if name in blocks and name not in needed:
            needed.add(name)
            open_names += re.findall(r"\w+", blocks[name])
    return "\n\n\n".join(block for name, block in blocks.items() if name in needed)

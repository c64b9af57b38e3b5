"""Pieces of source text: calls, and the functions of a template that a script uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

# Letters in a line of a script.
WIDTH = 100
TEMPLATES = Path(__file__).with_name("templates")


def template(name: str) -> str:
    """Return the text of a template."""
    return (TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")


def call(name: str, *arguments: object, **options: object) -> str:
    """Return the text of a call; strings are quoted, an `Expression` stands as it is."""
    given = [*map(_shown, arguments), *(f"{k}={_shown(v)}" for k, v in options.items())]
    return f"{name}({', '.join(given)})"


def _shown(value: object) -> str:
    return f'"{value}"' if type(value) is str else repr(value)


class Expression(str):
    """Text of an expression."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def assignment(targets: Sequence[str], value: str) -> str:
    """Return the text that assigns a call or a list, in lines that are not too long."""
    line = f"{', '.join(targets)} = {value}"
    if len(line) <= WIDTH:
        return line
    left = ", ".join(targets)
    if len(left) > WIDTH / 2:
        left = "\n".join(["(", *(f"    {target}," for target in targets), ")"])
    line = f"{left} = {value}"
    if len(line.rpartition("\n")[2]) <= WIDTH:
        return line
    opening = next(k for k, letter in enumerate(value) if letter in "([") + 1
    parts = _arguments(value[opening:-1])
    whole = f"    {', '.join(parts)}"
    inside = [whole] if len(whole) <= WIDTH and value[-1] == ")" else [f"    {p}," for p in parts]
    return "\n".join([f"{left} = {value[:opening]}", *inside, value[-1]])


def _arguments(text: str) -> list[str]:
    """Return what stands between the commas of a text, those inside of brackets left out."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


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
            open_names += re.findall(r"\w+(?=\()", blocks[name])
    return "\n\n\n".join(block for name, block in blocks.items() if name in needed)

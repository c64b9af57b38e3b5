"""Joins the ES modules of a component to one script that imports nothing.

Panel, a notebook and the page without a server have no address from which a script could import
another one. A file has its imports at its top, one a line, of names as they are exported:
`import { el, centre } from "../common/elements.js";`.
"""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r'import \{ (?P<names>\w+(?:, \w+)*) \} from "(?P<path>\.\.?/[^"]+\.js)";')
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) (\w+))", re.MULTILINE)
# What a file declares for itself and for all that it is joined with.
DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE
)
MORE = re.compile(r"^const .*", re.MULTILINE)
ANOTHER = re.compile(r"(?:, )([A-Z_]+) = ")
ENTRY = "render"


class ModuleError(Exception):
    """A file is not written, or imports what is not there; the message names it and says why."""


def joined(entry: Path) -> str:
    """Return a file and all that it imports as one text, in which only `render` is exported.

    Raises:
        ModuleError: see the message.
        FileNotFoundError: a file that is imported does not exist.
    """
    modules: dict[Path, str] = {}
    _collect(entry.resolve(), (), modules)
    _refuse_doubles(modules)
    texts = [EXPORT.sub("", text) for path, text in modules.items() if path != entry.resolve()]
    last = EXPORT.sub(lambda found: found[0] if found[1] == ENTRY else "", modules[entry.resolve()])
    return "\n".join([*texts, last])


def _collect(path: Path, importers: tuple[Path, ...], modules: dict[Path, str]) -> None:
    """Add a file without its imports to `modules`, behind all that it imports."""
    if path in importers:
        circle = " imports ".join(file.name for file in (*importers[importers.index(path) :], path))
        raise ModuleError(f"files import each other in a circle: {circle}")
    if path in modules:
        return
    imports, text = _split(path)
    for target, names in imports:
        _collect(target, (*importers, path), modules)
        if missing := names - set(EXPORT.findall(modules[target])):
            raise ModuleError(
                f"{path.name} imports {', '.join(sorted(missing))}, which {target.name} "
                "does not export"
            )
    modules[path] = text


def _refuse_doubles(modules: dict[Path, str]) -> None:
    """Raise an error where two files declare the same name: joined, they would be one."""
    owners: dict[str, Path] = {}
    for path, text in modules.items():
        more = (name for line in MORE.findall(text) for name in ANOTHER.findall(line))
        for name in (*DECLARED.findall(text), *more):
            other = owners.setdefault(name, path)
            if other != path:
                raise ModuleError(
                    f"{other.name} and {path.name} are joined and both declare {name}: call one of "
                    "them otherwise"
                )


def _split(path: Path) -> tuple[list[tuple[Path, set[str]]], str]:
    """Return what a file imports, as paths and names, and its text without the imports."""
    imports, rest = [], list[str]()
    is_head = True
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not re.match(r"import\b", line):
            is_head = is_head and (not line or line.startswith("//"))
            rest.append(line)
            if line.startswith("export") and not EXPORT.match(line):
                raise ModuleError(
                    f"{path.name}, line {number}: expected `export` in front of a function, "
                    f"class, const or let: {line}"
                )
            continue
        found = IMPORT.fullmatch(line)
        if found is None or not is_head:
            raise ModuleError(
                f"{path.name}, line {number}: expected imports at the top of the file, each like "
                f'`import {{ one, two }} from "./file.js";`: {line}'
            )
        imports.append(((path.parent / found["path"]).resolve(), set(found["names"].split(", "))))
    return imports, "\n".join(rest) + "\n"

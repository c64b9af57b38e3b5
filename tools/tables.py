"""Writes the tables of README.md, docs/api.md and docs/network.md from the code.

Run as `python -m tools.tables`. A table stands between two comments, `<!-- table: layers -->` and
`<!-- end of table -->`; all other text is left as it is.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import core
from core.io.parts import AUGMENTATIONS, LOSSES, OPTIMISERS, SCHEDULES
from core.io.text import words_of
from core.layer import LAYERS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "api.md", ROOT / "docs" / "network.md"]
TABLE = re.compile(
    r"(?<=<!-- table: )(?P<name>\w+) -->\n.*?(?=<!-- end of table -->)", re.MULTILINE | re.DOTALL
)
# Of an image on which every layer can say which words it knows.
IMAGE = (4, 8, 8)
# Parts of training that have a text.
PARTS = {
    "optimiser": OPTIMISERS,
    "loss": LOSSES,
    "schedule": SCHEDULES,
    "augmentation": AUGMENTATIONS,
}
# What the names of a module are, in the order of the table.
KINDS = {
    "core.tensor": "model",
    "core.model": "model",
    "core.interop": "model",
    "core.layer": "layer",
    "core.layers": "layer",
    "core.spec_item": "text form",
    "core.losses": "loss",
    "core.optim": "optimiser",
    "core.schedule": "schedule",
    "core.data": "data",
    "core.training": "training",
    "core.inspect": "looking inside",
    "core.io.text": "text form",
    "core.io.checkpoint": "saving",
    "core.code": "saving",
    "core.io.weights": "saving",
    "core.io.state": "saving",
    "core.errors": "error",
}


def api_table() -> str:
    """Return a table of all names in `core.__all__`: how to call them, and what they are for."""
    order = list(dict.fromkeys(KINDS.values()))
    rows = sorted((order.index(kind_of(name)), name) for name in core.__all__)
    lines = ["| | name | what it is |", "|---|---|---|"]
    lines += [f"| {order[k]} | `{call_of(name)}` | {summary_of(name)} |" for k, name in rows]
    return "\n".join(lines) + "\n"


def kind_of(name: str) -> str:
    """Return in which part of the table a name stands."""
    module = getattr(core, name).__module__
    fitting = [prefix for prefix in KINDS if f"{module}.".startswith(f"{prefix}.")]
    return KINDS[max(fitting, key=len)]


def call_of(name: str) -> str:
    """Return a name with its arguments and their defaults, without annotations."""
    thing = getattr(core, name)
    # Nobody calls these: errors, and what other functions return.
    if kind_of(name) == "error" or name in ("Activation", "Layer", "Loss", "StepTrace", "SpecItem"):
        return name
    arguments = [
        str(p.replace(annotation=p.empty, default=_Plain(p.default) if _is_given(p) else p.empty))
        for p in inspect.signature(thing).parameters.values()
    ]
    keyword_only = [
        k
        for k, p in enumerate(inspect.signature(thing).parameters.values())
        if p.kind is p.KEYWORD_ONLY
    ]
    if keyword_only and not any(argument.startswith("*") for argument in arguments):
        arguments.insert(keyword_only[0], "*")
    return f"{name}({', '.join(arguments)})"


def _is_given(parameter: inspect.Parameter) -> bool:
    return parameter.default is not parameter.empty


class _Plain:
    """Writes a default value; a function by its name."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return getattr(self._value, "__name__", repr(self._value))


def summary_of(name: str) -> str:
    """Return the first line of a docstring."""
    lines = (inspect.getdoc(getattr(core, name)) or "").splitlines()
    return lines[0].replace("|", r"\|")


def layer_table() -> str:
    """Return a table of the layers in the text form, with the words that each understands."""
    lines = ["| word | after it | layer |", "|---|---|---|"]
    for keyword, kind in sorted(LAYERS.items()):
        if kind.__module__.startswith("core."):
            # Numbers that stand there without a letter come first, words that stand alone last.
            known = sorted(words_of(keyword, IMAGE), key=lambda w: (w[0] not in "(<", "<" not in w))
            words = " ".join(f"`{word}`" for word in known).replace("|", r"\|")
            lines.append(f"| `{keyword}` | {words} | {kind.__name__} |")
    return "\n".join(lines) + "\n"


def parts_table() -> str:
    """Return a table of what the parts of training may be, with the options of each."""
    lines = ["| | word | after it | class |", "|---|---|---|---|"]
    for part, choices in PARTS.items():
        for word, choice in choices.items():
            words = " ".join(f"`{one}`" for one in choice.words())
            lines.append(f"| {part} | `{word}` | {words} | {choice.make.__name__} |")
    return "\n".join(lines) + "\n"


TABLES: dict[str, Callable[[], str]] = {
    "layers": layer_table,
    "api": api_table,
    "parts": parts_table,
}


def written(text: str) -> str:
    """Return a document with all tables up to date."""
    return TABLE.sub(lambda match: f"{match['name']} -->\n{TABLES[match['name']]()}", text)


def main() -> None:
    """Bring the documents up to date."""
    for document in DOCUMENTS:
        document.write_text(written(document.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()

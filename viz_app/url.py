"""The address of a moment: where somebody looks, as a query, and back.

A run follows from its settings and the changes made on the way, so a short address is enough to see
the same numbers again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.data import DATASETS
from core.inspect.explain import Cell
from viz_app.cursor import GRAINS
from viz_app.journey import Change, Journey
from viz_app.presets import PRESETS
from viz_app.session import Session
from viz_app.visit import selection_of

# The furthest iteration that an address may ask for.
FURTHEST = 100_000


@dataclass(frozen=True)
class Field:
    """One word of the address.

    Attributes:
        write: its text for a session; None leaves the word out.
        read: the value that a text stands for; ValueError where it stands for none.
    """

    write: Callable[[Session], str | None]
    read: Callable[[str], Any]


def _one_of(known: Mapping[str, object] | tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"{text!r} is not one of {', '.join(known)}")
        return text

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError(f"{value} is not from {least} to {most}")
        return value

    return read


def _rate(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(f"{text} is no learning rate above 0")
    return value


def _write_changes(session: Session) -> str | None:
    made = [change for change in session.changes if change[0] <= session.trace.iteration]
    return ";".join(f"{at}:{name}:{value!r}" for at, name, value in made) or None


def _read_changes(text: str) -> list[Change]:
    readers: dict[str, Callable[[str], float]] = {
        "learning_rate": _rate,
        "batch_size": _whole(1, 1_000_000),
    }
    changes = []
    for item in text.split(";"):
        at, name, value = item.split(":")
        if name not in readers:
            raise ValueError(f"{name!r} cannot be changed in a run")
        changes.append((_whole(0, FURTHEST)(at), name, readers[name](value)))
    return changes


def _write_cell(session: Session) -> str | None:
    if not session.selection:
        return None
    return ",".join([session.selection["key"], *map(str, session.selection["index"])])


def _read_cell(text: str) -> tuple[str, tuple[int, ...]]:
    key, *index = text.split(",")
    return key, tuple(map(_whole(0, 10**9), index))


FIELDS = {
    "preset": Field(lambda s: str(s.start["preset"]), _one_of(PRESETS)),
    "data": Field(lambda s: str(s.start["dataset"]), _one_of(DATASETS)),
    "rate": Field(lambda s: repr(s.start["learning_rate"]), _rate),
    "batch": Field(lambda s: str(s.start["batch_size"]), _whole(1, 1_000_000)),
    "seed": Field(lambda s: str(s.start["seed"]), _whole(0, 2**63)),
    "changes": Field(_write_changes, _read_changes),
    "iteration": Field(lambda s: str(s.trace.iteration), _whole(1, FURTHEST)),
    "grain": Field(lambda s: s.grain, _one_of(GRAINS)),
    "stage": Field(lambda s: str(s.stage + 1), _whole(1, 10_000)),
    "inner": Field(lambda s: str(s.inner + 1), _whole(1, 100)),
    "sample": Field(lambda s: str(s.sample), _whole(0, 1_000_000)),
    "cell": Field(_write_cell, _read_cell),
}
_SETTINGS = {
    "preset": "preset",
    "data": "dataset",
    "rate": "learning_rate",
    "batch": "batch_size",
    "seed": "seed",
}


def to_query(session: Session) -> dict[str, str]:
    """Return the words of the address of what a session looks at."""
    words = {name: field.write(session) for name, field in FIELDS.items()}
    return {name: word for name, word in words.items() if word is not None}


def follow(session: Session, query: Mapping[str, str]) -> None:
    """Bring a session to where an address points, as far as the address can be read.

    What cannot be read is left out and named in the session's message.
    """
    values, wrong = _read(query)
    if not values and not wrong:
        return
    settings = {_SETTINGS[k]: values[k] for k in _SETTINGS if k in values}
    if settings:
        session.begin(**settings)
    places = ("grain", "stage", "inner", "sample", "cell")
    look = {key: values[key] for key in places if key in values}
    changes = values.get("changes", [])
    Journey(session, values.get("iteration", 1), changes, lambda: _look(session, look)).begin()
    if wrong:
        session.message = f"The address was read in part: {'; '.join(wrong)}."


def _read(query: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values, wrong = {}, []
    for name, field in FIELDS.items():
        if name not in query:
            continue
        try:
            values[name] = field.read(query[name])
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    return values, wrong


def _look(session: Session, look: Mapping[str, Any]) -> None:
    session.grain = look.get("grain", session.grain)
    session.sample = min(look.get("sample", 0), len(session.trace.indices) - 1)
    stage = min(look.get("stage", 1), len(session.trace.stages)) - 1
    inner = min(look.get("inner", 1), len(session.trace.stages[stage].inner)) - 1
    session.go(stage, inner)
    if "cell" in look:
        key, index = look["cell"]
        here = session.current
        if session.holds(key, index):
            session.select(selection_of(session, Cell(here.phase, here.layer, key, index)))


def parse(search: str) -> dict[str, str]:
    """Return the words of the query part of an address."""
    return dict(parse_qsl(search.removeprefix("?")))


def text(words: Mapping[str, str]) -> str:
    """Return words as the query part of an address."""
    return "?" + urlencode(words, safe=",;:")

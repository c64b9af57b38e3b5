"""The words of an address that say where in an iteration one looks, to texts and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, TypeAlias

from core.inspect.trace import StepTrace
from viz_app.place.place import COLOURS, GRAINS, LESSON, RUNS, SIDES, THEN, Place
from viz_app.probe.probe import Probe
from viz_app.run.settings import number, shown, whole
from viz_app.style.gradients import NOTATIONS

# The furthest iteration that an address may ask for.
FURTHEST = 100_000
# The most iterations that Play computes at once.
MOST_STEPS = 100
# More names of arrays are not kept pinned.
MOST_PINS = 12


def typed(text: str) -> str:
    """Return a text as it is quoted in a sentence."""
    return shown(text) if text.strip() else "an empty text"


def whole_in(text: str, least: float = -inf, most: float = inf) -> int:
    """Return the whole number that a text stands for.

    Raises:
        ValueError: it stands for none, or for one outside of the limits.
    """
    value = whole(number(text), least, most)
    if value is None:
        limits = f" from {least} to {most}" if isfinite(least) else ""
        raise ValueError(f"{typed(text)} is not a whole number{limits}")
    return value


def known_in(text: str, known: Collection[str]) -> str:
    """Return a text that is one of some.

    Raises:
        ValueError: it is none of them.
    """
    if text not in known:
        raise ValueError(f"{typed(text)} is not one of {', '.join(known)}")
    return text


# Of the axes of the matrices in sight: how many rows or columns, by name.
Axes: TypeAlias = Callable[[], Mapping[str, int]]


def _never(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> str:
    return ""


@dataclass(frozen=True)
class Field:
    """One word of the address that says where in an iteration one looks.

    Attributes:
        write: its text for a place; None leaves the word out.
        read: the attributes of a place that a text stands for; ValueError where it stands for none.
        missed: what to say where the place that was found in an iteration is another one than the
            one that was wanted; empty if they agree.
    """

    write: Callable[[Place], str | None]
    read: Callable[[str], dict[str, Any]]
    missed: Callable[[Place, Place, StepTrace, Axes], str] = _never


def _number(name: str, first: int = 0, always: bool = True) -> Field:
    """A whole number; it counts from `first` in the address."""

    def write(place: Place) -> str | None:
        value = getattr(place, name)
        return str(value + first) if value or always else None

    def missed(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> str:
        value = getattr(wanted, name)
        if value == getattr(found, name):
            return ""
        last = found.count(name, trace) - 1 + first
        return f"{shown(str(value + first))} is not from {first} to {last}, the nearest is shown"

    return Field(write, lambda text: {name: whole_in(text) - first}, missed)


def _choice(name: str, known: tuple[str, ...], always: bool = True) -> Field:
    def write(place: Place) -> str | None:
        value: str = getattr(place, name)
        return value if always or value != known[0] else None

    return Field(write, lambda text: {name: known_in(text, known)})


def _flag(name: str) -> Field:
    return Field(
        lambda place: "1" if getattr(place, name) else None,
        lambda text: {name: known_in(text, ("0", "1")) == "1"},
    )


def _write_cell(place: Place) -> str | None:
    return ",".join([place.array, *map(str, place.index)]) if place.array else None


def _read_cell(text: str) -> dict[str, Any]:
    array, *index = text.split(",")
    return {"array": array, "index": tuple(whole_in(k, 0, 10**9) for k in index)}


def _missed_cell(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> str:
    if (wanted.array, wanted.index) == (found.array, found.index):
        return ""
    shapes = {name: "×".join(map(str, a.shape)) for name, a in found.arrays(trace).items()}
    known = ", ".join(f"{name} ({shape or 'one number'})" for name, shape in shapes.items())
    return f"{_write_cell(wanted)} is no cell of this stage, nothing is selected; it has {known}"


def _write_scroll(place: Place) -> str | None:
    return ";".join(f"{axis}:{first}" for axis, first in place.scroll) or None


def _read_scroll(text: str) -> dict[str, Any]:
    found = [item.rpartition(":") for item in text.split(";")]
    return {"scroll": tuple((axis, whole_in(first, 0, 10**9)) for axis, _, first in found)}


def _missed_scroll(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> str:
    missed = set(wanted.scroll) - set(found.scroll)
    said = ";".join(f"{axis}:{first}" for axis, first in wanted.scroll if (axis, first) in missed)
    if not said:
        return ""
    known = ", ".join(f"{axis} (0 to {count - 1})" for axis, count in axes().items())
    nearest = f"{said} is not in the matrices of this stage, the nearest is shown"
    return f"{nearest}; they have {known}" if known else nearest


def _write_pinned(place: Place) -> str | None:
    return ",".join(place.pinned) or None


def _read_pinned(text: str) -> dict[str, Any]:
    names = text.split(",")
    if not all(re.fullmatch(r"[A-Za-z_]\w{0,99}", name) for name in names):
        raise ValueError(f"{shown(text)} is no list of names of arrays, such as X_out,bias")
    return {"pinned": tuple(dict.fromkeys(names[:MOST_PINS]))}


def _write_cells(place: Place) -> str | None:
    if place.grain != "Cell" or place.cells == 0:
        return None
    return "all" if place.cells is None else str(place.cells)


def _read_cells(text: str) -> dict[str, Any]:
    return {"cells": None if text == "all" else whole_in(text, 0, 10**9)}


def _missed_cells(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> str:
    if wanted.cells == found.cells:
        return ""
    return f"{wanted.cells} is not from 0 to {found.cells or 0}, the nearest is shown"


def _write_visited(place: Place) -> str | None:
    return str(place.visited) if place.visited else None


def _missed_visited(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> str:
    if wanted.visited in (0, found.visited):
        return ""
    if THEN not in wanted.pinned:
        return f"{wanted.visited} is compared with nothing unless {THEN} is pinned"
    return f"{wanted.visited} is no other iteration of this run, nothing is compared with it"


def _write_probe(place: Place) -> str | None:
    # One that is too long for a link is left out, which the page says.
    return (place.probe.text or None) if place.probe else None


def _missed_probe(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> str:
    if wanted.probe in (None, found.probe):
        return ""
    return "the network cannot be asked about it, the training batch is shown"


FIELDS = {
    "probe": Field(_write_probe, lambda text: {"probe": Probe.read(text)}, _missed_probe),
    "grain": _choice("grain", GRAINS),
    "stage": _number("stage", 1),
    "inner": _number("inner", 1),
    "sample": _number("sample"),
    "channel": _number("channel", always=False),
    "out": _number("out_channel", always=False),
    "colours": _choice("colours", COLOURS, always=False),
    "notation": _choice("notation", NOTATIONS, always=False),
    "cells": Field(_write_cells, _read_cells, _missed_cells),
    "cell": Field(_write_cell, _read_cell, _missed_cell),
    "scroll": Field(_write_scroll, _read_scroll, _missed_scroll),
    "pin": Field(_write_pinned, _read_pinned),
    "visited": Field(
        _write_visited, lambda text: {"visited": whole_in(text, 1, FURTHEST)}, _missed_visited
    ),
    "side": _choice("side", SIDES[: SIDES.index(LESSON)], always=False),
    "explained": _choice("run", RUNS, always=False),
    "present": _flag("present"),
    "picture": _flag("picture"),
    "steps": Field(
        lambda place: str(place.steps) if place.steps > 1 else None,
        lambda text: {"steps": whole_in(text, 1, MOST_STEPS)},
    ),
}

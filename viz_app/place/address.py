"""The address of a moment: the recipe of a run, an iteration and a place, as a query, and back.

A run follows from its recipe and the changes made on the way, so a short address is enough to see
the same numbers again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isfinite
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import numpy as np

from core.data import DATASETS, DataSet, load_dataset
from core.inspect.trace import StepTrace
from viz_app.place.place import COLOURS, GRAINS, SIDES, Place
from viz_app.run.cost import OWN, Limits
from viz_app.run.presets import DEFAULT, PRESETS
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change
from viz_app.run.run import Run
from viz_app.run.settings import CHANGEABLE, SETTINGS, number, shown

T = TypeVar("T")

# The furthest iteration that an address may ask for.
FURTHEST = 100_000
# The most changes of settings on the way there.
MOST_CHANGES = 200
# Words of the address -> settings of the recipe.
WORDS = {
    "preset": "preset",
    "data": "dataset",
    "rate": "learning_rate",
    "batch": "batch_size",
    "seed": "seed",
    "dtype": "dtype",
}


@dataclass(frozen=True, eq=False)
class Moment:
    """What an address points at, as far as it can be read.

    Attributes:
        recipe: of the run.
        iteration: which iteration.
        changes: of settings on the way.
        place: where to look in it.
        wrong: a sentence for each word that cannot be read; it is left out.
    """

    recipe: Recipe
    iteration: int
    changes: tuple[Change, ...]
    place: Place
    wrong: tuple[str, ...]

    def note(self, missed: Iterable[str] = ()) -> str:
        """Return what to say of an address: what cannot be read, and what was not found there."""
        said = "; ".join((*self.wrong, *missed))
        return f"The address was read in part: {said}" if said else ""


def _never(wanted: Place, found: Place, trace: StepTrace) -> str:
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
    missed: Callable[[Place, Place, StepTrace], str] = _never


def _number(name: str, first: int = 0, shown: bool = True) -> Field:
    """A whole number; it counts from `first` in the address."""

    def write(place: Place) -> str | None:
        value = getattr(place, name)
        return str(value + first) if value or shown else None

    def missed(wanted: Place, found: Place, trace: StepTrace) -> str:
        value = getattr(wanted, name)
        if value == getattr(found, name):
            return ""
        last = found.count(name, trace) - 1 + first
        return f"{value + first} is not from {first} to {last}, the nearest is shown"

    return Field(write, lambda text: {name: _whole(text) - first}, missed)


def _choice(name: str, known: tuple[str, ...], shown: bool = True) -> Field:
    def write(place: Place) -> str | None:
        value: str = getattr(place, name)
        return value if shown or value != known[0] else None

    return Field(write, lambda text: {name: _known(text, known)})


def _write_cell(place: Place) -> str | None:
    return ",".join([place.array, *map(str, place.index)]) if place.array else None


def _read_cell(text: str) -> dict[str, Any]:
    array, *index = text.split(",")
    return {"array": array, "index": tuple(_whole(k, 0, 10**9) for k in index)}


def _missed_cell(wanted: Place, found: Place, trace: StepTrace) -> str:
    if (wanted.array, wanted.index) == (found.array, found.index):
        return ""
    return f"{_write_cell(wanted)} is no cell of this stage, nothing is selected"


def _write_scroll(place: Place) -> str | None:
    return ";".join(f"{axis}:{first}" for axis, first in place.scroll) or None


def _read_scroll(text: str) -> dict[str, Any]:
    found = [item.rpartition(":") for item in text.split(";")]
    return {"scroll": tuple((axis, _whole(first, 0, 10**9)) for axis, _, first in found)}


def _missed_scroll(wanted: Place, found: Place, trace: StepTrace) -> str:
    missed = set(wanted.scroll) - set(found.scroll)
    said = ";".join(f"{axis}:{first}" for axis, first in wanted.scroll if (axis, first) in missed)
    return f"{said} is not in the matrices of this stage, the nearest is shown" if said else ""


FIELDS = {
    "grain": _choice("grain", GRAINS),
    "stage": _number("stage", 1),
    "inner": _number("inner", 1),
    "sample": _number("sample"),
    "channel": _number("channel", shown=False),
    "out": _number("out_channel", shown=False),
    "colours": _choice("colours", COLOURS, shown=False),
    "cell": Field(_write_cell, _read_cell, _missed_cell),
    "scroll": Field(_write_scroll, _read_scroll, _missed_scroll),
    "side": _choice("side", SIDES, shown=False),
}


# An address with one of these says something of a moment.
ALL_WORDS = frozenset({*WORDS, *FIELDS, "model", "iteration", "changes"})


def is_moment(query: Mapping[str, str]) -> bool:
    """Return whether an address says anything of a moment."""
    return bool(query.keys() & ALL_WORDS)


def to_query(run: Run, place: Place) -> dict[str, str]:
    """Return the words of the address of a place in the iteration at which a run stands."""
    iteration = run.trace.iteration
    made = [change for change in run.changes if change.at <= iteration]
    written = {word: field.write(place) for word, field in FIELDS.items()}
    words = words_of(run.recipe, made) | {"iteration": str(iteration)}
    return words | {word: text for word, text in written.items() if text is not None}


def words_of(recipe: Recipe, made: Iterable[Change]) -> dict[str, str]:
    """Return the words of the address of a run: its recipe, and the changes made on the way."""
    words = {word: SETTINGS[name].write(getattr(recipe, name)) for word, name in WORDS.items()}
    if not recipe.preset and isinstance(recipe.network, str):
        words = {"preset": DEFAULT, "model": recipe.network} | words | {"preset": DEFAULT}
    changes = _changes(made)
    return words | ({"changes": changes} if changes else {})


def needs_own_data(query: Mapping[str, str]) -> bool:
    """Return whether an address points at a run on a person's own data."""
    return query.get("data") == OWN_DATA


def read(query: Mapping[str, str], limits: Limits = OWN, own: DataSet | None = None) -> Moment:
    """Return what the words of an address point at; what cannot be read is left out and named.

    Args:
        query: the words.
        limits: what a step of its network may cost.
        own: the person's own data, if there are any.
    """
    wrong: list[str] = []

    def attempt(word: str, read: Callable[[str], T], otherwise: T) -> T:
        if word not in query:
            return otherwise
        try:
            return read(query[word])
        except (ValueError, OverflowError) as error:
            wrong.append(f"{word}: {error}")
            return otherwise

    preset = attempt("preset", lambda text: _known(text, PRESETS), DEFAULT)
    recipe = PRESETS[preset].recipe(preset)
    dataset = attempt("data", partial(_dataset, own), recipe.dataset)
    if dataset == OWN_DATA and own is not None:
        recipe = replace(recipe, data=own, dataset=OWN_DATA)
    elif dataset != recipe.dataset:
        recipe = replace(recipe, data=load_dataset(dataset), dataset=dataset)
    recipe = attempt("model", partial(_with_network, recipe, limits), recipe)
    batch = min(recipe.batch_size, len(recipe.data.train))
    recipe = replace(recipe, batch_size=batch)
    for word in ("rate", "batch", "seed", "dtype"):
        recipe = attempt(word, partial(_with_setting, recipe, WORDS[word]), recipe)
    place, nothing = dict[str, Any](), dict[str, Any]()
    for word, field in FIELDS.items():
        place |= attempt(word, field.read, nothing)
    changes = attempt("changes", partial(_read_changes, recipe), list[Change]())
    iteration = attempt("iteration", lambda text: _whole(text, 1, FURTHEST), 1)
    late = [change for change in changes if change.at > iteration]
    if late:
        wrong.append(f"changes: {_changes(late)} is behind iteration {iteration}, it is left out")
        changes = [change for change in changes if change not in late]
    return Moment(recipe, iteration, tuple(changes), Place(**place), tuple(wrong))


def missed(wanted: Place, found: Place, trace: StepTrace) -> list[str]:
    """Return a sentence for each word of a wanted place that an iteration does not have."""
    said = {word: field.missed(wanted, found, trace) for word, field in FIELDS.items()}
    return [f"{word}: {sentence}" for word, sentence in said.items() if sentence]


def parse(search: str) -> dict[str, str]:
    """Return the words of the query part of an address."""
    return dict(parse_qsl(search.removeprefix("?")))


def text(words: Mapping[str, str]) -> str:
    """Return words as the query part of an address."""
    return "?" + urlencode(words, safe=",;:")


def _changes(changes: Iterable[Change]) -> str:
    return ";".join(f"{c.at}:{c.name}:{SETTINGS[c.name].write(c.value)}" for c in changes)


def _whole(text: str, least: float = -inf, most: float = inf) -> int:
    value = number(text)
    if not isinstance(value, int) or not least <= value <= most:
        limits = f" from {least} to {most}" if isfinite(least) else ""
        raise ValueError(f"{shown(value)} is none; expected a whole number{limits}")
    return value


def _known(text: str, known: Collection[str]) -> str:
    if text not in known:
        raise ValueError(f"{text!r} is not one of {', '.join(known)}")
    return text


def _with_network(recipe: Recipe, limits: Limits, text: str) -> Recipe:
    """Return the recipe with a network of its own; its settings stay."""
    # Refuses what is no network for the data.
    recipe.parsed(text, np.random.default_rng(0), limits)
    return replace(recipe, network=text, preset="")


def _dataset(own: DataSet | None, text: str) -> str:
    if text != OWN_DATA:
        return _known(text, DATASETS)
    if own is None:
        raise ValueError(
            "a link does not carry a person's own data: choose the files under Your data, and this "
            "moment opens with them; until then this is the preset's data"
        )
    return OWN_DATA


def _with_setting(recipe: Recipe, name: str, text: str) -> Recipe:
    return recipe.with_(**{name: SETTINGS[name].parse(text, recipe.data)})


def _read_changes(recipe: Recipe, text: str) -> list[Change]:
    changes, items = [], text.split(";")
    if len(items) > MOST_CHANGES:
        raise ValueError(f"there are {len(items)} changes; at most {MOST_CHANGES} can be followed")
    for item in items:
        at, _, rest = item.partition(":")
        name, _, value = rest.partition(":")
        if name not in CHANGEABLE:
            raise ValueError(
                f"{item!r} is none; expected iteration:setting:value, where the setting is one of "
                f"{', '.join(CHANGEABLE)}"
            )
        parsed = SETTINGS[name].parse(value, recipe.data)
        changes.append(Change(_whole(at, 1, FURTHEST), name, parsed))
    return changes

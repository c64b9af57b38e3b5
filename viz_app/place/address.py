"""The address of a moment: the recipe of a run, an iteration and a place, as a query, and back.

A run follows from its recipe and the changes made on the way, so a short address is enough to see
the same numbers again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from math import inf, isfinite
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlencode

import numpy as np

from core.data import DATASETS, DataSet, load_dataset
from core.errors import SpecError
from core.inspect.trace import StepTrace
from viz_app.place.place import COLOURS, GRAINS, LESSON, SIDES, THEN, Place
from viz_app.run.cost import OWN, Limits
from viz_app.run.presets import DEFAULT, PRESETS
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change
from viz_app.run.run import Run
from viz_app.run.settings import CHANGEABLE, SETTINGS, number, shown, whole
from viz_app.style.gradients import NOTATIONS

T = TypeVar("T")

# The furthest iteration that an address may ask for.
FURTHEST = 100_000
# The most changes of settings on the way there.
MOST_CHANGES = 200
# So many changes that cannot be made, and unknown words, are named each.
MOST_NAMED = 4
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
        all_said = [sentence.rstrip(".") for sentence in (*self.wrong, *missed)]
        # A mark that points at a letter of the line above it needs the rest of its own line.
        said = ("\n" if any("\n" in sentence for sentence in all_said) else " · ").join(all_said)
        return f"The address was read in part: {said}" if said else ""


class Query(dict[str, str]):
    """The words of an address. Of one that stands there several times the last text counts.

    Args:
        pairs: words and their texts, as they stand there.

    Attributes:
        doubled: the words that stand there several times.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        pairs = list(pairs)
        super().__init__(pairs)
        counts = Counter(word for word, _ in pairs)
        self.doubled = tuple(word for word, count in counts.items() if count > 1)


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

    return Field(write, lambda text: {name: _whole(text) - first}, missed)


def _choice(name: str, known: tuple[str, ...], always: bool = True) -> Field:
    def write(place: Place) -> str | None:
        value: str = getattr(place, name)
        return value if always or value != known[0] else None

    return Field(write, lambda text: {name: _known(text, known)})


def _flag(name: str) -> Field:
    return Field(
        lambda place: "1" if getattr(place, name) else None,
        lambda text: {name: _known(text, ("0", "1")) == "1"},
    )


def _write_cell(place: Place) -> str | None:
    return ",".join([place.array, *map(str, place.index)]) if place.array else None


def _read_cell(text: str) -> dict[str, Any]:
    array, *index = text.split(",")
    return {"array": array, "index": tuple(_whole(k, 0, 10**9) for k in index)}


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
    return {"scroll": tuple((axis, _whole(first, 0, 10**9)) for axis, _, first in found)}


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
    return {"cells": None if text == "all" else _whole(text, 0, 10**9)}


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


FIELDS = {
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
        _write_visited, lambda text: {"visited": _whole(text, 1, FURTHEST)}, _missed_visited
    ),
    "side": _choice("side", SIDES[: SIDES.index(LESSON)], always=False),
    "present": _flag("present"),
    "picture": _flag("picture"),
}


# An address with the first of these leads to a step of a lesson, which says where to look; the
# other words say how it is drawn, and a seed which numbers it has.
LESSON_WORD, STEP_WORD, LEVEL_WORD = "lesson", "step", "level"
# The text of somebody's own lesson, in the fragment: see `viz_app.lessons.reading.links`.
TEXT_WORD = "text"
LESSON_WORDS = (LESSON_WORD, STEP_WORD, LEVEL_WORD, TEXT_WORD)
BESIDE_LESSON = ("colours", "notation", "present")
# An address with one of these says something of a moment.
ALL_WORDS = (*WORDS, "model", "iteration", "changes", *FIELDS, *LESSON_WORDS)


# More names of arrays are not kept pinned.
MOST_PINS = 12


# Those that other programs put there: they are nobody's mistake.
OTHERS = re.compile(
    r"utm_.*|mc_[ce]id|_ga|_gl|[a-z]*clk?id|igshid|bokeh-.*|"
    # Of the page without a server, see `static/shell/page`; of one in a frame, see `embed.js`.
    r"start|embed"
)


def is_moment(query: Mapping[str, str]) -> bool:
    """Return whether an address says anything of a moment, or was meant to."""
    return not all(map(OTHERS.fullmatch, query))


def to_query(run: Run, place: Place) -> dict[str, str]:
    """Return the words of the address of a place in the iteration at which a run stands."""
    iteration = run.trace.iteration
    made = tuple(change for change in run.changes if change.at <= iteration)
    return words_at(Moment(run.recipe, iteration, made, place, ()))


def words_at(moment: Moment) -> dict[str, str]:
    """Return all words of the address of a moment."""
    written = {word: field.write(moment.place) for word, field in FIELDS.items()}
    words = words_of(moment.recipe, moment.changes) | {"iteration": str(moment.iteration)}
    return words | {word: text for word, text in written.items() if text is not None}


def beside_lesson(place: Place) -> dict[str, str]:
    """Return the words of an address that say how a step of a lesson is drawn."""
    written = {word: FIELDS[word].write(place) for word in BESIDE_LESSON}
    return {word: text for word, text in written.items() if text is not None}


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


@dataclass(frozen=True)
class AtStep:
    """Where in a lesson an address leads.

    Attributes:
        number: of the step, from 1.
        seed: of its numbers; None for those of the file.
        level: of fading: how often the question has come before with other numbers.
        wrong: a sentence for each word that cannot be read or is left out.
    """

    number: int
    seed: int | None
    level: int
    wrong: tuple[str, ...]


def read_step(query: Mapping[str, str], steps: int) -> AtStep:
    """Return which step of a lesson an address leads to.

    Args:
        query: the words.
        steps: how many steps the lesson has.
    """
    wrong = list[str]()
    found: dict[str, int | None] = {STEP_WORD: 1, "seed": None, LEVEL_WORD: 0}
    for word, least, most in ((STEP_WORD, 1, steps), ("seed", 0, 10**9), (LEVEL_WORD, 0, 10**9)):
        if word in query:
            try:
                found[word] = _whole(query[word], least, most)
            except ValueError as error:
                wrong.append(f"{word}: {error}")
    known = (*BESIDE_LESSON, *LESSON_WORDS, "seed")
    out = [word for word in query if word in ALL_WORDS and word not in known]
    if out:
        wrong.append(f"{', '.join(out)}: left out, the step says where to look")
    return AtStep(found[STEP_WORD] or 1, found["seed"], found[LEVEL_WORD] or 0, tuple(wrong))


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
    batch = min(recipe.batch_size, len(recipe.data.train))
    recipe = replace(recipe, batch_size=batch)
    for word in ("rate", "seed", "dtype"):
        recipe = attempt(word, partial(_with_setting, recipe, WORDS[word]), recipe)
    # A network is to blame for what no batch that was asked for would make too much.
    recipe = attempt("model", partial(_with_network, recipe, limits, query.get("batch")), recipe)
    check = _check_of_batches(recipe, limits)
    recipe = attempt("batch", partial(_with_batch, recipe, check), recipe)
    place, nothing = dict[str, Any](), dict[str, Any]()
    for word, field in FIELDS.items():
        place |= attempt(word, field.read, nothing)
    iteration = attempt("iteration", lambda text: _whole(text, 1, FURTHEST), 1)
    changes, left_out = _read_changes(query.get("changes"), recipe, check, iteration)
    wrong += [f"changes: {sentence}" for sentence in left_out]
    wrong += [
        f"{word}: is no part of a moment; a link to a lesson is ?lesson=NAME&step=1"
        for word in LESSON_WORDS
        if word in query
    ]
    wrong += _strange(query)
    return Moment(recipe, iteration, changes, Place(**place), tuple(wrong))


def missed(wanted: Place, found: Place, trace: StepTrace, axes: Axes) -> list[str]:
    """Return a sentence for each word of a wanted place that an iteration does not have.

    Args:
        wanted: where to look.
        found: where one looks.
        trace: the iteration.
        axes: returns those of the matrices in sight; called only if one is not there.
    """
    said = {word: field.missed(wanted, found, trace, axes) for word, field in FIELDS.items()}
    return [f"{word}: {sentence}" for word, sentence in said.items() if sentence]


def parse(search: str) -> Query:
    """Return the words of the query part of an address, and of a fragment that carries a text."""
    query, _, fragment = search.partition("#")
    found = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    word, _, text = fragment.partition("=")
    return Query([*found, (word, text)] if word == TEXT_WORD else found)


def text(words: Mapping[str, str]) -> str:
    """Return words as the query part of an address."""
    return "?" + urlencode(words, safe=",;:")


def carrying(letters: str) -> str:
    """Return the fragment of an address that carries a text; empty for none."""
    return f"#{TEXT_WORD}={letters}" if letters else ""


def _changes(changes: Iterable[Change]) -> str:
    return ";".join(f"{c.at}:{c.name}:{SETTINGS[c.name].write(c.value)}" for c in changes)


def _typed(text: str) -> str:
    return shown(text) if text.strip() else "an empty text"


def _whole(text: str, least: float = -inf, most: float = inf) -> int:
    value = whole(number(text), least, most)
    if value is None:
        limits = f" from {least} to {most}" if isfinite(least) else ""
        raise ValueError(f"{_typed(text)} is not a whole number{limits}")
    return value


def _known(text: str, known: Collection[str]) -> str:
    if text not in known:
        raise ValueError(f"{_typed(text)} is not one of {', '.join(known)}")
    return text


def _strange(query: Mapping[str, str]) -> list[str]:
    """Return a sentence for each word that is none of an address, or stands there twice."""
    said, unknown = [], []
    for word in query:
        if word in ALL_WORDS or OTHERS.fullmatch(word):
            continue
        near = get_close_matches(word.lower(), ALL_WORDS, 1)
        if near:
            said.append(f"{_typed(word)} is no word of an address; expected {near[0]}")
        else:
            unknown.append(_typed(word))
    if unknown:
        are = "is no word" if len(unknown) == 1 else "are no words"
        more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
        said.append(
            f"{', '.join(unknown[:MOST_NAMED])}{more} {are} of an address; expected one of "
            f"{', '.join(ALL_WORDS)}"
        )
    doubled = query.doubled if isinstance(query, Query) else ()
    return said + [
        f"{word} stands there several times, the last one counts"
        for word in doubled
        if word in ALL_WORDS
    ]


def _with_network(recipe: Recipe, limits: Limits, batch: str | None, text: str) -> Recipe:
    """Return the recipe with a network of its own; its settings stay.

    Args:
        recipe: with the batch size that is taken if no other one is asked for.
        limits: what a step may cost.
        batch: what the address asks for, if anything.
        text: of the network.
    """
    # Refuses what is no network for the data, or costs too much by itself.
    model = recipe.parsed(text, np.random.default_rng(0), limits)
    recipe.check(model)
    asked = whole(number(batch), 1) if batch else None
    samples = min(recipe.batch_size, asked or recipe.batch_size)
    limits.check(recipe.step(model, recipe.optimizer_of(model)), samples)
    return replace(recipe, network=text, preset="")


def _check_of_batches(recipe: Recipe, limits: Limits) -> Callable[[int], None]:
    """Return what refuses a batch with which a step would cost too much."""
    assert isinstance(recipe.network, str)
    try:
        model = recipe.parsed(recipe.network, np.random.default_rng(0), limits)
    except SpecError:
        # A preset's network may not fit a person's own data: the run says so.
        return lambda batch: None
    step = recipe.step(model, recipe.optimizer_of(model))
    return lambda batch: limits.check(step, batch)


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


def _with_batch(recipe: Recipe, check: Callable[[int], None], text: str) -> Recipe:
    found = _with_setting(recipe, "batch_size", text)
    check(found.batch_size)
    return found


def _read_changes(
    text: str | None, recipe: Recipe, check: Callable[[int], None], last: int
) -> tuple[tuple[Change, ...], list[str]]:
    """Return the changes that can be made up to an iteration, and a sentence for any other one."""
    if text is None:
        return (), []
    changes, left_out, items = list[Change](), list[str](), text.split(";")
    for item in items[:MOST_CHANGES]:
        try:
            change = _read_change(item, recipe, check)
        except ValueError as error:
            left_out.append(f"{_typed(item)} is left out: {error}")
            continue
        if change.at > last:
            left_out.append(f"{item} is after iteration {last}, it is left out")
        else:
            changes.append(change)
    more = len(left_out) - MOST_NAMED
    if more > 0:
        left_out[MOST_NAMED:] = [f"{more} more are left out"]
    if len(items) > MOST_CHANGES:
        left_out.append(f"of {len(items)} changes the first {MOST_CHANGES} are followed")
    return tuple(changes), left_out


def _read_change(item: str, recipe: Recipe, check: Callable[[int], None]) -> Change:
    at, _, rest = item.partition(":")
    name, _, value = rest.partition(":")
    if name not in CHANGEABLE:
        raise ValueError(
            f"expected iteration:setting:value, where the setting is one of {', '.join(CHANGEABLE)}"
        )
    change = Change(_whole(at, 1, FURTHEST), name, SETTINGS[name].parse(value, recipe.data))
    if name == "batch_size":
        check(int(change.value))
    return change

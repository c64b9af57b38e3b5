"""The address of a moment: the recipe of a run, an iteration and a place, as a query, and back.

A run follows from its recipe and the changes made on the way, so a short address is enough to see
the same numbers again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import numpy as np

from core.data import DATASETS, DataSet, load_dataset
from core.errors import SpecError
from core.inspect.trace import StepTrace
from core.layer import Layer
from viz_app.compare.difference import Difference
from viz_app.place.fields import FIELDS, FURTHEST, Axes, known_in, typed, whole_in
from viz_app.place.place import Place
from viz_app.run.cost import OWN, Limits
from viz_app.run.edits.changes import CHANGES
from viz_app.run.presets import DEFAULT, PRESETS, with_network
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change
from viz_app.run.run import Run
from viz_app.run.settings import SETTINGS, number, whole
from viz_app.run.weights import Weights

T = TypeVar("T")

# The most changes on the way there.
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
    "model": "network",
    "optimizer": "optimizer",
    "loss": "loss",
    "schedule": "schedule",
    "init": "init",
    "augment": "augment",
}
# Those that an address always has; of the others it has what is not as in its preset.
ALWAYS = ("preset", "data", "rate", "batch", "seed", "dtype")
# Those that are read one by one, before the network and the batch.
SINGLY = tuple(word for word in WORDS if word not in ("preset", "data", "batch", "model"))


@dataclass(frozen=True, eq=False)
class Moment:
    """What an address points at, as far as it can be read.

    Attributes:
        recipe: of the run.
        iteration: which iteration.
        changes: on the way.
        place: where to look in it.
        wrong: a sentence for each word that cannot be read; it is left out.
        against: by what a second run differs that this one is compared with; None for no such run.
    """

    recipe: Recipe
    iteration: int
    changes: tuple[Change, ...]
    place: Place
    wrong: tuple[str, ...]
    against: Difference | None = None

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


# An address with the first of these leads to a step of a lesson, which says where to look; the
# other words say how it is drawn, and a seed which numbers it has.
LESSON_WORD, STEP_WORD, LEVEL_WORD = "lesson", "step", "level"
# The text of somebody's own lesson, in the fragment: see `viz_app.lessons.reading.links`.
TEXT_WORD = "text"
LESSON_WORDS = (LESSON_WORD, STEP_WORD, LEVEL_WORD, TEXT_WORD)
BESIDE_LESSON = ("colours", "notation", "present")
# An address with one of these says something of a moment.
ALL_WORDS = (*WORDS, "files", "weights", "iteration", "changes", "against", *FIELDS, *LESSON_WORDS)


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
    against = run.companion.difference if run.companion else None
    return words_at(Moment(run.recipe, iteration, made, place, (), against))


def words_at(moment: Moment) -> dict[str, str]:
    """Return all words of the address of a moment."""
    written = {word: field.write(moment.place) for word, field in FIELDS.items()}
    words = words_of(moment.recipe, moment.changes) | {"iteration": str(moment.iteration)}
    if moment.against is not None:
        words["against"] = _against(moment.against)
    return words | {word: text for word, text in written.items() if text is not None}


def beside_lesson(place: Place) -> dict[str, str]:
    """Return the words of an address that say how a step of a lesson is drawn."""
    written = {word: FIELDS[word].write(place) for word in BESIDE_LESSON}
    return {word: text for word, text in written.items() if text is not None}


def words_of(recipe: Recipe, made: Iterable[Change]) -> dict[str, str]:
    """Return the words of the address of a run: its recipe, and the changes made on the way."""
    base = recipe.base or DEFAULT
    usual = PRESETS[base].recipe(base)
    words = {}
    for word, name in WORDS.items():
        value = getattr(recipe, name)
        # An object of somebody's own has no text.
        if word in ALWAYS or (isinstance(value, str) and value != getattr(usual, name)):
            words[word] = SETTINGS[name].write(value)
    words["preset"] = base
    if recipe.dataset == OWN_DATA:
        words["files"] = recipe.data.digest
    if recipe.weights is not None:
        words["weights"] = recipe.weights.digest
    changes = _changes(made)
    return words | ({"changes": changes} if changes else {})


def needs_own_data(query: Mapping[str, str]) -> bool:
    """Return whether an address points at a run on a person's own data."""
    return query.get("data") == OWN_DATA


def needs_own_weights(query: Mapping[str, str], own: Weights | None) -> bool:
    """Return whether an address points at a run that begins from other weights than a person's."""
    return "weights" in query and (own is None or own.digest != query["weights"])


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
                found[word] = whole_in(query[word], least, most)
            except ValueError as error:
                wrong.append(f"{word}: {error}")
    known = (*BESIDE_LESSON, *LESSON_WORDS, "seed")
    out = [word for word in query if word in ALL_WORDS and word not in known]
    if out:
        wrong.append(f"{', '.join(out)}: left out, the step says where to look")
    return AtStep(found[STEP_WORD] or 1, found["seed"], found[LEVEL_WORD] or 0, tuple(wrong))


def read(
    query: Mapping[str, str],
    limits: Limits = OWN,
    own: DataSet | None = None,
    own_weights: Weights | None = None,
) -> Moment:
    """Return what the words of an address point at; what cannot be read is left out and named.

    Args:
        query: the words.
        limits: what a step of its network may cost.
        own: the person's own data, if there are any.
        own_weights: the person's own weights, if there are any.
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

    preset = attempt("preset", lambda text: known_in(text, PRESETS), DEFAULT)
    recipe = PRESETS[preset].recipe(preset)
    dataset = attempt("data", partial(_dataset, own), recipe.dataset)
    if dataset == OWN_DATA and own is not None:
        recipe = replace(recipe, data=own, dataset=OWN_DATA)
        if query.get("files", own.digest) != own.digest:
            wrong.append(
                f"files: the link is of other own data ({typed(query['files'])}) than yours "
                f"({own.digest}), so it has other numbers"
            )
    elif dataset != recipe.dataset:
        recipe = replace(recipe, data=load_dataset(dataset), dataset=dataset)
    batch = min(recipe.batch_size, len(recipe.data.train))
    recipe = replace(recipe, batch_size=batch)
    for word in SINGLY:
        recipe = attempt(word, partial(_with_setting, recipe, WORDS[word]), recipe)
    # A network is to blame for what no batch that was asked for would make too much.
    recipe = attempt("model", partial(_with_network, recipe, limits, query.get("batch")), recipe)
    recipe = attempt("weights", partial(_with_weights, recipe, limits, own_weights), recipe)
    check = _check_of_batches(recipe, limits)
    recipe = attempt("batch", partial(_with_batch, recipe, check), recipe)
    place, nothing = dict[str, Any](), dict[str, Any]()
    for word, field in FIELDS.items():
        place |= attempt(word, field.read, nothing)
    if "probe" in place:
        # Only the data say whether there is such a picture.
        fits = attempt("probe", lambda _: place["probe"].check(recipe.data) or True, False)
        place["probe"] = place["probe"] if fits else None
    iteration = attempt("iteration", lambda text: whole_in(text, 1, FURTHEST), 1)
    model = lru_cache(lambda: recipe.trainer(limits).model)
    changes, left_out = _read_changes(
        query.get("changes"), partial(_read_change, recipe, check, model), iteration
    )
    wrong += [f"changes: {sentence}" for sentence in left_out]
    against = attempt("against", lambda text: read_against(text, recipe, limits), None)
    wrong += [
        f"{word}: is no part of a moment; a link to a lesson is ?lesson=NAME&step=1"
        for word in LESSON_WORDS
        if word in query
    ]
    wrong += _strange(query)
    return Moment(recipe, iteration, changes, Place(**place), tuple(wrong), against)


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
    return ";".join(f"{c.at}:{c.name}:{CHANGES[c.name].write(c.value)}" for c in changes)


def _against(difference: Difference) -> str:
    """Return the text of a difference: word:value, or that of a change."""
    if difference.at is not None:
        return _changes([Change(difference.at, difference.name, difference.value)])
    word = next(word for word, name in WORDS.items() if name == difference.name)
    return f"{word}:{SETTINGS[difference.name].write(difference.value)}"


def read_against(text: str, recipe: Recipe, limits: Limits) -> Difference | None:
    """Return by what a second run differs; None for an empty text.

    Args:
        text: word:value, with a word of the address; or iteration:name:value, a change.
        recipe: of the first run.
        limits: what a step may cost.

    Raises:
        ValueError: it stands for none; the message says why.
    """
    word, _, value = text.partition(":")
    if not text:
        return None
    check = _check_of_batches(recipe, limits)
    if re.fullmatch(r"\d+", word):
        change = _read_change(recipe, check, lambda: recipe.trainer(limits).model, text)
        return Difference(change.name, change.value, change.at)
    if word not in WORDS or (word == "data" and value == OWN_DATA):
        raise ValueError(
            f"{typed(text)} is no difference; expected word:value, where the word is one of "
            f"{', '.join(WORDS)}, or a change as iteration:setting:value"
        )
    name = WORDS[word]
    if word == "model":
        return Difference(name, str(_with_network(recipe, limits, None, value).network))
    found = SETTINGS[name].parse(value, recipe.data)
    if word == "batch":
        check(int(found))
    return Difference(name, found)


def _strange(query: Mapping[str, str]) -> list[str]:
    """Return a sentence for each word that is none of an address, or stands there twice."""
    said, unknown = [], []
    for word in query:
        if word in ALL_WORDS or OTHERS.fullmatch(word):
            continue
        near = get_close_matches(word.lower(), ALL_WORDS, 1)
        if near:
            said.append(f"{typed(word)} is no word of an address; expected {near[0]}")
        else:
            unknown.append(typed(word))
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
    network = str(SETTINGS["network"].parse(text, recipe.data))
    # Refuses what is no network for the data, or costs too much by itself.
    model = recipe.parsed(network, np.random.default_rng(0), limits)
    recipe.check(model)
    asked = whole(number(batch), 1) if batch else None
    samples = min(recipe.batch_size, asked or recipe.batch_size)
    limits.check(recipe.step(model), samples)
    return with_network(recipe, network)


def _with_weights(recipe: Recipe, limits: Limits, own: Weights | None, text: str) -> Recipe:
    """Return the recipe with a person's own weights, if they are those of the address."""
    if own is None:
        raise ValueError(
            "a link does not carry a person's own weights: choose their file under Load weights, "
            "and this moment opens with them; until then these are weights that the seed draws"
        )
    if own.digest != text:
        raise ValueError(
            f"the file {own.name} holds other weights ({own.digest}) than those of the link "
            f"({typed(text)}): choose their file under Load weights; until then these are weights "
            "that the seed draws"
        )
    found = recipe.with_(weights=own)
    # Says what does not fit.
    found.trainer(limits)
    return found


def _check_of_batches(recipe: Recipe, limits: Limits) -> Callable[[int], None]:
    """Return what refuses a batch with which a step would cost too much."""
    if not isinstance(recipe.network, str):
        return lambda batch: None
    try:
        model = recipe.parsed(recipe.network, np.random.default_rng(0), limits)
    except SpecError:
        # A preset's network may not fit a person's own data: the run says so.
        return lambda batch: None
    step = recipe.step(model)
    return lambda batch: limits.check(step, batch)


def _dataset(own: DataSet | None, text: str) -> str:
    if text != OWN_DATA:
        return known_in(text, DATASETS)
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
    text: str | None, read: Callable[[str], Change], last: int
) -> tuple[tuple[Change, ...], list[str]]:
    """Return the changes that can be made up to an iteration, and a sentence for any other one."""
    if text is None:
        return (), []
    changes, left_out, items = list[Change](), list[str](), text.split(";")
    for item in items[:MOST_CHANGES]:
        try:
            change = read(item)
        except ValueError as error:
            left_out.append(f"{typed(item)} is left out: {error}")
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


def _read_change(
    recipe: Recipe, check: Callable[[int], None], model: Callable[[], Layer], item: str
) -> Change:
    """Return the change that an item of an address stands for.

    Raises:
        ValueError: it stands for none that can be made.
    """
    at, _, rest = item.partition(":")
    name, _, text = rest.partition(":")
    kind = CHANGES.get(name)
    if kind is None:
        raise ValueError(
            f"expected iteration:setting:value, where the setting is one of {', '.join(CHANGES)}"
        )
    change = Change(whole_in(at, kind.first, FURTHEST), name, kind.read(text, recipe.data))
    if name == "batch_size":
        check(int(change.value))
    if kind.first == 0:
        kind.check(model(), change.value)
    return change

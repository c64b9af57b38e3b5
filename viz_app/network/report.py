"""What a network says of itself while somebody writes it: shapes, counts, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.io.lines import marked
from core.io.pointing import PointedError, Range, split
from core.layer import Layer, Shape
from core.model import Model
from viz_app.run.cost import Limits
from viz_app.run.recipe import Recipe
from viz_app.run.settings import SETTINGS, too_long_for_a_link
from viz_app.words import sentence

# What may be wrong with a text; what a layer of somebody's own raises is shown as it is.
FAULTS = (ValueError, TypeError, LookupError, MemoryError)


@dataclass(frozen=True)
class Row:
    """One layer, or the layers of a line.

    Attributes:
        start: where in the text it begins.
        stop: where it ends.
        shape: of its output for one sample.
        params: how many numbers are trained in it, without those of layers with a row of their own
            inside of it: the rows add up to the whole.
        multiply_adds: of a forward pass of one sample, likewise.
    """

    start: int
    stop: int
    shape: Shape
    params: int
    multiply_adds: int


@dataclass(frozen=True)
class Fault:
    """What is wrong.

    Attributes:
        text: what, and what to do.
        start: where in the text it begins; -1 if that is nowhere.
        stop: where it ends.
    """

    text: str
    start: int = -1
    stop: int = -1


@dataclass(frozen=True)
class Report:
    """What is known of a text.

    Attributes:
        rows: of the layers, as far as they can be made.
        params: of all of them.
        multiply_adds: of a forward pass of a batch.
        batch_size: images in it.
        fault: what is wrong; None if the network can be trained.
        note: what else should be said.
        network: the text as a run keeps it; empty if it cannot be trained.
    """

    rows: tuple[Row, ...]
    params: int
    multiply_adds: int
    batch_size: int
    fault: Fault | None
    note: str
    network: str = ""


def report_of(text: str, recipe: Recipe, limits: Limits) -> Report:
    """Return what is known of the text of a network, over one or several lines.

    Args:
        text: as it is written.
        recipe: of the run for which it is meant.
        limits: what a step may cost.
    """
    whole, network, fault = marked(text), "", None
    model: Model | None = None
    try:
        network = str(SETTINGS["network"].check(text, recipe.data))
        model = recipe.parsed(whole, np.random.default_rng(0), limits)
        fault = _fault_of_whole(whole, model, recipe, limits)
    except PointedError as error:
        fault = Fault(error.said, error.part.start, error.part.stop)
        model = _model_before(whole, error.part.start, recipe, limits)
    except FAULTS as error:
        fault = Fault(sentence(error))
    if model is None:
        return Report((), 0, 0, recipe.batch_size, fault, "")
    sample = recipe.data.input_shape
    rows = tuple(_rows(whole, Range(_begin(whole), len(whole)), model, sample))
    n, note = recipe.batch_size, too_long_for_a_link(network)
    kept = "" if fault else network
    return Report(rows, _params(model), model.multiply_adds(sample) * n, n, fault, note, kept)


def by_line(text: str, rows: Iterable[Row]) -> Mapping[int, Row]:
    """Return the rows of the lines of a text, counted from 0, in which layers begin.

    A line has the costs of all layers that begin in it, and the output shape of the last of them.
    Layers in the brackets of one that begins in the same line come before its own output.

    Args:
        text: over one or several lines.
        rows: of its layers, each in front of those inside of it.
    """
    lines = dict[int, Row]()
    for row in rows:
        line = text.count("\n", 0, row.start)
        before = lines.get(line)
        if before is None:
            lines[line] = row
            continue
        last = before if row.start < before.stop else row
        lines[line] = replace(
            last,
            params=before.params + row.params,
            multiply_adds=before.multiply_adds + row.multiply_adds,
        )
    return lines


def _fault_of_whole(text: str, model: Model, recipe: Recipe, limits: Limits) -> Fault | None:
    """Return why a network cannot be trained, although all its layers fit."""
    *_, last = split(text, _begin(text), len(text), ",")
    try:
        recipe.check(model)
    except FAULTS as error:
        return Fault(sentence(error), last.start, last.stop)
    try:
        limits.check(recipe.step(model), recipe.batch_size)
    except FAULTS as error:
        return Fault(sentence(error))
    return None


def _model_before(text: str, place: int, recipe: Recipe, limits: Limits) -> Model | None:
    """Return the model of the items in front of the one that is wrong; None if there are none."""
    try:
        parts = list(split(text, _begin(text), len(text), ","))
        before = [part for part in parts if part.stop <= place]
        if not before:
            return None
        return recipe.parsed(text[: before[-1].stop], np.random.default_rng(0), limits)
    except FAULTS:
        # Brackets that do not match leave no items to tell apart.
        return None


def _rows(text: str, part: Range, model: Model, shape: Shape) -> Iterator[Row]:
    """Yield the rows of the layers of a part of a text."""
    items = split(text, part.start, part.stop, ",")
    for item, layer in zip(items, model.layers, strict=False):
        after, inside = layer.output_shape(shape), list[Row]()
        bracket = text.find("(", item.start, item.stop)
        if bracket >= 0:
            branches = split(text, bracket + 1, item.stop - 1, "|")
            for branch, inner in zip(branches, layer.children().values(), strict=False):
                if isinstance(inner, Model):
                    inside += _rows(text, branch, inner, shape)
        params = _params(layer) - sum(row.params for row in inside)
        adds = layer.multiply_adds(shape) - sum(row.multiply_adds for row in inside)
        yield Row(item.start, item.stop, after, params, adds)
        yield from inside
        shape = after


def _begin(text: str) -> int:
    """Return where the items of a text begin: behind a type such as `float64: `."""
    dtype = re.match(r"\s*float\d+\s*:", text, re.IGNORECASE)
    return dtype.end() if dtype else 0


def _params(layer: Layer) -> int:
    return sum(param.value.size for param in layer.parameters())

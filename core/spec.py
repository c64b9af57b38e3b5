"""A model as one line of text, and back.

    conv 8 k3 p1, bn, relu, pool 2, residual(conv 8 k3 p1, bn | conv 8 k1), flatten, linear 10

Items are separated by commas. A keyword names the layer, what follows is the layer's own
(`SpecItem`); brackets hold the branches of a composite. Input sizes follow from the item before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

# Imported for its effect: a layer's class enters its keyword in LAYERS when it is defined.
import core.layers  # noqa: F401
from core.errors import ShapeError, SpecError
from core.layer import LAYERS, Layer, Shape
from core.model import Model
from core.spec_item import SpecItem

# Layers beyond this are a slip or an attack, not a lesson.
MOST_LAYERS = 500
DEEPEST = 20


def format_model(model: Model) -> str:
    """Return the line of text from which `parse_model` makes a model of the same layers."""
    return model.to_spec()


def parse_model(text: str, input_shape: Shape, rng: np.random.Generator) -> Model:
    """Make the model that a line of text describes.

    Args:
        text: the line.
        input_shape: shape of one sample without N, such as (1, 28, 28).
        rng: where first weights and masks come from.

    Raises:
        SpecError: an item is unknown, malformed or does not fit the one before; the message says
            which item, why, and shows the place in the text.
    """
    return _model(text, 0, len(text), input_shape, rng, 0)


@dataclass(frozen=True)
class _Part:
    """One item's place in the whole text."""

    start: int
    stop: int


def _model(
    text: str, start: int, stop: int, shape: Shape, rng: np.random.Generator, depth: int
) -> Model:
    parts = list(_split(text, start, stop, ","))
    if depth > DEEPEST:
        raise SpecError(_point(text, start, f"brackets are nested deeper than {DEEPEST}"))
    if len(parts) > MOST_LAYERS:
        raise SpecError(f"the text has {len(parts)} items; at most {MOST_LAYERS} are allowed")
    layers: list[Layer] = []
    before = "the image"
    names = _names(text, parts)
    for part, name in zip(parts, names, strict=True):
        item = text[part.start : part.stop]
        try:
            layer = _layer(text, part, shape, rng, depth)
            after = layer.output_shape(shape)
        except ShapeError as error:
            given = re.sub(r"^got ", f"{before} gives ", error.given)
            message = f"{item} {error.need}, {given}"
            raise _PointedError(_point(text, part.start, message)) from None
        except _PointedError:
            raise
        except (ValueError, TypeError) as error:
            raise _PointedError(_point(text, part.start, f"{item}: {error}")) from None
        layers.append(layer)
        shape, before = after, name
    return Model(layers)


class _PointedError(SpecError):
    """An error whose message already shows its place."""


def _layer(text: str, part: _Part, shape: Shape, rng: np.random.Generator, depth: int) -> Layer:
    source = text[part.start : part.stop]
    match = re.match(r"([a-z][a-z0-9_]*)\s*", source)
    if not match or match[1] not in LAYERS:
        word = source.split()[0] if source.split() else ""
        what = f"{word!r} is not a layer" if word else "an item is empty"
        raise _PointedError(
            _point(text, part.start, f"{what}; known are {', '.join(sorted(LAYERS))}")
        )
    keyword, rest = match[1], source[match.end() :]
    branches: list[Model] = []
    if rest.startswith("("):
        if not rest.endswith(")"):
            raise _PointedError(_point(text, part.start, f"{keyword} has words behind its bracket"))
        inner = part.start + match.end() + 1
        branches = [
            _model(text, branch.start, branch.stop, shape, rng, depth + 1)
            for branch in _split(text, inner, part.stop - 1, "|")
        ]
        rest = ""
    if not shape:
        raise ShapeError("needs an input of at least one axis", "got none")
    return LAYERS[keyword].from_spec(SpecItem(keyword, rest.split(), branches), shape, rng)


def _names(text: str, parts: list[_Part]) -> list[str]:
    """Return the names that the model will give the items (see `Model.rename`)."""
    kinds = [re.split(r"[\s(]", text[part.start : part.stop], maxsplit=1)[0] for part in parts]
    total, seen = Counter(kinds), Counter[str]()
    names = []
    for kind in kinds:
        seen[kind] += 1
        names.append(f"{kind}{seen[kind]}" if total[kind] > 1 else kind)
    return names


def _split(text: str, start: int, stop: int, separator: str) -> Iterator[_Part]:
    """Yield the parts of text[start:stop] between separators outside brackets, stripped."""
    depth, begin = 0, start
    for k in range(start, stop):
        if text[k] == "(":
            depth += 1
        elif text[k] == ")":
            depth -= 1
            if depth < 0:
                raise _PointedError(_point(text, k, "a bracket closes that was not opened"))
        elif text[k] == separator and depth == 0:
            yield _stripped(text, begin, k)
            begin = k + 1
    if depth > 0:
        raise _PointedError(_point(text, start, "a bracket is not closed"))
    yield _stripped(text, begin, stop)


def _stripped(text: str, start: int, stop: int) -> _Part:
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return _Part(start, stop)


def _point(text: str, position: int, message: str) -> str:
    """Return the message with the text below it and an arrow under the place."""
    left = max(0, position - 40)
    shown = text[left : position + 40].replace("\n", " ")
    return f"{message} (character {position + 1})\n  {shown}\n  {' ' * (position - left)}^"

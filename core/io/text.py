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
    return _Parser(text, rng).model(_Part(0, len(text)), input_shape, "the image", 0)


@dataclass(frozen=True)
class _Part:
    """One item's place in the whole text."""

    start: int
    stop: int


class _PointedError(SpecError):
    """An error whose message already shows its place."""


@dataclass(frozen=True)
class _Parser:
    """Makes models from parts of one text."""

    text: str
    rng: np.random.Generator

    def model(self, whole: _Part, shape: Shape, before: str, depth: int) -> Model:
        """Make the model of a part whose input comes from the item called `before`."""
        if depth > DEEPEST:
            raise self.error(whole, f"brackets are nested deeper than {DEEPEST}")
        parts = list(_split(self.text, whole.start, whole.stop, ","))
        if len(parts) > MOST_LAYERS:
            raise self.error(whole, f"there are {len(parts)} items; at most {MOST_LAYERS} may be")
        layers: list[Layer] = []
        for part, name in zip(parts, _names(self.text, parts), strict=True):
            item = self.text[part.start : part.stop]
            try:
                layer = self.layer(part, shape, before, depth)
                after = layer.output_shape(shape)
            except ShapeError as error:
                verb = "got" if "from the body" in error.given else f"{before} gives"
                message = f"{item} {error.need}, {verb} {error.given}"
                raise self.error(part, message) from None
            except _PointedError:
                raise
            except MemoryError:
                raise self.error(part, f"{item} needs more memory than there is") from None
            except (ValueError, TypeError) as error:
                raise self.error(part, f"{item}: {error}") from None
            layers.append(layer)
            shape, before = after, name
        return Model(layers)

    def layer(self, part: _Part, shape: Shape, before: str, depth: int) -> Layer:
        """Make the layer of one item."""
        source = self.text[part.start : part.stop]
        match = re.match(r"([a-z][a-z0-9_]*)\s*", source)
        if not match or match[1] not in LAYERS:
            word = source.split()[0] if source.split() else ""
            what = f"{word!r} is not a layer" if word else "an item is empty"
            raise self.error(part, f"{what}; known are {', '.join(sorted(LAYERS))}")
        keyword, rest = match[1], source[match.end() :]
        branches: list[Model] = []
        if rest.startswith("("):
            if not rest.endswith(")"):
                raise self.error(part, f"{keyword} has words behind its bracket")
            inner = part.start + match.end() + 1
            branches = [
                self.model(branch, shape, before, depth + 1)
                for branch in _split(self.text, inner, part.stop - 1, "|")
            ]
            rest = ""
        if not shape:
            raise ShapeError("needs an input of at least one axis", "none")
        return LAYERS[keyword].from_spec(SpecItem(keyword, rest.split(), branches), shape, self.rng)

    def error(self, part: _Part, message: str) -> _PointedError:
        """Return an error that points at a part."""
        return _PointedError(_point(self.text, part.start, message))


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

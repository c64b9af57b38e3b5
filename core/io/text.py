"""The text form of a model: one line that is written, read and edited by people.

    conv 8 k3 p1, bn, relu, pool 2, residual(conv 8 k3 p1, bn | conv 8 k1), flatten, linear 10

Items are separated by commas. The first word of an item is the keyword of a layer; the words behind
it are read by the layer's own `from_spec` (see `SpecItem`); brackets hold the branches of a
composite. Input sizes follow from the item before. Capitals, names from other frameworks (`Conv2d`,
`maxpool`, `dense`) and long names of options (`kernel3`, `stride=2`) are understood; `format_model`
writes keywords and letters.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

# Imported for its side effect: a layer's class enters its keyword in LAYERS when it is defined.
import core.layers  # noqa: F401
from core.errors import ShapeError, SpecError
from core.generator import generator
from core.init import at_most, instead_of_he
from core.io.pointing import PointedError, Range, split
from core.layer import LAYERS, Layer, Shape
from core.model import Model
from core.spec_item import SpecItem, UnknownWordError

# More layers than this are taken for a mistake or an attack.
MOST_LAYERS = 500
DEEPEST = 20
# What the numbers of a model that has a text may be.
DTYPES = ("float32", "float64")
_KNOWN_DTYPES = f"a text is of {' or '.join(DTYPES)}"

OUTSIDE = (
    "| stands between the branches of a layer, inside its brackets: "
    "concat(conv 8 k3 p1 | conv 8 k1), for example"
)

# Names that do not follow from the name of a class, without `_` and `2d`.
_OTHER_NAMES = {
    "averagepool": "avgpool",
    "averagepooling": "avgpool",
    "batchnormalization": "bn",
    "bn": "bn",
    "convolution": "conv",
    "dense": "linear",
    "fc": "linear",
    "fullyconnected": "linear",
    "globalaveragepooling": "gap",
    "maxpooling": "pool",
    "upsampling": "upsample",
}


def format_model(model: Model) -> str:
    """Return the line of text from which `parse_model` makes a model of the same layers.

    A model that computes in float64 has that in front: `float64: conv 8 k3, relu`.

    Raises:
        ValueError: the class of a layer has no keyword, or the model computes in another dtype
            than float32 and float64, so that its text could not be read.
    """
    if model.dtype.name not in DTYPES:
        raise ValueError(
            f"the model computes in {model.dtype}, which has no text form: {_KNOWN_DTYPES}; "
            "convert it with astype first"
        )
    dtype = "" if model.dtype == np.float32 else f"{model.dtype}: "
    return dtype + model.to_spec()


def parse_model(
    text: str,
    input_shape: Shape,
    rng: np.random.Generator | None = None,
    most_params: int | None = None,
    init: str | None = None,
) -> Model:
    """Make the model that a line of text describes.

    Args:
        text: the line; `float64: ` in front of it makes a model that computes in float64.
        input_shape: shape of one sample without N, such as (1, 28, 28).
        rng: draws the first weights and, during training, dropout masks. By default a fresh
            generator, so that the weights differ from call to call and cannot be repeated.
        most_params: how many params the model may have; a text that asks for more is refused before
            they are made. Any number if None.
        init: name of the initialiser (see `core.init`) of all weights; that of each layer if None.

    Raises:
        SpecError: an item is unknown, malformed or does not fit the one before; the message says
            which item and why, lists what the layer knows, and points into the text.
    """
    rng = generator(rng)
    dtype = re.match(r"\s*(float\d+)\s*:", text, re.IGNORECASE)
    if dtype and dtype[1].lower() not in DTYPES:
        said = f"a model cannot be in {dtype[1]}: {_KNOWN_DTYPES}"
        raise PointedError(text, Range(*dtype.span(1)), said)
    whole = Range(dtype.end() if dtype else 0, len(text))
    with at_most(most_params), instead_of_he(init):
        model = _Parser(text, rng).model(whole, input_shape, "the image", 0)
    return model.astype(np.dtype(dtype[1].lower())) if dtype else model


@dataclass(frozen=True)
class _Parser:
    """Makes models from parts of one text."""

    text: str
    rng: np.random.Generator

    def model(self, whole: Range, shape: Shape, before: str, depth: int) -> Model:
        """Make the model of a part whose input comes from the item called `before`."""
        if depth > DEEPEST:
            raise self.error(whole, f"brackets are nested deeper than {DEEPEST}")
        parts = list(split(self.text, whole.start, whole.stop, ","))
        if len(parts) > MOST_LAYERS:
            raise self.error(whole, f"there are {len(parts)} items; at most {MOST_LAYERS} may be")
        layers: list[Layer] = []
        for part, name in zip(parts, _names(self.text, parts), strict=True):
            item = self.text[part.start : part.stop]
            try:
                layer = self.layer(part, shape, before, depth)
                after = layer.output_shape(shape)
            except ShapeError as error:
                # A composite says from which branch it got what.
                verb = "got" if " from " in error.given else f"{before} gives"
                message = f"{item} {error.need}, {verb} {error.given}"
                raise self.error(part, message) from None
            except PointedError:
                raise
            except MemoryError:
                raise self.error(part, f"{item} needs more memory than there is") from None
            except ValueError as error:
                # Of a composite without its branches; most errors begin with the keyword.
                head = item.partition("(")[0].strip().lower()
                said = str(error)
                prefix = "" if said.startswith(f"{head} ") else f"{item}: "
                raise self.error(part, f"{prefix}{said}") from None
            except (TypeError, LookupError) as error:  # likely a bug of a layer: keep its traceback
                raise self.error(part, f"{item}: {error}") from error
            layers.append(layer)
            shape, before = after, name
        return Model(layers)

    def layer(self, part: Range, shape: Shape, before: str, depth: int) -> Layer:
        """Make the layer of one item."""
        written = self.text[part.start : part.stop]
        source = written.lower()
        word = _first_word(source)
        if len(list(split(self.text, part.start, part.stop, "|"))) > 1:
            raise self.error(part, OUTSIDE)
        kind = find_layer(word)
        if kind is None:
            raise self.error(part, _unknown(_first_word(written)))
        keyword, rest = kind.keyword, source[len(word) :].lstrip()
        if not shape:
            raise ShapeError("needs an input of at least one axis", "none")
        branches: list[Model] = []
        if rest.startswith("("):
            if not rest.endswith(")"):
                raise self.error(part, f"{keyword} has words after its bracket")
            probe = _probe(kind, shape)
            if probe is not None and not probe.takes_branches:
                raise SpecError(
                    f"{keyword} has no branches: leave out the brackets; {_taken(probe)}"
                )
            inner = part.stop - len(rest) + 1
            branches = [
                self.model(branch, shape, before, depth + 1)
                for branch in split(self.text, inner, part.stop - 1, "|")
            ]
            rest = ""
        item = SpecItem(keyword, rest.split(), branches)
        try:
            layer: object = kind.from_spec(item, shape, self.rng)
            item.done()
        except UnknownWordError as error:
            raise SpecError(f"{error}; {_taken(_probe(kind, shape) or item)}") from None
        if not isinstance(layer, Layer):
            raise TypeError(f"{kind.__name__}.from_spec returned {layer!r}; expected a layer")
        return layer

    def error(self, part: Range, message: str) -> PointedError:
        """Return an error that points at a part."""
        return PointedError(self.text, part, message)


def words_of(keyword: str, input_shape: Shape) -> list[str]:
    """Return what a layer understands behind its keyword, as error messages write it.

    Raises:
        KeyError: no layer has that keyword.
    """
    item = _probe(LAYERS[keyword], input_shape)
    return [] if item is None else item.known


def find_layer(word: str) -> type[Layer] | None:
    """Return the class that a keyword, or another usual name such as `conv2d`, stands for."""
    return LAYERS.get(word) or _aliases().get(word.replace("_", ""))


def _aliases() -> dict[str, type[Layer]]:
    """Other names of layers: the name of the class, in lower case, with and without `2d`."""
    names: dict[str, type[Layer]] = {}
    for kind in LAYERS.values():
        name = kind.__name__.lower().replace("_", "")
        names.setdefault(name, kind)
        names.setdefault(name.removesuffix("2d"), kind)
    for other, keyword in _OTHER_NAMES.items():
        if keyword in LAYERS:
            names.setdefault(other, LAYERS[keyword])
            names.setdefault(f"{other}2d", LAYERS[keyword])
    return names


def _unknown(word: str) -> str:
    """Return the error message for a first word that names no layer."""
    known = f"known are {', '.join(sorted(LAYERS))}"
    if not word:
        return f"an item is empty; {known}"
    nearest = _nearest(word)
    return f"{word!r} is not a layer; {f'did you mean {nearest}? ' if nearest else ''}{known}"


def _nearest(word: str) -> str:
    """Return the keyword that somebody most likely meant, or an empty string."""
    name, digits = re.fullmatch(r"(.*?)(\d*)", word.lower(), re.DOTALL).groups()  # type: ignore[union-attr]
    kind = find_layer(name)
    if kind is not None:
        return f"{kind.keyword} {digits}".strip()
    names = {**_aliases(), **LAYERS}
    found = difflib.get_close_matches(word.lower().replace("_", ""), names, 1)
    return names[found[0]].keyword if found else ""


def _probe(kind: type[Layer], shape: Shape) -> SpecItem | None:
    """Run `from_spec` without words to find out what it asks for; None if that is not possible."""
    item = SpecItem(kind.keyword, [], probing=True)
    try:
        kind.from_spec(item, shape, np.random.default_rng(0))
    except SpecError:  # a composite without branches; it has asked for them by now
        return item
    except Exception:  # a layer may fail in any way on values that nobody wrote
        return None
    return item


def _taken(item: SpecItem) -> str:
    """Return what a layer understands behind its keyword, for the end of an error message."""
    return f"the layer {item.keyword} takes {' '.join(item.known) or 'no further words'}"


def _first_word(source: str) -> str:
    """Return the keyword of an item, or whatever stands there instead."""
    return re.split(r"[\s(]", source, maxsplit=1)[0]


def _names(text: str, parts: list[Range]) -> list[str]:
    """Return the names that the model will give the items (see `Model.rename`)."""
    words = [_first_word(text[part.start : part.stop]).lower() for part in parts]
    classes = [find_layer(word) for word in words]
    kinds = [c.keyword if c else word for c, word in zip(classes, words, strict=True)]
    total, seen = Counter(kinds), Counter[str]()
    names = []
    for kind in kinds:
        seen[kind] += 1
        names.append(f"{kind}{seen[kind]}" if total[kind] > 1 else kind)
    return names

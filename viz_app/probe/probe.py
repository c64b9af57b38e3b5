"""A picture that the network is asked about: pure data, and its text in an address."""

from __future__ import annotations

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, prod

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet
from core.tensor import Array

# Where a picture comes from, as an address has it, and as people read it.
SOURCES = {"test": "test image {}", "drawn": "your drawing", "opened": "your picture"}
# Letters of a text; a longer one would make a link that programs cut.
MOST_LETTERS = 3_600
# Numbers of a picture, and pixels set to a number of their own, that an address may ask for.
MOST_NUMBERS, MOST_EDITS = 200_000, 400
TEXT = re.compile(r"(test|drawn|opened):([\w-]*)")
LEVELS = 255


@dataclass(frozen=True)
class Probe:
    """A picture that the network is asked about, and the class that the loss is asked against.

    Attributes:
        source: one of `SOURCES`.
        number: of the image of the test split, if it is one.
        pixels: a byte for each number of another picture, (C, H, W) row by row: 0 is the least
            number of the data, 255 the largest.
        label: the class; None for the own one of a test image, and for the one that the network
            finds most likely, whichever that is now, of another picture.
        edits: pixels that were set to a number: index (c, i, j) and number.
    """

    source: str
    number: int = 0
    pixels: bytes = b""
    label: int | None = None
    edits: tuple[tuple[tuple[int, ...], float], ...] = ()

    @classmethod
    def read(cls, text: str) -> Probe:
        """Return what a text of an address stands for; see `text`.

        Raises:
            ValueError: it stands for none.
        """
        first, *parts = text.split(";")
        found = TEXT.fullmatch(first)
        if not found:
            raise ValueError("expected test:17, drawn:… or opened:…, and ;as:3 for the class")
        source, content = found.groups()
        probe = cls(source)
        if source == "test":
            probe = replace(probe, number=_whole(content))
        else:
            probe = replace(probe, pixels=_unpacked(content))
        if len(parts) > MOST_EDITS:
            raise ValueError(f"at most {MOST_EDITS} pixels are set to a number")
        for part in parts:
            name, _, value = part.partition(":")
            if name == "as":
                probe = replace(probe, label=_whole(value))
            else:
                index = tuple(_whole(k) for k in name.split(","))
                probe = probe.with_pixel((0, *index), _number(value))
        return probe

    @property
    def text(self) -> str:
        """The text of an address; empty if it is too long for a link."""
        packed = urlsafe_b64encode(zlib.compress(self.pixels, 9)).decode().rstrip("=")
        content = str(self.number) if self.source == "test" else packed
        parts = [f"{self.source}:{content}"]
        parts += [] if self.label is None else [f"as:{self.label}"]
        parts += [f"{','.join(map(str, index))}:{value!r}" for index, value in self.edits]
        text = ";".join(parts)
        return text if len(text) <= MOST_LETTERS and len(self.edits) < MOST_EDITS else ""

    @property
    def words(self) -> str:
        """What is asked about, as people read it: "test image 17, changed by hand"."""
        return f"{self.origin}, changed by hand" if self.edits else self.origin

    @property
    def origin(self) -> str:
        """Where the picture comes from, as people read it: "test image 17"."""
        return SOURCES[self.source].format(self.number)

    def with_label(self, label: int | None) -> Probe:
        """Return the same picture with the loss asked against another class; see `label`."""
        return replace(self, label=label)

    def with_pixel(self, index: Sequence[int], value: float) -> Probe:
        """Return the picture with one number changed.

        Args:
            index: of the number in X^(in) of the first layer: (0, c, i, j).
            value: what it is to be.

        Raises:
            ValueError: the value is not finite, or the index is of another sample.
        """
        if not isfinite(value):
            raise ValueError(f"a pixel cannot be {value}; expected a finite number, such as 0.5")
        if not index or index[0] != 0:
            raise ValueError(f"{tuple(index)} is not in the picture, which is sample 0")
        at = tuple(map(int, index[1:]))
        kept = tuple(edit for edit in self.edits if edit[0] != at)
        return replace(self, edits=(*kept, (at, float(value))))

    def image(self, data: DataSet) -> Array:
        """Return the picture as the network takes it, (1, ...) in float64.

        Raises:
            ValueError: it does not fit the data; the message says why.
        """
        self.check(data)
        if self.source == "test":
            image = np.asarray(data.test.images[self.number]).astype(np.float64)
        else:
            low, high = value_range(data)
            # As images of bytes become a data set: in float32.
            shares = np.frombuffer(self.pixels, np.uint8).astype(np.float32) / np.float32(LEVELS)
            image = shares.reshape(data.input_shape).astype(np.float64) * (high - low) + low
        for index, value in self.edits:
            image[index] = value
        return np.asarray(image[None])

    def target(self, data: DataSet) -> Array | None:
        """Return what the loss is asked against, (1,) for a class; None if the network says it."""
        if self.label is not None:
            return np.array([self.label])
        if self.source == "test":
            return np.asarray(data.test.labels[self.number : self.number + 1])
        return None

    def check(self, data: DataSet) -> None:
        """Refuse a picture that does not fit some data.

        Raises:
            ValueError: the message says why.
        """
        shape = data.input_shape
        size = "×".join(map(str, shape))
        if self.source == "test" and not 0 <= self.number < len(data.test):
            raise ValueError(
                f"there is no test image {self.number}; expected 0 to {len(data.test) - 1}"
            )
        if self.source != "test" and len(self.pixels) != prod(shape):
            raise ValueError(
                f"the picture has {len(self.pixels)} numbers, but the network takes {size}"
            )
        if not data.classes and (self.label is not None or self.source != "test"):
            raise ValueError(
                "the labels of these data are no classes: choose an image of the test split, whose "
                "own label is asked for"
            )
        if self.label is not None and not 0 <= self.label < data.classes:
            raise ValueError(f"there is no class {self.label}; expected 0 to {data.classes - 1}")
        for index, _ in self.edits:
            inside = len(index) == len(shape) and all(
                0 <= k < most for k, most in zip(index, shape, strict=True)
            )
            if not inside:
                raise ValueError(f"there is no pixel {index} in a picture of {size}")


def value_range(data: DataSet) -> tuple[float, float]:
    """Return the numbers of what is dark and bright: 0 and 1, unless the data have others."""
    some = data.train.images[:100]
    low, high = float(some.min()), float(some.max())
    return (low, high) if low < 0 or high > 1 else (0.0, 1.0)


def as_bytes(image: Array, data: DataSet) -> NDArray[np.uint8]:
    """Return a picture as bytes, as far as they can say it; see `Probe.pixels`."""
    low, high = value_range(data)
    share = (image - low) / (high - low or 1.0)
    return np.clip(np.round(share * LEVELS), 0, LEVELS).astype(np.uint8)


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError(f"{text[:20]!r} is not a whole number")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"[-+.\de]{1,30}", text):
        raise ValueError(f"{text[:20]!r} is not a number")
    return float(text)


def _unpacked(text: str) -> bytes:
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacker = zlib.decompressobj()
        pixels = unpacker.decompress(packed, MOST_NUMBERS + 1)
    except (ValueError, zlib.error) as error:
        raise ValueError("the picture in it is damaged, as a link that was cut is") from error
    if len(pixels) > MOST_NUMBERS or not unpacker.eof:
        raise ValueError("the picture in it is damaged or too large, as a link that was cut is")
    return pixels

"""Makes a collection of arrays of images and labels, after checking and converting them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.labels import Classes, check_several, one_a_row, to_classes
from core.data.arrays.layout import axes_of, channels_first
from core.data.arrays.scale import scaled
from core.data.arrays.transparency import is_transparency, on_white
from core.data.arrays.values import value_range
from core.data.collection import TEST_SHARE, Collection, split
from core.data.readers.found import Found, Labelled
from core.data.steps import Step, Steps, finished
from core.errors import DataError

# 67 million values are 256 MiB of float32: enough for all of MNIST, and not too much for a browser.
MAX_VALUES = 2**26
MAX_IMAGES = 1_000_000
# So many values are converted at a time.
_AT_ONCE = 2**21


@dataclass(frozen=True)
class Room:
    """How much room there is for images.

    Attributes:
        side: pixels of a side; larger images are scaled down. None leaves them as they are.
        values: numbers of all images together; `MAX_VALUES` by default.
        may_leave_out: whether a random part is taken of what are too many; otherwise they are
            refused.
    """

    side: int | None = None
    values: int | None = None
    may_leave_out: bool = False


def collect(
    found: Found,
    name: str,
    room: Room | None = None,
    test_share: float = TEST_SHARE,
    rng: np.random.Generator | None = None,
) -> Collection:
    """Return the images of some arrays as one collection.

    Args:
        found: the arrays.
        name: of the collection.
        room: how much there is for them.
        test_share: the share of each class that tests, if nobody has said which.
        rng: shuffles before the split; by default a generator of seed 0.

    Raises:
        DataError: an array cannot be used; the message names it and says what to do.
    """
    return finished(collecting(found, name, room, test_share, rng))


def collecting(
    found: Found,
    name: str,
    room: Room | None = None,
    test_share: float = TEST_SHARE,
    rng: np.random.Generator | None = None,
) -> Steps[Collection]:
    """Do what `collect` does, step by step."""
    room = room or Room()
    rng = rng or np.random.default_rng(0)
    parts = (*found.train, *found.test)
    pixels = _Pixels(parts, room)
    classes, label_notes = _classes(found, parts)
    n_first = sum(len(part.images) for part in found.train)
    order, n_train, split_note = _order(found, classes.numbers, n_first, test_share, rng)
    order, n_train, left_out = _thinned(order, n_train, pixels, room, rng)
    notes = (*found.notes, *pixels.notes, *label_notes, split_note, left_out)
    images = yield from pixels.converting(order)
    return Collection(
        name=name,
        images=images,
        labels=classes.numbers[order],
        class_names=classes.names,
        n_train=n_train,
        notes=tuple(dict.fromkeys(note for note in notes if note)),
        apart=bool(found.test) or found.n_train is not None,
    )


def _classes(found: Found, parts: Sequence[Labelled]) -> tuple[Classes, list[str]]:
    """Return the classes of all images, in their order, and what to say about them."""
    rows, notes = list[NDArray[Any]](), list[str]()
    for part in parts:
        labels, note = one_a_row(part.labels, len(part.images), part.labels_name)
        rows.append(labels)
        notes.append(note)
    kinds = {"text" if labels.dtype.kind in "US" else "numbers" for labels in rows}
    if len(kinds) > 1:
        raise DataError(
            "some labels are text and others numbers: use the same kind for those to train on and "
            "those to test on"
        )
    classes = to_classes(np.concatenate(rows), found.class_names)
    check_several(classes)
    return classes, [*notes, classes.note]


def _order(
    found: Found,
    labels: NDArray[np.int64],
    n_first: int,
    test_share: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], int, str]:
    """Return the order of all images, how many of them train, and what to say about it."""
    order, note = np.arange(len(labels), dtype=np.int64), ""
    if found.test:
        return order, n_first, note
    n_train = found.n_train
    if n_train is not None:
        if not 1 <= n_train < len(labels):
            raise DataError(
                f"n_train is {n_train}, expected 1 to {len(labels) - 1}, as there are "
                f"{len(labels)} images and both splits need one: change it or leave it out"
            )
        is_sorted = bool((labels[1:] >= labels[:-1]).all())
        unseen = np.setdiff1d(labels[n_train:], labels[:n_train])
        if not (is_sorted and unseen.size):
            return order, n_train, note
        test_share = 1 - n_train / len(labels)
        note = (
            "The images are sorted by class, so that some classes would have none among the first "
            f"{n_train}: they were mixed before they were split; "
        )
    order, n_test = split(labels, test_share, rng)
    n_train = len(order) - n_test
    return order, n_train, f"{note}{n_train} of them train." if note else ""


def _thinned(
    order: NDArray[np.int64],
    n_train: int,
    pixels: _Pixels,
    room: Room,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], int, str]:
    """Return order and `n_train` of as many images as there is room for, and what to say of it."""
    values = room.values or MAX_VALUES
    most = min(values // pixels.values_each, MAX_IMAGES)
    if len(order) <= most:
        return order, n_train, ""
    if not room.may_leave_out or most < 2:
        raise DataError(
            f"images has {pixels.values_each * len(order):,} values in {len(order):,} images, "
            f"expected at most {values:,} in {MAX_IMAGES:,}: use fewer or smaller images"
        )
    keep = min(max(1, round(n_train * most / len(order))), most - 1)
    rest = min(most - keep, len(order) - n_train)
    parts = (order[:n_train], keep), (order[n_train:], rest)
    kept = [np.sort(rng.permutation(len(part))[:count]) for part, count in parts]
    note = (
        f"Of {len(order):,} images {keep + rest:,} were taken at random: there is no room for more."
    )
    return (
        np.concatenate([part[0][rows] for part, rows in zip(parts, kept, strict=True)]),
        keep,
        note,
    )


class _Pixels:
    """The images of all parts, checked; they are converted when it is known which are wanted."""

    def __init__(self, parts: Sequence[Labelled], room: Room) -> None:
        views = [channels_first(part.images, part.images_name, part.axes) for part in parts]
        self._views = [view for view, _ in views]
        self.notes = [note for _, note in views]
        first = self._views[0]
        for part, view in zip(parts, self._views, strict=True):
            _check_alike(part, view, parts[0], first)
        n = sum(map(len, self._views))
        if n < 2 or not prod(first.shape[1:]):
            raise DataError(
                f"{parts[0].images_name} has shape {first.shape} (N, C, H, W), expected at least 2 "
                "images of at least one pixel, one to train on and one to test on: add images"
            )
        for part, view in zip(parts, self._views, strict=True):
            if not len(view):
                raise DataError(f"{part.images_name} holds no image: add some, or leave it out")
        self._values = value_range(self._views, parts[0].images_name)
        self.notes.append(self._values.note)
        _, channels, height, width = first.shape
        self._finish, channels = self._of_fourth(parts[0], channels)
        side = room.side or max(height, width)
        size = min(height, side), min(width, side)
        if size != (height, width):
            self.notes.append(
                f"The images were scaled from {height}×{width} to {size[0]}×{size[1]} pixels."
            )
        self._shape = (channels, *size)
        self._is_scaled = size != (height, width)
        self.values_each = channels * size[0] * size[1]

    def _of_fourth(
        self, part: Labelled, channels: int
    ) -> tuple[Callable[[NDArray[np.float32]], NDArray[np.float32]], int]:
        """Return what is made of the channels of images such as a part, and how many are left."""
        if channels < 4:
            return lambda pixels: pixels, channels
        if is_transparency(self._views, self._values):
            if any((view[:, 3] < self._values.white).any() for view in self._views):
                self.notes.append("What is transparent was laid on white.")
            return on_white, 3
        is_first = axes_of(part.images.shape, part.images_name, part.axes) == "NCHW"
        self.notes.append(
            "The fourth channel was kept: as transparency, more of it would be all or nothing. To "
            f"leave it out, save images[{':' if is_first else '...'}, :3]."
        )
        return lambda pixels: pixels, channels

    def converting(self, order: NDArray[np.int64]) -> Steps[NDArray[np.float32]]:
        """Make images of float32 (N, C, H, W), from 0 to 1, in an order of rows."""
        made = np.empty((len(order), *self._shape), np.float32)
        at_once = max(1, _AT_ONCE // prod(self._views[0].shape[1:]))
        for start in range(0, len(order), at_once):
            yield Step("Converting the images", start / len(order))
            rows = order[start : start + at_once]
            pixels = self._finish(self._values.convert(self._rows(rows)))
            if self._is_scaled:
                pixels = scaled(pixels, *self._shape[1:])
            made[start : start + at_once] = pixels
        return made

    def _rows(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        taken = np.empty((len(rows), *self._views[0].shape[1:]), self._views[0].dtype)
        start = 0
        for view in self._views:
            here = (rows >= start) & (rows < start + len(view))
            taken[here] = view[rows[here] - start]
            start += len(view)
        return taken


def _check_alike(
    part: Labelled, view: NDArray[Any], first_part: Labelled, first: NDArray[Any]
) -> None:
    if view.shape[1:] != first.shape[1:]:
        raise DataError(
            f"{part.images_name} has images of shape {view.shape[1:]} (C, H, W), but "
            f"{first_part.images_name} has {first.shape[1:]}: make them of one size"
        )
    if view.dtype != first.dtype:
        raise DataError(
            f"{part.images_name} has type {view.dtype}, but {first_part.images_name} has "
            f"{first.dtype}: convert them to one type"
        )

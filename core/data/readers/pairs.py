"""Puts files of images and files of labels together by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from numpy.typing import NDArray

from core.data.readers.found import Found, Labelled
from core.data.readers.words import is_test
from core.errors import DataError, counted

# A file's name and its array.
Named = tuple[str, NDArray[Any]]


def paired(arrays: Sequence[Named], such_as: str) -> Found:
    """Return arrays of images with those of their labels, told apart by their shapes.

    Args:
        arrays: by the names of their files, which say which of them are for tests.
        such_as: two names of files that belong together, for a message.

    Raises:
        DataError: one has no partner.
    """
    parts: dict[bool, Labelled] = {}
    for tests in (False, True):
        here = [(name, array) for name, array in arrays if is_test(name) == tests]
        if not here:
            continue
        images, labels = told_apart({name: array.shape for name, array in here})
        if (len(images), len(labels)) != (1, 1):
            names = ", ".join(name for name, _ in here)
            what = "test images" if tests else "images"
            given = f"{'is' if len(images) == 1 else 'are'} {counted(len(images), 'file')}"
            raise DataError(
                f"there {given} of {what} and {len(labels)} of labels "
                f"({names}), expected one of each: choose both together, such as {such_as}"
            )
        (images_name,), (labels_name,), found = images, labels, dict(here)
        parts[tests] = Labelled(found[images_name], found[labels_name], images_name, labels_name)
    train, test = parts.get(False), parts.get(True)
    if train is None or test is None:
        return Found(tuple(parts.values()))
    return Found((train,), (test,))


def told_apart(shapes: Mapping[str, tuple[int, ...]]) -> tuple[list[str], list[str]]:
    """Return the names of arrays of images and of those of labels.

    Labels are one number a sample, or one-hot: a row of fewer numbers than an image has.
    """
    values = {name: _values_each(shape) for name, shape in shapes.items()}
    order = sorted(shapes, key=lambda name: values[name])
    few, many = order[: len(order) // 2], order[len(order) // 2 :]
    is_half = len(few) == len(many) > 0 and values[few[-1]] < values[many[0]]
    if not is_half or any(len(shapes[name]) > 2 for name in few):
        few = [name for name in shapes if values[name] == 1]
    return [name for name in shapes if name not in few], [name for name in shapes if name in few]


def _values_each(shape: tuple[int, ...]) -> int:
    """Return how many numbers a sample has in an array of a shape."""
    return prod(shape[1:]) if sum(axis > 1 for axis in shape) > 1 else 1


def split_parts(parts: Sequence[tuple[bool, Labelled]]) -> Found:
    """Return images with their labels, each part of which says whether it tests.

    If all do, somebody has chosen test images alone, which train as well.
    """
    test = tuple(part for tests, part in parts if tests)
    train = tuple(part for tests, part in parts if not tests)
    return Found(train, test) if train else Found(test)

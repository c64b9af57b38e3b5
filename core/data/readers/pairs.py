"""Puts files of images and files of labels together by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from core.data.readers.found import Found, Labelled
from core.data.readers.words import is_test
from core.errors import DataError

# A file's name and its array.
Named = tuple[str, NDArray[Any]]


def paired(arrays: Sequence[Named]) -> Found:
    """Return arrays of images, of two or more axes, with those of their labels, of one.

    Raises:
        DataError: one has no partner.
    """
    parts: dict[bool, Labelled] = {}
    for tests in (False, True):
        here = [(name, array) for name, array in arrays if is_test(name) == tests]
        images = [named for named in here if named[1].ndim > 1]
        labels = [named for named in here if named[1].ndim == 1]
        if not here:
            continue
        if (len(images), len(labels)) != (1, 1):
            names = ", ".join(name for name, _ in here)
            what = "test images" if tests else "images"
            raise DataError(
                f"there are {len(images)} files of {what} and {len(labels)} of labels ({names}), "
                "expected one of each: choose both together, such as train-images-idx3-ubyte and "
                "train-labels-idx1-ubyte"
            )
        (images_name, pixels), (labels_name, numbers) = images[0], labels[0]
        parts[tests] = Labelled(pixels, numbers, images_name, labels_name)
    train, test = parts.get(False), parts.get(True)
    if train is None or test is None:
        return Found(tuple(parts.values()))
    return Found((train,), (test,))


def split_by_name(parts: Sequence[tuple[str, Labelled]]) -> Found:
    """Return images with their labels, by the name of the file that they come from."""
    test = tuple(part for name, part in parts if is_test(name))
    train = tuple(part for name, part in parts if not is_test(name))
    return Found(train, test) if train else Found(test)

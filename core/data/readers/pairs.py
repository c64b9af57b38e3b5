"""Puts files of images and files of labels together by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from core.data.readers.found import Found, Labelled
from core.data.readers.words import is_test
from core.errors import DataError, counted

# A file's name and its array.
Named = tuple[str, NDArray[Any]]


def paired(arrays: Sequence[Named], such_as: str) -> Found:
    """Return arrays of images, of two or more axes, with those of their labels, of one.

    Args:
        arrays: by the names of their files, which say which of them are for tests.
        such_as: two names of files that belong together, for a message.

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
            given = f"{'is' if len(images) == 1 else 'are'} {counted(len(images), 'file')}"
            raise DataError(
                f"there {given} of {what} and {len(labels)} of labels "
                f"({names}), expected one of each: choose both together, such as {such_as}"
            )
        (images_name, pixels), (labels_name, numbers) = images[0], labels[0]
        parts[tests] = Labelled(pixels, numbers, images_name, labels_name)
    train, test = parts.get(False), parts.get(True)
    if train is None or test is None:
        return Found(tuple(parts.values()))
    return Found((train,), (test,))


def split_parts(parts: Sequence[tuple[bool, Labelled]]) -> Found:
    """Return images with their labels, each part of which says whether it tests.

    If all do, somebody has chosen test images alone, which train as well.
    """
    test = tuple(part for tests, part in parts if tests)
    train = tuple(part for tests, part in parts if not tests)
    return Found(train, test) if train else Found(test)

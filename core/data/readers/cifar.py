"""Reads the binary batches of CIFAR-10: https://www.cs.toronto.edu/~kriz/cifar.html."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import numpy as np

from core.data.readers.found import DataFile, Found, Labelled
from core.data.readers.pairs import split_parts
from core.data.readers.words import is_test

_SHAPE = (3, 32, 32)
# A label, then red, green and blue.
_ROW = 1 + 3 * 32 * 32
_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def is_cifar(file: DataFile) -> bool:
    """Return whether a file is such a batch."""
    size = len(file.content)
    return PurePath(file.name).suffix.lower() == ".bin" and size > 0 and size % _ROW == 0


def read_cifar(files: Sequence[DataFile], most_bytes: int) -> Found:
    """Return the images and labels of all batches."""
    parts = []
    for file in files:
        rows = np.frombuffer(file.content, np.uint8).reshape(-1, _ROW)
        images = rows[:, 1:].reshape(-1, *_SHAPE)
        part = Labelled(images, rows[:, 0], file.name, f"{file.name} (labels)")
        parts.append((is_test(file.name), part))
    found = split_parts(parts)
    labels = [part.labels for part in (*found.train, *found.test)]
    named = all(int(one.max()) < len(_NAMES) for one in labels)
    return Found(found.train, found.test, _NAMES if named else None)

"""Reads IDX files, the format of MNIST: http://yann.lecun.com/exdb/mnist."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.readers.found import DataFile, Found
from core.data.readers.pairs import paired
from core.errors import DataError

# The third byte says the type; all numbers are big-endian.
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 4


def is_idx(file: DataFile) -> bool:
    """Return whether a file begins as an IDX file does."""
    head = file.content[:4]
    return (
        len(head) == 4 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= _MOST_AXES
    )


def read_idx(files: Sequence[DataFile], most_bytes: int) -> Found:
    """Return the images and labels of IDX files, chosen together.

    Raises:
        DataError: a file is damaged, or one of images has none of labels.
    """
    arrays = [(file.name, _array(file)) for file in files]
    return paired(arrays, "train-images-idx3-ubyte and train-labels-idx1-ubyte")


def _array(file: DataFile) -> NDArray[Any]:
    content, axes = file.content, file.content[3]
    dtype, start = np.dtype(_TYPES[content[2]]), 4 + 4 * axes
    shape = tuple(int.from_bytes(content[at : at + 4]) for at in range(4, start, 4))
    expected = prod(shape) * dtype.itemsize
    if len(content) < start or len(content) - start != expected:
        raise DataError(
            f"{file.name} says shape {shape} of {dtype.name}, {expected:,} bytes, but holds "
            f"{max(0, len(content) - start):,}: download it again"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape)

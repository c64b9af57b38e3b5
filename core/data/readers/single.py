"""Reads arrays as NumPy saves them: several in a `.npz`, or each in a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.readers.archive import labelled_in, opened, read_archive
from core.data.readers.found import DataFile, Found
from core.data.readers.others import TWO_ARRAYS, refusal_as_archive
from core.data.readers.pairs import paired
from core.data.readers.words import role_of
from core.errors import DataError, counted
from core.io.heads import head_of
from core.io.npz import NpzError, parse_npy


def is_of_arrays(file: DataFile) -> bool:
    """Return whether a file is a `.npz` or `.npy`."""
    head = head_of(file.content)
    return head is not None and head.sort in ("zip", "npy")


def _is_alone(file: DataFile) -> bool:
    head = head_of(file.content)
    return head is not None and head.sort == "npy"


def read_arrays(files: Sequence[DataFile], most_bytes: int) -> Found:
    """Return the images and labels of one `.npz`, or of files with an array each.

    Raises:
        DataError: a file is damaged, one of several holds several arrays, or images have no labels.
    """
    if len(files) > 1:
        arrays = _Single(files, most_bytes)
        if any(map(role_of, arrays.sizes)):
            return labelled_in(arrays, most_bytes)
        return paired(arrays.named, TWO_ARRAYS)
    (file,) = files
    if _is_alone(file):
        raise DataError(refusal_as_archive(file.name, head_of(file.content)))
    return read_archive(file.opened(), most_bytes)


class _Single:
    """The arrays of files, one in each, by the names of the files without their ending."""

    def __init__(self, files: Sequence[DataFile], most_bytes: int) -> None:
        self._arrays = dict[str, NDArray[Any]]()
        self.named = list[tuple[str, NDArray[Any]]]()
        left = most_bytes
        for file in files:
            stem = PurePath(file.name).stem
            if stem in self._arrays:
                raise DataError(f"two files are called {stem}: give each a name of its own")
            array = _array(file, left)
            left -= array.nbytes
            self._arrays[stem] = array
            self.named.append((file.name, array))
        self.sizes = {name: array.nbytes for name, array in self._arrays.items()}

    def read(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def shape(self, name: str) -> tuple[int, ...]:
        return self._arrays[name].shape

    def dtype(self, name: str) -> np.dtype[Any]:
        return self._arrays[name].dtype


def _array(file: DataFile, most_bytes: int) -> NDArray[Any]:
    """Return the only array of a file, which takes at most so many bytes."""
    if _is_alone(file):
        _check_size(file, len(file.content), most_bytes)
        try:
            return parse_npy(file.name, file.content)
        except NpzError as error:
            raise DataError(str(error)) from error
    with opened(file.opened()) as archive:
        if len(archive.sizes) != 1:
            entries = ", ".join(archive.sizes) or "none"
            raise DataError(
                f"{file.name} holds {counted(len(archive.sizes), 'array')} ({entries}), expected "
                "one .npz with all arrays, or several files with one array each: choose it alone, "
                f"or files such as {TWO_ARRAYS}"
            )
        (name,) = archive.sizes
        _check_size(file, archive.sizes[name], most_bytes)
        return archive.read(name)


def _check_size(file: DataFile, size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise DataError(
            f"{file.name} takes {size:,} bytes unpacked, expected at most {most_bytes:,}: use "
            "fewer or smaller images, and uint8"
        )

"""Reads a `.npz`, whose entries are found by their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.labels import MAX_CLASSES, texts
from core.data.arrays.layout import Axes, check_axes
from core.data.readers.found import Found, Labelled
from core.data.readers.others import refusal_as_archive
from core.data.readers.pairs import told_apart
from core.data.readers.words import HOLDS_WEIGHTS, IMAGES, LABELS, TEST, TRAIN, role_of
from core.errors import DataError
from core.io import heads
from core.io.files import File, first_bytes, with_ending
from core.io.npz import ENDING, NpzError, NpzReader
from core.io.state.names import is_weight

# Limits what the entries take unpacked: a few kilobytes of zip can hold any amount.
MAX_BYTES = 2**28
_CLASS_NAMES = ("class_names", "label_names", "target_names")
_N_TRAIN = "n_train"
_AXES = "axes"
_POSITION = re.compile(r"arr_\d+")
_WANTED = (
    "images and labels, or x_train and y_train, or train_images and train_labels, or arr_0 and "
    "arr_1; for test images the same with test, such as x_test and y_test"
)
_SAVE = "save with np.savez_compressed(path, images=images, labels=labels)"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
# What is packed as an archive is, by an entry that it has.
_DOCUMENTS = {
    "xl/workbook.xml": "a table of Excel: save it there as CSV, and choose that",
    "word/document.xml": "a document of Word, which holds no images with labels that can be read",
    "ppt/presentation.xml": "a presentation, which holds no images with labels that can be read",
    "content.xml": "an OpenDocument file: if it is a table, save it there as CSV, and choose that",
}
# So many entries are named in a message.
_MOST_NAMED = 12


class Arrays(Protocol):
    """Arrays by name, whose sizes in bytes, shapes and types are known before they are read."""

    sizes: dict[str, int]

    def read(self, name: str) -> NDArray[Any]:
        """Return an array."""

    def shape(self, name: str) -> tuple[int, ...] | None:
        """Return the shape that the file states for an array; None if it states none."""

    def dtype(self, name: str) -> np.dtype[Any] | None:
        """Return the type that the file states for an array; None if it states none."""


# Names of the entries for images and for labels, by what they are for.
Pairs = dict[str, list[str]]


def read_archive(source: File, most_bytes: int | None = None) -> Found:
    """Return the images and labels of a `.npz`, as read-only arrays.

    Args:
        source: a path, with or without `.npz`, or a file opened in binary mode.
        most_bytes: what the entries may take unpacked; `MAX_BYTES` by default.

    Raises:
        DataError: the file cannot be read, is not an archive, is damaged, is too large unpacked,
            has no images with labels, or an entry is not a plain array.
    """
    with opened(source) as archive:
        return labelled_in(archive, most_bytes or MAX_BYTES)


def labelled_in(arrays: Arrays, most_bytes: int) -> Found:
    """Return which arrays are images and labels, by their names.

    Raises:
        DataError: there are no images with labels, or they take more bytes than that.
    """
    pairs = _pairs(arrays)
    names = next((name for name in _CLASS_NAMES if name in arrays.sizes), None)
    is_apart = TRAIN in pairs and len(pairs) > 1
    n_train = _N_TRAIN if _N_TRAIN in arrays.sizes and not is_apart else None
    wanted = [entry for pair in pairs.values() for entry in pair]
    axes = _AXES if _AXES in arrays.sizes else None
    wanted += [entry for entry in (names, n_train, axes) if entry]
    entries = _read(arrays, wanted, most_bytes)
    left_out = [name for name in arrays.sizes if name not in entries]
    order = _axes(entries[axes]) if axes else None
    labelled = {use: _labelled(entries, pair, order) for use, pair in pairs.items()}
    train = [one for use, one in labelled.items() if use == TRAIN or not is_apart]
    return Found(
        train=tuple(train),
        test=tuple(one for one in labelled.values() if one not in train),
        class_names=_class_names(entries[names], names) if names else None,
        n_train=_n_train(entries[n_train]) if n_train else None,
        notes=(f"Left out of the file: {_named(left_out)}.",) if left_out else (),
    )


def read_entries(source: File, wanted: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return entries of a `.npz`, by name, as read-only arrays.

    Raises:
        DataError: the file cannot be read, is not an archive, is damaged, is too large unpacked, or
            an entry is not there or not a plain array.
    """
    with opened(source) as archive:
        missing = [name for name in wanted if name not in archive.sizes]
        if missing:
            raise DataError(f"the entry {missing[0]!r} is missing {_has(archive)}: {_SAVE}")
        return _read(archive, list(wanted), MAX_BYTES)


@contextmanager
def opened(source: File) -> Iterator[NpzReader]:
    """Open an archive, whose errors are those of data."""
    try:
        said = _refusal(source)
        if said:
            raise DataError(said)
        with NpzReader(source) as archive:
            yield archive
    except OSError as error:
        raise DataError(f"the file cannot be read ({error}): check its name") from error
    except NpzError as error:
        raise DataError(str(error)) from error


def _refusal(source: File) -> str:
    """Return what to say of a file of another kind; empty if it may be an archive."""
    if isinstance(source, str | PathLike) and with_ending(source, ENDING).is_file():
        source = with_ending(source, ENDING)
    path = source if isinstance(source, str | PathLike) else getattr(source, "name", "")
    # A file that was opened by its number has that in place of a name.
    name = fspath(path) if isinstance(path, str | PathLike) else ""
    return refusal_as_archive(name, heads.head_of(first_bytes(source, heads.HEAD_BYTES)))


def looks_like_data(arrays: Arrays) -> bool:
    """Return whether arrays are images or labels by their names; or by their shapes and types.

    None is read: they may be of any size.
    """
    if any(map(is_weight, arrays.sizes)):
        return False
    if any(map(role_of, arrays.sizes)):
        return True
    try:
        pairs = _by_position(arrays)
    except DataError:
        return False
    # A kernel and its bias have such shapes too, but a bias is no whole number.
    types = [arrays.dtype(labels) for _, labels in pairs.values()]
    return all(dtype is not None and dtype.kind in "biuUS" for dtype in types)


def described(arrays: Arrays) -> str:
    """Return the names and shapes of arrays, the first ones."""
    return _named([f"{name} {arrays.shape(name) or ''}".strip() for name in arrays.sizes])


def _pairs(arrays: Arrays) -> Pairs:
    """Return the names of images and labels, by use: each has its own labels."""
    found = defaultdict[str, dict[str, list[str]]](lambda: {IMAGES: [], LABELS: []})
    for name in arrays.sizes:
        role = role_of(name)
        if role is not None:
            kind, use = role
            found[use or TRAIN][kind].append(name)
    pairs: Pairs = {}
    for use, kinds in found.items():
        images, labels = _most_axes(arrays, kinds[IMAGES]), kinds[LABELS]
        for names, missing in ((images, LABELS), (labels, IMAGES)):
            if len(names) > 1:
                raise DataError(
                    f"{' and '.join(names)} are for the same, expected one of them "
                    f"{_has(arrays)}: join them with np.concatenate, or leave all but one out"
                )
            if len(names) == 1 and len(images) + len(labels) == 1:
                raise DataError(
                    f"{names[0]} is there without its {missing} {_has(arrays)}. "
                    f"Wanted are {_WANTED}: {_SAVE}"
                )
        pairs[use] = [*images, *labels]
    return pairs or _by_position(arrays)


def _most_axes(arrays: Arrays, names: list[str]) -> list[str]:
    """Return those with most axes: images were often saved as rows, too."""
    axes = {name: len(arrays.shape(name) or ()) for name in names}
    return [name for name in names if axes[name] == max(axes.values())]


def _by_position(arrays: Arrays) -> Pairs:
    """Return the pairs of arrays that were saved without names, by their shapes."""
    names = sorted((n for n in arrays.sizes if _POSITION.fullmatch(n)), key=lambda n: int(n[4:]))
    images, labels = told_apart({name: arrays.shape(name) or () for name in names})
    if any(name.lower().endswith(_PICTURES) for name in arrays.sizes):
        raise DataError(
            "the file is a packed folder of pictures: unpack it, and choose the folder under "
            "Your data"
        )
    for entry, what in _DOCUMENTS.items():
        if entry in arrays.sizes:
            raise DataError(f"the file is {what}")
    if any(map(is_weight, arrays.sizes)):
        raise DataError(f"the file holds {HOLDS_WEIGHTS} {_has(arrays)}")
    if len(images) != len(labels) or len(images) not in (1, 2):
        found = f"no images with labels {_has(arrays)}"
        raise DataError(f"the file holds {found}. Wanted are {_WANTED}: {_SAVE}")
    uses = zip((TRAIN, TEST), zip(images, labels, strict=True), strict=False)
    return {use: list(pair) for use, pair in uses}


def _has(arrays: Arrays) -> str:
    """Return which arrays there are, in brackets."""
    return f"(found: {described(arrays) or 'no entries'})"


def _named(entries: Sequence[str]) -> str:
    return ", ".join(entries[:_MOST_NAMED]) + (", …" if len(entries) > _MOST_NAMED else "")


def _read(arrays: Arrays, wanted: list[str], most: int) -> dict[str, NDArray[Any]]:
    total = sum(arrays.sizes[entry] for entry in wanted)
    if total > most:
        raise DataError(
            f"the entries {', '.join(wanted)} take {total:,} bytes unpacked, expected at "
            f"most {most:,}: use fewer or smaller images, and uint8"
        )
    return {entry: arrays.read(entry) for entry in wanted}


def _labelled(entries: Mapping[str, NDArray[Any]], pair: list[str], axes: Axes | None) -> Labelled:
    images, labels = pair
    return Labelled(entries[images], entries[labels], images, labels, axes)


def _axes(entry: NDArray[Any]) -> Axes | None:
    return check_axes(entry.item() if entry.size == 1 else entry.tolist())


def _class_names(entry: NDArray[Any], name: str) -> tuple[str, ...]:
    if entry.ndim != 1 or entry.dtype.kind not in "US":
        raise DataError(
            f"{name} has shape {entry.shape} and type {entry.dtype}, expected (classes,) "
            "strings: save np.array(['cat', 'dog'])"
        )
    if entry.size > MAX_CLASSES:
        raise DataError(
            f"{name} holds {entry.size:,} names, expected at most {MAX_CLASSES:,}: leave it "
            "out to have the classes numbered"
        )
    return tuple(texts(entry, name))


def _n_train(entry: NDArray[Any]) -> int:
    if entry.dtype.kind not in "iu" or entry.size != 1:
        raise DataError(
            f"n_train has shape {entry.shape} and type {entry.dtype}, expected one whole number: "
            "save n_train=800"
        )
    return int(entry.reshape(-1)[0])

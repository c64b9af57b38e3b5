"""Reads a `.npz`, whose entries are found by their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from core.data.arrays.labels import MAX_CLASSES, texts
from core.data.readers.found import Found, Labelled
from core.data.readers.words import IMAGES, LABELS, TEST, TRAIN, role_of
from core.errors import DataError
from core.io.npz import NpzError, NpzReader

# Limits what the entries take unpacked: a few kilobytes of zip can hold any amount.
MAX_BYTES = 2**28
_CLASS_NAMES = ("class_names", "label_names", "target_names")
_N_TRAIN = "n_train"
_POSITION = re.compile(r"arr_\d+")
_WANTED = (
    "images and labels, or x_train and y_train, or train_images and train_labels, or arr_0 and "
    "arr_1; for test images the same with test, such as x_test and y_test"
)
_SAVE = "save with np.savez_compressed(path, images=images, labels=labels)"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
# So many entries are named in a message.
_MOST_NAMED = 12

# Names of the entries for images and for labels, by what they are for.
Pairs = dict[str, list[str]]


def read_archive(source: str | Path | IO[bytes], most_bytes: int | None = None) -> Found:
    """Return the images and labels of a `.npz`, as read-only arrays.

    Args:
        source: a path, with or without `.npz`, or a file opened in binary mode.
        most_bytes: what the entries may take unpacked; `MAX_BYTES` by default.

    Raises:
        DataError: the file cannot be read, is not an archive, is damaged, is too large unpacked,
            has no images with labels, or an entry is not a plain array.
    """
    with _opened(source) as archive:
        pairs = _pairs(archive)
        names = next((name for name in _CLASS_NAMES if name in archive.sizes), None)
        is_apart = TRAIN in pairs and len(pairs) > 1
        n_train = _N_TRAIN if _N_TRAIN in archive.sizes and not is_apart else None
        wanted = [entry for pair in pairs.values() for entry in pair]
        wanted += [entry for entry in (names, n_train) if entry]
        entries = _read(archive, wanted, most_bytes or MAX_BYTES)
        left_out = [name for name in archive.sizes if name not in entries]
    labelled = {use: _labelled(entries, pair) for use, pair in pairs.items()}
    train = [one for use, one in labelled.items() if use == TRAIN or not is_apart]
    return Found(
        train=tuple(train),
        test=tuple(one for one in labelled.values() if one not in train),
        class_names=_class_names(entries[names], names) if names else None,
        n_train=_n_train(entries[n_train]) if n_train else None,
        notes=(f"Left out of the file: {_named(left_out)}.",) if left_out else (),
    )


def read_entries(source: str | Path | IO[bytes], wanted: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return entries of a `.npz`, by name, as read-only arrays.

    Raises:
        DataError: the file cannot be read, is not an archive, is damaged, is too large unpacked, or
            an entry is not there or not a plain array.
    """
    with _opened(source) as archive:
        missing = [name for name in wanted if name not in archive.sizes]
        if missing:
            raise DataError(f"the entry {missing[0]!r} is missing {_has(archive)}: {_SAVE}")
        return _read(archive, list(wanted), MAX_BYTES)


@contextmanager
def _opened(source: str | Path | IO[bytes]) -> Iterator[NpzReader]:
    """Open an archive, whose errors are those of data."""
    try:
        with NpzReader(source) as archive:
            yield archive
    except OSError as error:
        raise DataError(f"the file cannot be read ({error}): check its name") from error
    except NpzError as error:
        raise DataError(str(error)) from error


def _pairs(archive: NpzReader) -> Pairs:
    """Return the names of images and labels, by use: each has its own labels."""
    found = defaultdict[str, dict[str, list[str]]](lambda: {IMAGES: [], LABELS: []})
    for name in archive.sizes:
        role = role_of(name)
        if role is not None:
            kind, use = role
            found[use or TRAIN][kind].append(name)
    pairs: Pairs = {}
    for use, kinds in found.items():
        images, labels = _most_axes(archive, kinds[IMAGES]), kinds[LABELS]
        for names, missing in ((images, LABELS), (labels, IMAGES)):
            if len(names) > 1:
                raise DataError(
                    f"{' and '.join(names)} are for the same, expected one of them "
                    f"{_has(archive)}: join them with np.concatenate, or leave all but one out"
                )
            if len(names) == 1 and len(images) + len(labels) == 1:
                raise DataError(
                    f"{names[0]} is there without its {missing} {_has(archive)}. "
                    f"Wanted are {_WANTED}: {_SAVE}"
                )
        pairs[use] = [*images, *labels]
    return pairs or _by_position(archive)


def _most_axes(archive: NpzReader, names: list[str]) -> list[str]:
    """Return those with most axes: images were often saved as rows, too."""
    axes = {name: len(archive.shape(name) or ()) for name in names}
    return [name for name in names if axes[name] == max(axes.values())]


def _by_position(archive: NpzReader) -> Pairs:
    """Return the pairs of arrays that were saved without names, by their shapes."""
    names = sorted((n for n in archive.sizes if _POSITION.fullmatch(n)), key=lambda n: int(n[4:]))
    images, labels = list[str](), list[str]()
    for name in names:
        shape = archive.shape(name) or ()
        (images if len([axis for axis in shape if axis > 1]) > 1 else labels).append(name)
    if any(name.lower().endswith(_PICTURES) for name in archive.sizes):
        raise DataError(
            "the file is a packed folder of pictures: unpack it, and choose the folder under "
            "Your data"
        )
    if not names or len(images) != len(labels) or len(images) > 2:
        found = f"no images with labels {_has(archive)}"
        raise DataError(f"the file holds {found}. Wanted are {_WANTED}: {_SAVE}")
    uses = zip((TRAIN, TEST), zip(images, labels, strict=True), strict=False)
    return {use: list(pair) for use, pair in uses}


def _has(archive: NpzReader) -> str:
    """Return which entries an archive has, in brackets."""
    entries = [f"{name} {archive.shape(name) or ''}".strip() for name in archive.sizes]
    return f"(the file has {_named(entries) or 'no entries'})"


def _named(entries: Sequence[str]) -> str:
    return ", ".join(entries[:_MOST_NAMED]) + (", …" if len(entries) > _MOST_NAMED else "")


def _read(archive: NpzReader, wanted: list[str], most: int) -> dict[str, NDArray[Any]]:
    total = sum(archive.sizes[entry] for entry in wanted)
    if total > most:
        raise DataError(
            f"the entries {', '.join(wanted)} take {total:,} bytes unpacked, expected at "
            f"most {most:,}: use fewer or smaller images, and uint8"
        )
    return {entry: archive.read(entry) for entry in wanted}


def _labelled(entries: Mapping[str, NDArray[Any]], pair: list[str]) -> Labelled:
    images, labels = pair
    return Labelled(entries[images], entries[labels], images, labels)


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

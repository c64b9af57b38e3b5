"""Reads a data set from the user's own `.npz` file without trusting the file."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from core.data.dataset import DataSet, Split
from core.data.images import check_images, from_images
from core.data.labels import MAX_CLASSES, check_labels, texts
from core.errors import DataError
from core.io.npz import NpzError, NpzReader

# Limits what the entries take unpacked: a few kilobytes of zip can hold any amount.
MAX_BYTES = 2**28
_ENTRIES = ("images", "labels", "class_names", "n_train")
_SAVE = "save with np.savez_compressed(path, images=images, labels=labels)"


def load_npz(source: str | Path | IO[bytes], name: str = "") -> DataSet:
    """Read a data set from a `.npz` file. Python objects in it are never unpickled.

    Entries:
        images: uint8 0 to 255 or floats 0 to 1; (N, H, W), (N, H, W, C) or (N, C, H, W) with C
            of 1, 3 or 4 (the fourth, transparency, is dropped).
        labels: (N,), whole numbers from 0 or names of classes.
        class_names: optional, (classes,) strings.
        n_train: optional. The first `n_train` rows train and the rest test; without it the rows
            are shuffled from a fixed seed and the last fifth tests.

    Args:
        source: a path, with or without `.npz`, or a file opened in binary mode.
        name: name and title of the data set; by default the name of the file.

    Raises:
        DataError: the file or an entry cannot be used; the message names the entry and says what
            was found, what was expected and what to do.
    """
    entries = read_entries(source)
    for required in _ENTRIES[:2]:
        if required not in entries:
            found = ", ".join(entries) or "none"
            raise DataError(
                f"the entry {required!r} is missing (usable entries found: {found}): {_SAVE}"
            )
    name = name or (Path(source).stem if isinstance(source, str | Path) else "your file")
    images, labels = entries["images"], entries["labels"]
    class_names = _class_names(entries["class_names"]) if "class_names" in entries else None
    if "n_train" not in entries:
        return from_images(images, labels, name, class_names)
    pixels = check_images(images)
    numbers, names = check_labels(labels, len(pixels), class_names)
    n_train = _n_train(entries["n_train"], len(pixels))
    return DataSet(
        name=name,
        title=name,
        train=Split(pixels[:n_train], numbers[:n_train]),
        test=Split(pixels[n_train:], numbers[n_train:]),
        class_names=names,
    )


def read_entries(source: str | Path | IO[bytes]) -> dict[str, NDArray[Any]]:
    """Return the entries that a data file may have and has, as read-only arrays.

    Raises:
        DataError: the file cannot be read, is not an archive, is damaged, is too large unpacked, or
            an entry is not a plain array.
    """
    try:
        with NpzReader(source) as archive:
            found = [entry for entry in _ENTRIES if entry in archive.sizes]
            total = sum(archive.sizes[entry] for entry in found)
            if total > MAX_BYTES:
                raise DataError(
                    f"the entries {', '.join(found)} take {total:,} bytes unpacked, expected at "
                    f"most {MAX_BYTES:,}: use fewer or smaller images, and uint8"
                )
            return {entry: archive.read(entry) for entry in found}
    except OSError as error:
        raise DataError(f"the file cannot be read ({error}): check its name") from error
    except NpzError as error:
        raise DataError(str(error)) from error


def _class_names(entry: NDArray[Any]) -> list[str]:
    if entry.ndim != 1 or entry.dtype.kind not in "US":
        raise DataError(
            f"class_names has shape {entry.shape} and type {entry.dtype}, expected (classes,) "
            "strings: save np.array(['cat', 'dog'])"
        )
    if entry.size > MAX_CLASSES:
        raise DataError(
            f"class_names holds {entry.size:,} names, expected at most {MAX_CLASSES:,}: leave it "
            "out to have the classes numbered"
        )
    return texts(entry, "class_names")


def _n_train(entry: NDArray[Any], n: int) -> int:
    if entry.dtype.kind not in "iu" or entry.size != 1:
        raise DataError(
            f"n_train has shape {entry.shape} and type {entry.dtype}, expected one whole number: "
            "save n_train=800"
        )
    value = int(entry.reshape(-1)[0])
    if not 1 <= value < n:
        raise DataError(
            f"n_train is {value}, expected 1 to {n - 1}, as there are {n} images and both splits "
            "need one: change it or leave it out"
        )
    return value

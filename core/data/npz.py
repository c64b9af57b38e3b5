"""The user's own data file, a NumPy .npz archive, read without trusting it."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.data.dataset import DataSet, Split
from core.data.images import check_images, from_images
from core.data.labels import MAX_CLASSES, check_labels, texts
from core.errors import DataError

# What the entries may take up unpacked; a few kilobytes of zip can claim to hold any amount.
MAX_BYTES = 2**28
_ENTRIES = ("images", "labels", "class_names", "n_train")
_SAVE = "save with np.savez_compressed(path, images=images, labels=labels)"


def load_npz(source: str | Path | IO[bytes], name: str = "") -> DataSet:
    """A data set from the user's own .npz file. Python objects in it are never unpickled.

    Entries:
        images: uint8 0 to 255 or floats 0 to 1; (N, H, W), (N, H, W, C) or (N, C, H, W) with C
            of 1, 3 or 4 (the fourth, transparency, is dropped).
        labels: (N,), whole numbers from 0 or names of classes.
        class_names: optional, (classes,) strings.
        n_train: optional. The first `n_train` rows train and the rest test; without it the rows
            are shuffled from a fixed seed and the last fifth tests.

    Args:
        source: a path, or a file opened in binary mode.
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
    """The entries of a data file that are there, as read-only arrays; others are passed over.

    Raises:
        DataError: the file cannot be read, is no archive, is damaged, is too large unpacked, or
            an entry is no plain array.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            found = set(archive.namelist())
            members = {e: archive.getinfo(f"{e}.npy") for e in _ENTRIES if f"{e}.npy" in found}
            total = sum(member.file_size for member in members.values())
            if total > MAX_BYTES:
                raise DataError(
                    f"the entries {', '.join(members)} take {total:,} bytes unpacked, expected at "
                    f"most {MAX_BYTES:,}: use fewer or smaller images, and uint8"
                )
            return {e: _parse(e, _unpack(archive, e, members[e])) for e in members}
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"the file cannot be read ({error}): check its name") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise DataError(
            f"the file is no .npz archive, or only a part of one ({error}): {_SAVE}"
        ) from error


def _unpack(archive: zipfile.ZipFile, entry: str, member: zipfile.ZipInfo) -> bytes:
    """The bytes of an entry, never more than its stated size, which has been checked."""
    try:
        with archive.open(member) as stream:
            data = stream.read(member.file_size) if member.file_size else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise DataError(f"the entry {entry!r} is damaged ({error}): save the file again") from error
    except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed another way
        raise DataError(f"the entry {entry!r} cannot be unpacked ({error}): {_SAVE}") from error
    if len(data) != member.file_size:
        raise DataError(
            f"the entry {entry!r} has {len(data):,} bytes, but the archive promises "
            f"{member.file_size:,}: save the file again"
        )
    return data


def _parse(entry: str, data: bytes) -> NDArray[Any]:
    """The array of an .npy file. NumPy's own reader would reserve what the header claims."""
    stream = io.BytesIO(data)
    try:
        version = npy.read_magic(stream)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, fortran_order, dtype = read(stream)
    except Exception as error:  # the header is Python text: what goes wrong has no bounds
        raise DataError(f"the entry {entry!r} has no readable header ({error}): {_SAVE}") from error
    if dtype.kind not in "biufcUS" or dtype.itemsize == 0:
        what = "Python objects" if dtype.hasobject else f"values of type {dtype}"
        raise DataError(
            f"the entry {entry!r} holds {what}, expected an array of numbers or of text: convert "
            "it with np.array(..., dtype=np.uint8), or dtype=str for text, and save again"
        )
    start, expected = stream.tell(), math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(data) - start != expected:
        raise DataError(
            f"the entry {entry!r} says shape {shape} of {dtype}, {expected:,} bytes, but holds "
            f"{len(data) - start:,}: save the file again"
        )
    try:
        array = np.frombuffer(data, dtype, offset=start)
        return array.reshape(shape, order="F" if fortran_order else "C")
    except ValueError as error:  # an axis or a rank beyond NumPy's
        raise DataError(f"the entry {entry!r} has no possible shape ({error}): {_SAVE}") from error


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

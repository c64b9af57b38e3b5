"""A person's own data: an `.npz`, or pictures whose file names say their class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet, from_images, load_npz
from core.errors import DataError

# Larger pictures would train too slowly to be watched; they are made this size.
LARGEST = 32
# What all files together may take, before and after pictures are decoded.
MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class ChosenFile:
    """A file that a person chose, as the browser has read it.

    Attributes:
        name: its name, without folders.
        size: how many bytes it has, read or not.
        width: of a picture, in pixels of 4 bytes (RGBA), row by row.
        height: likewise.
        scaled: whether the picture was of another size.
        broken: whether it could not be read.
    """

    name: str
    size: int
    width: int = 0
    height: int = 0
    scaled: bool = False
    broken: bool = False


def read_upload(files: Sequence[ChosenFile], content: bytes) -> tuple[DataSet, str]:
    """Make a data set of the files that a person chose.

    Args:
        files: one `.npz` (see `core.data.load_npz`), or pictures named after their class, such as
            `cat-01.png`.
        content: the bytes of all files, in their order.

    Returns:
        The data set, and what was changed on the way, if anything.

    Raises:
        DataError: the files cannot be used.
    """
    if not files:
        raise DataError("no file was chosen; choose one .npz file or some images")
    archives = [file for file in files if file.name.lower().endswith(".npz")]
    if archives and len(files) > 1:
        raise DataError("choose either one .npz file or images, not both")
    total = sum(file.size for file in files)
    if total > MAX_BYTES:
        raise DataError(
            f"the {len(files)} chosen files take {total / 1e6:.1f} MB, expected at most "
            f"{MAX_BYTES / 1e6:.0f} MB in all; choose fewer or smaller ones"
        )
    if archives:
        if archives[0].broken:
            raise DataError(f"the file {archives[0].name} cannot be read; choose it again")
        _check_whole(total, content)
        return load_npz(BytesIO(content), PurePath(archives[0].name).stem), ""
    labels = [_label(file) for file in files]
    _check_whole(total, content)
    note = f"The images were scaled to {LARGEST}×{LARGEST}." if files[0].scaled else ""
    return from_images(_pictures(files, content), labels, rng=np.random.default_rng(0)), note


def _label(file: ChosenFile) -> str:
    """Return the class that a picture's name begins with."""
    match = re.match(r"[^\W\d_]+", PurePath(file.name).stem)
    if not match:
        raise DataError(
            f"the file {file.name} does not begin with its class; name it like cat-01.png"
        )
    if file.broken:
        raise DataError(
            f"the file {file.name} is no image that can be read; save it as PNG or JPEG, or leave "
            "it out"
        )
    return match[0].lower()


def _pictures(files: Sequence[ChosenFile], content: bytes) -> list[NDArray[np.uint8]]:
    """Return the pictures as (H, W, 4)."""
    pictures, at = [], 0
    for file in files:
        pixels = np.frombuffer(content, np.uint8, file.size, at)
        pictures.append(pixels.reshape(file.height, file.width, 4))
        at += file.size
    return pictures


def _check_whole(total: int, content: bytes) -> None:
    if len(content) != total:
        raise DataError(
            f"{len(content):,} of {total:,} bytes of the chosen files arrived; choose them again"
        )

"""A person's own data: an `.npz`, or images whose file names say their class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet, from_images, load_npz
from core.errors import DataError

# Larger images would train too slowly to be watched; they are made this size.
LARGEST = 32


def read_upload(files: Mapping[str, bytes]) -> tuple[DataSet, str]:
    """Make a data set of the files that a person chose.

    Args:
        files: content by name: one `.npz` (see `core.data.load_npz`), or images named after their
            class, such as `cat-01.png`.

    Returns:
        The data set, and what was changed on the way, if anything.

    Raises:
        DataError: the files cannot be used.
    """
    archives = [name for name in files if name.lower().endswith(".npz")]
    if archives and len(files) > 1:
        raise DataError("choose either one .npz file or images, not both")
    if archives:
        return load_npz(BytesIO(files[archives[0]]), PurePath(archives[0]).stem), ""
    if not files:
        raise DataError("no file was chosen; choose one .npz file or some images")
    return _from_image_files(files)


def _from_image_files(files: Mapping[str, bytes]) -> tuple[DataSet, str]:
    # Not at the top: the browser's Python may come without it.
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    pictures, labels = [], []
    for name, content in files.items():
        match = re.match(r"[^\W\d_]+", PurePath(name).stem)
        if not match:
            raise DataError(f"{name} does not begin with its class; name it like cat-01.png")
        labels.append(match[0].lower())
        try:
            pictures.append(Image.open(BytesIO(content)).convert("RGB"))
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
            raise DataError(f"{name} is no image that can be read: {error}") from error
    note = ""
    sizes = {picture.size for picture in pictures}
    if len(sizes) > 1 or max(max(size) for size in sizes) > LARGEST:
        note = f"The images were scaled to {LARGEST}×{LARGEST}."
        pictures = [picture.resize((LARGEST, LARGEST)) for picture in pictures]
    arrays: list[NDArray[np.uint8]] = [np.asarray(picture) for picture in pictures]
    return from_images(arrays, labels, rng=np.random.default_rng(0)), note

"""A person's own data: files of images and labels, or pictures whose names say their class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.data.collect import Room, collecting
from core.data.collection import Collection
from core.data.file_names import Filed, classes_of
from core.data.readers.found import DataFile, Found, Labelled
from core.data.readers.read import reading_files
from core.data.steps import Steps, finished
from core.errors import DataError, counted, listed

# Larger pictures would train too slowly to be watched; they are made this size.
LARGEST = 32
# Pixels of a side of a single picture.
LARGEST_ALONE = 256
# What all files together may take, before and after pictures are decoded.
MAX_BYTES = 50_000_000
# And what is packed in them.
MAX_UNPACKED = 100_000_000
# Numbers of all images of a data set: 64 MB.
ROOM = Room(side=LARGEST, values=2**24, may_leave_out=True)
# Endings of files that a browser decodes, and of others with one word in common: a picture.
PICTURES = (
    *(".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".webp", ".avif", ".svg"),
    *(".tif", ".tiff", ".heic", ".heif", ".ico"),
)
# So many files are named in a message.
_MOST_NAMED = 3


@dataclass(frozen=True)
class ChosenFile:
    """A file that a person chose, as the browser has read it.

    Attributes:
        name: its name, with the folders in which it was chosen.
        size: how many bytes it has, read or not.
        width: of a picture, in pixels of 4 bytes (RGBA), row by row.
        height: likewise.
        scaled: whether the picture was of another size.
        broken: whether it could not be read.
        passed_over: whether it lies in a folder of pictures and is none.
    """

    name: str
    size: int
    width: int = 0
    height: int = 0
    scaled: bool = False
    broken: bool = False
    passed_over: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, or was to be one."""
        return bool(self.width) or self.name.lower().endswith(PICTURES)


@dataclass(frozen=True, eq=False)
class Picture:
    """A single picture: a question rather than a data set.

    Attributes:
        name: of its file.
        pixels: uint8 (H, W, 4), red, green, blue and opacity.
    """

    name: str
    pixels: NDArray[np.uint8]


def read_upload(files: Sequence[ChosenFile], content: bytes) -> Collection | Picture:
    """Return what a person's files hold: images of several classes, or a single picture.

    Args:
        files: pictures named after their class, such as `cat-01.png`, or in a folder for each; or
            files of images with labels, see `core.data.load_files`.
        content: the bytes of all files, in their order.

    Raises:
        DataError: the files cannot be used; the message says why and what to do.
    """
    return finished(reading_upload(files, content))


def reading_upload(files: Sequence[ChosenFile], content: bytes) -> Steps[Collection | Picture]:
    """Do what `read_upload` does, step by step."""
    passed_over = [file.name for file in files if file.passed_over]
    files = [file for file in files if not file.passed_over]
    if not files:
        raise DataError("no file was chosen; choose one .npz file or some images")
    pictures = [file.is_picture for file in files]
    if any(pictures) and not all(pictures):
        raise DataError(
            f"choose either data, such as one .npz file, or images, not both: "
            f"{files[pictures.index(False)].name} is no image"
        )
    total = sum(file.size for file in files)
    if total > MAX_BYTES:
        raise DataError(
            f"the {len(files)} chosen files take {total / 1e6:.1f} MB, expected at most "
            f"{MAX_BYTES / 1e6:.0f} MB in all; choose fewer or smaller ones"
        )
    if not all(pictures):
        return (yield from _reading_data(files, content, total))
    broken = next((file for file in files if file.broken), None)
    if len(files) == 1 and not broken:
        _check_whole(total, content)
        return Picture(files[0].name, _pixels(files, content)[0])
    filed = classes_of([file.name for file in files])
    _check_names(files, filed)
    if broken:
        raise DataError(
            f"the file {broken.name} is no image that can be read; save it as PNG or JPEG, or "
            "leave it out"
        )
    _check_whole(total, content)
    found = _labelled(files, filed, content, passed_over)
    return (yield from collecting(found, _title(files), ROOM))


def _reading_data(files: Sequence[ChosenFile], content: bytes, total: int) -> Steps[Collection]:
    broken = next((file for file in files if file.broken), None)
    if broken:
        raise DataError(f"the file {broken.name} cannot be read; choose it again")
    _check_whole(total, content)
    read, at = list[DataFile](), 0
    for file in files:
        read.append(DataFile(file.name, content[at : at + file.size]))
        at += file.size
    found = yield from reading_files(read, MAX_UNPACKED)
    return (yield from collecting(found, _title(files, "your data"), ROOM))


def _title(files: Sequence[ChosenFile], otherwise: str = "your images") -> str:
    """Return the name of the only file, or of the folder that all files lie in."""
    paths = [PurePosixPath(file.name) for file in files]
    if len(paths) == 1:
        return paths[0].stem
    roots = {path.parts[0] if len(path.parts) > 1 else "" for path in paths}
    return (roots.pop() or otherwise) if len(roots) == 1 else otherwise


def _check_names(files: Sequence[ChosenFile], filed: Sequence[Filed]) -> None:
    nameless = [file.name for file, said in zip(files, filed, strict=True) if not said.label]
    if nameless:
        others = len(nameless) - 1
        verb = "does" if others == 1 else "do"
        more = f" (nor {verb} {counted(others, 'other')})" if others else ""
        raise DataError(
            f"the file {nameless[0]} does not begin with its class{more}; name it like cat-01.png, "
            "or put the images of each class in a folder and choose the folder above them"
        )


def _labelled(
    files: Sequence[ChosenFile],
    filed: Sequence[Filed],
    content: bytes,
    passed_over: Sequence[str],
) -> Found:
    pixels = _without_colour(np.stack(_pixels(files, content)))
    labels, tests = np.array([said.label for said in filed]), np.array([f.tests for f in filed])

    def part(rows: slice | NDArray[np.bool_]) -> Labelled:
        # The shape alone does not tell the channels from a side of as many pixels.
        return Labelled(pixels[rows], labels[rows], axes="NHWC")

    notes = [f"The images were scaled to {LARGEST}×{LARGEST}."] if files[0].scaled else []
    if passed_over:
        notes.append(f"What is no image was left out: {listed(passed_over, _MOST_NAMED)}.")
    if tests.all() or not tests.any():
        return Found((part(slice(None)),), notes=tuple(notes))
    return Found((part(~tests),), (part(tests),), notes=tuple(notes))


def _pixels(files: Sequence[ChosenFile], content: bytes) -> list[NDArray[np.uint8]]:
    """Return the pictures as (H, W, 4)."""
    pictures, at = [], 0
    for file in files:
        if file.size != 4 * file.width * file.height:
            raise DataError(f"the file {file.name} did not arrive as an image; choose it again")
        pixels = np.frombuffer(content, np.uint8, file.size, at)
        pictures.append(pixels.reshape(file.height, file.width, 4))
        at += file.size
    if any(picture.shape != pictures[0].shape for picture in pictures):
        raise DataError("the images arrived in several sizes; choose them again")
    return pictures


def _without_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pictures (N, H, W, 4) as (N, H, W) if all are grey: browsers make colours of them."""
    grey, opacity = pixels[..., :1], pixels[..., 3]
    is_grey = bool((pixels[..., 1:3] == grey).all() and (opacity == 255).all())
    return grey[..., 0] if is_grey else pixels


def _check_whole(total: int, content: bytes) -> None:
    if len(content) != total:
        raise DataError(
            f"{len(content):,} of {total:,} bytes of the chosen files arrived; choose them again"
        )

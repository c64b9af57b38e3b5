"""Writes `.npz` files of plain arrays and reads them without trusting them."""

from __future__ import annotations

import io
import math
import zipfile
from collections import Counter
from collections.abc import Mapping
from os import PathLike
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.io.files import File, FileError, Opened, first_bytes, name_of, with_ending, write_whole
from core.io.state import pickles

ENDING = ".npz"
# More than the header of a plain array takes.
_HEADER_BYTES = 4096
_SAVE = "save it again with np.savez_compressed"
# What a zip file holds of a comment.
_MOST_COMMENT_BYTES = 65_535
# Stands in what torch.save writes, near the beginning.
_TORCH_PICKLE = b"/data.pkl"
# Shape, whether in Fortran's order, and type of an array.
_Header = tuple[tuple[int, ...], bool, np.dtype[Any]]


class NpzError(FileError):
    """A file is not an archive of plain arrays, or is damaged."""


def write_npz(file: File, arrays: Mapping[str, NDArray[Any]], comment: str = "") -> None:
    """Write arrays as an uncompressed `.npz` file without pickle.

    `np.savez(..., allow_pickle=False)` is not used: NumPy 2.0 to 2.2 would store the argument as an
    entry of that name. The same arrays give the same bytes.

    Args:
        file: a path, to which `.npz` is appended where it is missing, or a file opened for writing
            in binary mode.
        arrays: the entries by name.
        comment: text that readers of arrays do not see, up to 65,535 bytes in UTF-8.

    Raises:
        ValueError: an array holds Python objects, or the comment is too long.
        OSError: the file cannot be written.
    """
    said = comment.encode()
    if len(said) > _MOST_COMMENT_BYTES:
        raise ValueError(
            f"the comment takes {len(said):,} bytes; expected at most {_MOST_COMMENT_BYTES:,}"
        )
    write_whole(file, ENDING, lambda stream: _write(stream, arrays, said))


class NpzReader(Opened):
    """An open `.npz` file. An entry's stated size is known before anything is unpacked.

    Args:
        source: a path or a file opened for reading in binary mode. If a file of this name with
            `.npz` appended exists, it is read, because `write_npz` appends the ending.

    Attributes:
        sizes: how many bytes each entry takes unpacked, by name without `.npy`. An entry
            `allow_pickle` is left out: NumPy 2.0 to 2.2 store this argument of `np.savez` so.
        comment: see `write_npz`; empty if there is none.

    Raises:
        NpzError: the file is not an archive, or has two entries of one name.
        OSError: the file cannot be opened.
    """

    def __init__(self, source: File) -> None:
        if isinstance(source, str | PathLike) and with_ending(source, ENDING).is_file():
            source = with_ending(source, ENDING)
        head = first_bytes(source, _HEADER_BYTES)
        try:
            self._zip = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            if _TORCH_PICKLE in head:
                said = f"the file was written by torch.save and is {pickles.DAMAGED}"
                raise NpzError(pickles.to_npz(said, name_of(source))) from error
            raise NpzError(f"the file is no whole .npz archive ({error}): {_SAVE}") from error
        if any(info.filename.endswith(_TORCH_PICKLE.decode()) for info in self._zip.infolist()):
            self._zip.close()
            said = f"the file was written by torch.save: {pickles.PICKLE}"
            raise NpzError(pickles.to_npz(said, name_of(source)))
        members = [(info.filename.removesuffix(".npy"), info) for info in self._zip.infolist()]
        twice = [name for name, times in Counter(name for name, _ in members).items() if times > 1]
        if twice:
            self._zip.close()
            raise NpzError(f"{twice[0]} is there more than once: {_SAVE}")
        self._members = dict(members)
        self.comment = self._zip.comment.decode("utf-8", "replace")
        self.sizes = {name: info.file_size for name, info in members if name != "allow_pickle"}

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()

    def read(self, name: str) -> NDArray[Any]:
        """Return the entry `name`, a read-only array of numbers or text.

        Raises:
            NpzError: the entry is damaged or not a plain array; Python objects are never
                unpickled.
        """
        return parse_npy(name, self._unpack(name))

    def shape(self, name: str) -> tuple[int, ...] | None:
        """Return the shape that an entry states, without unpacking it; None if it states none."""
        stated = self._stated(name)
        return None if stated is None else stated[0]

    def dtype(self, name: str) -> np.dtype[Any] | None:
        """Return the type that an entry states, without unpacking it; None if it states none."""
        stated = self._stated(name)
        return None if stated is None else stated[2]

    def _stated(self, name: str) -> _Header | None:
        """Return what the header of an entry says, of which only the beginning is unpacked."""
        try:
            with self._zip.open(self._members[name]) as stream:
                return _header(io.BytesIO(stream.read(_HEADER_BYTES)))
        except Exception:  # damaged in whatever way
            return None

    def _unpack(self, name: str) -> bytes:
        """Return the bytes of an entry, never more than its stated size."""
        size = self.sizes[name]
        try:
            with self._zip.open(self._members[name]) as stream:
                data = stream.read(size) if size else b""
        except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed another way
            raise NpzError(f"{name} cannot be unpacked ({error}): {_SAVE}") from error
        except Exception as error:  # each way of packing has errors of its own
            raise NpzError(f"{name} is damaged ({error}): {_SAVE}") from error
        if len(data) != size:
            raise NpzError(
                f"{name} has {len(data):,} bytes, but the archive promises {size:,}: {_SAVE}"
            )
        return data


def _write(target: IO[bytes], arrays: Mapping[str, NDArray[Any]], comment: bytes) -> None:
    with zipfile.ZipFile(target, "w") as packed:
        packed.comment = comment
        for name, array in arrays.items():
            with packed.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as stream:
                npy.write_array(stream, np.asarray(array), allow_pickle=False)


def _header(stream: IO[bytes]) -> _Header:
    """Read what stands at the start of an .npy file."""
    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
    return read(stream)


def parse_npy(name: str, data: bytes) -> NDArray[Any]:
    """Return the array of an .npy file; NumPy's own reader allocates whatever the header claims.

    Raises:
        NpzError: it is damaged or no plain array; Python objects are never unpickled.
    """
    stream = io.BytesIO(data)
    try:
        shape, fortran_order, dtype = _header(stream)
    except Exception as error:  # the header is Python text: what goes wrong has no bounds
        raise NpzError(f"{name} has no readable header ({error}): {_SAVE}") from error
    if dtype.kind not in "biufcUS" or dtype.itemsize == 0:
        what = "Python objects" if dtype.hasobject else f"values of type {dtype}"
        raise NpzError(
            f"{name} holds {what}, expected an array of numbers or of text: convert "
            "it with np.array(..., dtype=np.uint8), or dtype=str for text, and save again"
        )
    start, expected = stream.tell(), math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(data) - start != expected:
        raise NpzError(
            f"{name} says shape {shape} of {dtype}, {expected:,} bytes, but holds "
            f"{len(data) - start:,}: {_SAVE}"
        )
    try:
        array = np.frombuffer(data, dtype, offset=start)
        return array.reshape(shape, order="F" if fortran_order else "C")
    except ValueError as error:  # an axis or a rank beyond NumPy's
        raise NpzError(f"{name} has no possible shape ({error}): {_SAVE}") from error

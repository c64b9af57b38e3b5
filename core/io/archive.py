"""Arrays from an `.npz` file, read without trusting it."""

from __future__ import annotations

import io
import math
import zipfile
from collections import Counter
from os import PathLike
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

_SAVE = "save it again with np.savez_compressed"


class ArchiveError(ValueError):
    """A file is no archive of plain arrays, or is damaged."""


class Archive:
    """An open `.npz` file. Nothing is unpacked, or reserved, before its stated size was seen.

    Attributes:
        sizes: how many bytes each entry takes unpacked, by name without `.npy`.

    Raises:
        ArchiveError: the file is no archive, or has two entries of one name.
        OSError: the file cannot be opened.
    """

    def __init__(self, source: str | PathLike[str] | IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise ArchiveError(f"the file is no whole .npz archive ({error}): {_SAVE}") from error
        members = [(info.filename.removesuffix(".npy"), info) for info in self._zip.infolist()]
        twice = [name for name, times in Counter(name for name, _ in members).items() if times > 1]
        if twice:
            self._zip.close()
            raise ArchiveError(f"{twice[0]} is there more than once: {_SAVE}")
        self._members = dict(members)
        self.sizes = {name: info.file_size for name, info in members}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def read(self, name: str) -> NDArray[Any]:
        """Return the entry `name`, a read-only array of numbers or text.

        Raises:
            ArchiveError: the entry is damaged, or no plain array; Python objects are never
                unpickled.
        """
        return _parse(name, self._unpack(name))

    def _unpack(self, name: str) -> bytes:
        """The bytes of an entry, never more than its stated size."""
        size = self.sizes[name]
        try:
            with self._zip.open(self._members[name]) as stream:
                data = stream.read(size) if size else b""
        except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed another way
            raise ArchiveError(f"{name} cannot be unpacked ({error}): {_SAVE}") from error
        except Exception as error:  # each way of packing has errors of its own
            raise ArchiveError(f"{name} is damaged ({error}): {_SAVE}") from error
        if len(data) != size:
            raise ArchiveError(
                f"{name} has {len(data):,} bytes, but the archive promises {size:,}: {_SAVE}"
            )
        return data


def _parse(name: str, data: bytes) -> NDArray[Any]:
    """The array of an .npy file. NumPy's own reader would reserve what the header claims."""
    stream = io.BytesIO(data)
    try:
        version = npy.read_magic(stream)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, fortran_order, dtype = read(stream)
    except Exception as error:  # the header is Python text: what goes wrong has no bounds
        raise ArchiveError(f"{name} has no readable header ({error}): {_SAVE}") from error
    if dtype.kind not in "biufcUS" or dtype.itemsize == 0:
        what = "Python objects" if dtype.hasobject else f"values of type {dtype}"
        raise ArchiveError(
            f"{name} holds {what}, expected an array of numbers or of text: convert "
            "it with np.array(..., dtype=np.uint8), or dtype=str for text, and save again"
        )
    start, expected = stream.tell(), math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(data) - start != expected:
        raise ArchiveError(
            f"{name} says shape {shape} of {dtype}, {expected:,} bytes, but holds "
            f"{len(data) - start:,}: {_SAVE}"
        )
    try:
        array = np.frombuffer(data, dtype, offset=start)
        return array.reshape(shape, order="F" if fortran_order else "C")
    except ValueError as error:  # an axis or a rank beyond NumPy's
        raise ArchiveError(f"{name} has no possible shape ({error}): {_SAVE}") from error

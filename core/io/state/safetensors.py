"""Writes `.safetensors` files and reads them without trusting them.

The format: 8 bytes with the length of the header (little-endian), the header as JSON, then the
numbers of all arrays without gaps. The header has for each array `dtype`, `shape` and
`data_offsets`, and may have texts under `__metadata__`
(https://huggingface.co/docs/safetensors).

The reader is our own, not the package `safetensors`, because `core` needs nothing but NumPy; in a
browser the package, which is compiled, would have to be brought along besides. The format is small
enough: most lines here are checks. The tests read what the package writes, and let it read what is
written here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.io.files import File, FileError, Opened, write_whole
from core.io.heads import LENGTH_BYTES

ENDING = ".safetensors"
# Of the header, which holds about 100 bytes for each array.
MOST_HEADER_BYTES = 2_000_000
# NumPy knows no more.
_MOST_AXES = 64
_METADATA = "__metadata__"
_COMMENT = "comment"
_SAVE = "save it again with safetensors.numpy.save_file"
# What NumPy calls each dtype. It has no bfloat16: the upper half of a float32.
_DTYPES = {
    "BOOL": "|b1", "U8": "|u1", "I8": "|i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
    "U64": "<u8", "I64": "<i8", "F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8",
    "C64": "<c8",
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in _DTYPES.items() if name != "BF16"}


class SafetensorsError(FileError):
    """A file is not in the format, or is damaged."""


def write_safetensors(file: File, arrays: Mapping[str, NDArray[Any]], comment: str = "") -> None:
    """Write arrays of numbers as a `.safetensors` file. The same arrays give the same bytes.

    Args:
        file: a path, to which `.safetensors` is appended where it is missing, or a file opened for
            writing in binary mode.
        arrays: by name; the header lists them in this order.
        comment: kept beside them, under `__metadata__`.

    Raises:
        ValueError: the format has no such dtype, or no such name.
        OSError: the file cannot be written.
    """
    told = {_COMMENT: comment} if comment else {}
    header: dict[str, Any] = {_METADATA: {"format": "pt"} | told}
    packed = {name: _packed(name, np.asarray(array)) for name, array in arrays.items()}
    if _METADATA in packed:
        raise ValueError(f"an array is called {_METADATA}, which the format keeps for itself")
    # The wider ones first, so that each begins at a multiple of its size.
    order = sorted(packed, key=lambda name: -packed[name].itemsize)
    offsets, at = dict[str, list[int]](), 0
    for name in order:
        offsets[name], at = [at, at + packed[name].nbytes], at + packed[name].nbytes
    for name, array in packed.items():
        header[name] = {
            "dtype": _NAMES[array.dtype.str],
            "shape": list(array.shape),
            "data_offsets": offsets[name],
        }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % LENGTH_BYTES)

    def write(stream: IO[bytes]) -> None:
        stream.write(len(text).to_bytes(LENGTH_BYTES, "little") + text)
        for name in order:
            stream.write(packed[name].tobytes())

    write_whole(file, ENDING, write)


class SafetensorsReader(Opened):
    """An open `.safetensors` file. Its header is checked as a whole before any number is read.

    Args:
        source: a path or a file opened for reading in binary mode.

    Attributes:
        sizes: how many bytes each array takes, by name, in the order of the header.
        comment: see `write_safetensors`; empty if there is none.

    Raises:
        SafetensorsError: the file is not in the format: the header is no such JSON, an array's size
            is not what dtype and shape make, or arrays overlap, leave a gap, or lie outside.
        OSError: the file cannot be opened.
    """

    def __init__(self, source: File) -> None:
        self._is_ours = isinstance(source, str | PathLike)
        if isinstance(source, str | PathLike):
            source = Path(source).open("rb")  # noqa: SIM115  closed by `close`
        self._stream = source
        try:
            self._start, self._infos, self.comment = _read_header(self._stream)
        except BaseException:
            self.close()
            raise
        self.sizes = {name: info.stop - info.start for name, info in self._infos.items()}

    def close(self) -> None:
        """Close the file, if it was given as a path."""
        if self._is_ours:
            self._stream.close()

    def read(self, name: str) -> NDArray[Any]:
        """Return an array, read-only; bfloat16 as float32, which holds the same numbers.

        Raises:
            SafetensorsError: NumPy knows no such shape, or a byte of a bool is neither 0 nor 1.
        """
        info = self._infos[name]
        self._stream.seek(self._start + info.start)
        data = self._stream.read(info.stop - info.start)
        if len(data) != info.stop - info.start:
            raise SafetensorsError(f"{name} is cut off: {_SAVE}")
        array: NDArray[Any] = np.frombuffer(data, _DTYPES[info.dtype])
        if info.dtype == "BF16":
            array = (array.astype("<u4") << 16).view("<f4")
        if info.dtype == "BOOL" and (array.view("u1") > 1).any():
            raise SafetensorsError(f"{name} holds bytes that are neither true nor false: {_SAVE}")
        try:
            array = array.reshape(info.shape)
        except ValueError as error:  # an axis or a rank beyond NumPy's
            raise SafetensorsError(f"{name} has no possible shape ({error}): {_SAVE}") from error
        array.setflags(write=False)
        return array

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an array without reading its numbers."""
        return self._infos[name].shape

    def dtype(self, name: str) -> np.dtype[Any]:
        """Return the type that `read` returns an array in, without reading its numbers."""
        stated = self._infos[name].dtype
        return np.dtype("<f4" if stated == "BF16" else _DTYPES[stated])


class _Info(NamedTuple):
    """What the header says of an array: `start` to `stop` are bytes behind the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def _info(name: str, entry: dict[str, Any]) -> _Info:
    """Return what an entry of the header says, checked by itself."""
    try:
        info = _parsed(entry)
    except Exception as error:  # text from elsewhere: what goes wrong has no bounds
        raise SafetensorsError(
            f"the header describes {name[:80]} wrongly ({_reason(error)}): {_SAVE}"
        ) from error
    if info.dtype not in _DTYPES:
        raise SafetensorsError(
            f"{name} is of dtype {info.dtype[:20]!r}, which NumPy cannot hold: convert it to "
            f"float32; known are {', '.join(_DTYPES)}"
        )
    size = math.prod(info.shape) * np.dtype(_DTYPES[info.dtype]).itemsize
    if info.stop - info.start != size:
        raise SafetensorsError(
            f"{name} says shape {info.shape} of {info.dtype}, {size:,} bytes, but takes "
            f"{info.stop - info.start:,}: {_SAVE}"
        )
    return info


def _parsed(entry: dict[str, Any]) -> _Info:
    start, stop = entry["data_offsets"]
    info = _Info(str(entry["dtype"]), tuple(entry["shape"]), start, stop)
    if len(info.shape) > _MOST_AXES:
        raise ValueError(f"{len(info.shape)} axes")
    if not all(type(n) is int and 0 <= n < 2**63 for n in (*info.shape, start, stop)):
        raise ValueError("a size or place is no whole number from 0 to 2^63")
    return info


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _read_header(stream: IO[bytes]) -> tuple[int, dict[str, _Info], str]:
    """Return where the numbers begin, what the header says of each array, and its comment."""
    begin = stream.tell()
    length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
    start = begin + LENGTH_BYTES + length
    end = stream.seek(0, 2)
    if not 2 <= length <= end - begin - LENGTH_BYTES:
        raise SafetensorsError(
            f"the file is no whole .safetensors file (its header of {length:,} bytes is not in "
            f"it): {_SAVE}"
        )
    if length > MOST_HEADER_BYTES:
        raise SafetensorsError(
            f"the header takes {length:,} bytes; expected at most {MOST_HEADER_BYTES:,}"
        )
    stream.seek(begin + LENGTH_BYTES)
    try:
        header = json.loads(stream.read(length).decode(), object_pairs_hook=_without_doubles)
        metadata = header.pop(_METADATA, None)
        entries = list(header.items())
    except Exception as error:  # as above
        raise SafetensorsError(
            f"the header is no JSON that describes arrays ({_reason(error)}): {_SAVE}"
        ) from error
    infos = {name: _info(name, entry) for name, entry in entries}
    at = 0
    for name, info in sorted(infos.items(), key=lambda item: (item[1].start, item[1].stop)):
        if info.start != at:
            raise SafetensorsError(
                f"{name} begins at byte {info.start:,}, but what lies before it ends at {at:,}: "
                f"{_SAVE}"
            )
        at = info.stop
    if at != end - start:
        raise SafetensorsError(
            f"the arrays take {at:,} bytes, but the file has {max(0, end - start):,} for them: "
            f"{_SAVE}"
        )
    comment = metadata.get(_COMMENT) if isinstance(metadata, dict) else None
    return start, infos, comment if isinstance(comment, str) else ""


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there more than once")
    return found


def _packed(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Return an array as the format holds it: little-endian, row by row."""
    if array.dtype.newbyteorder("<").str not in _NAMES:
        raise ValueError(
            f"{name} is of dtype {array.dtype}, which .safetensors cannot hold; expected one of "
            f"{', '.join(_NAMES)}"
        )
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)

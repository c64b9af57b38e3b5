"""Files of arrays by name, of either kind: `.npz` and `.safetensors`, told apart by content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from core.errors import StateError
from core.io import heads, npz
from core.io.files import File, FileError, first_bytes, name_of, with_ending
from core.io.state import pickles, safetensors

FROM_KERAS = (
    "write them there with np.savez('weights.npz', **{w.path: w.numpy() for w in model.weights}), "
    "kernels transposed by array.transpose(3, 2, 0, 1)"
)
_WANTED = "expected an .npz or .safetensors file with the weights of a network"
# What to do about files that are something else; of others only what they are is said.
_ADVICE: Mapping[str, str] = {
    "hdf5": f"in HDF5, as Keras saves weights: {FROM_KERAS}",
    "npy": "a single array of NumPy (.npy), without the name that says of which layer it is: "
    "save all arrays by name with np.savez('weights.npz', **{'0.weight': array, …})",
    "gzip": "packed by gzip: unpack it first",
    **dict.fromkeys(
        ("folder", "packed"), "packed: unpack it, and choose the file of weights in it"
    ),
}


class ArrayReader(Protocol):
    """An open file of arrays, whose sizes, shapes and types are known before they are read."""

    sizes: dict[str, int]
    comment: str

    def __enter__(self) -> Self: ...
    def __exit__(self, *args: Any) -> None: ...
    def read(self, name: str) -> NDArray[Any]:
        """Return an array."""

    def shape(self, name: str) -> tuple[int, ...] | None:
        """Return the shape that the file states for an array; None if it states none."""

    def dtype(self, name: str) -> np.dtype[Any] | None:
        """Return the type that the file states for an array; None if it states none."""


@dataclass(frozen=True)
class Kind:
    """A kind of files.

    Attributes:
        ending: of their names.
        read: opens one.
        write: writes arrays by name, and a comment.
    """

    ending: str
    read: Callable[[File], ArrayReader]
    write: Callable[[File, Mapping[str, NDArray[Any]], str], None]


KINDS = {
    "npz": Kind(npz.ENDING, npz.NpzReader, npz.write_npz),
    "safetensors": Kind(
        safetensors.ENDING, safetensors.SafetensorsReader, safetensors.write_safetensors
    ),
}


def write_state(
    file: File, arrays: Mapping[str, NDArray[Any]], kind: str = "", comment: str = ""
) -> None:
    """Write arrays by name, without pickle.

        write_state("weights.safetensors", model.state_dict())

    Args:
        file: a path, to which the ending of its kind is appended where it is missing, or a file
            that is open for writing in binary mode.
        arrays: by name.
        kind: "npz" or "safetensors"; by default what a path ends with, otherwise "npz".
        comment: text beside the arrays, which `read_with_comment` returns, and other programs pass
            over.

    Raises:
        ValueError: there is no such kind, or it cannot hold an array or the comment.
        OSError: the file cannot be written.
    """
    if not kind:
        path = fspath(file) if isinstance(file, str | PathLike) else ""
        kind = next((name for name, one in KINDS.items() if path.endswith(one.ending)), "npz")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; expected one of {', '.join(KINDS)}")
    KINDS[kind].write(file, arrays, comment)


def read_state(file: File, most_bytes: int | None = None) -> dict[str, NDArray[Any]]:
    """Read all arrays of a file; see `read_with_comment`.

    Returns:
        The arrays by name, in the order of the file.
    """
    return read_with_comment(file, most_bytes)[0]


def read_with_comment(
    file: File, most_bytes: int | None = None
) -> tuple[dict[str, NDArray[Any]], str]:
    """Read all arrays of a file, whose kind follows from its content, not from its name.

    Args:
        file: a path, with or without `.npz`, or a file that is open for reading in binary mode.
        most_bytes: how many bytes all arrays together may take; any number if None.

    Returns:
        The arrays by name, in the order of the file; and the text beside them, empty if there is
        none.

    Raises:
        StateError: the file is of another kind, damaged, or larger; Python objects are never
            unpickled.
        OSError: the file cannot be opened.
    """
    try:
        with open_state(file) as archive:
            total = sum(archive.sizes.values())
            if most_bytes is not None and total > most_bytes:
                raise StateError(
                    f"the arrays of the file take {total:,} bytes; at most {most_bytes:,} are read "
                    "here: save the weights alone, without other arrays"
                )
            return {name: archive.read(name) for name in archive.sizes}, archive.comment
    except FileError as error:
        raise StateError(str(error)) from error


def open_state(file: File) -> ArrayReader:
    """Open a file of arrays; see `read_state`.

    Raises:
        FileError: it is of another kind, or damaged.
        OSError: it cannot be opened.
    """
    if isinstance(file, str | PathLike) and with_ending(file, npz.ENDING).is_file():
        file = with_ending(file, npz.ENDING)
    head = heads.head_of(first_bytes(file, heads.HEAD_BYTES))
    if head is None or head.sort == "zip":
        return npz.NpzReader(file)
    if head.sort == "safetensors":
        return safetensors.SafetensorsReader(file)
    if head.sort == "pickle":
        raise FileError(pickles.to_npz(f"the file is {pickles.PICKLE}", name_of(file)))
    advice = _ADVICE.get(head.sort, f"{head.words}, not weights: {_WANTED}")
    raise FileError(f"the file is {advice}")

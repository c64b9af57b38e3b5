"""Reads files of whatever kind, which their content tells: an ending may be missing or wrong."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.data.readers.archive import MAX_BYTES
from core.data.readers.cifar import is_cifar, read_cifar
from core.data.readers.found import DataFile, Found
from core.data.readers.idx import is_idx, read_idx
from core.data.readers.others import KINDS, refusal
from core.data.readers.single import is_of_arrays, read_arrays
from core.data.steps import Step, Steps, finished
from core.data.tables.table import is_table, read_tables
from core.errors import DataError
from core.io.heads import HEAD_BYTES, head_of

# Endings of files that are read.
ENDINGS = (".npz", ".npy", ".csv", ".tsv", "-ubyte", ".idx", ".bin", ".gz")
# Endings that say that a file is none of text.
_NOT_TEXT = (".npz", ".npy", ".safetensors", ".bin", ".pkl", ".h5", ".hdf5", ".mat", ".parquet")


Reader = Callable[[Sequence[DataFile], int], Steps[Found]]


@dataclass(frozen=True)
class _Kind:
    """A kind of files.

    Attributes:
        name: what a person calls it.
        fits: whether a file is of it.
        read: reads files of it, step by step; what is unpacked may take so many bytes.
    """

    name: str
    fits: Callable[[DataFile], bool]
    read: Reader


def _at_once(read: Callable[[Sequence[DataFile], int], Found]) -> Reader:
    """Return a reader that takes one step."""

    def steps(files: Sequence[DataFile], most_bytes: int) -> Steps[Found]:
        yield Step(f"Reading {files[0].name}", 0)
        return read(files, most_bytes)

    return steps


def _reading_text(files: Sequence[DataFile], most_bytes: int) -> Steps[Found]:
    """Read tables; of a file whose name says that it is none, say first what it is."""
    try:
        return (yield from read_tables(files, most_bytes))
    except DataError as error:
        misnamed = next((f.name for f in files if f.name.lower().endswith(_NOT_TEXT)), "")
        if not misnamed:
            raise
        raise DataError(
            f"{misnamed} is a text file, not what its name says: choose the file that was meant; "
            "or, if it is a table of images and labels, let its name end with .csv"
        ) from error


# The first that fits counts.
_READERS = (
    _Kind("of NumPy", is_of_arrays, _at_once(read_arrays)),
    _Kind("IDX", is_idx, _at_once(read_idx)),
    _Kind("CIFAR-10", is_cifar, _at_once(read_cifar)),
    _Kind("CSV", is_table, _reading_text),
)


def read_files(files: Sequence[DataFile], most_bytes: int = MAX_BYTES) -> Found:
    """Return the images and labels that files hold together.

    Args:
        files: all of one kind.
        most_bytes: what their arrays may take.

    Raises:
        DataError: they are of no known kind, of several, or damaged.
    """
    return finished(reading_files(files, most_bytes))


def reading_files(files: Sequence[DataFile], most_bytes: int = MAX_BYTES) -> Steps[Found]:
    """Do what `read_files` does, step by step."""
    if not files:
        raise DataError(f"there is no file, expected {KINDS}")
    unpacked = list[DataFile]()
    for file in files:
        unpacked.append(_unpacked(file, most_bytes))
        yield Step(f"Unpacking {file.name}", len(unpacked) / len(files))
    files, kinds = unpacked, [_kind(file) for file in unpacked]
    other = next((k for k, kind in enumerate(kinds) if kind is not kinds[0]), None)
    if other is not None:
        raise DataError(
            f"{files[0].name} is {kinds[0].name} and {files[other].name} is {kinds[other].name}: "
            "choose files of one kind"
        )
    return (yield from kinds[0].read(files, most_bytes))


def _kind(file: DataFile) -> _Kind:
    # A dark image of CIFAR-10 may begin as other files do.
    head = None if is_cifar(file) else head_of(file.content)
    said = refusal(file.name, head)
    if said:
        raise DataError(said)
    for kind in _READERS:
        if kind.fits(file):
            return kind
    if file.name.lower().endswith(".npz"):
        # Its reader says what is wrong with it.
        return _READERS[0]
    raise DataError(f"{file.name} is of no kind that is known, expected {KINDS}")


def _unpacked(file: DataFile, most_bytes: int) -> DataFile:
    """Return a file without its packing by gzip."""
    head = head_of(file.content[:HEAD_BYTES])
    if head is None or head.sort != "gzip":
        return file
    packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = packed.decompress(file.content, most_bytes)
    except zlib.error as error:
        raise DataError(f"{file.name} is damaged ({error}): download it again") from error
    if not packed.eof:
        if packed.unconsumed_tail:
            raise DataError(
                f"{file.name} takes more than {most_bytes:,} bytes unpacked: use fewer images"
            )
        raise DataError(f"{file.name} is cut off: download it again")
    name = file.name[:-3] if file.name.lower().endswith(".gz") else file.name
    return DataFile(name, content)

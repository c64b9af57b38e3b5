"""Files as the readers and writers of this package take them: a path, or an open binary file."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import IO, Self

# A path, or a file opened in binary mode.
File = str | PathLike[str] | IO[bytes]


class FileError(ValueError):
    """A file is damaged, or not of the kind that is read; the message says what to do."""


class Opened:
    """An open file, which the end of a `with` block closes."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        raise NotImplementedError


def with_ending(path: str | PathLike[str], ending: str) -> Path:
    """Return the path with an ending such as `.npz` appended where it is missing."""
    text = fspath(path)
    return Path(text if text.endswith(ending) else f"{text}{ending}")


def name_of(file: File) -> str:
    """Return the name of a file without its folder; empty of an open one that has none."""
    path = file if isinstance(file, str | PathLike) else getattr(file, "name", "")
    # A file that was opened by its number has that in place of a name.
    return Path(path).name if isinstance(path, str | PathLike) else ""


def first_bytes(file: File, count: int) -> bytes:
    """Return the first bytes of a file that is read from here on; an open file stays where it is.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(file, str | PathLike):
        with Path(file).open("rb") as stream:
            return stream.read(count)
    start = file.tell()
    head = file.read(count)
    file.seek(start)
    return head


def write_whole(file: File, ending: str, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file; an interruption leaves the previous one of a path as it was.

    Args:
        file: a path, to which `ending` is appended where it is missing, or a file that is open for
            writing in binary mode.
        ending: of the names of such files.
        write: writes the content into an open file.

    Raises:
        OSError: the file cannot be written.
    """
    if not isinstance(file, str | PathLike):
        write(file)
        return
    path = with_ending(file, ending)
    # Written beside and renamed.
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as stream:
            write(stream)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

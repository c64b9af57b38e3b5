"""Reads tables of text: a line is an image, one column its label and each other one a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.labels import whole_below
from core.data.readers.cells import cell_of, cells_of, is_number
from core.data.readers.columns import columns_of, heading
from core.data.readers.found import DataFile, Found, Labelled
from core.data.readers.pairs import split_by_name
from core.errors import DataError

_SEPARATORS = (",", ";", "\t", " ")
# What a file begins with that is looked at to know that it is text.
_LOOKED_AT = 4096
_MARK = "\ufeff"
_WANTED = "expected one image a line: its label, and the values of its pixels, separated by commas"


def is_table(file: DataFile) -> bool:
    """Return whether a file is text."""
    head = file.content[:_LOOKED_AT]
    # The last letter may be cut.
    return bool(head) and b"\0" not in head and _is_text(head)


def read_tables(files: Sequence[DataFile], most_bytes: int) -> Found:
    """Return the images and labels of tables.

    Raises:
        DataError: a line is not as long as the others, a value is no number, or the columns are not
            one label and the pixels of a square image.
    """
    read = [_table(file, most_bytes) for file in files]
    found = split_by_name([(file.name, part) for file, (part, _) in zip(files, read, strict=True)])
    notes = tuple(dict.fromkeys(note for _, said in read for note in said))
    return Found(found.train, found.test, notes=notes)


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", "ignore")
    return len(text.encode()) > 0.9 * len(head) and all(
        c.isprintable() or c in f"\t\r\n{_MARK}" for c in text
    )


def _table(file: DataFile, most_bytes: int) -> tuple[Labelled, tuple[str, ...]]:
    """Return the images and labels of a file, and what to say about it."""
    try:
        text = file.content.decode().removeprefix(_MARK)
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name} is no text ({error}): {_WANTED}") from error
    lines = [line for line in text.replace('"', "").splitlines() if line.strip()]
    if len(lines) < 2:
        raise DataError(f"{file.name} has {len(lines)} lines, {_WANTED}")
    separator = max(_SEPARATORS, key=lines[-1].count)
    width = len(cells_of(lines[-1], separator))
    if width * len(lines) * 4 > most_bytes:
        raise DataError(
            f"{file.name} has {width * len(lines):,} values, expected at most {most_bytes // 4:,}: "
            "use fewer or smaller images"
        )
    head = heading(lines, separator)
    lines = lines[1:] if head else lines
    _check_even(file.name, lines, separator, width, 1 + bool(head))
    columns = columns_of(file.name, head, lines, separator)
    labels = [cell_of(line, separator, columns.label, width) for line in lines]
    pixels = _numbers(file.name, lines, separator, columns.pixels, head)
    return Labelled(
        pixels, _as_numbers(labels), f"{file.name} (pixels)", f"{file.name} (labels)"
    ), columns.notes


def _check_even(name: str, lines: list[str], separator: str, width: int, first: int) -> None:
    for number, line in enumerate(lines, start=first):
        found = len(line.split()) if separator == " " else line.count(separator) + 1
        if found != width:
            raise DataError(
                f"{name} has {found} columns in line {number}, but {width} in the last one: "
                "give every image the same number of pixels"
            )


def _numbers(
    name: str, lines: list[str], separator: str, columns: Sequence[int], head: list[str]
) -> NDArray[np.float32]:
    try:
        return np.loadtxt(
            lines, np.float32, comments=None, usecols=columns, ndmin=2,
            delimiter=None if separator == " " else separator,
        )  # fmt: skip
    except ValueError as error:
        bad = (k for k, line in enumerate(lines) if not _all_numbers(line, separator, columns))
        line = next(bad, None)
        where = "" if line is None else f" in line {line + 1 + bool(head)}"
        raise DataError(
            f"{name} has a pixel{where} that is no number ({error}): {_WANTED}"
        ) from error


def _all_numbers(line: str, separator: str, columns: Sequence[int]) -> bool:
    cells = cells_of(line, separator)
    return all(is_number(cells[k]) for k in columns)


def _as_numbers(labels: list[str]) -> NDArray[Any]:
    """Return labels as numbers if all of them are, and none would be rounded."""
    if all(map(is_number, labels)):
        numbers = np.array(labels).astype(np.float64)
        if not (np.isfinite(numbers) & (np.abs(numbers) >= whole_below(numbers.dtype))).any():
            return numbers
    return np.array(labels)

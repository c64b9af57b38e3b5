"""Reads tables of text: a line is an image, one column its label and each other one a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.readers.found import DataFile, Found, Labelled
from core.data.readers.pairs import split_by_name
from core.data.readers.words import is_label
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

    The column of labels is the one whose heading says so; without headings the one that holds text,
    or the first or the last one.

    Raises:
        DataError: a line is not as long as the others, a value is no number, or there is no column
            of labels.
    """
    read = [_table(file, most_bytes) for file in files]
    found = split_by_name([(file.name, part) for file, (part, _) in zip(files, read, strict=True)])
    notes = tuple(dict.fromkeys(note for _, note in read if note))
    return Found(found.train, found.test, notes=notes)


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", "ignore")
    return len(text.encode()) > 0.9 * len(head) and all(
        c.isprintable() or c in f"\t\r\n{_MARK}" for c in text
    )


def _table(file: DataFile, most_bytes: int) -> tuple[Labelled, str]:
    """Return the images and labels of a file, and what to say about it."""
    try:
        text = file.content.decode().removeprefix(_MARK)
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name} is no text ({error}): {_WANTED}") from error
    lines = [line for line in text.replace('"', "").splitlines() if line.strip()]
    if len(lines) < 2:
        raise DataError(f"{file.name} has {len(lines)} lines, {_WANTED}")
    separator = max(_SEPARATORS, key=lines[-1].count)
    width = len(_cells(lines[-1], separator))
    if width * len(lines) * 4 > most_bytes:
        raise DataError(
            f"{file.name} has {width * len(lines):,} values, expected at most {most_bytes // 4:,}: "
            "use fewer or smaller images"
        )
    head, lines = _heading(lines, separator)
    _check_even(file.name, lines, separator, width, 1 + bool(head))
    column, note = _label_column(head, lines, separator, width)
    if column is None:
        raise DataError(
            f"{file.name} has {width} columns, none of which is a label beside a square number of "
            f"pixels, {_WANTED}; a heading 'label' says which column it is"
        )
    labels = np.array([_cell(line, separator, column, width) for line in lines])
    pixels = _numbers(file.name, lines, separator, [k for k in range(width) if k != column], head)
    return Labelled(
        pixels, _as_numbers(labels), f"{file.name} (pixels)", f"{file.name} (labels)"
    ), note


def _cells(line: str, separator: str) -> list[str]:
    cells = line.split(None if separator == " " else separator)
    return [cell.strip() for cell in cells]


def _cell(line: str, separator: str, column: int, width: int) -> str:
    """Return one cell of a line; at its ends without splitting all of it."""
    by = None if separator == " " else separator
    if column == 0:
        return line.split(by, 1)[0].strip()
    if column == width - 1:
        return line.rsplit(by, 1)[-1].strip()
    return _cells(line, separator)[column]


def _heading(lines: list[str], separator: str) -> tuple[list[str], list[str]]:
    """Return the headings of the columns, none if there are none, and the other lines."""
    cells = _cells(lines[0], separator)
    if sum(not _is_number(cell) for cell in cells) > 1:
        return cells, lines[1:]
    return [], lines


def _check_even(name: str, lines: list[str], separator: str, width: int, first: int) -> None:
    for number, line in enumerate(lines, start=first):
        found = len(line.split()) if separator == " " else line.count(separator) + 1
        if found != width:
            raise DataError(
                f"{name} has {found} columns in line {number}, but {width} in the last one: "
                "give every image the same number of pixels"
            )


def _label_column(
    head: list[str], lines: list[str], separator: str, width: int
) -> tuple[int | None, str]:
    """Return which column holds the labels, and what to say about it."""
    named = [k for k, title in enumerate(head) if is_label(title)]
    if len(named) == 1:
        return named[0], ""
    if not _is_square(width - 1):
        return None, ""
    ends = {k: {_cell(line, separator, k, width) for line in lines} for k in (0, width - 1)}
    in_words = [k for k, values in ends.items() if not all(map(_is_number, values))]
    if len(in_words) == 1:
        return in_words[0], ""
    # A pixel at the rim is often the same in all images, and otherwise varies more than classes do.
    varied = [k for k, values in ends.items() if len(values) > 1]
    column = min(varied, key=lambda k: len(ends[k]), default=0)
    which = "first" if column == 0 else "last"
    return column, (
        f"The {which} column was taken as the label; a heading 'label' says it for certain."
    )


def _is_square(pixels: int) -> bool:
    return any(c * isqrt(pixels // c) ** 2 == pixels for c in (1, 3)) and pixels > 0


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(
    name: str, lines: list[str], separator: str, columns: list[int], head: list[str]
) -> NDArray[np.float32]:
    try:
        return np.loadtxt(
            lines, np.float32, comments=None, usecols=columns, ndmin=2,
            delimiter=None if separator == " " else separator,
        )  # fmt: skip
    except ValueError as error:
        line = next(k for k, line in enumerate(lines) if not _all_numbers(line, separator, columns))
        raise DataError(
            f"{name} has a pixel in line {line + 1 + bool(head)} that is no number ({error}): "
            f"{_WANTED}"
        ) from error


def _all_numbers(line: str, separator: str, columns: list[int]) -> bool:
    cells = _cells(line, separator)
    return all(_is_number(cells[k]) for k in columns)


def _as_numbers(labels: NDArray[Any]) -> NDArray[Any]:
    """Return labels as numbers if all of them are."""
    try:
        return labels.astype(np.float64)
    except ValueError:
        return labels

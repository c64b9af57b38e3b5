"""Reads tables of text: a line is an image, with its label and its pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.labels import whole_below
from core.data.arrays.values import in_parts, is_whole
from core.data.readers.found import DataFile, Found, Labelled
from core.data.readers.pairs import split_parts
from core.data.readers.words import TEST, is_test, use_of_rows
from core.data.steps import Step, Steps
from core.data.tables.cells import between, cells_of, is_number, is_packed
from core.data.tables.columns import Columns, Table, columns_of, heading
from core.data.tables.digits import whole_numbers
from core.errors import DataError, counted
from core.io.heads import BYTE_ORDER_MARK, is_text

_SEPARATORS = (",", ";", "\t", " ")
# Letters that are read at a time: a fraction of a tenth of a second, whatever they are.
_AT_ONCE = 2**19
_WANTED = "expected one image a line: its label, and the values of its pixels, separated by commas"
# A cell in quotes with several numbers, and what stands between those.
_QUOTED, _LIST = re.compile(r'"([^"]*)"'), re.compile(r'"[\s\[]*\d+(?:[\s,;]+\d+){3}')
_BETWEEN = re.compile(r"[\s,;\[\]]+")


def is_table(file: DataFile) -> bool:
    """Return whether a file is text."""
    return is_text(file.content)


def read_tables(files: Sequence[DataFile], most_bytes: int) -> Steps[Found]:
    """Read the images and labels of tables, step by step.

    Raises:
        DataError: a line is not as long as the others, a value is no number, or the columns are not
            one label and the pixels of a square image.
    """
    parts, notes = list[tuple[bool, Labelled]](), list[str]()
    for file in files:
        found, said = yield from _read(file, most_bytes)
        parts += found
        notes += said
    if all(map(is_whole, (part.images for _, part in parts))):
        # As of whole numbers in any other file, their type says that they were saved as such.
        parts = [(use, replace(part, images=_as_integers(part.images))) for use, part in parts]
    both = split_parts(parts)
    return Found(both.train, both.test, notes=tuple(dict.fromkeys(notes)))


def _read(
    file: DataFile, most_bytes: int
) -> Steps[tuple[list[tuple[bool, Labelled]], tuple[str, ...]]]:
    """Read the images of a file, those that train and those that test, and what to say of it."""
    table = _table(file)
    yield _step(table, 0)
    columns = columns_of(table)
    each = len(columns.pixels)
    if columns.packed:
        each = len(table.cell(table.lines[-1], columns.pixels[0]).split())
    if each * len(table.lines) * 4 > most_bytes:
        raise DataError(
            f"{file.name} has {each * len(table.lines):,} values, expected at most "
            f"{most_bytes // 4:,}: use fewer or smaller images"
        )
    tests = _tests(table, columns)
    # Those that train first, each in the order of the file.
    row_of = np.argsort(np.argsort(tests, kind="stable"))
    pixels, labels = np.empty((len(tests), each), np.float32), list[str]()
    for start, lines in _blocks(table.lines):
        yield _step(table, start)
        labels += [table.cell(line, columns.label) for line in lines]
        here = row_of[start : start + len(lines)]
        pixels[here] = _pixels(table, columns, lines, start, each)
    in_order = _as_numbers(labels)[np.argsort(row_of)]
    n_train = int((~tests).sum())
    ends = ((False, slice(n_train)), (True, slice(n_train, None)))
    names = f"{file.name} (pixels)", f"{file.name} (labels)"
    parts = [
        (use, Labelled(pixels[rows], in_order[rows], *names))
        for use, rows in ends
        if len(pixels[rows])
    ]
    return parts, columns.notes


def _table(file: DataFile) -> Table:
    try:
        text = file.content.decode().removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name} is no text ({error}): {_WANTED}") from error
    if _LIST.search(text, 0, _AT_ONCE):
        text = _QUOTED.sub(lambda cell: _BETWEEN.sub(" ", cell[1]).strip(), text)
    lines = [line for line in text.replace('"', "").splitlines() if line.strip()]
    if len(lines) < 2:
        raise DataError(f"{file.name} has {'a single' if lines else 'no'} line of text, {_WANTED}")
    separator = _separator(lines[-1])
    width = len(cells_of(lines[-1], separator))
    head = heading(lines, separator)
    table = Table(file.name, head, lines[1:] if head else lines, separator, width)
    _check_even(table, table.lines, separator, width, 0)
    return table


def _separator(line: str) -> str:
    """Return what stands between the cells of a line; a cell may hold numbers with spaces."""
    packed = (
        mark for mark in _SEPARATORS if mark in line and any(map(is_packed, cells_of(line, mark)))
    )
    return next(packed, None) or max(_SEPARATORS, key=line.count)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the lines in blocks of about as many letters, each with the number of its first."""
    count = max(1, _AT_ONCE // (len(lines[-1]) + 1))
    for start in range(0, len(lines), count):
        yield start, lines[start : start + count]


def _step(table: Table, done: int) -> Step:
    return Step(f"Reading {table.name}", done / len(table.lines))


def _line_number(table: Table, line: int) -> int:
    """Return how a person counts a line of images, of which the heading is none."""
    return line + 1 + bool(table.head)


def _check_even(table: Table, lines: Sequence[str], separator: str, width: int, start: int) -> None:
    """Refuse lines that have not as many cells as the last one of the table."""
    what = "column" if separator == table.separator else "pixel"
    for number, line in enumerate(lines, start):
        found = len(line.split()) if separator == " " else line.count(separator) + 1
        if found != width:
            raise DataError(
                f"{table.name} has {counted(found, what)} in line {_line_number(table, number)}, "
                f"but {width} in the last one: give every image the same number of pixels"
            )


def _tests(table: Table, columns: Columns) -> NDArray[np.bool_]:
    """Return of each line whether it tests."""
    if columns.use is None:
        return np.full(len(table.lines), is_test(table.name))
    uses = (use_of_rows(table.cell(line, columns.use)) for line in table.lines)
    return np.array([use == TEST for use in uses])


def _pixels(
    table: Table, columns: Columns, lines: Sequence[str], start: int, each: int
) -> NDArray[np.float32]:
    """Return the pixels of some lines, the first of which has the number `start`."""
    first, last = columns.pixels[0], columns.pixels[-1]
    separator, wanted = table.separator, [k - first for k in columns.pixels]
    if columns.packed:
        lines, separator = [table.cell(line, first) for line in lines], " "
        wanted = list(range(each))
        _check_even(table, lines, separator, each, start)
    else:
        lines = [between(line, separator, first, last, table.width) for line in lines]
    numbers = whole_numbers(lines, separator, wanted[-1] + 1)
    if numbers is not None:
        return numbers[:, wanted]
    try:
        return np.loadtxt(
            lines, np.float32, comments=None, usecols=wanted, ndmin=2,
            delimiter=None if separator == " " else separator,
        )  # fmt: skip
    except ValueError as error:
        said = next(_no_numbers(lines, separator, wanted), (0, str(error)))
        raise DataError(
            f"{table.name} has a pixel in line {_line_number(table, start + said[0])} that is no "
            f"number ({said[1]}): {_WANTED}"
        ) from error


def _as_integers(pixels: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return whole numbers as such, in the memory in which they are."""
    whole = pixels.view(np.int32)
    for part, into in zip(in_parts(pixels), in_parts(whole), strict=True):
        np.copyto(into, part, casting="unsafe")
    return whole


def _no_numbers(
    lines: Sequence[str], separator: str, columns: Sequence[int]
) -> Iterator[tuple[int, str]]:
    """Yield the cells that are no numbers, each with the number of its line."""
    for k, line in enumerate(lines):
        cells = cells_of(line, separator)
        yield from ((k, repr(cells[c])) for c in columns if not is_number(cells[c]))


def _as_numbers(labels: list[str]) -> NDArray[Any]:
    """Return labels as numbers if all of them are, and none would be rounded."""
    different = set(labels)
    if all(map(is_number, different)):
        numbers = {label: float(label) for label in different}
        most = whole_below(np.dtype(np.float64))
        if not any(isfinite(number) and abs(number) >= most for number in numbers.values()):
            return np.array([numbers[label] for label in labels])
    return np.array(labels)

"""The cells of a line of a table."""

from __future__ import annotations

import re

# As np.loadtxt reads it; float() takes 1_0 and the digits of every script.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|nan|inf(inity)?)", re.A | re.I)

# Fewer numbers in a cell are no image.
_LEAST_PACKED = 4


def cells_of(line: str, separator: str) -> list[str]:
    """Return the cells of a line; spaces separate however many there are."""
    return [cell.strip() for cell in line.split(_by(separator))]


def cell_of(line: str, separator: str, column: int, width: int) -> str:
    """Return one cell of a line; at its ends without splitting all of it."""
    if column == 0:
        return line.split(_by(separator), 1)[0].strip()
    if column == width - 1:
        return line.rsplit(_by(separator), 1)[-1].strip()
    return cells_of(line, separator)[column]


def between(line: str, separator: str, first: int, last: int, width: int) -> str:
    """Return a line without the columns before `first` and behind `last`."""
    by = _by(separator)
    if last < width - 1:
        line = line.rsplit(by, width - 1 - last)[0]
    return line.split(by, first)[first] if first else line


def is_packed(cell: str) -> bool:
    """Return whether a cell holds all pixels of an image, with spaces between them."""
    numbers = cell.split()
    return len(numbers) >= _LEAST_PACKED and all(map(is_number, numbers))


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, in plain digits."""
    return bool(_NUMBER.fullmatch(cell))


def _by(separator: str) -> str | None:
    return None if separator == " " else separator

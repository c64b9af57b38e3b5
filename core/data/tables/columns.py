"""Finds out which column of a table is the label, and which are pixels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.arrays.layout import square_of
from core.data.readers.words import is_label, names_uses, numbers_rows, use_of_rows
from core.data.tables.cells import cell_of, cells_of, is_number, is_packed
from core.errors import DataError, counted

# A run of so many numbers is no image.
_LEAST_NUMBERED = 9
# So many columns are named in a message.
_MOST_NAMED = 5
_WANTED = (
    "expected one label and the pixels of a square image: H·W columns of grey or 3·H·W of colours"
)


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        label: the number of the column of labels, from 0.
        pixels: those of pixels.
        use: the column that says which rows train and which test; None if there is none.
        packed: whether the only column of pixels holds all of an image, with spaces between them.
        notes: sentences about how they were found.
    """

    label: int
    pixels: tuple[int, ...]
    use: int | None = None
    packed: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Lines of text that have the same number of cells.

    Attributes:
        name: of the file.
        head: the headings of the columns, none if there are none.
        lines: the others.
        separator: what stands between the cells.
        width: how many cells a line has.
    """

    name: str
    head: list[str]
    lines: Sequence[str]
    separator: str
    width: int

    def cell(self, line: str, column: int) -> str:
        """Return a cell of a line."""
        return cell_of(line, self.separator, column, self.width)

    def title(self, column: int) -> str:
        """Return what a message calls a column."""
        return repr(self.head[column]) if self.head else f"number {column + 1}"


def heading(lines: Sequence[str], separator: str) -> list[str]:
    """Return the headings of the columns in the first line, none if it is an image."""
    cells = cells_of(lines[0], separator)
    words = [cell for cell in cells if not is_number(cell)]
    if any(map(is_packed, words)):
        return []
    if len(words) > 1 and (2 * len(words) > len(cells) or any(map(is_label, words))):
        return cells
    # Columns without names are numbered.
    numbers = [cell for cell in cells if is_number(cell)]
    is_run = len(numbers) >= _LEAST_NUMBERED and any(
        numbers == [str(first + k) for k in range(len(numbers))] for first in (0, 1)
    )
    return cells if is_run else []


def columns_of(table: Table) -> Columns:
    """Return which column is what.

    The label is the column whose heading says so; otherwise the one at an end that holds text, or
    whose values vary least. Columns that number the rows are left out, and one may say which rows
    train and which test.

    Raises:
        DataError: headings are missing, there is no column of labels or several, or the others make
            no square image.
    """
    head, width = table.head, table.width
    if head and len(head) != width:
        raise DataError(
            f"{table.name} has {counted(len(head), 'heading')} for {counted(width, 'column')}: "
            "give each column its own"
        )
    use = _use(table)
    numbering = [k for k, title in enumerate(head) if numbers_rows(title)]
    columns = [k for k in range(width) if k not in numbering and k != use]
    if len(columns) < 2:
        # So many columns without a heading are pixels.
        numbering, columns = [], [k for k in range(width) if k != use]
    named = [k for k in columns if head and is_label(head[k])]
    if len(named) > 1:
        titles = " and ".join(repr(head[k]) for k in named[:_MOST_NAMED])
        raise DataError(
            f"{table.name} has the labels {titles}: take out all but one of these columns"
        )
    cells = cells_of(table.lines[-1], table.separator)
    packed = [k for k in columns if is_packed(cells[k])]
    if packed:
        label, note = _beside(table, columns, packed, named), ""
        pixels = tuple(packed)
    else:
        label, note = _beside_many(table, columns, named)
        pixels = tuple(k for k in columns if k != label)
    left_out = [repr(head[k]) for k in numbering]
    notes = [f"Left out, as it numbers the rows: the column {one}." for one in left_out]
    return Columns(label, pixels, use, bool(packed), tuple([*notes, note] if note else notes))


def _use(table: Table) -> int | None:
    """Return the column each of whose cells says whether its row trains or tests."""
    if table.head:
        columns = [k for k, title in enumerate(table.head) if names_uses(title)]
    else:
        columns = [0, table.width - 1]
    found = (
        k
        for k in columns
        if use_of_rows(table.cell(table.lines[-1], k))
        and all(map(use_of_rows, {table.cell(line, k) for line in table.lines}))
    )
    return next(found, None)


def _beside(table: Table, columns: list[int], packed: list[int], named: list[int]) -> int:
    """Return the column of labels beside one of pixels."""
    others = named or [k for k in columns if k not in packed]
    if len(packed) == 1 and len(others) == 1:
        return others[0]
    if len(packed) > 1:
        given, what = packed, "images"
    else:
        given, what = others, "labels"
    titles = " and ".join(map(table.title, given[:_MOST_NAMED])) or "none"
    raise DataError(
        f"{table.name} has {counted(len(given), 'column')} that can be {what} ({titles}), "
        "expected one: take out the others, or give the one of the labels the heading 'label'"
    )


def _beside_many(table: Table, columns: list[int], named: list[int]) -> tuple[int, str]:
    """Return the column of labels beside one for each pixel, and what to say about it."""
    if square_of(len(columns) - 1):
        return (named[0], "") if named else _at_an_end(table, columns)
    odd = _odd(table.head, [k for k in columns if k not in named])
    advice = (
        f"take out what is no pixel, such as {', '.join(odd)}"
        if odd
        else "a heading 'label' says which column the label is"
    )
    raise DataError(
        f"{table.name} has {counted(len(columns), 'column')}, none of which is a label "
        f"beside a square number of pixels, {_WANTED}; {advice}"
    )


def _odd(head: Sequence[str], columns: Sequence[int]) -> list[str]:
    """Return the headings that are unlike most, which are those of pixels but for a number."""
    if not head:
        return []
    stems = {k: re.sub(r"\d+", "", head[k]) for k in columns}
    most = Counter(stems.values()).most_common(1)
    if not most or most[0][1] < 2:
        return []
    return [repr(head[k]) for k, stem in stems.items() if stem != most[0][0]][:_MOST_NAMED]


def _at_an_end(table: Table, columns: Sequence[int]) -> tuple[int, str]:
    """Return which column holds the labels if no heading says it, and what to say about it."""
    ends = {k: {table.cell(line, k) for line in table.lines} for k in (columns[0], columns[-1])}
    # A damaged pixel makes no column of words.
    in_words = [k for k, cells in ends.items() if 2 * sum(map(is_number, cells)) < len(cells)]
    if len(in_words) == 1:
        return in_words[0], ""
    # A pixel at the rim is often the same in all images, and otherwise varies more than classes do.
    varied = [k for k, values in ends.items() if len(values) > 1]
    column = min(varied, key=lambda k: len(ends[k]), default=columns[0])
    which = "first" if column == columns[0] else "last"
    return column, (
        f"The {which} column was taken as the label; a heading 'label' says it for certain."
    )

"""Finds out which column of a table is the label, and which are pixels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.arrays.layout import square_of
from core.data.readers.cells import cell_of, cells_of, is_number
from core.data.readers.words import is_label, numbers_rows
from core.errors import DataError

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
        notes: sentences about how they were found.
    """

    label: int
    pixels: tuple[int, ...]
    notes: tuple[str, ...]


def heading(lines: Sequence[str], separator: str) -> list[str]:
    """Return the headings of the columns in the first line, none if it is an image."""
    cells = cells_of(lines[0], separator)
    words = [cell for cell in cells if not is_number(cell)]
    if len(words) > 1 and (2 * len(words) > len(cells) or any(map(is_label, words))):
        return cells
    # Columns without names are numbered.
    numbers = [cell for cell in cells if is_number(cell)]
    is_run = len(numbers) >= _LEAST_NUMBERED and any(
        numbers == [str(first + k) for k in range(len(numbers))] for first in (0, 1)
    )
    return cells if is_run else []


def columns_of(name: str, head: list[str], lines: Sequence[str], separator: str) -> Columns:
    """Return which column is what.

    The label is the column whose heading says so; otherwise the one at an end that holds text, or
    whose values vary least. Columns that number the rows are left out.

    Args:
        name: of the file.
        head: the headings of the columns, none if there are none.
        lines: the others, each of as many cells.
        separator: what stands between the cells.

    Raises:
        DataError: headings are missing, there is no column of labels or several, or the others make
            no square image.
    """
    width = len(cells_of(lines[-1], separator))
    if head and len(head) != width:
        raise DataError(
            f"{name} has {len(head)} headings for {width} columns: give each column its own"
        )
    numbering = [k for k, title in enumerate(head) if numbers_rows(title)]
    columns = [k for k in range(width) if k not in numbering]
    if len(columns) < 2:
        # So many columns without a heading are pixels.
        numbering, columns = [], list(range(width))
    named = [k for k in columns if head and is_label(head[k])]
    if len(named) > 1:
        titles = " and ".join(repr(head[k]) for k in named[:_MOST_NAMED])
        raise DataError(f"{name} has the labels {titles}: take out all but one of these columns")
    if not square_of(len(columns) - 1):
        odd = _odd(head, [k for k in columns if k not in named])
        advice = (
            f"take out what is no pixel, such as {', '.join(odd)}"
            if odd
            else "a heading 'label' says which column the label is"
        )
        raise DataError(
            f"{name} has {len(columns)} columns, none of which is a label beside a square number "
            f"of pixels, {_WANTED}; {advice}"
        )
    label, note = (named[0], "") if named else _at_an_end(columns, lines, separator, width)
    left_out = [repr(head[k]) for k in numbering]
    notes = [f"Left out, as it numbers the rows: the column {one}." for one in left_out]
    pixels = tuple(k for k in columns if k != label)
    return Columns(label, pixels, tuple([*notes, note] if note else notes))


def _odd(head: Sequence[str], columns: Sequence[int]) -> list[str]:
    """Return the headings that are unlike most, which are those of pixels but for a number."""
    if not head:
        return []
    stems = {k: re.sub(r"\d+", "", head[k]) for k in columns}
    most = Counter(stems.values()).most_common(1)
    if not most or most[0][1] < 2:
        return []
    return [repr(head[k]) for k, stem in stems.items() if stem != most[0][0]][:_MOST_NAMED]


def _at_an_end(
    columns: Sequence[int], lines: Sequence[str], separator: str, width: int
) -> tuple[int, str]:
    """Return which column holds the labels if no heading says it, and what to say about it."""
    ends = {
        k: {cell_of(line, separator, k, width) for line in lines} for k in (columns[0], columns[-1])
    }
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

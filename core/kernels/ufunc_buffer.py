"""How long the pieces are in which NumPy works through arrays.

An operation on a matrix and a column, or on a matrix with gaps between its rows, first copies
pieces of its operands if several rows fit into one piece, up to `np.getbufsize()` numbers. At 8
images a row is as short as that by default, and such an operation then takes twice its time.
"""

from __future__ import annotations

import numpy as np

# Short enough that no piece takes in several long rows, long enough for a change of dtype.
NUMBERS = 1024


class ShortPieces:
    """Inside `with ShortPieces():` NumPy works in pieces of NUMBERS numbers."""

    def __enter__(self) -> None:
        self._before = np.setbufsize(NUMBERS)

    def __exit__(self, *_: object) -> None:
        np.setbufsize(self._before)

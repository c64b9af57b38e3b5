"""Shrinks NumPy's ufunc buffer, because the default size makes short rows slow.

An operation on a matrix and a column, or on a matrix with gaps between its rows, first copies its
operands into a buffer if several rows fit into it, up to `np.getbufsize()` numbers. With 8 images
in a batch a row is as short as that by default, and such an operation then takes twice its time.
"""

from __future__ import annotations

import numpy as np

# Smaller than a few rows, and large enough to convert dtypes at full speed.
BUFFER_SIZE = 1024


class SmallBuffer:
    """Context manager: inside `with SmallBuffer():` the buffer holds BUFFER_SIZE numbers."""

    def __enter__(self) -> None:
        self._before = np.setbufsize(BUFFER_SIZE)

    def __exit__(self, *_: object) -> None:
        np.setbufsize(self._before)

"""A short text that tells arrays from others."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

LETTERS = 12


def digest_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return some letters that other names, dtypes, shapes or numbers would not have.

    The order of the names and of the bytes of a number does not matter.

    Args:
        arrays: by name.
    """
    found = sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name], arrays[name].dtype.newbyteorder("<"))
        found.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        found.update(array.tobytes())
    return found.hexdigest()[:LETTERS]

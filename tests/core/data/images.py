"""Images whose values are known, and their labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.data import DataSet

LABELS = np.arange(8) % 2


def ramp(*values: float, dtype: DTypeLike = np.uint8) -> NDArray[Any]:
    """Eight images of 2×2 pixels that hold some values in turn."""
    return np.resize(np.array(values), (8, 2, 2)).astype(dtype)


def row_of(data: DataSet, k: int = 0) -> list[float]:
    """The pixels of a training image, all images being the same."""
    return [float(value) for value in data.train.images[k].reshape(-1)]

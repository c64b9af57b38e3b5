"""Makes images smaller."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def scaled(pixels: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Return images (N, C, H, W) in another size: each pixel is the mean of those it covers."""
    down, across = _shares(pixels.shape[2], height), _shares(pixels.shape[3], width)
    made: NDArray[np.float32] = np.matmul(down, np.matmul(pixels, across.T))
    return made


def _shares(before: int, after: int) -> NDArray[np.float32]:
    """Return the share (after, before) that each pixel before has in each pixel after."""
    edges = np.linspace(0, before, after + 1)
    start, end = edges[:-1, None], edges[1:, None]
    pixel = np.arange(before)
    covered = np.minimum(end, pixel + 1) - np.maximum(start, pixel)
    shares: NDArray[np.float32] = (np.clip(covered, 0, None) / (before / after)).astype(np.float32)
    return shares

"""Finds out whether a fourth channel is transparency, and lays what is transparent on white."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.values import ValueRange, in_parts

# Transparency is mostly all or nothing, and some of it is opaque; a measured band is neither. Of a
# thin drawing little is opaque, but nearly all is one or the other: shares of extremes and opaque.
_TRANSPARENCY = ((0.5, 0.25), (0.9, 0.0))
# Of a small drawing with soft edges neither may be true, but it has one ink in each image, which is
# not white, and of its clear pixels, a share of all, nearly each is black, white, or of the ink.
_CLEAR, _EMPTY, _INK_SPREAD, _DARK = 0.2, 0.9, 0.2, 0.9
# Pixels less opaque than this have colours that rounding has changed.
_SEEN = 0.25


def is_transparency(images: Sequence[NDArray[Any]], values: ValueRange) -> bool:
    """Return whether the fourth channel of images (N, 4, H, W) says how opaque their pixels are.

    Args:
        images: arrays of them.
        values: which of their numbers are black and white.
    """
    bands = [array[:, 3] for array in images]
    size = sum(band.size for band in bands)
    opaque = sum(int((band >= values.white).sum()) for band in bands)
    clear = sum(int((band <= values.black).sum()) for band in bands)
    if opaque > 0 and any(
        opaque + clear >= extreme * size and opaque >= least * size
        for extreme, least in _TRANSPARENCY
    ):
        return True
    return clear >= _CLEAR * size and _is_of_one_ink(images, values)


def _is_of_one_ink(images: Sequence[NDArray[Any]], values: ValueRange) -> bool:
    """Return whether each image has one ink, and what is clear no colours of its own."""
    clear, empty, is_seen = 0, 0, False
    for pixels in (values.convert(part) for array in images for part in in_parts(array)):
        colours, opacity = pixels[:, :3], pixels[:, 3]
        seen = (opacity >= _SEEN)[:, None]
        low = np.where(seen, colours, 1).min(axis=(2, 3), keepdims=True)
        high = np.where(seen, colours, 0).max(axis=(2, 3), keepdims=True)
        drawn = seen.any(axis=(1, 2, 3))
        if (high - low)[drawn].max(initial=0) > _INK_SPREAD:
            return False
        if (low[drawn].min(axis=1, initial=1) > _DARK).any():
            return False
        is_ink = ((colours >= low) & (colours <= high)).all(axis=1)
        is_plain = is_ink | (colours == 0).all(axis=1) | (colours == 1).all(axis=1)
        clear += int((opacity <= 0).sum())
        empty += int((is_plain & (opacity <= 0)).sum())
        is_seen = is_seen or bool(drawn.any())
    return is_seen and empty >= _EMPTY * clear


def on_white(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return images (N, 4, H, W) of red, green, blue and opacity, laid on white, (N, 3, H, W)."""
    colours, opacity = pixels[:, :3], pixels[:, 3:]
    return colours * opacity + (1 - opacity)

"""Finds out which numbers of an array of images are black and white."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

# The brightest values of pixels of 8, 10, 12, 14 and 16 bits.
_WHITES = (255, 1023, 4095, 16383, 65535)
# Up to here the brightest value of the images is white: 0 and 1, a few levels, or 0 to 16.
_FEW_LEVELS = 16
# By how much rounding takes floats out of their range.
_ROUNDING = 1e-4
# So many values are looked at together.
_AT_ONCE = 2**18
_RESCALE = "rescale with (images - images.min()) / (images.max() - images.min())"


@dataclass(frozen=True)
class ValueRange:
    """The numbers that stand for black and for white.

    Attributes:
        black: becomes 0.
        white: becomes 1.
        note: what to say about it; empty where it goes without saying.
    """

    black: float
    white: float
    note: str = ""

    def convert(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """Return a copy as float32 from 0 to 1, in C order."""
        pixels = images.astype(np.float32, order="C")
        if self.black:
            pixels -= np.float32(self.black)
        if self.white - self.black != 1:
            pixels /= np.float32(self.white - self.black)
        if images.dtype.kind == "f":
            np.clip(pixels, 0, 1, out=pixels)
        return pixels


def value_range(arrays: Sequence[NDArray[Any]], name: str = "images") -> ValueRange:
    """Return the range of the values of images; all arrays are of one type and have some values.

    Args:
        arrays: for example those to train on and those to test.
        name: what they are called.

    Raises:
        DataError: they are no real numbers, not finite, or of no range that images have.
    """
    kind = arrays[0].dtype.kind
    if kind not in "biuf":
        raise DataError(
            f"{name} has type {arrays[0].dtype}, expected whole numbers such as uint8 (0 to 255), "
            "floats (0 to 1) or bool: convert with images.astype(np.uint8)"
        )
    if kind == "f":
        _check_finite(arrays, name)
    low = min(float(array.min()) for array in arrays)
    high = max(float(array.max()) for array in arrays)
    if kind == "f" and low >= -_ROUNDING and high <= 1 + _ROUNDING:
        return ValueRange(0, 1)
    if low < 0 and low >= -1 - _ROUNDING and high <= 1 + _ROUNDING:
        note = "The values run from −1 to 1: −1 was taken as black, 1 as white."
        return ValueRange(-1, 1, note)
    if kind != "f" or all(_is_whole(array) for array in arrays):
        return _of_whole_numbers(low, high, arrays[0].dtype, name)
    if low >= 0 and _FEW_LEVELS < high <= _WHITES[0]:
        return _up_to(_WHITES[0], high)
    raise DataError(
        f"{name} has values from {low:g} to {high:g}, expected floats from 0 to 1, −1 to 1 or 0 to "
        f"255: {_RESCALE}"
    )


def _of_whole_numbers(low: float, high: float, dtype: np.dtype[Any], name: str) -> ValueRange:
    if dtype.kind == "b":
        return ValueRange(0, 1)
    if low < 0 and low >= -128 and high <= 127:
        note = "The values run from −128 to 127: −128 was taken as black, 127 as white."
        return ValueRange(-128, 127, note)
    if low < 0 or high > _WHITES[-1]:
        raise DataError(
            f"{name} has values from {low:g} to {high:g}, expected whole numbers from 0 to 255 or "
            f"0 to 65,535: {_RESCALE}"
        )
    if 1 <= high <= _FEW_LEVELS:
        return _up_to(int(high), high)
    white = next(white for white in _WHITES if high <= white)
    return ValueRange(0, white) if dtype == np.uint8 else _up_to(white, high)


def _up_to(white: int, high: float) -> ValueRange:
    return ValueRange(0, white, f"The values run from 0 to {high:g}: {white:,} was taken as white.")


def _is_whole(array: NDArray[Any]) -> bool:
    return all(bool((part == np.rint(part)).all()) for part in in_parts(array))


def in_parts(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield some images of an array at a time: what is made of them never has the size of all."""
    count = max(1, _AT_ONCE // max(1, prod(array.shape[1:])))
    for start in range(0, len(array), count):
        yield array[start : start + count]


def _check_finite(arrays: Sequence[NDArray[Any]], name: str) -> None:
    for array in arrays:
        # The least and the greatest tell it without an array of the same size.
        if np.isfinite([array.min(), array.max()]).all():
            continue
        bad = np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))
        raise DataError(
            f"{name}[{bad[0]}] holds NaN or infinity ({bad.size} of {len(array)} images do), "
            "expected values from 0 to 1: remove these images, or see np.nan_to_num"
        )

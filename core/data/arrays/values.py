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
# By which share of its greatest value resampling, such as bicubic, takes images out of their range.
_OVERSHOOT = 0.1
# Of images of a range with a sign some value is below this share of its black.
_SIGNED_SHARE = 0.5
# The black of such a range, and what brings it to 0 to 1.
_SIGNED = (-1, "(np.asarray(images) + 1) / 2")
_SIGNED_BYTES = (-128, "(np.asarray(images, float) + 128) / 255")
# So many values are looked at together.
_AT_ONCE = 2**18
# How numbers of another kind become floats; as all advice here, of a list of images too.
_CONVERT = {
    "O": "convert with np.asarray(images).astype(float)",
    "c": "take np.real(images), or np.abs(images)",
}
# NumPy makes floats of them first, so that no whole number overflows.
_RESCALE = "rescale with images = np.interp(images, (np.min(images), np.max(images)), (0, 1))"


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
        if images.dtype.kind in "if":
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
    dtype = arrays[0].dtype
    if dtype.kind not in "biuf":
        raise DataError(
            f"{name} has type {dtype}, expected whole numbers such as uint8 (0 to 255), "
            f"floats (0 to 1) or bool: {_CONVERT.get(dtype.kind, 'pass arrays of such numbers')}"
        )
    if dtype.kind == "f":
        _check_finite(arrays, name)
    low = min(float(array.min()) for array in arrays)
    high = max(float(array.max()) for array in arrays)
    if dtype.kind == "b" or (dtype.kind == "f" and low >= -_ROUNDING and high <= 1 + _ROUNDING):
        return ValueRange(0, 1)
    if all(map(is_whole, arrays)):
        return _of_whole_numbers(low, high, dtype, name)
    return _of_fractions(low, high, name)


def _of_whole_numbers(low: float, high: float, dtype: np.dtype[Any], name: str) -> ValueRange:
    if low == -1 and high <= 1:
        return _said(-1, 1, low, high)
    if -128 <= low <= -128 * _SIGNED_SHARE and high <= 127:
        return _said(-128, 127, low, high)
    # Resampling 8 bits leaves numbers beyond both ends; those of 10 bits begin with 0.
    if high > _FEW_LEVELS and low < 0:
        found = _with_overshoot(low, high, _WHITES[0])
        if found is not None:
            return found
    if dtype.kind == "f" and _WHITES[0] < high <= (1 + _OVERSHOOT) * _WHITES[0]:
        eight, ten = _WHITES[:2]
        raise DataError(
            f"{name} has whole numbers from {low:g} to {high:g} as {dtype}, so that it is unclear "
            f"which is white: if {eight} is, pass np.minimum(images, {eight}); if {_number(ten)} "
            f"is, as of 10 bits, pass np.divide(images, {ten}); otherwise {_RESCALE}"
        )
    if -128 <= low < 0 and high <= 127:
        raise DataError(_unclear(low, high, name, *_SIGNED_BYTES))
    if low < 0 or high > _WHITES[-1]:
        raise DataError(
            f"{name} has values from {low:g} to {high:g}, expected whole numbers from 0 to 255 or "
            f"0 to 65,535: {_RESCALE}"
        )
    if 1 <= high <= _FEW_LEVELS:
        return _said(0, int(high), low, high)
    white = next(white for white in _WHITES if high <= white)
    return ValueRange(0, white) if dtype == np.uint8 else _said(0, white, low, high)


def _of_fractions(low: float, high: float, name: str) -> ValueRange:
    white = 1 if high <= _FEW_LEVELS else _WHITES[0]
    found = _with_overshoot(low, high, white)
    if found is not None:
        return found
    if -1 - _OVERSHOOT <= low <= -_SIGNED_SHARE and high <= 1 + _OVERSHOOT:
        return _said(-1, 1, low, high)
    if -1 <= low < 0 and high <= 1 + _OVERSHOOT:
        raise DataError(_unclear(low, high, name, *_SIGNED))
    raise DataError(
        f"{name} has values from {low:g} to {high:g}, expected floats from 0 to 1, −1 to 1 or 0 to "
        f"255: {_RESCALE}"
    )


def _with_overshoot(low: float, high: float, white: int) -> ValueRange | None:
    """Return the range from 0, if the values leave it by no more than resampling does."""
    if low >= -_OVERSHOOT * high and high <= (1 + _OVERSHOOT) * white:
        return _said(0, white, low, high)
    return None


def _said(black: int, white: int, low: float, high: float) -> ValueRange:
    """Return the range between two numbers, and a note with that of the values themselves."""
    is_below, is_above = low < black - _ROUNDING, high > white + _ROUNDING
    taken = f"{_number(white)} was taken as white"
    if black or is_below:
        taken = f"{_number(black)} was taken as black, {_number(white)} as white"
    if is_below or is_above:
        taken += "; what lies beyond was cut off"
    note = f"The values run from {_number(low)} to {_number(high)}: {taken}."
    return ValueRange(black, white, note)


def _unclear(low: float, high: float, name: str, black: int, rescaled: str) -> str:
    """Return what to say of values that may be of a range from 0 or of one with a sign.

    Args:
        low: the least value.
        high: the greatest.
        name: what the array is called.
        black: of the range with a sign.
        rescaled: an expression that brings that range to 0 to 1.
    """
    return (
        f"{name} has values from {low:g} to {high:g}, so that it is unclear which is black: if 0 "
        f"is, pass np.maximum(images, 0); if {_number(black)} is, pass {rescaled}; otherwise "
        f"{_RESCALE}"
    )


def _number(value: float) -> str:
    text = f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return text.replace("-", "−", 1) if value < 0 else text


def is_whole(array: NDArray[Any]) -> bool:
    """Return whether all numbers of an array, of floats too, are whole."""
    return array.dtype.kind != "f" or all(
        bool((part == np.rint(part)).all()) for part in in_parts(array)
    )


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

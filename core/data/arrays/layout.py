"""Finds out which axis of an array of images is which."""

from __future__ import annotations

from math import isqrt
from typing import Any, Literal

from numpy.typing import NDArray

from core.errors import DataError

# The order of the axes of images: number, channels, height, width.
Axes = Literal["NCHW", "NHWC"]
_CHANNELS = (1, 3, 4)
# Rows of fewer values are no images.
_SHORTEST_ROW = 4


def channels_first(
    images: NDArray[Any], name: str = "images", axes: Axes | None = None
) -> tuple[NDArray[Any], str]:
    """Return a view of images as (N, C, H, W), and what to say about it; empty as a rule.

    Args:
        images: (N, H, W), (N, H, W, C) or (N, C, H, W) with C of 1, 3 or 4; or rows (N, H·W) and
            (N, 3·H·W) of square images.
        name: what the array is called.
        axes: their order in four axes, where it is known.

    Raises:
        DataError: they have no such shape.
    """
    shape = images.shape
    square = square_of(shape[1]) if images.ndim == 2 else None
    if square:
        channels, side = square
        of = f"{channels} channels of " if channels > 1 else ""
        note = f"Rows of {shape[1]:,} values were taken as {of}{side}×{side} pixels."
        return images.reshape(-1, channels, side, side), note
    if images.ndim == 3:
        return images[:, None], ""
    if images.ndim != 4:
        swapped = "" if images.ndim > 2 else ", or swap the two if these are the labels"
        raise DataError(
            f"{name} has shape {shape}, expected (N, H, W), (N, H, W, C) or (N, C, H, W), or rows "
            f"of square images: use images.reshape{swapped}"
        )
    if axes_of(shape, name, axes) == "NCHW":
        return images, ""
    return images.transpose(0, 3, 1, 2), ""


def axes_of(shape: tuple[int, ...], name: str = "images", axes: Axes | None = None) -> Axes:
    """Return the order of the four axes of images, unless it is known already.

    Raises:
        DataError: the shape does not tell it.
    """
    if axes:
        return axes
    first, last = shape[1] in _CHANNELS, shape[3] in _CHANNELS
    if first == last:
        trouble = "more than one axis" if first else "no axis"
        raise DataError(
            f"{name} has shape {shape}: {trouble} can be the channels, expected (N, H, W, C) or "
            "(N, C, H, W) with C of 1, 3 or 4 and images wider than that: reshape or transpose"
        )
    return "NCHW" if first else "NHWC"


def square_of(values: int) -> tuple[int, int] | None:
    """Return channels and side, in pixels, of the square image of so many values, if there is one.

    Args:
        values: how many numbers the image has, one or three a pixel.
    """
    if values < _SHORTEST_ROW:
        return None
    sides = ((channels, isqrt(values // channels)) for channels in (1, 3))
    return next((found for found in sides if found[0] * found[1] ** 2 == values), None)

"""Finds out which axis of an array of images is which."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from typing import Any, Literal, get_args

from numpy.typing import NDArray

from core.errors import DataError

# The order of the axes of images: number, channels, height, width.
Axes = Literal["NCHW", "NHWC"]
AXES: tuple[Axes, ...] = get_args(Axes)
_CHANNELS = (1, 3, 4)
# What keeps one channel of several.
_FIRST_CHANNEL: Mapping[Axes, str] = {"NCHW": "images[:, :1]", "NHWC": "images[..., :1]"}
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
        axes: their order where it is known, of rows too; NCHW where a row does not tell it.

    Raises:
        DataError: they have no such shape.
    """
    shape = images.shape
    square = square_of(shape[1]) if images.ndim == 2 else None
    if square:
        channels, side = square
        of = f"{channels} channels of " if channels > 1 else ""
        note = f"Rows of {shape[1]:,} values were taken as {of}{side}×{side} pixels."
        if axes == "NHWC":
            return images.reshape(-1, side, side, channels).transpose(0, 3, 1, 2), note
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
    """Return the order of the four axes of images.

    Args:
        shape: of the images.
        name: what their array is called.
        axes: their order, where it is known.

    Raises:
        DataError: the shape does not tell it, or an image has as many channels as none has.
    """
    found = [order for order in AXES if shape[order.index("C")] in _CHANNELS]
    if axes in found:
        return axes
    if axes:
        index = axes.index("C")
        raise DataError(
            f"{name} has shape {shape}, of which {shape[index]} are channels as {axes}, expected "
            f"1, 3 or 4: keep one with {_FIRST_CHANNEL[axes]}, or give the order that it has"
        )
    if not found:
        first, last = _FIRST_CHANNEL.values()
        raise DataError(
            f"{name} has shape {shape}: no axis can be the channels, expected (N, H, W, C) or "
            "(N, C, H, W) with C of 1, 3 or 4: keep one channel with "
            f"{first} if they are the second axis, with {last} if they are the last"
        )
    if len(found) > 1:
        raise DataError(
            f"{name} has shape {shape}: more than one axis can be the channels, expected the order "
            "of the axes too: pass axes='NHWC' to from_images or load_files if the last is, or "
            "axes='NCHW' if the second is; or save it with the arrays, in np.savez(path, "
            "images=images, labels=labels, axes='NHWC')"
        )
    return found[0]


def check_axes(axes: object, name: str = "axes") -> Axes | None:
    """Return an order of axes that somebody gives; None for none.

    Raises:
        DataError: it is another.
    """
    known = next((order for order in AXES if axes == order), None)
    if known is None and axes is not None:
        raise DataError(
            f"{name} is {axes!r}, expected the order of the axes of images: {name}='NHWC' if their "
            f"channels come last, {name}='NCHW' if they come first"
        )
    return known


def square_of(values: int) -> tuple[int, int] | None:
    """Return channels and side, in pixels, of the square image of so many values, if there is one.

    Args:
        values: how many numbers the image has, one or three a pixel.
    """
    if values < _SHORTEST_ROW:
        return None
    sides = ((channels, isqrt(values // channels)) for channels in (1, 3))
    return next((found for found in sides if found[0] * found[1] ** 2 == values), None)

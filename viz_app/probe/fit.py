"""Fits a person's picture to what the network takes, and says what was done to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet
from core.errors import DataError
from core.tensor import Array
from viz_app.probe.probe import LEVELS, as_bytes
from viz_app.words import capital

BANDS = 4  # red, green, blue, opacity
# Of brightness, as television defines it (ITU-R BT.601).
GREY = (0.299, 0.587, 0.114)
# A border this much brighter or darker than that of the data is taken for the other background.
OPPOSITE = 0.5


def fit(pixels: NDArray[np.uint8], data: DataSet) -> tuple[NDArray[np.uint8], str]:
    """Return a picture in the shape that a network takes.

    Its aspect is kept: it is made as large as fits, in the middle of the background of the data. A
    pixel is the mean of the area that it covers. What is transparent is background.

    Args:
        pixels: red, green, blue and opacity from 0 to 255, (H, W, 4).
        data: what the network is trained on.

    Returns:
        The picture (C, H, W), and what was done to it, in a sentence.

    Raises:
        DataError: it is no such picture, or the data are no pictures.
    """
    if pixels.ndim != 3 or pixels.shape[2] != BANDS or not pixels.size:
        raise DataError(f"a picture has shape (H, W, {BANDS}), got {pixels.shape}")
    shape = data.input_shape
    if len(shape) != 3 or shape[0] not in (1, 3):
        size = "×".join(map(str, shape))
        raise DataError(
            f"the network takes {size}, which is no grey or coloured picture: choose a test image"
        )
    channels, height, width = shape
    done: list[str] = []
    colours = pixels[:, :, :3].astype(np.float64) / LEVELS
    opacity = pixels[:, :, 3:].astype(np.float64) / LEVELS
    if channels == 1:
        is_grey = bool((pixels[:, :, :1] == pixels[:, :, :3]).all())
        done += [] if is_grey else ["made grey"]
        colours = colours @ np.array(GREY)[:, None]
    background = background_of(data)
    if channels == 1 and _is_opposite(colours, opacity, background):
        colours = 1 - colours
        done.append("inverted, because the images of the data have the other background")
    if (opacity < 1).any():
        done.append("what is transparent became background")
    scale = min(height / pixels.shape[0], width / pixels.shape[1])
    inside = [max(1, round(size * scale)) for size in pixels.shape[:2]]
    # Colours weighted by opacity: what is transparent has none.
    small = _shrunk(colours * opacity, inside) + (1 - _shrunk(opacity, inside)) * background
    if tuple(inside) != pixels.shape[:2]:
        # Height first, as sizes of images are said everywhere.
        done.append(f"scaled from {pixels.shape[0]}×{pixels.shape[1]} to {inside[0]}×{inside[1]}")
    image = np.empty((height, width, channels))
    image[:] = background
    top, left = (height - inside[0]) // 2, (width - inside[1]) // 2
    image[top : top + inside[0], left : left + inside[1]] = small
    if inside != [height, width]:
        done.append(f"in the middle of {height}×{width}")
    levels = np.clip(np.round(image * LEVELS), 0, LEVELS).astype(np.uint8)
    said = "; ".join(done)
    return levels.transpose(2, 0, 1), f"{capital(said)}." if said else ""


def background_of(data: DataSet) -> Array:
    """Return what most pixels at the border of the data's images are, from 0 to 1, (C,)."""
    images = as_bytes(data.train.images[:100], data) / LEVELS
    border = _border(images.transpose(2, 3, 0, 1))
    return np.asarray(np.median(border.reshape(-1, border.shape[-1]), axis=0))


def _border(image: Array) -> Array:
    """Return the pixels at the border of an image (H, W, ...), (pixels, ...)."""
    sides = [image[0], image[-1], image[:, 0], image[:, -1]]
    return np.concatenate(sides)


def _is_opposite(grey: Array, opacity: Array, background: Array) -> bool:
    """Return whether a picture has a bright background where the data have a dark one, or so."""
    border = _border(grey)[_border(opacity) >= OPPOSITE]
    return bool(border.size) and abs(float(np.median(border)) - float(background[0])) > OPPOSITE


def _shrunk(image: Array, size: list[int]) -> Array:
    """Return an image (H, W, C) in another size, each pixel the mean of what it covers."""
    rows, columns = (_shares(old, new) for old, new in zip(image.shape[:2], size, strict=True))
    return np.asarray(np.einsum("yh,hwc,xw->yxc", rows, image, columns, optimize=True))


def _shares(old: int, new: int) -> Array:
    """Return which share of each new pixel each old one covers, (new, old)."""
    edges = np.arange(new + 1) * (old / new)
    below, above = edges[:-1, None], edges[1:, None]
    at = np.arange(old)
    overlap = np.clip(np.minimum(above, at + 1) - np.maximum(below, at), 0, None)
    return np.asarray(overlap / overlap.sum(axis=1, keepdims=True))

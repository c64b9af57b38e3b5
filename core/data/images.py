"""Makes a data set of the user's own arrays, after checking them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.data.dataset import DataSet, Split
from core.data.labels import check_labels
from core.errors import DataError
from core.generator import generator

# 67 million values are 256 MiB of float32: enough for all of MNIST, and not too much for a browser.
MAX_VALUES = 2**26
MAX_IMAGES = 1_000_000
_CHANNELS = (1, 3, 4)


def from_images(
    images: ArrayLike | Sequence[NDArray[Any]],
    labels: ArrayLike,
    name: str = "your images",
    class_names: Sequence[str] | None = None,
    test_share: float = 0.2,
    rng: np.random.Generator | None = None,
) -> DataSet:
    """Make a data set of images and labels: converted to floats, shuffled and split.

    The arguments are copied, never changed.

    Args:
        images: uint8 0 to 255 or floats 0 to 1, all of one size: (N, H, W), (N, H, W, C) or
            (N, C, H, W) with C of 1, 3 or 4 (the fourth, transparency, is dropped).
        labels: (N,), whole numbers from 0 or names of classes.
        name: name and title of the data set.
        class_names: one name a class. By default the names among the labels, sorted, or
            "0", "1", ... up to the greatest label.
        test_share: the share of images, above 0 and below 1, that make the test split; each
            split has one image at least.
        rng: shuffles before the split; by default a generator of seed 0.

    Raises:
        DataError: an argument cannot be used; the message names it and says what to do.
        TypeError: `rng` is no generator.
    """
    if not 0 < test_share < 1:
        raise DataError(
            f"test_share is {test_share}, expected more than 0 and less than 1: 0.2 keeps a fifth"
        )
    pixels = check_images(_stack(images))
    try:
        label_array = np.asarray(labels)
    except ValueError as error:
        raise DataError(f"labels is not an array ({error}): give one label an image") from error
    numbers, names = check_labels(label_array, len(pixels), class_names)
    order = np.arange(len(pixels), dtype=np.int64)
    generator(rng, seed=0).shuffle(order)
    n_test = min(max(1, round(test_share * len(order))), len(order) - 1)
    train, test = order[:-n_test], order[-n_test:]
    return DataSet(
        name=name,
        title=name,
        train=Split(pixels[train], numbers[train]),
        test=Split(pixels[test], numbers[test]),
        class_names=names,
    )


def check_images(images: NDArray[Any]) -> NDArray[np.float32]:
    """Return a copy of the images as float32 (N, C, H, W) with values from 0 to 1.

    Raises:
        DataError: type, shape, size or values cannot be used.
    """
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise DataError(
            f"images has type {images.dtype}, expected uint8 (0 to 255) or floats (0 to 1): "
            "convert with images.astype(np.uint8)"
        )
    images = _channels_first(images)
    if images.size == 0 or len(images) < 2:
        raise DataError(
            f"images has shape {images.shape} (N, C, H, W), expected at least 2 images of at least "
            "one pixel, one to train on and one to test on: add images"
        )
    if images.size > MAX_VALUES or len(images) > MAX_IMAGES:
        raise DataError(
            f"images has {images.size:,} values in {len(images):,} images, expected at most "
            f"{MAX_VALUES:,} in {MAX_IMAGES:,}: use fewer or smaller images"
        )
    if images.dtype == np.uint8:
        pixels = images.astype(np.float32, order="C")
        pixels /= np.float32(255)
        return pixels
    bad = np.flatnonzero(~np.isfinite(images).all(axis=(1, 2, 3)))
    if bad.size:
        raise DataError(
            f"images[{bad[0]}] holds NaN or infinity ({bad.size} of {len(images)} images do), "
            "expected values from 0 to 1: remove these images, or see np.nan_to_num"
        )
    low, high = float(images.min()), float(images.max())
    if low < 0 or high > 1:
        raise DataError(
            f"images has values from {low:g} to {high:g}, expected floats from 0 to 1: divide by "
            "the brightest value possible, or save values of 0 to 255 as uint8"
        )
    return np.array(images, dtype=np.float32, order="C")


def _stack(images: ArrayLike | Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return one array of all images, which must agree in size and type."""
    if isinstance(images, np.ndarray):
        return images
    try:
        each = [np.asarray(image) for image in images]  # type: ignore[union-attr]
    except (TypeError, ValueError) as error:
        raise DataError(
            f"images is not a sequence of arrays ({error}): give a list of arrays of one size"
        ) from error
    if not each:
        raise DataError("images is empty, expected at least 2 images: add images")
    for i, image in enumerate(each):
        if image.shape != each[0].shape:
            raise DataError(
                f"images[{i}] has shape {image.shape}, but images[0] has {each[0].shape}: crop or "
                "resize all images to one size"
            )
        if image.dtype != each[0].dtype:
            raise DataError(
                f"images[{i}] has type {image.dtype}, but images[0] has {each[0].dtype}: convert "
                "all images to one type"
            )
    return np.stack(each)


def _channels_first(images: NDArray[Any]) -> NDArray[Any]:
    """Return a view of shape (N, C, H, W) without the channel of transparency."""
    shape = images.shape
    if images.ndim == 3:
        return images[:, None]
    if images.ndim != 4:
        raise DataError(
            f"images has shape {shape}, expected (N, H, W), (N, H, W, C) or (N, C, H, W): "
            "use images.reshape"
        )
    first, last = shape[1] in _CHANNELS, shape[3] in _CHANNELS
    if first == last:
        trouble = "more than one axis" if first else "no axis"
        raise DataError(
            f"images has shape {shape}: {trouble} can be the channels, expected (N, H, W, C) or "
            "(N, C, H, W) with C of 1, 3 or 4 and images wider than that: reshape or transpose"
        )
    images = images if first else images.transpose(0, 3, 1, 2)
    return images[:, :3]

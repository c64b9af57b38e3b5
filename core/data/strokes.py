"""Draws strokes on 6×6 images: small enough to show every number of a network on one screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import DataSet, Split
from core.errors import DataError
from core.generator import generator

SIZE = 6
# Direction of each class: along the image's width and height.
STROKES = {"falling": (0.5, 1.0), "rising": (-0.5, 1.0), "level": (1.0, 0.0)}


def make_strokes(n_train: int, n_test: int, rng: np.random.Generator) -> DataSet:
    """Draw a data set of soft strokes whose class is their direction, in values of one decimal.

    Args:
        n_train: number of training images.
        n_test: number of test images.
        rng: draws the position of each stroke.

    Raises:
        DataError: there are not that many different images.
    """
    images, labels = _draw(8 * (n_train + n_test), generator(rng))
    # Each image once, so that no test image was trained on.
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    order = np.sort(first)
    train, test = order[:n_train], order[n_train : n_train + n_test]
    if len(test) < n_test:
        raise DataError(f"only {len(order)} different strokes were drawn; ask for fewer images")
    return DataSet(
        name="strokes",
        title=f"Strokes {SIZE}×{SIZE}",
        train=Split(images[train], labels[train]),
        test=Split(images[test], labels[test]),
        class_names=tuple(STROKES),
    )


def _draw(n: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    labels: NDArray[np.int64] = np.arange(n, dtype=np.int64) % len(STROKES)
    along = np.array(list(STROKES.values()))[labels]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    centre = rng.uniform(1.7, 3.3, (n, 2))
    columns, rows = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    dx, dy = columns - centre[:, 0, None, None], rows - centre[:, 1, None, None]
    distance = dx * along[:, 1, None, None] - dy * along[:, 0, None, None]
    soft = np.clip(1.35 - np.abs(distance), 0, 1)
    return np.rint(soft[:, None] * 10).astype(np.float32) / np.float32(10), labels

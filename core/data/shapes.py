"""Draws a data set of coloured shapes on a dim noisy background, with three channels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import DataSet, Split
from core.errors import DataError
from core.generator import generator

Floats = NDArray[np.float64]

# Whether a shape of radius r covers a pixel at the offset dx (right) and dy (down) from its centre.
# Each shape lies within |dx|, |dy| <= r and fills about the same share of that square.
SHAPES: dict[str, Callable[[Floats, Floats, Floats], NDArray[np.bool_]]] = {
    "circle": lambda dx, dy, r: dx * dx + dy * dy <= r * r,
    "square": lambda dx, dy, r: np.maximum(abs(dx), abs(dy)) <= 0.85 * r,
    "triangle": lambda dx, dy, r: (2 * abs(dx) <= dy + r) & (dy <= r),
    "cross": lambda dx, dy, r: (
        (np.minimum(abs(dx), abs(dy)) <= 0.3 * r) & (np.maximum(abs(dx), abs(dy)) <= r)
    ),
}


def make_shapes(
    n_train: int, n_test: int, size: int = 16, rng: np.random.Generator | None = None
) -> DataSet:
    """Draw a data set whose class is the shape, while colour, position and size are random.

    The classes take turns: circle, square, triangle, cross, circle, ... The values have 256
    levels, like those of a stored image.

    Args:
        n_train: the number of training images, at least 4 (one a class).
        n_test: the number of test images, at least 4.
        size: height and width in pixels, 8 to 128.
        rng: the source of random numbers; by default a generator of seed 0.

    Raises:
        DataError: a number is out of its range.
        TypeError: `rng` is no generator.
    """
    for what, value, low, high in (
        ("n_train", n_train, len(SHAPES), 1_000_000),
        ("n_test", n_test, len(SHAPES), 1_000_000),
        ("size", size, 8, 128),
    ):
        if not low <= value <= high:
            raise DataError(f"shapes: {what} is {value}, expected {low} to {high}: change it")
    rng = generator(rng, seed=0)
    return DataSet(
        name="shapes",
        title=f"Coloured shapes {size}×{size}",
        train=_draw(n_train, size, rng),
        test=_draw(n_test, size, rng),
        class_names=tuple(SHAPES),
    )


def _draw(n: int, size: int, rng: np.random.Generator) -> Split:
    """Draw `n` shapes by uniform numbers and plain arithmetic: the same bits on every machine."""
    labels = np.arange(n, dtype=np.int64) % len(SHAPES)
    radius = rng.uniform(0.22, 0.4, (n, 1, 1)) * size
    centre_x = radius + rng.random((n, 1, 1)) * (size - 2 * radius)
    centre_y = radius + rng.random((n, 1, 1)) * (size - 2 * radius)
    pixel = np.arange(size) + 0.5
    dx, dy = np.broadcast_arrays(pixel[None, None, :] - centre_x, pixel[None, :, None] - centre_y)
    covered = np.empty((n, size, size), dtype=bool)
    for label, inside in enumerate(SHAPES.values()):
        rows = labels == label
        covered[rows] = inside(dx[rows], dy[rows], radius[rows])

    colour = rng.uniform(0.1, 1.0, (n, 3, 1, 1))
    colour /= colour.max(axis=1, keepdims=True)  # one channel at full: never lost in the ground
    ground = rng.uniform(0.0, 0.25, (n, 3, 1, 1))
    images = np.where(covered[:, None], 0.9 * colour, ground)
    images += rng.uniform(-0.1, 0.1, images.shape)
    levels = np.rint(np.clip(images, 0, 1) * 255)
    return Split(levels.astype(np.float32) / np.float32(255), labels)

"""Augmentation: images that are shifted or mirrored at random before each step of training.

What is done to a sample is drawn from a generator of its own: the order of the samples and the
masks of dropout are the same with and without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.data.batches import at_least_one
from core.errors import DataError, ShapeError

Images = NDArray[np.floating]
IMAGE_AXES = 4  # (N, C, H, W)


class Augmentation(Protocol):
    """One thing that is done to images."""

    def __call__(self, images: Images, rng: np.random.Generator) -> tuple[Images, list[str]]:
        """Return changed copies of images (N, C, H, W), and what was done to each, in words."""

    def check(self, height: int, width: int) -> None:
        """Refuse images of a size of which nothing would be left.

        Raises:
            DataError: the message says what fits.
        """


class Shift:
    """Moves each image by up to `most` pixels along both axes; what comes in is 0.

    Raises:
        DataError: `most` is not a whole number of at least 1.
    """

    def __init__(self, most: int) -> None:
        self.most = at_least_one(most, "most", "leave shift out for none")

    def check(self, height: int, width: int) -> None:
        """Refuse a shift that can move an image out of sight as a whole."""
        most = min(height, width) - 1
        if self.most > most:
            raise DataError(
                f"images of {height}×{width} cannot be shifted by up to {self.most} pixels, which "
                f"would leave nothing of some: choose shift {most} or less"
            )

    def __call__(self, images: Images, rng: np.random.Generator) -> tuple[Images, list[str]]:
        """Return moved copies of images (N, C, H, W), and by how much each was moved."""
        # Not the integers of the platform, which are 32 bits wide in a browser.
        moves = rng.integers(-self.most, self.most + 1, (len(images), 2), dtype=np.int64).tolist()
        moved = np.zeros_like(images)
        for new, old, (down, right) in zip(moved, images, moves, strict=True):
            rows, columns = (
                _overlap(by, size) for by, size in zip((down, right), old.shape[1:], strict=True)
            )
            new[:, rows[0], columns[0]] = old[:, rows[1], columns[1]]
        return moved, [_direction(down, right) for down, right in moves]


class Flip:
    """Mirrors left and right of about every second image."""

    def check(self, height: int, width: int) -> None:
        """Take images of any size."""

    def __call__(self, images: Images, rng: np.random.Generator) -> tuple[Images, list[str]]:
        """Return images (N, C, H, W), some of them mirrored, and which."""
        flips = rng.random(len(images)) < 1 / 2
        mirrored = np.where(flips[:, None, None, None], images[..., ::-1], images)
        return mirrored, ["mirrored" if flip else "" for flip in flips.tolist()]


class Augment:
    """Does one thing after the other to the images of a batch.

    Args:
        parts: what is done, in this order.
        rng: draws what is done to each sample.
    """

    def __init__(self, parts: Sequence[Augmentation], rng: np.random.Generator) -> None:
        self.parts = tuple(parts)
        self.rng = rng

    def check(self, shape: tuple[int, ...]) -> None:
        """Refuse samples that cannot be changed so.

        Args:
            shape: of one of them; of images it is (C, H, W).

        Raises:
            DataError: of some nothing would be left.
        """
        if len(shape) == IMAGE_AXES - 1:
            for part in self.parts:
                part.check(*shape[1:])

    def __call__(self, images: Images) -> tuple[Images, tuple[str, ...]]:
        """Return changed copies of images (N, C, H, W), and what was done to each, in words.

        Raises:
            ShapeError: they are no images.
        """
        if images.ndim != IMAGE_AXES:
            raise ShapeError("augmentation needs images (N, C, H, W)", str(images.shape))
        done: list[list[str]] = [[] for _ in images]
        for part in self.parts:
            images, words = part(images, self.rng)
            for said, word in zip(done, words, strict=True):
                said += [word] if word else []
        return images, tuple(", ".join(words) or "as it is" for words in done)


def _overlap(by: int, size: int) -> tuple[slice, slice]:
    """Return where a row of pixels lies behind and before a move, as far as it stays inside."""
    by = max(-size, min(size, by))
    return slice(max(0, by), size + min(0, by)), slice(max(0, -by), size - max(0, by))


def _direction(down: int, right: int) -> str:
    vertical = f"{abs(down)} {'down' if down > 0 else 'up'}" if down else ""
    horizontal = f"{abs(right)} {'right' if right > 0 else 'left'}" if right else ""
    return " ".join(filter(None, (vertical, horizontal)))

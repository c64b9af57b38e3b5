"""A data set: labelled images in a training and a test split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels. The arrays become read-only: sessions may share them.

    Attributes:
        images: float32 (N, C, H, W), values 0 (dark) to 1 (bright).
        labels: int64 (N,), the index of the class, 0 to classes - 1.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __len__(self) -> int:
        """N, the number of images."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class DataSet:
    """A training and a test split of the same classes.

    Attributes:
        name: the name in a saved session, e.g. "digits".
        title: the name for people, e.g. "Digits 8×8".
        train: the images a model learns from.
        test: the images it never learns from.
        class_names: one name a class; a label is an index into it.
    """

    name: str
    title: str
    train: Split
    test: Split
    class_names: tuple[str, ...]

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W), the shape of one image."""
        _, channels, height, width = self.train.images.shape
        return channels, height, width

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

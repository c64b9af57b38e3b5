"""A data set: samples with their labels or targets, in a training and a test split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError, counted
from core.io.digest import digest_of


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels, or with the numbers that a model is to predict.

    The attributes are read-only views of the arrays that are passed; those stay writeable for their
    owner. Copy them first if they will change: a split does not copy what may be large.

    Attributes:
        images: float32 (N, C, H, W), values 0 (dark) to 1 (bright). Vectors (N, F) work too where
            nothing draws them as images.
        labels: int64 (N,), the index of the class, 0 to classes - 1; or, for regression, floats
            of shape (N,) or (N, outputs).

    Raises:
        DataError: the split is empty, images and labels are not of one number or not numbers, or
            one of them is NaN or infinite.
    """

    images: NDArray[np.floating]
    labels: NDArray[Any]

    def __post_init__(self) -> None:
        for name in ("images", "labels"):
            view = np.asarray(getattr(self, name)).view()
            if view.ndim == 0:
                raise DataError(f"{name} is a single value, expected an array of shape (N, ...)")
            view.setflags(write=False)
            object.__setattr__(self, name, view)
        if len(self.images) != len(self.labels):
            raise DataError(
                f"the split has {counted(len(self.images), 'image')} but "
                f"{counted(len(self.labels), 'label')}, expected "
                "one label an image"
            )
        if not len(self.images):
            raise DataError("the split is empty, expected at least one image")
        for name, array in (("images", self.images), ("labels", self.labels)):
            if array.dtype.kind not in "biuf":
                raise DataError(f"{name} has type {array.dtype}, expected real numbers")
            # The least and the greatest tell it without an array of the same size.
            if array.size and not np.isfinite([array.min(), array.max()]).all():
                raise DataError(not_finite(name, array, np.arange(len(array), dtype=np.int64)))

    def __len__(self) -> int:
        """Return N, the number of images."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class DataSet:
    """A training and a test split of the same kind of samples.

    Attributes:
        name: the name in a saved session, e.g. "digits".
        title: the name for people, e.g. "Digits 8×8".
        train: the images a model learns from.
        test: the images it never learns from.
        class_names: one name a class; a label is an index into it. Empty for real-valued targets.
        notes: sentences about what was changed when it was made of somebody's own images.

    Raises:
        DataError: images of the two splits differ in shape, or a label has no class name.
        TypeError: `train` or `test` is no Split.
    """

    name: str
    title: str
    train: Split
    test: Split
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("train", "test"):
            split = getattr(self, name)
            if not isinstance(split, Split):
                raise TypeError(f"{name} is a {type(split).__name__}; expected a Split")
        shape, other = self.train.images.shape[1:], self.test.images.shape[1:]
        if shape != other:
            raise DataError(
                f"the test images have shape {other}, but those to train on have {shape}: make "
                "them of one size"
            )
        for where, split in (("train", self.train), ("test", self.test)):
            labels = split.labels
            if labels.dtype.kind not in "iu" or not self.class_names:
                continue
            low, high = int(labels.min()), int(labels.max())
            if low < 0 or high >= len(self.class_names):
                raise DataError(
                    f"the {where} split has labels from {low} to {high}, but there are "
                    f"{len(self.class_names)} class names, for 0 to {len(self.class_names) - 1}"
                )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one image without N, as a rule (C, H, W)."""
        return self.train.images.shape[1:]

    @property
    def classes(self) -> int:
        """The number of classes; 0 for real-valued targets."""
        return len(self.class_names)

    @cached_property
    def digest(self) -> str:
        """Some letters that other images or labels would not have, whatever the classes' names."""
        splits = {"train": self.train, "test": self.test}
        arrays = {
            f"{where} {name}": getattr(split, name)
            for where, split in splits.items()
            for name in ("images", "labels")
        }
        return digest_of(arrays)


def not_finite(name: str, array: NDArray[Any], numbers: NDArray[np.int64]) -> str:
    """Return a message that names the samples that hold a NaN or an infinite number.

    Args:
        name: what the array is called.
        array: one row a sample; some number in it is not finite.
        numbers: the number of each sample in its split, (N,).
    """
    bad = numbers[~np.isfinite(array).reshape(len(array), -1).all(axis=1)]
    shown = ", ".join(map(str, bad[:5])) + (", ..." if len(bad) > 5 else "")
    which = f"sample {shown} holds" if len(bad) == 1 else f"{len(bad)} samples ({shown}) hold"
    return f"{name}: {which} numbers that are NaN or infinite: mend them or leave them out"

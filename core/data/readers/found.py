"""What is found in files: arrays of images with their labels, as they were saved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from numpy.typing import NDArray

from core.data.arrays.layout import Axes


@dataclass(frozen=True, eq=False)
class DataFile:
    """A file as it is.

    Attributes:
        name: its name, with the folders that are known.
        content: its bytes.
    """

    name: str
    content: bytes

    def opened(self) -> BytesIO:
        """Return it opened for reading; what goes wrong with it can be said by its name."""
        file = _NamedBytes(self.content)
        file.name = self.name
        return file


class _NamedBytes(BytesIO):
    """An open file in memory that has a name, as those of a disk have."""

    name: str


@dataclass(frozen=True, eq=False)
class Labelled:
    """An array of images and the array of their labels, unchecked.

    Attributes:
        images: of any type and layout.
        labels: likewise.
        images_name: what the array is called where it comes from.
        labels_name: likewise.
        axes: the order of the axes of images with channels; None where their shape has to tell it.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    images_name: str = "images"
    labels_name: str = "labels"
    axes: Axes | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """All that the files of a data set hold.

    Attributes:
        train: what to train on; also what to test on, if `test` is empty.
        test: what was set apart.
        class_names: one name a class; None if the files name none.
        n_train: how many of the first images train; None if the files do not say.
        notes: sentences about what was made of them.
    """

    train: tuple[Labelled, ...]
    test: tuple[Labelled, ...] = ()
    class_names: tuple[str, ...] | None = None
    n_train: int | None = None
    notes: tuple[str, ...] = field(default=())

    def in_order(self, axes: Axes) -> Found:
        """Return the same, where the images have their axes in that order."""
        train, test = (
            tuple(replace(part, axes=axes) for part in parts) for parts in (self.train, self.test)
        )
        return replace(self, train=train, test=test)

"""Makes data sets of a person's own arrays and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import IOBase, TextIOBase
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.data.arrays.given import labels_of, stacked
from core.data.arrays.layout import Axes, check_axes
from core.data.collect import collect
from core.data.collection import TEST_SHARE
from core.data.dataset import DataSet
from core.data.readers.archive import read_archive
from core.data.readers.found import DataFile, Found, Labelled
from core.data.readers.read import read_files
from core.errors import DataError, shown, with_article
from core.generator import generator
from core.io.files import File

_WANTED = (
    "expected paths of files, such as ['X.npy', 'y.npy']: an open file is for load_npz, and arrays "
    "for from_images"
)


def from_images(
    images: ArrayLike | Sequence[NDArray[Any]],
    labels: ArrayLike,
    name: str = "your images",
    class_names: Sequence[str] | None = None,
    test_share: float = TEST_SHARE,
    rng: np.random.Generator | None = None,
    axes: Axes | None = None,
) -> DataSet:
    """Make a data set of images and labels: converted to floats, shuffled and split.

    The arguments are copied, never changed. What was changed on the way is said in `notes` of the
    data set.

    Args:
        images: all of one size: (N, H, W), (N, H, W, C) or (N, C, H, W) with C of 1, 3 or 4, or
            rows (N, H·W) of square images. Whole numbers from 0, of 1 to 16 bits, bool, or floats
            0 to 1, −1 to 1 or 0 to 255. A fourth channel that is transparency is laid on white.
            Tensors of PyTorch are taken as their numbers.
        labels: one an image, (N,) or (N, 1): whole numbers or names of classes, also as objects,
            as in a column of pandas; or one-hot.
        name: name and title of the data set.
        class_names: one name a class. By default the labels themselves, sorted.
        test_share: the share of each class, above 0 and below 1, that makes the test split, to the
            nearest image; of a class of two or more each split has one image at least.
        rng: shuffles before the split; by default a generator of seed 0.
        axes: "NCHW" if the channels of images come first, "NHWC" if they come last; by default
            their shape tells it, and rows are NCHW.

    Raises:
        DataError: an argument cannot be used; the message names it and says what to do.
        TypeError: `rng` is no generator.
    """
    if not 0 < test_share < 1:
        raise DataError(
            f"test_share is {test_share}, expected more than 0 and less than 1: 0.2 keeps a fifth"
        )
    names = None if class_names is None else tuple(class_names)
    part = Labelled(stacked(images), labels_of(labels), axes=check_axes(axes))
    found = Found((part,), class_names=names)
    rng = generator(rng, seed=0)
    return collect(found, name, test_share=test_share, rng=rng).data_set()


def load_npz(source: File, name: str = "") -> DataSet:
    """Read a data set from a `.npz` file. Python objects in it are never unpickled.

    Entries are found by their names: images with labels, as here, x_train with y_train and x_test
    with y_test, as Keras has them, train_images, val_images and test_images with their labels, as
    MedMNIST has them, data with labels, as CIFAR-10 has them, or arr_0 with arr_1. Optional are
    class_names, (classes,) strings, axes, as `from_images` takes it, and n_train: the first
    `n_train` images train and the rest test. Without it, and without test images, the images
    are shuffled from a fixed seed, and a fifth of each class tests. Of images that are sorted
    by class, so that the first `n_train` lack some, that share of each class trains instead, to
    the nearest image; `notes` says how many then do. The arrays may be what `from_images`
    takes.

    Args:
        source: a path, with or without `.npz`, or a file opened in binary mode.
        name: name and title of the data set; by default the name of the file.

    Raises:
        DataError: the file or an entry cannot be used; the message names the entry and says what
            was found, what was expected and what to do.
        TypeError: `source` is something else, such as arrays that were read already.
    """
    if not isinstance(source, str | PathLike) and not _is_binary_file(source):
        raise TypeError(
            f"source is a {type(source).__name__}; expected a path, such as 'mine.npz', or a file "
            "opened in binary mode. Of bytes pass io.BytesIO(content); of arrays that are read, "
            "from_images(images, labels) makes a data set"
        )
    name = name or (Path(source).stem if isinstance(source, str | PathLike) else "your file")
    return collect(read_archive(source), name).data_set()


def _is_binary_file(source: object) -> bool:
    return hasattr(source, "tell") and not isinstance(source, TextIOBase)


def _each_path(paths: object) -> list[str | PathLike[str]]:
    if isinstance(paths, str | PathLike):
        return [paths]
    # A dict, bytes and an open file can be iterated over, too.
    if not isinstance(paths, Iterable) or isinstance(paths, Mapping | bytes | IOBase):
        raise TypeError(f"paths is {with_article(type(paths).__name__)}; {_WANTED}")
    each = list(paths)
    for i, path in enumerate(each):
        if not isinstance(path, str | PathLike):
            raise TypeError(f"paths[{i}] is {shown(path)}; {_WANTED}")
    return each


def load_files(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    name: str = "",
    axes: Axes | None = None,
) -> DataSet:
    """Read a data set from files of one kind. Nothing in a file is ever executed.

    A `.npz` (see `load_npz`); `.npy` files with an array each, such as X.npy and y.npy; IDX files
    of images and of labels, as MNIST has them; binary batches of CIFAR-10; or tables of text (CSV)
    with a column of labels and one a pixel, or one with all pixels, as FER2013 has them. All but
    the first may be several: those with "test" or "t10k" in their name are tested on. They may be
    packed by gzip.

    Args:
        paths: where they lie; a single path is that of one file.
        name: name and title of the data set; by default the name of the first file.
        axes: of images, as for `from_images`; by default what a file says, or their shape.

    Raises:
        DataError: a file cannot be used; the message says what was found and what to do.
        TypeError: `paths` are none.
    """
    each, order = _each_path(paths), check_axes(axes)
    try:
        files = [DataFile(Path(path).name, Path(path).read_bytes()) for path in each]
    except OSError as error:
        raise DataError(f"the file cannot be read ({error}): check its name") from error
    found = read_files(files)
    if order:
        found = found.in_order(order)
    return collect(found, name or Path(files[0].name).stem).data_set()

"""The data sets that come with the program."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np

from core.data.dataset import DataSet, Split
from core.data.npz import read_entries
from core.data.shapes import make_shapes
from core.data.strokes import make_strokes
from core.errors import DataError

_FOLDER = Path(__file__).resolve().parent.parent / "datasets"

# Name and title of every data set that `load_dataset` knows.
DATASETS: dict[str, str] = {
    "digits": "Digits 8×8",
    "mnist": "MNIST 28×28",
    "fashion": "Fashion-MNIST 28×28",
    "shapes": "Coloured shapes 16×16",
    "strokes": "Strokes 6×6",
}


def load_dataset(name: str) -> DataSet:
    """The data set of this name, one of `DATASETS`; its arrays are read-only and shared.

    "shapes" and "strokes" are drawn from a fixed seed, the others are read from `core/datasets`.

    Raises:
        DataError: there is no such data set, or its file is damaged.
    """
    if name not in _LOADERS:
        raise DataError(f"no data set is called {name!r}: choose one of {', '.join(DATASETS)}")
    return _load(name)


# Kept for the life of the program: the arrays are read-only, so sessions cannot disturb each other.
@cache
def _load(name: str) -> DataSet:
    return _LOADERS[name]()


def _read(name: str, file: str, white: int) -> DataSet:
    """A bundled file whose brightest value is `white`; `core/datasets/LICENSES.md` describes it."""
    entries = read_entries(_FOLDER / file)
    images = entries["images"][:, None].astype(np.float32) / np.float32(white)
    labels = entries["labels"].astype(np.int64)
    n_train = int(entries["n_train"])
    return DataSet(
        name=name,
        title=DATASETS[name],
        train=Split(images[:n_train], labels[:n_train]),
        test=Split(images[n_train:], labels[n_train:]),
        class_names=tuple(entries["class_names"].tolist()),
    )


_LOADERS: dict[str, Callable[[], DataSet]] = {
    "digits": partial(_read, "digits", "digits_8x8.npz", 16),
    "mnist": partial(_read, "mnist", "mnist_2k.npz", 255),
    "fashion": partial(_read, "fashion", "fashion_2k_4bit.npz", 255),
    "shapes": partial(make_shapes, 1600, 400),
    "strokes": lambda: make_strokes(120, 30, np.random.default_rng(0)),
}

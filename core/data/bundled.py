"""The data sets that come with the package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from core.data.dataset import DataSet, Split
from core.data.readers.archive import read_entries
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
    "few": "Ten digits 8×8",
}


def load_dataset(name: str) -> DataSet:
    """Return a bundled data set: small images in a training and a test split.

    Each call with one name returns the same object; its arrays are read-only. No download is
    needed. Images are float32 (N, C, H, W) from 0 to 1.

    Args:
        name: one of `DATASETS`. "digits" (1, 8, 8), "mnist" and "fashion" (1, 28, 28) are read from
            `core/datasets`, where LICENSES.md gives their sources; "shapes" (3, 16, 16) and
            "strokes" (1, 6, 6) are drawn from a fixed seed; "few" is "digits" with one image a
            class to train on.

    Raises:
        DataError: there is no such data set, or its file is damaged.
    """
    if name not in _LOADERS:
        raise DataError(f"no data set is called {name!r}: choose one of {', '.join(DATASETS)}")
    return _load(name)


# Shared by all sessions, which is safe because the arrays are read-only.
@cache
def _load(name: str) -> DataSet:
    return _LOADERS[name]()


def _read(name: str, file: str, white: int) -> DataSet:
    """Read a bundled file whose brightest value is `white`."""
    entries = read_entries(_FOLDER / file, ("images", "labels", "class_names", "n_train"))
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


def _few() -> DataSet:
    """One training image of each class, the first one."""
    whole = _load("digits")
    _, first = np.unique(whole.train.labels, return_index=True)
    train = Split(whole.train.images[first], whole.train.labels[first])
    return replace(whole, name="few", title=DATASETS["few"], train=train)


_LOADERS: dict[str, Callable[[], DataSet]] = {
    "digits": partial(_read, "digits", "digits_8x8.npz", 16),
    "mnist": partial(_read, "mnist", "mnist_2k.npz", 255),
    "fashion": partial(_read, "fashion", "fashion_2k_4bit.npz", 255),
    "shapes": partial(make_shapes, 1600, 400),
    "strokes": lambda: make_strokes(120, 30, np.random.default_rng(0)),
    "few": _few,
}

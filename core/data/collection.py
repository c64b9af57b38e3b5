"""Images of named classes before they are a data set: they can be looked at and put right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.labels import Classes, check_names, check_several
from core.data.arrays.spelling import folded, plain
from core.data.dataset import DataSet, Split
from core.errors import DataError, counted, listed

# The share of images that test, unless somebody says otherwise.
TEST_SHARE = 0.2


@dataclass(frozen=True)
class ClassCount:
    """How many images a class has.

    Attributes:
        name: of the class.
        train: images to train on.
        test: images to test on.
    """

    name: str
    train: int
    test: int


@dataclass(frozen=True, eq=False)
class Collection:
    """Images of named classes, those to train on first.

    Attributes:
        name: of the data set that they will be.
        images: float32 (N, C, H, W), values 0 (dark) to 1 (bright).
        labels: int64 (N,), the index of the class.
        class_names: one name a class.
        n_train: how many of them train; the rest test.
        notes: sentences about what was changed so far.
        apart: whether the files said which of them test.
    """

    name: str
    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    n_train: int
    notes: tuple[str, ...] = ()
    apart: bool = False

    def classes(self) -> list[ClassCount]:
        """Return the classes, and how many images each of them has."""
        count = len(self.class_names)
        train = np.bincount(self.labels[: self.n_train], minlength=count).tolist()
        test = np.bincount(self.labels[self.n_train :], minlength=count).tolist()
        return [ClassCount(*one) for one in zip(self.class_names, train, test, strict=True)]

    def remarks(self) -> tuple[str, ...]:
        """Return a sentence for each thing that is odd about the classes, with what to do."""
        classes = self.classes()
        empty = [one.name for one in classes if not one.train + one.test]
        unseen = [one.name for one in classes if one.test and not one.train]
        are_single = len(classes) > 2 and all(one.train + one.test == 1 for one in classes)
        said = list[str]()
        if empty:
            them = _it(empty)
            said.append(
                f"{_named(empty)} no image: leave {them} out, or add images of {them}. Until then "
                "the network has "
                f"{'an output that is' if len(empty) == 1 else 'outputs that are'} never right."
            )
        if unseen and any(one.train > 1 for one in classes):
            said.append(
                f"{_named(unseen)} no image to train on, only to test: mix all images and split "
                f"them anew, or leave {_it(unseen)} out."
            )
        elif unseen:
            said.append(
                f"{_named(unseen)} no image to train on, only to test: add images of {_it(unseen)}."
            )
        if are_single:
            said.append(
                "Each class has one image only: give those that belong together the same name."
            )
        said += [
            f"{listed(list(map(repr, names)), 5)} differ only in large and small letters: if they "
            "are one class, give them the same name."
            for names in _alike(self.class_names)
        ]
        return tuple(said)

    def untested(self) -> str:
        """Return a sentence about classes without an image to test on; empty if all have one.

        Where there are few images, that is how the split fell out, and no fault of a data set.
        """
        names = [one.name for one in self.classes() if one.train and not one.test]
        if not names:
            return ""
        return (
            f"{_named(names)} no image to test on: how often the network is right about "
            f"{_it(names)} will not be seen. Add images of {_it(names)} to see it."
        )

    def edited(self, names: Sequence[str]) -> Collection:
        """Return it with other names of classes, in their order.

        Where classes become fewer, it is split anew, unless the files said which of them test.

        Args:
            names: one a class; those with the same name, however its letters are written, become
                one class, and those with an empty one are left out with their images.

        Raises:
            DataError: it is not one name a class, fewer than two classes or no image to train or
                to test on would be left.
        """
        if len(names) != len(self.class_names):
            raise DataError(
                f"{counted(len(names), 'name')} for {len(self.class_names)} classes: give one each"
            )
        names = [plain(name) for name in names]
        kept = tuple(dict.fromkeys(name for name in names if name))
        if len(kept) < 2:
            raise DataError(
                f"{counted(len(kept), 'class', 'classes')} would be left, expected at "
                "least 2: keep two classes of different names"
            )
        check_names(kept)
        index = np.array([kept.index(name) if name else -1 for name in names], dtype=np.int64)
        labels = index[self.labels]
        rows = np.flatnonzero(labels >= 0)
        if not rows.size:
            raise DataError("no image would be left: keep classes that have some")
        check_several(Classes(labels[rows], kept))
        if len(kept) < len(self.class_names) and not self.apart:
            # Of each class a share tests, and these are other classes.
            order, n_train = _split_anew(labels[rows])
            rows = rows[order]
        else:
            n_train = int((rows < self.n_train).sum())
        if not 0 < n_train < len(rows):
            raise DataError(
                f"{counted(n_train, 'image')} to train on and {len(rows) - n_train} to test on "
                "would be left, expected one at least: keep more classes"
            )
        # They may be large: they are copied once, and only if some are left out or move.
        is_same = np.array_equal(rows, np.arange(len(self.images)))
        images = self.images if is_same else self.images[rows]
        return replace(self, images=images, labels=labels[rows], class_names=kept, n_train=n_train)

    def mixed(self) -> Collection:
        """Return it with all images mixed and split anew, from a fixed seed."""
        order, n_train = _split_anew(self.labels)
        notes = tuple(dict.fromkeys((*self.notes, "All images were mixed and split anew.")))
        images, labels = self.images[order], self.labels[order]
        return replace(
            self, images=images, labels=labels, n_train=n_train, notes=notes, apart=False
        )

    def data_set(self) -> DataSet:
        """Return the data set; its arrays are views."""
        n = self.n_train
        return DataSet(
            name=self.name,
            title=self.name,
            train=Split(self.images[:n], self.labels[:n]),
            test=Split(self.images[n:], self.labels[n:]),
            class_names=self.class_names,
            notes=(*self.notes, *self.remarks()),
        )


def _split_anew(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return an order of images, (N,), from a fixed seed, and how many of the first ones train."""
    order, n_test = split(labels, TEST_SHARE, np.random.default_rng(0))
    return order, len(order) - n_test


def split(
    labels: NDArray[np.int64], test_share: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], int]:
    """Return an order of images, (N,), and how many of the last ones test.

    Of each class that share tests, rounded, so that classes of one size are tested alike; of two
    images or more at least one trains and one tests.
    """
    order = np.arange(len(labels), dtype=np.int64)
    rng.shuffle(order)
    counts = np.bincount(labels)
    most = np.maximum(counts - 1, 0)
    wanted = np.floor(test_share * counts + 0.5).astype(np.int64)
    tests = np.clip(wanted, np.minimum(most, 1), most)
    if not tests.any():
        # No class has two images.
        return order, min(max(1, round(test_share * len(order))), len(order) - 1)
    is_test = _place_in_class(labels[order]) < tests[labels[order]]
    return np.concatenate([order[~is_test], order[is_test]]), int(tests.sum())


def _place_in_class(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many before each one are of its class, (N,)."""
    by_class = np.argsort(labels, kind="stable")
    first = np.searchsorted(labels[by_class], labels[by_class])
    places = np.empty(len(labels), np.int64)
    places[by_class] = np.arange(len(labels), dtype=np.int64) - first
    return places


def _alike(names: Sequence[str]) -> list[list[str]]:
    """Return the names that are spelled alike but for large and small letters, together."""
    found = defaultdict[str, list[str]](list)
    for name in names:
        found[folded(name)].append(name)
    return [alike for alike in found.values() if len(alike) > 1]


def _named(names: Sequence[str]) -> str:
    """Return names of classes with the verb behind them."""
    return f"{listed(list(map(repr, names)), 5)} {'has' if len(names) == 1 else 'have'}"


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"

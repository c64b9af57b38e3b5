"""What the names of arrays, files and columns say: which hold images, which labels, for what."""

from __future__ import annotations

import re
from collections.abc import Iterable

_IMAGES = {"images", "image", "imgs", "img", "x", "data", "pixels", "inputs", "features"}
_LABELS = {"labels", "label", "y", "target", "targets", "lbl", "lbls", "class", "emotion"}
IMAGES, LABELS, TRAIN, VALIDATION, TEST = "images", "labels", "train", "validation", "test"
# What is for several uses is for the first of them.
_USES = {
    TEST: {"test", "testing", "tst", "t10k"},
    VALIDATION: {"val", "valid", "validation", "dev", "eval"},
    TRAIN: {"train", "training", "trn"},
}
_ANY_USE = set[str]().union(*_USES.values())
# Columns that number the rows are called id, image_id, row index, or by pandas "Unnamed: 0".
_NUMBERING = {"id", "index", "idx", "unnamed"}
_NUMBERED = {"row", "image", "img", "sample", "example"}
# Columns that say which rows train.
_SAYING_USES = {"usage", "use", "split", "subset", "set", "partition"}
# Of a file that was chosen in the wrong place, in the words of the dashboard.
HOLDS_WEIGHTS = "the weights of a network, no images with labels: choose it under Load weights"
# t10k is one word; trainX, XTrain and x_train are two.
_WORD = re.compile(r"t10k|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def role_of(name: str) -> tuple[str, str] | None:
    """Return what an array is, IMAGES or LABELS, and for what: TRAIN, VALIDATION, TEST or empty.

    None if its name holds another word: `batch_label` is no label.
    """
    words = _words(name)
    rest = [word for word in words if word not in _ANY_USE]
    if len(rest) != 1 or len(words) > 2:
        return None
    if rest[0] in _IMAGES:
        return IMAGES, _use_of(words)
    return (LABELS, _use_of(words)) if rest[0] in _LABELS else None


def is_label(name: str) -> bool:
    """Return whether a column of this name holds labels."""
    return role_of(name) == (LABELS, "")


def numbers_rows(name: str) -> bool:
    """Return whether a column of this name, which may be empty, numbers the rows of a table."""
    words = set(_words(name))
    return not name or (bool(words & _NUMBERING) and words <= _NUMBERING | _NUMBERED)


def names_uses(name: str) -> bool:
    """Return whether a column of this name says which rows of a table train and which test."""
    words = set(_words(name))
    return bool(words) and words <= _SAYING_USES


def use_of_rows(cell: str) -> str:
    """Return what a cell says that its row is for, TRAIN or TEST; empty if it says neither.

    `Training`, `PublicTest` and `PrivateTest` are words of FER2013.
    """
    return _split_of(_words(cell))


def is_test(name: str) -> bool:
    """Return whether a file holds what is to be tested on, by its name."""
    return _split_of(_words(name)) == TEST


def use_of_folder(name: str) -> str:
    """Return what a folder is for, TRAIN or TEST; empty if its name says anything else."""
    words = _words(name)
    return _split_of(words) if set(words) <= _ANY_USE else ""


def _split_of(words: Iterable[str]) -> str:
    """Return which split words speak of: TRAIN, TEST, which validates too, or nothing."""
    use = _use_of(words)
    return TEST if use == VALIDATION else use


def _use_of(words: Iterable[str]) -> str:
    words = set(words)
    return next((use for use, names in _USES.items() if words & names), "")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]

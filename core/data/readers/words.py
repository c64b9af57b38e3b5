"""What the names of arrays and files say: which hold images, which labels, and for what."""

from __future__ import annotations

import re
from collections.abc import Iterable

_IMAGES = {"images", "image", "imgs", "img", "x", "data", "pixels", "inputs", "features"}
_LABELS = {"labels", "label", "y", "target", "targets", "lbl", "lbls", "class"}
_TRAIN = {"train", "training", "trn"}
_TEST = {"test", "testing", "tst", "t10k", "val", "valid", "validation", "dev", "eval"}
# t10k is one word; trainX and x_train are two.
_WORD = re.compile(r"t10k|[A-Z]?[a-z]+|[A-Z]+")

IMAGES, LABELS, TRAIN, TEST = "images", "labels", "train", "test"


def role_of(name: str) -> tuple[str, str] | None:
    """Return what an array is, IMAGES or LABELS, and for what, TRAIN, TEST or empty.

    None if its name holds another word: `batch_label` is no label.
    """
    words = _words(name)
    split = split_of(words)
    rest = [word for word in words if word not in _TRAIN | _TEST]
    if len(rest) != 1 or len(words) > 2:
        return None
    if rest[0] in _IMAGES:
        return IMAGES, split
    return (LABELS, split) if rest[0] in _LABELS else None


def is_label(name: str) -> bool:
    """Return whether a column of this name holds labels."""
    return role_of(name) == (LABELS, "")


def is_test(name: str) -> bool:
    """Return whether a file holds what is to be tested on, by its name."""
    return split_of(_words(name)) == TEST


def use_of_folder(name: str) -> str:
    """Return what a folder is for, TRAIN or TEST; empty if its name says anything else."""
    words = _words(name)
    return split_of(words) if set(words) <= _TRAIN | _TEST else ""


def split_of(words: Iterable[str]) -> str:
    """Return what words say of the use of an array: TRAIN, TEST or nothing."""
    words = set(words)
    return TEST if words & _TEST else TRAIN if words & _TRAIN else ""


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]

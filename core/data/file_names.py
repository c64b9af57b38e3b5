"""Finds the class of each picture in the names of files and folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.arrays.spelling import folded, plain
from core.data.readers.words import TEST, use_of_folder

# What stands between a name and the number of a picture: cat-01, cat_01, cat.01, cat (1).
_BETWEEN = r"[\s_.\-–—]"
_IN_BRACKETS = re.compile(rf"{_BETWEEN}*\(\d+\)$")
_NUMBER = re.compile(rf"{_BETWEEN}+\d+$")
# cat01
_ATTACHED = re.compile(r"(?<=\D)\d+$")
_ENDS = re.compile(rf"^{_BETWEEN}+|{_BETWEEN}+$")


@dataclass(frozen=True)
class Filed:
    """What the name of a file says.

    Attributes:
        label: the class of its picture; empty if the name says none.
        tests: whether it stands in a folder of pictures to test on.
    """

    label: str
    tests: bool = False


def classes_of(paths: Sequence[str]) -> list[Filed]:
    """Return what the names of pictures say of their classes.

    Where the files lie in several folders, each folder is a class; otherwise a file is named after
    its class, and a number may follow: `red_apple-01.png`, `brown bear (2).jpg`, `3_0012.png`.
    Large and small letters are the same, as most systems take them in names of files, and so are
    letters that are written in several ways; a class is called as it is spelled first.

    Args:
        paths: names with their folders, as far as they are known, separated by slashes.
    """
    parts = [_plain(path).split("/") for path in paths]
    folders = [[folder for folder in path[:-1] if folder] for path in parts]
    kinds = [next((f for f in reversed(above) if not use_of_folder(f)), "") for above in folders]
    by_folder = len(set(map(folded, kinds))) > 1 and "" not in kinds
    labels = kinds if by_folder else [class_in(path[-1]) for path in parts]
    spelled: dict[str, str] = {}
    return [
        Filed(
            spelled.setdefault(folded(label), label),
            any(use_of_folder(folder) == TEST for folder in above),
        )
        for label, above in zip(labels, folders, strict=True)
    ]


def class_in(name: str) -> str:
    """Return the class that a picture's name begins with; empty if it is but a number."""
    stem = _plain(name)
    if "." in stem[1:]:
        stem = stem[: stem.rindex(".")]
    without = _IN_BRACKETS.sub("", stem)
    short = _NUMBER.sub("", without)
    if short == stem:
        short = _ATTACHED.sub("", stem)
    found = _ENDS.sub("", short or without)
    # A number without anything before it may be that of the picture.
    return "" if found.isdecimal() and short in ("", stem) else found


def _plain(text: str) -> str:
    """Return a path, each letter written in one way, without double spaces."""
    return plain(text.replace("\\", "/"))

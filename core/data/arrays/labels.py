"""Converts labels, however they were saved, into indices of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.spelling import plain
from core.errors import DataError, counted, listed

MAX_CLASSES = 1000
# So many labels or classes are named in a message.
_MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class Classes:
    """Labels as indices of named classes.

    Attributes:
        numbers: int64 (N,), from 0.
        names: one a class.
        note: what was changed on the way; empty if nothing was.
    """

    numbers: NDArray[np.int64]
    names: tuple[str, ...]
    note: str = ""


def one_a_row(labels: NDArray[Any], n: int, name: str = "labels") -> tuple[NDArray[Any], str]:
    """Return the labels of `n` images as (N,), and what to say about it; empty as a rule.

    Args:
        labels: (N,), (N, 1), (1, N), or one-hot (N, classes).
        n: how many images there are.
        name: what the array is called.

    Raises:
        DataError: they have another shape, or several classes an image.
    """
    note = ""
    _check_finite(labels, name)
    if labels.ndim == 2 and 1 in labels.shape:
        labels = labels.reshape(-1)
    elif labels.ndim == 2 and labels.size and labels.dtype.kind in "biuf":
        labels, note = _of_one_hot(labels, name)
    if labels.ndim != 1:
        advice = "np.argmax(labels, axis=1) undoes one-hot, np.ravel(labels) drops axes of 1"
        raise DataError(f"{name} has shape {labels.shape}, expected (N,): {advice}")
    if len(labels) != n:
        raise DataError(
            f"{name} has {counted(len(labels), 'entry', 'entries')} for {counted(n, 'image')}: "
            "give one label an image"
        )
    return labels, note


def is_one_hot(shape: tuple[int, ...]) -> bool:
    """Return whether labels of a shape have a number for each class; otherwise one an image."""
    return len(shape) > 1 and 1 not in shape


def missing(name: str, wrong: NDArray[np.bool_], found: str, kept: str) -> str:
    """Return what to say of labels that are not there.

    Args:
        name: what the array of labels is called.
        wrong: where they are not, in the shape of the labels.
        found: what stands there instead.
        kept: an expression that is true of the others: one value an image.
    """
    rows, each = np.flatnonzero(wrong), "np.ravel(labels)"
    if is_one_hot(wrong.shape):
        rows, each = np.unique(wrong.nonzero()[0]), "np.asarray(labels)"
    which = listed([f"{name}[{row}]" for row in rows], _MOST_NAMED)
    return (
        f"{which} {'is' if len(rows) == 1 else 'are'} {found}, which is no class: leave these "
        f"images out with kept = {kept}, then pass np.asarray(images)[kept] and "
        f"{each}[kept]"
    )


def _check_finite(labels: NDArray[Any], name: str) -> None:
    if labels.dtype.kind != "f" or not labels.ndim or np.isfinite(labels).all():
        return
    kept = "np.isfinite(np.ravel(labels))"
    if is_one_hot(labels.shape):
        kept = "np.isfinite(labels).all(axis=1)"
    raise DataError(missing(name, ~np.isfinite(labels), "NaN or infinite", kept))


def _of_one_hot(labels: NDArray[Any], name: str) -> tuple[NDArray[Any], str]:
    shape = labels.shape
    if not ((labels == 0) | (labels == 1)).all():
        raise DataError(
            f"{name} has shape {shape}, expected (N,): np.argmax(labels, axis=1) takes the class "
            "with the greatest number, if a column is a class"
        )
    of_each = labels.sum(axis=1)
    wrong = np.flatnonzero(of_each != 1)
    if wrong.size:
        raise DataError(
            f"{name} has shape {shape} and is multi-label: {wrong.size:,} of {len(labels):,} "
            f"images have not exactly one class ({name}[{wrong[0]}] has {int(of_each[wrong[0]])}), "
            "and here an image has one. Keep those that have: one = np.sum(labels, axis=1) == 1, "
            "then save np.asarray(images)[one] and np.argmax(labels, axis=1)[one]"
        )
    return labels.argmax(axis=1), f"One-hot labels {shape} were taken as one class an image."


def to_classes(labels: NDArray[Any], class_names: Sequence[str] | None) -> Classes:
    """Return labels (N,) as indices of classes.

    Whole numbers that do not run from 0 without gaps are renumbered, and keep their number as name.

    Args:
        labels: whole numbers, of whatever type, or names of classes.
        class_names: one name a class; None takes them from the labels.

    Raises:
        DataError: labels or class names cannot be used, or do not fit each other.
    """
    names = None if class_names is None else check_names(class_names)
    if labels.dtype.kind in "US":
        return _of_names(texts(labels, "labels"), names)
    if labels.dtype.kind == "b":
        if names is None:
            return _of_names([str(label) for label in labels.tolist()], None)
        labels = labels.astype(np.int64)
    if labels.dtype.kind == "f" and np.isfinite(labels).all() and (labels == np.rint(labels)).all():
        labels = _whole(labels)
    if labels.dtype.kind not in "iu":
        odd = labels[labels != np.rint(labels)] if labels.dtype.kind == "f" else labels
        raise DataError(
            f"labels has type {labels.dtype}, such as {odd[0]}, expected whole numbers or names "
            "of classes: [str(label) for label in labels] makes names of them; for real-valued "
            "targets make a DataSet of two Splits"
        )
    return _of_numbers(labels, names)


def whole_below(dtype: np.dtype[Any]) -> int:
    """Return up to where floats of a type hold every whole number: 2**53 for float64."""
    return int(2 ** min(np.finfo(dtype).nmant + 1, 53))


def _whole(labels: NDArray[Any]) -> NDArray[np.int64]:
    most, worst = whole_below(labels.dtype), int(np.abs(labels).argmax())
    if abs(labels[worst]) >= most:
        raise DataError(
            f"labels[{worst}] is {labels[worst]:g} in {labels.dtype}, which rounds whole numbers "
            f"from {most:,} on, so that classes may have become one: save labels as int64 or as "
            "text from the beginning, or number the classes from 0"
        )
    return labels.astype(np.int64)


def check_several(classes: Classes) -> None:
    """Refuse labels of one class only.

    Raises:
        DataError: they are.
    """
    numbers = classes.numbers
    if (numbers == numbers[0]).all():
        raise DataError(
            f"{counted(len(numbers), 'image is', 'images are all')} of the class "
            f"{classes.names[numbers[0]]!r}, expected images of at least 2 classes: add some whose "
            "name or label says another one"
        )


def texts(values: NDArray[Any], entry: str) -> list[str]:
    """Return the strings of an array of str or bytes (UTF-8), made plain.

    Raises:
        DataError: a string is not valid Unicode.
    """
    try:
        found = [v.decode() if isinstance(v, bytes) else str(v) for v in values.tolist()]
        for text in found:
            text.encode()
    except ValueError as error:
        raise DataError(
            f"{entry} holds text that is not valid Unicode ({error}): use plain names"
        ) from error
    return [plain(text) for text in found]


def check_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """Return the class names made plain; they must be distinct then, and not empty.

    Raises:
        DataError: they are not, or are too many.
    """
    _check_count(len(class_names))
    names, seen = tuple(plain(str(name)) for name in class_names), set[str]()
    for name in names:
        if not name:
            raise DataError(f"a class is called {name!r}, expected some text: name every class")
        if name in seen:
            raise DataError(f"class_names holds {name!r} twice: give every class its own name")
        seen.add(name)
    return names


def _of_names(labels: list[str], names: tuple[str, ...] | None) -> Classes:
    names = check_names(sorted(set(labels))) if names is None else names
    index = {name: i for i, name in enumerate(names)}
    for i, label in enumerate(labels):
        if label not in index:
            raise DataError(
                f"labels[{i}] is {label!r}, expected one of class_names ({', '.join(names)}): "
                "add it there or mend the label"
            )
    return Classes(np.array([index[label] for label in labels], dtype=np.int64), names)


def _of_numbers(labels: NDArray[Any], names: tuple[str, ...] | None) -> Classes:
    found, numbers = np.unique(labels, return_inverse=True)
    # NumPy 2.0 gives them the shape of what was asked for, others not.
    numbers = numbers.reshape(-1).astype(np.int64)
    low, high = int(found[0]), int(found[-1])
    if names is None:
        _check_count(len(found))
        own = tuple(str(number) for number in found.tolist())
        note = "" if high == len(found) - 1 and low == 0 else _renumbered(found, kept="number")
        return Classes(numbers, own, note)
    if low >= 0 and high < len(names):
        return Classes(labels.astype(np.int64), names)
    if low == 1 and high == len(names):
        return Classes(labels.astype(np.int64) - 1, names, _renumbered(found, kept="name"))
    if len(found) == len(names):
        return Classes(numbers, names, _renumbered(found, kept="name"))
    worst = int(labels.argmin() if low < 0 else labels.argmax())
    raise DataError(
        f"labels[{worst}] is {labels[worst]}, but class_names has {counted(len(names), 'name')}, "
        f"for 0 to {len(names) - 1}: number the classes from 0 and name each"
    )


def _renumbered(found: NDArray[Any], kept: str) -> str:
    count, values = len(found), [str(value) for value in found.tolist()]
    without_gap = count > 1 and int(found[-1]) - int(found[0]) == count - 1
    if without_gap:
        which = f"{values[0]} to {values[-1]}"
    else:
        which = ", ".join(values[:_MOST_NAMED]) + (", …" if count > _MOST_NAMED else "")
    return (
        f"The labels {which} were renumbered 0 to {count - 1}, as a network counts its outputs; "
        f"each class keeps its {kept}."
    )


def _check_count(classes: int) -> None:
    if classes > MAX_CLASSES:
        raise DataError(
            f"labels or class_names make {classes:,} classes, expected at most {MAX_CLASSES:,}: "
            "give one class an image"
        )

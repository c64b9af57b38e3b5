"""Converts the user's own labels into indices of classes, after checking them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

MAX_CLASSES = 1000


def check_labels(
    labels: NDArray[Any], n: int, class_names: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the labels of `n` images as int64 (N,), and the names of the classes.

    Raises:
        DataError: labels or class names cannot be used, or do not fit each other.
    """
    if labels.ndim != 1:
        advice = "labels.argmax(axis=1) undoes one-hot, labels.reshape(-1) drops an axis of 1"
        raise DataError(f"labels has shape {labels.shape}, expected (N,): {advice}")
    if len(labels) != n:
        raise DataError(
            f"labels has {len(labels)} entries, but images has {n}: give one label an image"
        )
    names = None if class_names is None else _check_names(class_names)
    if labels.dtype.kind in "US":
        numbers, names = _number_names(texts(labels, "labels"), names)
    elif labels.dtype.kind in "iu":
        numbers, names = _check_numbers(labels, names)
    else:
        raise DataError(
            f"labels has type {labels.dtype}, expected whole numbers from 0 or names of classes: "
            "convert with labels.astype(np.int64), or astype(str) for names; for real-valued "
            "targets make a DataSet of two Splits"
        )
    if (numbers == numbers[0]).all():
        raise DataError(
            f"labels holds one class only, {names[numbers[0]]!r}, expected at least 2 classes: "
            "add images of another"
        )
    return numbers, names


def texts(values: NDArray[Any], entry: str) -> list[str]:
    """Return the strings of an array of str or bytes (UTF-8).

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
    return found


def _check_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """Return the class names, which must be distinct and not empty."""
    _check_count(len(class_names))
    seen: set[str] = set()
    for name in class_names:
        if not name.strip():
            raise DataError(f"a class is called {name!r}, expected some text: name every class")
        if name in seen:
            raise DataError(f"class_names holds {name!r} twice: give every class its own name")
        seen.add(name)
    return tuple(str(name) for name in class_names)


def _number_names(
    labels: list[str], names: tuple[str, ...] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Convert labels that are names to indices into the names of the classes."""
    names = _check_names(sorted(set(labels))) if names is None else names
    index = {name: i for i, name in enumerate(names)}
    for i, label in enumerate(labels):
        if label not in index:
            raise DataError(
                f"labels[{i}] is {label!r}, expected one of class_names ({', '.join(names)}): "
                "add it there or mend the label"
            )
    return np.array([index[label] for label in labels], dtype=np.int64), names


def _check_numbers(
    labels: NDArray[Any], names: tuple[str, ...] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Check that labels that are whole numbers lie within the classes."""
    low, high = int(labels.min()), int(labels.max())
    if low < 0:
        raise DataError(
            f"labels[{int(labels.argmin())}] is {low}, expected 0 or more: number the classes "
            "from 0"
        )
    if names is not None and high >= len(names):
        raise DataError(
            f"labels[{int(labels.argmax())}] is {high}, but class_names has {len(names)} names, "
            f"for 0 to {len(names) - 1}: number the classes from 0 and name each"
        )
    if names is None:
        _check_count(high + 1)
        names = tuple(str(i) for i in range(high + 1))
    return labels.astype(np.int64), names


def _check_count(classes: int) -> None:
    if classes > MAX_CLASSES:
        raise DataError(
            f"labels or class_names make {classes:,} classes, expected at most {MAX_CLASSES:,}: "
            "number the classes from 0 without gaps"
        )

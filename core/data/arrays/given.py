"""Makes plain arrays of the images and labels that somebody passes from Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from numbers import Real
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from core.data.arrays.labels import is_one_hot, missing, texts
from core.errors import DataError, shown

# The kinds of labels, and how somebody checks that one is there.
_TEXT = (str, bytes), "isinstance(label, (str, bytes))"
_NUMBERS = (Real, np.bool_), "isinstance(label, (int, float, np.generic)) and label == label"


def array_of(values: object, name: str) -> NDArray[Any]:
    """Return an array; of a tensor of PyTorch too, which may need a gradient.

    Raises:
        DataError: it is none, or a part of it is masked.
    """
    try:
        array = np.asanyarray(values.detach().cpu().numpy() if _is_tensor(values) else values)
    except (TypeError, ValueError, RuntimeError) as error:
        advice = "a plain one of NumPy"
        if _is_tensor(values):
            advice = f"{name}.float(), of a sparse tensor {name}.to_dense()"
        raise DataError(f"{name} is not an array ({error}): pass {advice}") from error
    if np.ma.is_masked(array):
        raise DataError(
            f"{name} is a masked array, and {int(np.ma.getmaskarray(array).sum()):,} of its "
            f"{array.size:,} values are masked: say what they are, such as {name}.filled(0), or "
            f"pass {name}.data if the mask does not count"
        )
    return np.asarray(array)


def _is_tensor(values: object) -> TypeGuard[Any]:
    """Return whether something is a tensor of PyTorch."""
    # An open file has `detach` too, which takes its content away.
    return hasattr(values, "detach") and hasattr(values, "cpu")


def stacked(images: object) -> NDArray[Any]:
    """Return one array of all images, which must agree in size and type.

    Args:
        images: an array, or a sequence of what makes arrays.

    Raises:
        DataError: they are none, or do not agree.
    """
    if hasattr(images, "__array__") or _is_tensor(images):
        array = array_of(images, "images")
        if array.dtype != object or array.ndim != 1:
            return array
        # As pandas keeps arrays in a column.
        images = list(array)
    if not hasattr(images, "__iter__"):
        raise DataError(
            f"images is not a sequence of arrays but {shown(images)}: give a list of arrays of "
            "one size"
        )
    each = [array_of(image, f"images[{i}]") for i, image in enumerate(images)]
    if not each:
        raise DataError("images is empty, expected at least 2 images: add images")
    for i, image in enumerate(each):
        if image.ndim == 0 and image.dtype.kind not in "biuf":
            raise DataError(
                f"images[{i}] is {shown(image.item())}, expected an array: of the name of a "
                "file, np.asarray(PIL.Image.open(name)) makes one; if these are the labels, pass "
                "the images first"
            )
        if image.shape != each[0].shape:
            raise DataError(
                f"images[{i}] has shape {image.shape}, but images[0] has {each[0].shape}: crop or "
                "resize all images to one size"
            )
        if image.dtype != each[0].dtype:
            raise DataError(
                f"images[{i}] has type {image.dtype}, but images[0] has {each[0].dtype}: convert "
                "all images to one type"
            )
    return np.stack(each)


def labels_of(labels: object) -> NDArray[Any]:
    """Return labels as an array of numbers or of text, as they may be in a column of pandas.

    Raises:
        DataError: they are none, one is missing, or some are of another kind than others.
    """
    if isinstance(labels, np.ma.MaskedArray) and labels.ndim and np.ma.is_masked(labels):
        kept = "~np.ma.getmaskarray(np.ravel(labels))"
        if is_one_hot(labels.shape):
            kept = "~np.ma.getmaskarray(labels).any(axis=1)"
        raise DataError(missing("labels", np.ma.getmaskarray(labels), "masked", kept))
    if labels is np.ma.masked:
        raise DataError("labels is masked, expected a sequence: give one label an image")
    if isinstance(labels, Iterator):
        labels = list(labels)
    array = array_of(labels, "labels")
    if array.dtype == object and array.ndim == 0:
        raise DataError(f"labels is {shown(labels)}, expected a sequence: give one label an image")
    if array.dtype.kind in "US" and isinstance(labels, Sequence):
        # NumPy would make a text of a NaN among texts, and of any number.
        array = np.array(labels, dtype=object)
    return _of_objects(array.astype(object)) if array.dtype.kind in "OT" else array


def _of_objects(labels: NDArray[Any]) -> NDArray[Any]:
    flat = labels.reshape(-1)
    is_missing = np.array([_is_missing(label) for label in flat], dtype=bool)
    if is_missing.all():
        raise DataError("labels holds no class: give one label an image")
    first = flat[~is_missing][0]
    kinds, checked = _TEXT if isinstance(first, str | bytes) else _NUMBERS
    if is_missing.any():
        objects = "np.asarray(labels, dtype=object)"
        kept = f"np.array([{checked} for label in {objects}.reshape(-1)])"
        if is_one_hot(labels.shape):
            kept = f"np.array([all({checked} for label in row) for row in {objects}])"
        wrong = is_missing.reshape(labels.shape)
        raise DataError(missing("labels", wrong, str(flat[is_missing][0]), kept))
    for i, label in enumerate(flat):
        if not isinstance(label, kinds):
            other = f", but labels[0] is {shown(first)}" if i else ""
            raise DataError(
                f"labels[{i}] is {shown(label)}{other}, expected only whole numbers or only "
                "names of classes: labels = [str(label) for label in labels] makes names of all"
            )
    if kinds is _TEXT[0]:
        return np.array(texts(flat, "labels")).reshape(labels.shape)
    return np.array(labels.tolist())


def _is_missing(label: object) -> bool:
    """Return whether a label is None, NaN or what pandas has instead."""
    if label is None:
        return True
    try:
        return bool(label != label)
    except TypeError:  # pandas.NA has no truth value
        return True
    except ValueError:  # an array
        return False

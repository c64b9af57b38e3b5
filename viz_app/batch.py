"""A data set of a batch that somebody passes, and what to do where it is not as expected."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet, Split
from core.data.arrays.given import array_of, stacked
from core.errors import DataError
from core.training.arguments import is_of_torch, wrong_kind

MOST_CLASSES = 1000
# Sizes of a last axis that is that of the colours: grey, RGB, and with opacity.
_COLOURS = (1, 3, 4)


def data_set(data: object) -> DataSet:
    """Return a data set of copies: what is done with the arrays later changes no run.

    Args:
        data: images (N, C, H, W) and labels (N,), arrays or tensors of PyTorch.

    Raises:
        TypeError: it is no such pair.
        DataError: the arrays cannot be used; the message says how they could.
    """
    if not isinstance(data, tuple | list) or len(data) != 2:
        expected = (
            'a DataSet, such as load_dataset("digits"), or a pair: images (N, C, H, W) and '
            f"labels (N,){_batch_of(data)}"
        )
        raise TypeError(wrong_kind("data", data, expected))
    images, labels = np.array(stacked(data[0])), np.array(array_of(data[1], "labels"))
    _check_axes(images, labels)
    if labels.dtype.kind in "USO":
        raise DataError(
            f"labels are {labels.dtype}, not numbers: names, labels = np.unique(labels, "
            "return_inverse=True) makes numbers of classes, counted from 0, of their names"
        )
    split = Split(images, labels)
    return DataSet("own", "Own data", split, split, _names(split))


def advice_for(data: DataSet) -> str:
    """Return what may help where images do not fit a network; empty if nothing is known."""
    shape = data.train.images.shape
    if len(shape) != 3:
        return ""
    return (
        f"images have shape {shape}; if that is (N, H, W), pass images[:, None], which is "
        "(N, 1, H, W)"
    )


def _batch_of(data: object) -> str:
    """Return how a batch is taken from a loader or a data set of PyTorch; empty of all else."""
    if not is_of_torch(data) or hasattr(data, "detach"):
        return ""
    if hasattr(data, "batch_size"):
        return ": pass a batch of it, next(iter(data))"
    if hasattr(data, "__getitem__"):
        return ": pass a batch of it, next(iter(DataLoader(data, 64)))"
    return ""


def _check_axes(images: NDArray[Any], labels: NDArray[Any]) -> None:
    """Refuse what is most likely in another order.

    Raises:
        DataError: the pair is the other way round, or colours are the last axis.
    """
    if images.ndim < 2 < labels.ndim:
        raise DataError(
            f"images have shape {images.shape} and labels {labels.shape}; expected images first, "
            "(N, C, H, W), then labels (N,): exchange the two"
        )
    if images.ndim == 4:
        _, channels, height, width = images.shape
        if width in _COLOURS and min(channels, height) > max(_COLOURS):
            raise DataError(
                f"images have shape {images.shape}, which looks like (N, H, W, C); expected "
                "(N, C, H, W): pass images.transpose(0, 3, 1, 2), of a tensor of PyTorch "
                "images.permute(0, 3, 1, 2); where the second axis is C, pass a DataSet of them"
            )


def _names(split: Split) -> tuple[str, ...]:
    """Return names of the classes where labels are whole numbers; none for a regression."""
    if split.labels.dtype.kind not in "iu" or split.labels.ndim > 1:
        return ()
    most = int(split.labels.max())
    if not 0 <= most < MOST_CLASSES:
        raise DataError(
            f"the largest label is {most}; expected classes numbered from 0, fewer than "
            f"{MOST_CLASSES}; for a regression pass labels as floats"
        )
    return tuple(map(str, range(most + 1)))


def check_classes(labels: NDArray[Any]) -> None:
    """Refuse labels that cross-entropy cannot compare with.

    Raises:
        DataError: they are no numbers of classes (N,); the message says what to pass.
    """
    is_whole = labels.dtype.kind in "iu"
    if is_whole and labels.ndim == 1:
        return
    if labels.ndim == 2 and labels.shape[1] == 1 and is_whole:
        advice = "pass labels.ravel()"
    elif labels.ndim == 2 and _is_one_hot(labels):
        advice = "pass labels.argmax(axis=1), which undoes one-hot"
    elif labels.dtype.kind == "b":
        advice = "pass labels.astype(np.int64), or loss='bce' for a network with one output"
    else:
        advice = (
            "for numbers to be predicted pass loss='mse', and end the network with as many outputs"
        )
        if labels.ndim == 1 and (labels == np.rint(labels)).all():
            advice += "; numbers of classes convert with labels.astype(np.int64)"
    raise DataError(
        f"labels are {labels.dtype} of shape {labels.shape}, and cross-entropy compares with the "
        f"numbers of classes (N,): {advice}"
    )


def _is_one_hot(labels: NDArray[Any]) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())

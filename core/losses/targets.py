"""Targets as losses take them: class numbers, or numbers of the output's shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ShapeError
from core.tensor import Array


def class_numbers(targets: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Return targets (N,) as class numbers.

    Raises:
        ValueError: a target is no whole number in 0..classes - 1.
    """
    labels = np.asarray(targets)
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"targets are {labels.dtype}; expected whole class numbers: for numbers to be "
            "predicted take another loss, such as MSELoss(); numbers of classes convert with "
            "targets.astype(np.int64)"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f"targets run from {labels.min()} to {labels.max()}; expected 0 to {classes - 1}"
        )
    return labels.astype(np.int64)


def like_output(
    targets: ArrayLike, output: Array, loss: str
) -> tuple[Array, NDArray[np.int64] | None]:
    """Return targets in the shape and dtype of an output.

    Args:
        targets: numbers of the output's shape; or class numbers (N,) for an output (N, classes) of
            at least 2 classes, which become one-hot; or numbers (N,) for an output (N, 1).
        output: the output.
        loss: name of the loss, for error messages.

    Returns:
        The targets, and the class numbers if there are some.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: targets are no real numbers, or a class number is out of range.
    """
    given = np.asarray(targets)
    if given.dtype.kind not in "biuf":
        raise ValueError(f"targets are {given.dtype}; {loss} needs real numbers or class numbers")
    if given.shape == output.shape:
        return given.astype(output.dtype), None
    if output.ndim == 2 and given.shape == output.shape[:1]:
        classes = output.shape[1]
        if classes == 1:
            return given.astype(output.dtype)[:, None], None
        if given.dtype.kind in "iu":
            labels = class_numbers(given, classes)
            return np.eye(classes, dtype=output.dtype)[labels], labels
    raise ShapeError(
        f"{loss} needs targets of the output's shape, or class numbers (N,) for an output "
        "(N, classes)",
        f"{given.dtype} targets {given.shape} for an output {output.shape}",
    )


def is_one_hot(targets: Array) -> bool:
    """Return whether targets (N, classes) are one-hot: one 1 in each row, and 0 elsewhere."""
    if targets.ndim != 2 or targets.shape[1] < 2 or not len(targets):
        return False
    ones = targets == 1
    return bool((ones | (targets == 0)).all() and (ones.sum(axis=1) == 1).all())


def target_lines(labels: NDArray[np.int64] | None) -> str:
    """Return the lines of index notation for what `like_output` returned."""
    if labels is None:
        return 'targets[*i] = "target of the sample"'
    return """
        labels[n]    = "label of the sample"
        targets[n,k] = (k == labels[n])
    """


def target_arrays(targets: Array, labels: NDArray[np.int64] | None) -> dict[str, Array]:
    """Return the arrays of these lines by name."""
    return {"targets": targets} if labels is None else {"labels": labels, "targets": targets}

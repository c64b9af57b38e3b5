"""Losses as source text, in plain NumPy, with `core` and in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.code.constructors import unknown
from core.code.text import call, changed
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.tensor import Array


@dataclass(frozen=True)
class LossText:
    """How a loss is written.

    Attributes:
        function: its function in the template `plain`, which returns the loss and the gradient.
        call: the call that makes it in `core`, and behind `nn.` in PyTorch.
        options: of the function.
        targets: what makes its targets of the labels: "labels" takes them as they are, "one-hot"
            and "column" turn class numbers (N,) and numbers (N,) into the shape of the output,
            "numbers" have that already.
        left: how much of its terms their difference, the gradient, has left: 1 if they do not
            cancel, almost 0 if all is learnt.
    """

    function: str
    call: str
    options: dict[str, object]
    targets: str
    left: float


def loss_text(loss: Loss) -> LossText:
    """Return how a loss is written, which has computed its targets.

    Raises:
        ValueError: it is of a class of somebody's own.
    """
    if type(loss) not in LOSSES:
        raise unknown("loss", loss)
    return LOSSES[type(loss)](loss)


def _cross_entropy(loss: CrossEntropyLoss) -> LossText:
    share = loss.label_smoothing
    made = call("CrossEntropyLoss", **changed({"label_smoothing": (share, 0.0)}))
    smoothing = changed({"smoothing": (share, 0.0)})
    left = largest(loss.output.grad) * len(loss.output)
    return LossText("cross_entropy", made, smoothing, "labels", left)


def _binary(loss: BCEWithLogitsLoss) -> LossText:
    left = largest(loss.output.grad) * loss.output.value.size
    return LossText("binary_cross_entropy", "BCEWithLogitsLoss()", {}, _targets(loss), left)


def _difference(function: str) -> Callable[[Any], LossText]:
    def make(loss: MSELoss | L1Loss) -> LossText:
        terms = max(largest(loss.output.value), largest(loss.targets))
        left = largest(loss.difference) / terms if terms else 1.0
        return LossText(function, call(type(loss).__name__), {}, _targets(loss), left)

    return make


def _targets(loss: MSELoss | L1Loss | BCEWithLogitsLoss) -> str:
    if loss.labels is not None:
        return "one-hot"
    return "column" if loss.targets.shape[1:] == (1,) else "numbers"


def largest(array: Array) -> float:
    """Return the largest magnitude in an array."""
    return float(np.abs(array).max(initial=0))


LOSSES: Mapping[type[Loss], Callable[[Any], LossText]] = {
    CrossEntropyLoss: _cross_entropy,
    MSELoss: _difference("squared_error"),
    L1Loss: _difference("absolute_error"),
    BCEWithLogitsLoss: _binary,
}

# The targets of the output {y}, from the labels.
PLAIN_TARGETS = {
    "labels": "labels",
    "one-hot": "np.eye({y}.shape[1], dtype={y}.dtype)[labels]",
    "column": "labels.astype({y}.dtype).reshape({y}.shape)",
    "numbers": "labels.astype({y}.dtype)",
}
TORCH_TARGETS = {
    "labels": "labels",
    "one-hot": "nn.functional.one_hot(labels, output.shape[1]).to(output.dtype)",
    "column": "labels.to(output.dtype).reshape(output.shape)",
    "numbers": "labels.to(output.dtype)",
}

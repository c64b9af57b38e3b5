"""Binary cross-entropy: for classes that exclude each other or not, one probability each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.layer import Stages
from core.losses.base import Loss
from core.losses.targets import is_one_hot, like_output, target_arrays, target_lines
from core.tensor import Array, Tensor

ELEMENT_LOSS = (
    'max(logits[*i], 0) - note("target times logit", logits[*i] * targets[*i]) '
    "+ log1p(exp(-abs(logits[*i])))"
)


class BCEWithLogitsLoss(Loss):
    """Sigmoid, then the mean binary cross-entropy over all numbers, as in PyTorch.

    For logits z and targets t in 0..1 of one shape:

        p = sigmoid(z)    L = -mean(t log p + (1 - t) log(1 - p))    g(L, z) = (p - t) / size

    computed as max(z, 0) - z t + log(1 + exp(-|z|)), which neither overflows nor loses digits.
    For logits (N, classes) the targets may be class numbers (N,), which become one-hot, and for
    logits (N, 1) they may be numbers (N,).

    Attributes:
        targets: in the shape of the output.
        labels: the class numbers, if there were some.
        probabilities: p, of the shape of the output.
        element_losses: the loss of each number, of the same shape.
    """

    transient: ClassVar[frozenset[str]] = frozenset({"labels", "probabilities", "element_losses"})

    def __init__(self) -> None:
        self.targets: Array = np.zeros(0)
        self.labels: NDArray[np.int64] | None = None
        self.probabilities: Array = np.zeros(0)
        self.element_losses: Array = np.zeros(0)

    @property
    def formulas(self) -> str:  # type: ignore[override]
        """One line of index notation for each array of the stages."""
        return f"""
            sigmoid_probabilities[*i] = sigmoid(logits[*i])
            {target_lines(self.labels)}
            element_losses[*i] = {ELEMENT_LOSS}
            loss = 1/size * sum[*i](element_losses[*i])
            g_logits[*i] = 1/size * (sigmoid_probabilities[*i] - note("target", targets[*i]))
        """

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        return {"size": self.probabilities.size}

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of logits (N, ...) against `targets`.

        Raises:
            ShapeError: the shapes do not fit.
            ValueError: a target is not in 0..1, or a class number is out of range.
        """
        z = output.value
        t, self.labels = like_output(targets, z, "binary cross-entropy")
        if t.size and not (t.min() >= 0 and t.max() <= 1):
            raise ValueError(f"targets run from {t.min()} to {t.max()}; expected 0 to 1")
        self.output, self.targets = output, t
        small = np.exp(-np.abs(z))
        # Either way the exponential is of a negative number.
        self.probabilities = np.where(z >= 0, 1, small) / (1 + small)
        self.element_losses = np.maximum(z, 0) - z * t + np.log1p(small)
        return float(self.element_losses.mean())

    def backward(self) -> None:  # noqa: D102
        g = self.probabilities - self.targets
        g /= g.size
        self.output.grad = g

    def metrics(self, output: Tensor, targets: ArrayLike) -> dict[str, float]:
        """Return the share of right answers, if all targets are 0 or 1.

        With one class a sample the largest logit is the answer; else each logit is an answer of
        its own, 1 where it is above 0.
        """
        z = output.value
        t, _ = like_output(targets, z, "binary cross-entropy")
        if not ((t == 0) | (t == 1)).all():
            return {}
        if is_one_hot(t):
            return {"accuracy": float((z.argmax(axis=1) == t.argmax(axis=1)).mean())}
        return {"accuracy": float(((z > 0) == (t == 1)).mean())}

    def forward_stages(self) -> Stages:  # noqa: D102
        return {
            "probabilities": {
                "logits": self.output.value,
                "sigmoid_probabilities": self.probabilities,
            },
            "loss": {
                "logits": self.output.value,
                **target_arrays(self.targets, self.labels),
                "element_losses": self.element_losses,
                "loss": self.element_losses.mean(),
            },
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {
            "logit gradient": {
                "sigmoid_probabilities": self.probabilities,
                "targets": self.targets,
                "g_logits": self.output.grad,
            }
        }

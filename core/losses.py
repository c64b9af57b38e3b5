"""Losses: how wrong an output is, as one number, and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ShapeError
from core.explanations import general, losses
from core.explanations.parts import Reason, Rules
from core.layer import Stages
from core.tensor import Array, Tensor

if TYPE_CHECKING:
    from core.explanations.place import Place


class Loss:
    """Compares an output with targets.

    `forward` returns the loss, the mean over the batch, and remembers the output tensor;
    `backward` writes that tensor's gradient.
    """

    # How the numbers in the stages are made, by the name of the array.
    rules: ClassVar[Rules] = {}

    def __init__(self) -> None:
        self.output = Tensor(np.zeros((0, 0), np.float32))

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of `output` (N, ...) against `targets`."""
        raise NotImplementedError

    def backward(self) -> None:
        """Write g(L, output) to `output.grad`."""
        raise NotImplementedError

    def forward_stages(self) -> Stages:
        """Return the inner stages of the last `forward`, each with its arrays by name."""
        raise NotImplementedError

    def backward_stages(self) -> Stages:
        """Return the inner stages of the last `backward`, each with its arrays by name."""
        raise NotImplementedError

    def explain(self, at: Place) -> Reason:
        """Say how one number of the stages was made."""
        return general.by_rules(self.rules, self, at)


class CrossEntropyLoss(Loss):
    """Softmax, then the mean negative logarithm of the probability of the right class.

    p = softmax(z) and L = -mean(log p[target]) for logits z of shape (N, classes), both from
    z - max(z), so that no exponential overflows; g(L, z) = (p - onehot(target)) / N.
    """

    rules: ClassVar[Rules] = losses.CROSS_ENTROPY

    def __init__(self) -> None:
        super().__init__()
        self.targets: NDArray[np.int64] = np.zeros(0, np.int64)
        self.probabilities: Array = np.zeros((0, 0))
        self.sample_losses: Array = np.zeros(0)
        # On the way there: max z, exp(z - max z) and their sums.
        self._max = self._sums = np.zeros(0)
        self._exps = np.zeros((0, 0))

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of logits (N, classes) against class numbers (N,).

        Raises:
            ShapeError: the shapes do not fit.
            ValueError: a target is no whole number in 0..classes - 1.
        """
        logits, labels = output.value, np.asarray(targets)
        if logits.ndim != 2 or labels.shape != logits.shape[:1]:
            raise ShapeError(
                "cross-entropy needs logits (N, classes) and targets (N,)",
                f"{logits.shape} and {labels.shape}",
            )
        if labels.dtype.kind not in "iu":
            raise ValueError(f"targets are {labels.dtype}; expected whole class numbers")
        if labels.size and not 0 <= labels.min() <= labels.max() < logits.shape[1]:
            raise ValueError(
                f"targets run from {labels.min()} to {labels.max()}; "
                f"expected 0 to {logits.shape[1] - 1}"
            )
        self.output, self.targets = output, labels.astype(np.int64)
        self._max = logits.max(axis=1)
        shifted = logits - self._max[:, None]
        self._exps = np.exp(shifted)
        self._sums = self._exps.sum(axis=1)
        self.probabilities = self._exps / self._sums[:, None]
        self.sample_losses = np.log(self._sums) - shifted[np.arange(len(labels)), self.targets]
        # `mean` gives the same number, in three times as long.
        return float(self.sample_losses.sum() / len(labels))

    def backward(self) -> None:  # noqa: D102
        g = self.probabilities.copy()
        g[np.arange(len(g)), self.targets] -= 1
        g /= len(g)
        self.output.grad = g

    def forward_stages(self) -> Stages:  # noqa: D102
        return {
            "softmax": {
                "logits": self.output.value,
                "max": self._max,
                "exp": self._exps,
                "inv_sum": 1 / self._sums,
                "probabilities": self.probabilities,
            },
            "loss": {
                "probabilities": self.probabilities,
                "targets": self.targets,
                "log_sum": np.log(self._sums),
                "sample_losses": self.sample_losses,
                "loss": self.sample_losses.mean(),
            },
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {
            "logit gradient": {
                "probabilities": self.probabilities,
                "targets": self.targets,
                "g_logits": self.output.grad,
            }
        }


class MSELoss(Loss):
    """The mean squared difference over all numbers, as in PyTorch.

    L = mean((y - t)²), g(L, y) = 2 (y - t) / size.
    """

    rules: ClassVar[Rules] = losses.MEAN_SQUARE

    def __init__(self) -> None:
        super().__init__()
        self.targets: Array = np.zeros(0)
        self.difference: Array = np.zeros(0)

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of `output` against `targets` of the same shape.

        Raises:
            ShapeError: the shapes differ.
        """
        wanted = np.asarray(targets, output.value.dtype)
        if wanted.shape != output.shape:
            raise ShapeError(
                "the squared error needs an output and targets of one shape",
                f"{output.shape} and {wanted.shape}",
            )
        self.output, self.targets = output, wanted
        self.difference = output.value - wanted
        return float(np.mean(self.difference * self.difference))

    def backward(self) -> None:  # noqa: D102
        self.output.grad = self.difference * (2 / self.difference.size)

    def forward_stages(self) -> Stages:  # noqa: D102
        return {
            "difference": {
                "X_out": self.output.value,
                "targets": self.targets,
                "difference": self.difference,
                "loss": np.mean(self.difference * self.difference),
            }
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {"gradient": {"difference": self.difference, "g_X_out": self.output.grad}}

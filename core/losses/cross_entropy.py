"""Cross-entropy: for one class out of several."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ShapeError
from core.layer import Stages
from core.losses.base import Loss
from core.losses.targets import class_numbers
from core.tensor import Array, Tensor


class CrossEntropyLoss(Loss):
    """Softmax, then the mean negative logarithm of the probability of the right class.

    For logits z of shape (N, classes) and the class t of each sample:

        p = softmax(z)    L = -mean(log p[t])    g(L, z) = (p - onehot(t)) / N

    All are computed from z - max(z), so that no exponential overflows. With label smoothing s the
    one-hot target becomes q = (1 - s) onehot(t) + s / classes (Szegedy et al. 2016), and
    L = -mean(Σ q log p), g(L, z) = (p - q) / N.

    Args:
        label_smoothing: s, the share of the target that all classes get equally, 0 to 1. It must be
            named, because PyTorch's first argument is a weight for each class.

    Raises:
        ValueError: s is not in 0..1.
    """

    transient: ClassVar[frozenset[str]] = frozenset(
        {"probabilities", "sample_losses", "_max", "_sums", "_exps"}
    )

    def __init__(self, *, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing
        self._check()
        self.label_smoothing = float(label_smoothing)
        self.targets: NDArray[np.int64] = np.zeros(0, np.int64)
        self.probabilities: Array = np.zeros((0, 0))
        self.sample_losses: Array = np.zeros(0)
        # On the way there: max z, exp(z - max z) and their sums.
        self._max = self._sums = np.zeros(0)
        self._exps = np.zeros((0, 0))

    @property
    def formulas(self) -> str:  # type: ignore[override]
        """One line of index notation for each array of the stages."""
        if self.label_smoothing:
            chosen = "sum[k](target_probabilities[n,k] * logits[n,k])"
            target = "target_probabilities[n,k]"
            probability = "(1 - smoothing) * at(k == targets[n]) + smoothing / classes"
            smoothed = f"{target} = {probability}"
        else:
            chosen = 'note("the right class", logits[n, targets[n]])'
            target = 'note("the right class", at(k == targets[n]))'
            smoothed = ""
        return f"""
            max[n]             = max[k](logits[n,k])
            exp[n,k]           = exp(logits[n,k] - note("the largest logit", max[n]))
            inv_sum[n]         = 1 / sum[k](exp[n,k])
            probabilities[n,k] = exp[n,k] * inv_sum[n]
            targets[n]         = "label of the sample"
            {smoothed}
            log_sum[n]         = log(sum[k](exp[n,k]))
            sample_losses[n]   = log_sum[n] + note("the largest logit", max[n]) - {chosen}
            loss               = 1/N * sum[n](sample_losses[n])
            g_logits[n,k]      = 1/N * (probabilities[n,k] - {target})
        """

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        count, classes = self.probabilities.shape
        return {"N": count, "classes": classes, "smoothing": self.label_smoothing}

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of logits (N, classes) against class numbers (N,).

        Raises:
            ShapeError: the shapes do not fit.
            ValueError: a target is no whole number in 0..classes - 1, or `label_smoothing` was set
                to something out of range.
        """
        self._check()
        logits, labels = output.value, np.asarray(targets)
        if logits.ndim != 2 or labels.shape != logits.shape[:1]:
            one_hot = logits.ndim == 2 and labels.shape == logits.shape
            raise ShapeError(
                "cross-entropy needs logits (N, classes) and targets (N,)"
                + (" (targets.argmax(axis=1) undoes one-hot)" if one_hot else ""),
                f"{logits.shape} and {labels.shape}",
            )
        self.output, self.targets = output, class_numbers(labels, logits.shape[1])
        self._max = logits.max(axis=1)
        shifted = logits - self._max[:, None]
        self._exps = np.exp(shifted)
        self._sums = self._exps.sum(axis=1)
        self.probabilities = self._exps / self._sums[:, None]
        if self.label_smoothing:
            chosen = np.vecdot(shifted, self._target_probabilities())
        else:
            chosen = shifted[np.arange(len(labels)), self.targets]
        self.sample_losses = np.log(self._sums) - chosen
        # `mean` returns the same number, but takes three times as long.
        return float(self.sample_losses.sum() / len(labels))

    def backward(self) -> None:  # noqa: D102
        if self.label_smoothing:
            g = self.probabilities - self._target_probabilities()
        else:
            g = self.probabilities.copy()
            g[np.arange(len(g)), self.targets] -= 1
        g /= len(g)
        self.output.grad = g

    def metrics(self, output: Tensor, targets: ArrayLike) -> dict[str, float]:
        """Return the share of samples whose largest logit is that of the right class."""
        right = output.value.argmax(axis=1) == np.asarray(targets)
        return {"accuracy": float(right.mean())}

    def _check(self) -> None:
        share: object = self.label_smoothing
        if not isinstance(share, int | float | np.number) or not 0 <= share <= 1:
            raise ValueError(f"label_smoothing is {share!r}; expected 0 to 1")

    def _target_probabilities(self) -> Array:
        classes = self.probabilities.shape[1]
        q = np.full_like(self.probabilities, self.label_smoothing / classes)
        q[np.arange(len(q)), self.targets] += 1 - self.label_smoothing
        return q

    def forward_stages(self) -> Stages:  # noqa: D102
        smoothed = (
            {"target_probabilities": self._target_probabilities()} if self.label_smoothing else {}
        )
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
                **smoothed,
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

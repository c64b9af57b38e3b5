"""Losses between numbers: squared and absolute differences."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.layer import Stages
from core.losses.base import Loss
from core.losses.targets import is_one_hot, like_output, target_arrays, target_lines
from core.tensor import Array, Tensor


class DifferenceLoss(Loss):
    """A mean over functions of the differences between output and target.

    Targets have the shape of the output; for an output (N, classes) they may be class numbers (N,),
    which become one-hot, and for an output (N, 1) they may be numbers (N,).

    Attributes:
        targets: in the shape of the output.
        labels: the class numbers, if there were some.
        difference: output less target.
    """

    transient: ClassVar[frozenset[str]] = frozenset({"labels", "difference"})
    title: ClassVar[str]
    # The right sides of the lines for the loss and for its gradient.
    lines: ClassVar[tuple[str, str]]

    def __init__(self) -> None:
        self.targets: Array = np.zeros(0)
        self.labels: NDArray[np.int64] | None = None
        self.difference: Array = np.zeros(0)

    @property
    def formulas(self) -> str:  # type: ignore[override]
        """One line of index notation for each array of the stages."""
        loss, gradient = self.lines
        return f"""
            difference[*i] = X_out[*i] - note("target", targets[*i])
            loss           = {loss}
            g_X_out[*i]    = {gradient}
            {target_lines(self.labels)}
        """

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        return {"size": self.difference.size}

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of `output` (N, ...) against `targets`.

        Raises:
            ShapeError: the shapes do not fit.
            ValueError: a class number is out of range.
        """
        self.targets, self.labels = like_output(targets, output.value, self.title)
        self.output = output
        self.difference = output.value - self.targets
        return self._mean()

    def _mean(self) -> float:
        """Return the loss of `difference`."""
        raise NotImplementedError

    def metrics(self, output: Tensor, targets: ArrayLike) -> dict[str, float]:
        """Return the share of samples whose largest output is that of the right class.

        Only class numbers and one-hot targets name a class; for others there is no such share.
        """
        given, labels = like_output(targets, output.value, self.title)
        if labels is None and is_one_hot(given):
            labels = given.argmax(axis=1)
        if labels is None:
            return {}
        return {"accuracy": float((output.value.argmax(axis=1) == labels).mean())}

    def forward_stages(self) -> Stages:  # noqa: D102
        return {
            "difference": {
                "X_out": self.output.value,
                **target_arrays(self.targets, self.labels),
                "difference": self.difference,
                "loss": np.asarray(self._mean()),
            }
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {"gradient": {"difference": self.difference, "g_X_out": self.output.grad}}


class MSELoss(DifferenceLoss):
    """The mean squared difference over all numbers, as in PyTorch.

    L = mean((y - t)²), g(L, y) = 2 (y - t) / size.
    """

    title = "the squared error"
    lines = ("1/size * sum[*i](difference[*i] ** 2)", "2/size * difference[*i]")

    def _mean(self) -> float:
        return float(np.mean(self.difference * self.difference))

    def backward(self) -> None:  # noqa: D102
        self.output.grad = self.difference * (2 / self.difference.size)


class L1Loss(DifferenceLoss):
    """The mean absolute difference over all numbers, as in PyTorch.

    L = mean(|y - t|), g(L, y) = sign(y - t) / size, which is 0 where the two are equal.
    """

    title = "the absolute error"
    lines = ("1/size * sum[*i](abs(difference[*i]))", "1/size * sign(difference[*i])")

    def _mean(self) -> float:
        return float(np.mean(np.abs(self.difference)))

    def backward(self) -> None:  # noqa: D102
        self.output.grad = np.sign(self.difference) * (1 / self.difference.size)

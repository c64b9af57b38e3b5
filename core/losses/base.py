"""What all losses have in common."""

from __future__ import annotations

from math import nan
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from core.layer import Stages
from core.tensor import Tensor


class Loss:
    """Compares an output with targets: one number, and its gradient.

    A subclass implements `forward` and `backward`; it needs nothing else to train, to be recorded
    and to be shown:

        class Huber(Loss):
            def forward(self, output, targets):
                self.output, self.error = output, output.value - targets
                near = np.abs(self.error) <= 1
                each = np.where(near, self.error**2 / 2, np.abs(self.error) - 1 / 2)
                return each.mean()

            def backward(self):
                self.output.grad = np.clip(self.error, -1, 1) / self.error.size

    Optional are `metrics`, `forward_stages` and `backward_stages` (the arrays that people can look
    at), and `formulas` (how each of them is computed, see `core.formula`). To compute a loss, call
    the object: `loss(output, targets)` runs `forward` and keeps its result.

    Attributes:
        output: the tensor of the last call.
        value: the loss of the last call.
    """

    # One line of index notation for each array of the stages.
    formulas: str = """
        loss        = "returned by forward of the loss"
        g_X_out[*i] = "written by backward of the loss"
    """
    # Attributes that no later step depends on (see `core.snapshot`).
    transient: ClassVar[frozenset[str]] = frozenset({"output", "targets", "value"})

    output: Tensor
    value: float = nan

    def __call__(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of `output` (N, ...) against `targets`.

        Raises:
            TypeError: `output` is no tensor, or `forward` returns something else than one number.
        """
        # Without a type checker the caller may have passed anything.
        if not isinstance(output, Tensor):
            raise TypeError(
                f"{type(self).__name__} takes a tensor and targets, got a "
                f"{type(output).__name__} first: pass the model's output, or Tensor(array)"
            )
        value = self.forward(output, targets)
        if np.ndim(value) != 0 or not isinstance(value, float | int | np.number | np.ndarray):
            raise TypeError(
                f"{type(self).__name__}.forward returned {value!r}; expected one number"
            )
        self.output, self.value = output, float(value)
        return self.value

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        """Return the loss of `output` (N, ...), and keep what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__} does not implement forward")

    def backward(self) -> None:
        """Write g(L, output) of the last `forward` to `output.grad`."""
        raise NotImplementedError(f"{type(self).__name__} does not implement backward")

    def metrics(self, output: Tensor, targets: ArrayLike) -> dict[str, float]:
        """Return other measures of a batch by name, means over its samples; none by default.

        `accuracy`, the share of samples that are classified right, is shown by the dashboard.
        """
        return {}

    def formula_constants(self) -> dict[str, float]:
        """Return the constants that `formulas` uses, by name."""
        return {}

    def forward_stages(self) -> Stages:
        """Return the inner stages of the last `forward`, each with its arrays by name."""
        return {"loss": {"X_out": self.output.value, "loss": np.asarray(self.value)}}

    def backward_stages(self) -> Stages:
        """Return the inner stages of the last `backward`, each with its arrays by name."""
        return {"gradient": {"g_X_out": self.output.grad}}

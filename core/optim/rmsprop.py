"""RMSprop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from core.optim.base import Optimizer
from core.optim.settings import Check, at_least_zero, below_one, up_to_one
from core.tensor import Array, Tensor


class RMSprop(Optimizer):
    """Steps scaled by a running mean of squares (Hinton 2012, lecture 6e), as PyTorch has it.

    s = α s + (1 - α) g², step = lr · g / (sqrt(s) + ε), or with momentum v = momentum · v +
    g / (sqrt(s) + ε), step = lr · v.

    Args:
        params: what to update.
        lr: learning rate.
        alpha: α, the share of the mean of squares that is kept.
        eps: ε.
        weight_decay: multiple of the value that is added to the gradient.
        momentum: share of the last velocity that is kept, 0 to below 1.
        max_norm: the largest norm of all gradients together; None does not clip.
    """

    squares = frozenset({"mean_square"})
    ranges: ClassVar[Mapping[str, Check]] = {
        **Optimizer.ranges,
        "alpha": up_to_one,
        "eps": at_least_zero,
        "momentum": below_one,
    }

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        *,
        max_norm: float | None = None,
    ) -> None:
        self.alpha = alpha
        self.eps = eps
        self.momentum = momentum
        super().__init__(params, lr, weight_decay, max_norm)

    @property
    def slot_names(self) -> tuple[str, ...]:  # noqa: D102
        return ("mean_square", "velocity") if self.momentum else ("mean_square",)

    def _step(self, param: Tensor, k: int) -> Array:
        g = self._gradient(param)
        s = self.slots["mean_square"][k]
        s *= self.alpha
        s += (1 - self.alpha) * g * g
        scaled: Array = g / (np.sqrt(s) + self.eps)
        if self.momentum:
            v = self.slots["velocity"][k]
            v *= self.momentum
            v += scaled
            scaled = v
        return self.lr * scaled

    def _lines(self) -> list[str]:
        g = self._gradient_text()
        lines = [
            f"mean_square[*i] = alpha * mean_square_before[*i] + (1 - alpha) * {g} ** 2",
            "inv_root[*i] = 1 / (sqrt(mean_square[*i]) + eps)",
        ]
        if not self.momentum:
            return [*lines, f"step[*i] = -(lr * {g} * inv_root[*i])"]
        return [
            *lines,
            f"velocity[*i] = momentum * velocity_before[*i] + {g} * inv_root[*i]",
            "step[*i] = -(lr * velocity[*i])",
        ]

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        return {
            **super().formula_constants(),
            "alpha": self.alpha,
            "eps": self.eps,
            "momentum": self.momentum,
        }

    def update_arrays(self, arrays: dict[str, Array]) -> dict[str, Array]:  # noqa: D102
        inv_root = 1 / (np.sqrt(arrays["mean_square"]) + self.eps)
        return {**super().update_arrays(arrays), "inv_root": inv_root}

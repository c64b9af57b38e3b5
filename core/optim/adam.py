"""Adam and AdamW."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import ClassVar

import numpy as np

from core.optim.base import Optimizer
from core.optim.settings import Check, at_least_zero, two_shares
from core.tensor import Array, Tensor


class Adam(Optimizer):
    """Steps scaled by running moments of the gradient (Kingma & Ba 2015, algorithm 1).

    m = β1 m + (1 - β1) g, v = β2 v + (1 - β2) g²; step = lr · m̂ / (sqrt(v̂) + ε) with
    m̂ = m / (1 - β1^t), v̂ = v / (1 - β2^t).

    Args:
        params: what to update.
        lr: learning rate.
        betas: β1 and β2, the shares of the moments that are kept, 0 to below 1.
        eps: ε.
        weight_decay: multiple of the value that is added to the gradient.
        max_norm: the largest norm of all gradients together; None does not clip.
    """

    squares = frozenset({"second_moment"})
    ranges: ClassVar[Mapping[str, Check]] = {
        **Optimizer.ranges,
        "betas": two_shares,
        "eps": at_least_zero,
    }

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        max_norm: float | None = None,
    ) -> None:
        self.betas = betas
        self.eps = eps
        super().__init__(params, lr, weight_decay, max_norm)

    @property
    def slot_names(self) -> tuple[str, ...]:  # noqa: D102
        return ("first_moment", "second_moment")

    def _step(self, param: Tensor, k: int) -> Array:
        g = self._gradient(param)
        beta1, beta2 = self.betas
        m, v = self.slots["first_moment"][k], self.slots["second_moment"][k]
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        rate = self.lr / (1 - beta1**self.steps)
        root: Array = np.sqrt(v) / sqrt(1 - beta2**self.steps)
        step: Array = rate * m / (root + self.eps)
        return step

    def _lines(self) -> list[str]:
        g = self._gradient_text()
        apart = "" if self.decays_gradient else ' - note("weight decay", lr * decay * before[*i])'
        return [
            f"first_moment[*i]  = beta1 * first_moment_before[*i] + (1 - beta1) * {g}",
            f"second_moment[*i] = beta2 * second_moment_before[*i] + (1 - beta2) * {g} ** 2",
            "inv_root[*i] = 1 / (sqrt(second_moment[*i] / correction2) + eps)",
            f"step[*i] = -(lr / correction1 * first_moment[*i] * inv_root[*i]){apart}",
        ]

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        beta1, beta2 = self.betas
        return {
            **super().formula_constants(),
            "beta1": beta1,
            "beta2": beta2,
            "eps": self.eps,
            "correction1": 1 - beta1 ** (self.steps + 1),
            "correction2": 1 - beta2 ** (self.steps + 1),
        }

    def update_arrays(self, arrays: dict[str, Array]) -> dict[str, Array]:  # noqa: D102
        # A scalar of NumPy would turn float32 into float64.
        correction = sqrt(1 - self.betas[1] ** (self.steps + 1))
        root = np.sqrt(arrays["second_moment"]) / correction
        return {**super().update_arrays(arrays), "inv_root": 1 / (root + self.eps)}


class AdamW(Adam):
    """Adam with weight decay apart from the moments (Loshchilov & Hutter 2019).

    step = Adam's step + lr · weight_decay · value. The arguments are those of Adam.
    """

    decays_gradient = False

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, max_norm=max_norm)

    def _step(self, param: Tensor, k: int) -> Array:
        # As in PyTorch the value decays first; Adam's step does not depend on it.
        return super()._step(param, k) + (self.lr * self.weight_decay) * param.value

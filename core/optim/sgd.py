"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from core.optim.base import Optimizer
from core.optim.settings import Check, below_one
from core.tensor import Array, Tensor


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted (Sutskever et al. 2013), as PyTorch has it.

    v = momentum · v + g, step = lr · v; with nesterov step = lr · (g + momentum · v).

    Args:
        params: what to update.
        lr: learning rate.
        momentum: share of the last velocity that is kept, 0 to below 1.
        weight_decay: multiple of the value that is added to the gradient.
        nesterov: whether to look ahead along the velocity; needs a momentum above 0.
        max_norm: the largest norm of all gradients together; None does not clip.
    """

    ranges: ClassVar[Mapping[str, Check]] = {**Optimizer.ranges, "momentum": below_one}

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.0,
        *,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        max_norm: float | None = None,
    ) -> None:
        self.momentum = momentum
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum above 0, got 0")
        super().__init__(params, lr, weight_decay, max_norm)

    @property
    def slot_names(self) -> tuple[str, ...]:  # noqa: D102
        return ("velocity",) if self.momentum else ()

    def _step(self, param: Tensor, k: int) -> Array:
        g = self._gradient(param)
        if self.momentum:
            v = self.slots["velocity"][k]
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        return self.lr * g

    def _lines(self) -> list[str]:
        g = self._gradient_text(factor=False)
        if not self.momentum:
            return [f"step[*i] = -(lr * {self._gradient_text()})"]
        step = f"({g} + momentum * velocity[*i])" if self.nesterov else "velocity[*i]"
        return [
            f"velocity[*i] = momentum * velocity_before[*i] + {g}",
            f"step[*i] = -(lr * {step})",
        ]

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        return {**super().formula_constants(), "momentum": self.momentum}

"""Optimisers: how a gradient becomes a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.explanations import adaptive, general, optim
from core.explanations.parts import Reason, Rules
from core.tensor import Array, Tensor

if TYPE_CHECKING:
    from core.explanations.place import Place


class Optimizer:
    """Updates tensors by their gradients.

    Args:
        params: what to update.
        lr: learning rate; may be changed between steps.
        weight_decay: multiple of the value that is added to the gradient.

    Attributes:
        slots: the state kept for each param, by name (`velocity`, say), arrays of its shape in the
            order of `params`.
        steps: how many steps were taken.
    """

    slot_names: tuple[str, ...] = ()
    # Whether weight decay is added to the gradient; else it is a part of the step of its own.
    decays_gradient: ClassVar[bool] = True
    # How the numbers in an update are made, by the name of the array.
    rules: ClassVar[Rules] = optim.COMMON

    def __init__(self, params: Sequence[Tensor], lr: float, weight_decay: float = 0.0) -> None:
        if not params:
            raise ValueError("an optimiser needs at least one param to update")
        self.params = list(params)
        self.lr = _at_least_zero(lr, "lr")
        self.weight_decay = _at_least_zero(weight_decay, "weight_decay")
        self.slots: dict[str, list[Array]] = {
            name: [np.zeros_like(p.value) for p in self.params] for name in self.slot_names
        }
        self.steps = 0

    def zero_grad(self) -> None:
        """Set the gradients of all params to zero."""
        for param in self.params:
            param.zero_grad()

    def step(self) -> None:
        """Update every param once."""
        self.steps += 1
        for k, param in enumerate(self.params):
            value = param.value
            value -= self._step(param, k)

    def _step(self, param: Tensor, k: int) -> Array:
        """Return what to subtract from param number `k`, updating its slots."""
        raise NotImplementedError

    def explain(self, at: Place) -> Reason:
        """Say how one number of a recorded update was made."""
        return general.by_rules(self.rules, self, at)

    def update_arrays(self, arrays: dict[str, Array]) -> dict[str, Array]:
        """Return what lies between the slots of a recorded update and its step, by name."""
        return {}

    def _gradient(self, param: Tensor) -> Array:
        if self.weight_decay and self.decays_gradient:
            return param.grad + self.weight_decay * param.value
        return param.grad


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted (Sutskever et al. 2013), as PyTorch has it.

    v = momentum · v + g, step = lr · v; with nesterov step = lr · (g + momentum · v).
    """

    rules: ClassVar[Rules] = optim.SGD_RULES

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        self.momentum = _at_least_zero(momentum, "momentum")
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum above 0, got 0")
        self.slot_names = ("velocity",) if momentum else ()
        super().__init__(params, lr, weight_decay)

    def _step(self, param: Tensor, k: int) -> Array:
        g = self._gradient(param)
        if self.momentum:
            v = self.slots["velocity"][k]
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        return self.lr * g


class Adam(Optimizer):
    """Steps scaled by running moments of the gradient (Kingma & Ba 2015, algorithm 1).

    m = β1 m + (1 - β1) g, v = β2 v + (1 - β2) g²; step = lr · m̂ / (sqrt(v̂) + ε) with
    m̂ = m / (1 - β1^t), v̂ = v / (1 - β2^t).
    """

    slot_names = ("first_moment", "second_moment")
    rules: ClassVar[Rules] = adaptive.ADAM_RULES

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas are {betas}; expected two numbers from 0 to below 1")
        self.betas = betas
        self.eps = eps
        super().__init__(params, lr, weight_decay)

    def _step(self, param: Tensor, k: int) -> Array:
        g = self._gradient(param)
        beta1, beta2 = self.betas
        m, v = self.slots["first_moment"][k], self.slots["second_moment"][k]
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        rate = self.lr / (1 - beta1**self.steps)
        root: Array = np.sqrt(v) / np.sqrt(1 - beta2**self.steps)
        step: Array = rate * m / (root + self.eps)
        return step

    def update_arrays(self, arrays: dict[str, Array]) -> dict[str, Array]:  # noqa: D102
        # A recorded optimiser is as it was before the step.
        correction = np.sqrt(1 - self.betas[1] ** (self.steps + 1))
        root = np.sqrt(arrays["second_moment"]) / correction
        return {"inv_root": 1 / (root + self.eps)}


class AdamW(Adam):
    """Adam with weight decay apart from the moments (Loshchilov & Hutter 2019).

    step = Adam's step + lr · weight_decay · value.
    """

    decays_gradient = False

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def _step(self, param: Tensor, k: int) -> Array:
        # As in PyTorch the value decays first; Adam's step does not depend on it.
        return super()._step(param, k) + (self.lr * self.weight_decay) * param.value


class RMSprop(Optimizer):
    """Steps scaled by a running mean of squares (Hinton 2012, lecture 6e), as PyTorch has it.

    s = α s + (1 - α) g², step = lr · g / (sqrt(s) + ε), or with momentum v = momentum · v +
    g / (sqrt(s) + ε), step = lr · v.
    """

    rules: ClassVar[Rules] = adaptive.RMSPROP_RULES

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        self.alpha = alpha
        self.eps = eps
        self.momentum = _at_least_zero(momentum, "momentum")
        self.slot_names = ("mean_square", "velocity") if momentum else ("mean_square",)
        super().__init__(params, lr, weight_decay)

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

    def update_arrays(self, arrays: dict[str, Array]) -> dict[str, Array]:  # noqa: D102
        return {"inv_root": 1 / (np.sqrt(arrays["mean_square"]) + self.eps)}


def _at_least_zero(value: float, name: str) -> float:
    if not (np.isfinite(value) and value >= 0):
        raise ValueError(f"{name} is {value!r}; expected a finite number of at least 0")
    return float(value)

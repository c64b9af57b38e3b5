"""Clipping of gradients by their norm."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

import numpy as np

from core.optim.settings import above_zero
from core.tensor import Tensor

# Keeps a norm of 0 from being divided by, as in PyTorch.
TINY = 1e-6


def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients down in place so that their norm is at most `max_norm`.

    The norm is that of all gradients together, as in PyTorch's `clip_grad_norm_` (Pascanu et al.
    2013). Use it between `backward` and the optimiser's step; `max_norm` of an optimiser does the
    same and leaves the gradients as they are.

    Args:
        params: the tensors whose gradients are scaled; frozen ones do not count.
        max_norm: the largest norm allowed, above 0.

    Returns:
        The norm before.

    Raises:
        ValueError: `max_norm` is not above 0.
    """
    if above_zero(max_norm, "max_norm") is None:
        raise ValueError("max_norm is None; expected a number above 0")
    free = [param for param in params if param.requires_grad]
    norm = grad_norm(free)
    scale = clip_factor(norm, max_norm)
    if scale < 1:
        for param in free:
            param.grad = param.grad * scale
    return norm


def grad_norm(params: Iterable[Tensor]) -> float:
    """Return the norm of all gradients of params that are not frozen, as one vector."""
    grads = (param.grad.astype(np.float64).ravel() for param in params if param.requires_grad)
    return sqrt(sum(float(grad @ grad) for grad in grads))


def clip_factor(norm: float, max_norm: float) -> float:
    """Return what gradients of a norm are multiplied by, at most 1."""
    return min(1.0, max_norm / (norm + TINY))

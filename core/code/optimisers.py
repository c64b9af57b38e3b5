"""Optimisers as source text, in plain NumPy, with `core` and in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from core.code.constructors import unknown
from core.code.text import Expression, call, changed
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.symbols import TORCH_NAMES


@dataclass(frozen=True)
class OptimiserText:
    """How an optimiser is written.

    Attributes:
        call: the call that makes it, of `params`, the same in `core` and behind `optim.` in
            PyTorch; without clipping.
        lines: one update of a param `name` with its gradient `g` and its value `w` in plain NumPy;
            the last one computes `step`, which is subtracted.
        slots: what PyTorch calls what is kept for each param, by our names.
        counts: whether PyTorch keeps the number of steps for each param.
        longest: the longest step in learning rates where steps are divided by the gradient's own
            size, which magnifies the rounding of one that is almost zero; 0 where they are not.
    """

    call: str
    lines: tuple[str, ...]
    slots: Mapping[str, str]
    counts: bool = False
    longest: float = 0.0


def optimiser_text(optimizer: Optimizer) -> OptimiserText:
    """Return how an optimiser is written, as it is before its step.

    Raises:
        ValueError: it is of a class of somebody's own.
    """
    if type(optimizer) not in OPTIMISERS:
        raise unknown("optimiser", optimizer)
    return OPTIMISERS[type(optimizer)](optimizer)


def _call(optimizer: Optimizer, options: dict[str, tuple[object, object]]) -> str:
    return call(type(optimizer).__name__, Expression("params"), lr=optimizer.lr, **changed(options))


def _decay(optimizer: Optimizer) -> tuple[str, ...]:
    """Return the line that adds weight decay to the gradient, if there is some."""
    decays = optimizer.weight_decay and optimizer.decays_gradient
    return (f"g = g + {optimizer.weight_decay!r} * w",) if decays else ()


def _theirs(*slots: str) -> dict[str, str]:
    """Return what PyTorch calls some slots."""
    return {slot: TORCH_NAMES[slot] for slot in slots}


def _kept(slot: str) -> str:
    return f'saved["{slot}." + name]'


def _sgd(optimizer: SGD) -> OptimiserText:
    momentum, lr = repr(optimizer.momentum), repr(optimizer.lr)
    made = _call(optimizer, {
        "momentum": (optimizer.momentum, 0.0), "weight_decay": (optimizer.weight_decay, 0.0),
        "nesterov": (optimizer.nesterov, False),
    })  # fmt: skip
    if not optimizer.momentum:
        return OptimiserText(made, (*_decay(optimizer), f"step = {lr} * g"), {})
    ahead = f"(g + {momentum} * velocity)" if optimizer.nesterov else "velocity"
    lines = f"velocity = {momentum} * {_kept('velocity')} + g", f"step = {lr} * {ahead}"
    return OptimiserText(made, (*_decay(optimizer), *lines), _theirs("velocity"))


def _adam(optimizer: Adam) -> OptimiserText:
    (beta1, beta2), count = optimizer.betas, optimizer.steps + 1
    default = 0.01 if type(optimizer) is AdamW else 0.0
    made = _call(optimizer, {
        "betas": (optimizer.betas, (0.9, 0.999)), "eps": (optimizer.eps, 1e-8),
        "weight_decay": (optimizer.weight_decay, default),
    })  # fmt: skip
    lines = [
        f"m = {beta1!r} * {_kept('first_moment')} + (1 - {beta1!r}) * g",
        f"v = {beta2!r} * {_kept('second_moment')} + (1 - {beta2!r}) * g**2",
        f"m_hat, v_hat = m / (1 - {beta1!r}**{count}), v / (1 - {beta2!r}**{count})",
        f"step = {optimizer.lr!r} * m_hat / (np.sqrt(v_hat) + {optimizer.eps!r})",
    ]
    if optimizer.weight_decay and not optimizer.decays_gradient:
        lines.append(f"step = step + {optimizer.lr!r} * {optimizer.weight_decay!r} * w")
    slots = _theirs("first_moment", "second_moment")
    longest = max(1.0, (1 - beta1) / sqrt(1 - beta2))
    return OptimiserText(made, (*_decay(optimizer), *lines), slots, counts=True, longest=longest)


def _rmsprop(optimizer: RMSprop) -> OptimiserText:
    alpha, lr = repr(optimizer.alpha), repr(optimizer.lr)
    made = _call(optimizer, {
        "alpha": (optimizer.alpha, None), "eps": (optimizer.eps, None),
        "weight_decay": (optimizer.weight_decay, 0.0), "momentum": (optimizer.momentum, 0.0),
    })  # fmt: skip
    lines = [
        f"mean_square = {alpha} * {_kept('mean_square')} + (1 - {alpha}) * g**2",
        f"scaled = g / (np.sqrt(mean_square) + {optimizer.eps!r})",
    ]
    slots = _theirs("mean_square")
    if optimizer.momentum:
        lines.append(f"scaled = {optimizer.momentum!r} * {_kept('velocity')} + scaled")
        slots |= _theirs("velocity")
    lines.append(f"step = {lr} * scaled")
    longest = 1 / sqrt(max(1 - optimizer.alpha, 1e-12))
    return OptimiserText(made, (*_decay(optimizer), *lines), slots, counts=True, longest=longest)


OPTIMISERS: Mapping[type[Optimizer], Callable[[Any], OptimiserText]] = {
    SGD: _sgd,
    Adam: _adam,
    AdamW: _adam,
    RMSprop: _rmsprop,
}

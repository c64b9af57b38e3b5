"""Updates in units of a running root mean square, number by number."""

from __future__ import annotations

from functools import partial
from math import sqrt
from typing import TYPE_CHECKING

from core.explanations.names import latex, param_letters
from core.explanations.optim import (
    COMMON,
    average,
    gradient_terms,
    gradient_text,
    slot_before,
    square,
)
from core.explanations.parts import Reason, constant, function, of_sum, term, total
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.optim import Adam, RMSprop


def first_moment(optimizer: Adam, at: Place) -> Reason:
    """A running mean of the gradient."""
    beta = optimizer.betas[0]
    new = gradient_terms(optimizer, at, constant(1 - beta))
    return average(
        "first_moment",
        beta,
        new,
        lambda k: rf"{1 - beta:g} \cdot {gradient_text(optimizer, k)}",
        at,
    )


def second_moment(optimizer: Adam, at: Place) -> Reason:
    """A running mean of the squared gradient."""
    beta = optimizer.betas[1]
    new = square(optimizer, at, 1 - beta)
    return average(
        "second_moment",
        beta,
        new,
        lambda k: rf"{1 - beta:g} \cdot {gradient_text(optimizer, k)}^{{2}}",
        at,
    )


def adam_inv_root(optimizer: Adam, at: Place) -> Reason:
    """One over the root of the second moment, which is corrected for its start at zero."""
    correction = 1 - optimizer.betas[1] ** (optimizer.steps + 1)
    return function(
        f"1 / (sqrt(x) + {optimizer.eps:g})",
        of_sum(lambda x: 1 / (sqrt(x) + optimizer.eps)),
        lambda *k: (
            rf"{latex('inv_root', *k)} = \frac{{1}}{{\sqrt{{{latex('second_moment', *k)} / "
            rf"{correction:.6g}}} + {optimizer.eps:g}}}"
        ),
        param_letters(at.index),
        at.index,
        [term(at.of("second_moment")(*at.index), constant(1 / correction))],
    )


def adam_step(optimizer: Adam, at: Place) -> Reason:
    """Against the first moment, in units of the root of the second."""
    correction = 1 - optimizer.betas[0] ** (optimizer.steps + 1)
    moment, root = at.of("first_moment")(*at.index), at.of("inv_root")(*at.index)
    rate = constant(-optimizer.lr / correction)
    terms = [term(moment, root, rate, note="first moment, corrected and scaled")]
    apart = 0.0 if optimizer.decays_gradient else optimizer.lr * optimizer.weight_decay
    if apart:
        terms.append(term(at.of("before")(*at.index), constant(-apart), note="weight decay"))

    def write(*k: object) -> str:
        decay = rf" - {apart:g} \cdot {latex('before', *k)}" if apart else ""
        return (
            rf"{latex('step', *k)} = -\frac{{{optimizer.lr:g}}}{{{correction:.6g}}} \cdot "
            rf"{latex('first_moment', *k)} \cdot {latex('inv_root', *k)}{decay}"
        )

    return total(write, param_letters(at.index), at.index, terms)


ADAM_RULES = {
    **COMMON,
    "first_moment_before": slot_before,
    "second_moment_before": slot_before,
    "first_moment": first_moment,
    "second_moment": second_moment,
    "inv_root": adam_inv_root,
    "step": adam_step,
}


def mean_square(optimizer: RMSprop, at: Place) -> Reason:
    """A running mean of the squared gradient."""
    alpha = optimizer.alpha
    new = square(optimizer, at, 1 - alpha)
    return average(
        "mean_square",
        alpha,
        new,
        lambda k: rf"{1 - alpha:g} \cdot {gradient_text(optimizer, k)}^{{2}}",
        at,
    )


def rms_inv_root(optimizer: RMSprop, at: Place) -> Reason:
    """One over the root of the mean square."""
    return function(
        f"1 / (sqrt(x) + {optimizer.eps:g})",
        of_sum(lambda x: 1 / (sqrt(x) + optimizer.eps)),
        lambda *k: (
            rf"{latex('inv_root', *k)} = "
            rf"\frac{{1}}{{\sqrt{{{latex('mean_square', *k)}}} + {optimizer.eps:g}}}"
        ),
        param_letters(at.index),
        at.index,
        [term(at.of("mean_square")(*at.index))],
    )


def _scaled_text(optimizer: RMSprop, k: tuple[object, ...]) -> str:
    return rf"{gradient_text(optimizer, k)} \cdot {latex('inv_root', *k)}"


def rms_velocity(optimizer: RMSprop, at: Place) -> Reason:
    """What is left of the last velocity, and the scaled gradient."""
    new = gradient_terms(optimizer, at, at.of("inv_root")(*at.index))
    text = partial(_scaled_text, optimizer)
    return average("velocity", optimizer.momentum, new, text, at)


def rms_step(optimizer: RMSprop, at: Place) -> Reason:
    """Against the scaled gradient, or the velocity, by the learning rate."""
    rate = constant(-optimizer.lr)
    if optimizer.momentum:
        terms = [term(at.of("velocity")(*at.index), rate, note="velocity")]
    else:
        terms = gradient_terms(optimizer, at, at.of("inv_root")(*at.index), rate)

    def write(*k: object) -> str:
        step = latex("velocity", *k) if optimizer.momentum else _scaled_text(optimizer, k)
        return rf"{latex('step', *k)} = -{optimizer.lr:g} \cdot {step}"

    return total(write, param_letters(at.index), at.index, terms)


RMSPROP_RULES = {
    **COMMON,
    "mean_square_before": slot_before,
    "velocity_before": slot_before,
    "mean_square": mean_square,
    "inv_root": rms_inv_root,
    "velocity": rms_velocity,
    "step": rms_step,
}

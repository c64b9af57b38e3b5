"""Updates, number by number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from core.explanations import links
from core.explanations.names import latex, param_letters, position
from core.explanations.parts import (
    Factor,
    Reason,
    Term,
    constant,
    function,
    of_sum,
    products,
    term,
    total,
)
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.optim import SGD, Optimizer
    from core.tensor import Tensor

# The indices of a number -> the formula there.
Text = Callable[[tuple[object, ...]], str]


def _param(at: Place) -> Tensor:
    params = at.layer.params
    return next(iter(params.values())) if at.cell.inner is None else params[at.cell.inner]


def before(optimizer: Optimizer, at: Place) -> Reason:
    """The value with which the forward pass computed."""
    value = _param(at).value
    shown = at.showing(value, "forward")
    if shown is None:
        return links.leaf(at, float(value[at.index]), "as the last update left it")
    return links.same(at, shown, "as the forward pass used it")


def gradient(optimizer: Optimizer, at: Place) -> Reason:
    """What the backward pass gave."""
    grad = _param(at).grad
    shown = at.showing(grad, "backward")
    if shown is None:
        return links.leaf(at, float(grad[at.index]), "from the backward pass")
    return links.same(at, shown, "from the backward pass")


def after(optimizer: Optimizer, at: Place) -> Reason:
    """The value and the step."""
    return total(
        lambda *k: f"{latex('after', *k)} = {latex('before', *k)} + {latex('step', *k)}",
        param_letters(at.index),
        at.index,
        [
            term(at.of("before")(*at.index), note="value before"),
            term(at.of("step")(*at.index), note="step"),
        ],
    )


def slot_before(optimizer: Optimizer, at: Place) -> Reason:
    """What the optimiser remembered."""
    place = at.of(at.array)(*at.index)
    note = "as the last update left it" if optimizer.steps else "at first zero"
    return links.leaf(at, place.value, note)


def ratio(optimizer: Optimizer, at: Place) -> Reason:
    """How large the step is beside the value: the quotient of their root mean squares."""
    steps, value = at.of("step"), at.of("after").array.astype(np.float64)
    squares = float(np.sum(value * value))
    share = constant(1 / squares if squares else 0.0)
    places = np.unravel_index(np.arange(value.size), value.shape)
    every = steps.at(*places)
    return function(
        "sqrt(x)",
        of_sum(sqrt),
        lambda: (
            rf"\sqrt{{\frac{{\sum {{{latex('step')}}}^{{2}}}}{{\sum {{{latex('after')}}}^{{2}}}}}}"
        ),
        "",
        (),
        products([every, every], (share,), lambda k: f"index {position(every.index(k))}"),
    )


COMMON = {"before": before, "gradient": gradient, "after": after, "ratio": ratio}


def _decay(optimizer: Optimizer) -> float:
    """Return the multiple of the value that is added to the gradient."""
    return optimizer.weight_decay if optimizer.decays_gradient else 0.0


def gradient_terms(optimizer: Optimizer, at: Place, *scale: Factor) -> list[Term]:
    """Return the gradient and what weight decay adds to it, times `scale`."""
    terms = [term(at.of("gradient")(*at.index), *scale, note="gradient")]
    if decay := _decay(optimizer):
        value = at.of("before")(*at.index)
        terms.append(term(value, constant(decay), *scale, note="weight decay"))
    return terms


def gradient_text(optimizer: Optimizer, k: tuple[object, ...]) -> str:
    """Return how the gradient with weight decay is written."""
    decay, text = _decay(optimizer), latex("gradient", *k)
    return rf"({text} + {decay:g} \cdot {latex('before', *k)})" if decay else text


def square(optimizer: Optimizer, at: Place, scale: float) -> list[Term]:
    """Return the terms of the squared gradient, times `scale`."""
    g, value = at.of("gradient")(*at.index), at.of("before")(*at.index)
    terms = [term(g, g, constant(scale), note="gradient squared")]
    if decay := _decay(optimizer):
        terms.append(term(g, value, constant(2 * decay * scale), note="with weight decay"))
        terms.append(term(value, value, constant(decay**2 * scale), note="decay squared"))
    return terms


def average(slot: str, keep: float, new: list[Term], text: Text, at: Place) -> Reason:
    """Return that a slot keeps a share of what it was and takes in something new."""
    was = term(at.of(f"{slot}_before")(*at.index), constant(keep), note="what is left of before")
    return total(
        lambda *k: rf"{latex(slot, *k)} = {keep:g} \cdot {latex(f'{slot}_before', *k)} + {text(k)}",
        param_letters(at.index),
        at.index,
        [*new, was],
    )


def sgd_velocity(optimizer: SGD, at: Place) -> Reason:
    """What is left of the last velocity, and the gradient."""
    new = gradient_terms(optimizer, at)
    text = partial(gradient_text, optimizer)
    return average("velocity", optimizer.momentum, new, text, at)


def sgd_step(optimizer: SGD, at: Place) -> Reason:
    """Against the gradient, or the velocity, by the learning rate."""
    momentum, rate = optimizer.momentum, constant(-optimizer.lr)
    terms: list[Term] = []
    if not momentum or optimizer.nesterov:
        terms += gradient_terms(optimizer, at, rate)
    if momentum:
        ahead = (constant(momentum),) if optimizer.nesterov else ()
        terms.append(term(at.of("velocity")(*at.index), *ahead, rate, note="velocity"))

    def write(*k: object) -> str:
        step = gradient_text(optimizer, k)
        if optimizer.nesterov:
            step = rf"({step} + {momentum:g} \cdot {latex('velocity', *k)})"
        elif momentum:
            step = latex("velocity", *k)
        return rf"{latex('step', *k)} = -{optimizer.lr:g} \cdot {step}"

    return total(write, param_letters(at.index), at.index, terms)


SGD_RULES = {
    **COMMON,
    "velocity_before": slot_before,
    "velocity": sgd_velocity,
    "step": sgd_step,
}

"""Batch normalisation, number by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from core.explanations import links
from core.explanations.names import latex, letters, position
from core.explanations.parts import (
    Factor,
    Reason,
    Terms,
    constant,
    function,
    of_sum,
    products,
    term,
    total,
)
from core.explanations.place import Place, Source

if TYPE_CHECKING:
    from core.layers.norm import BatchNorm


def sums(layer: BatchNorm, c: int, sources: Sequence[Source], *others: Factor) -> Terms:
    """Return a term for each number of a channel: the product of all sources there and others."""
    n, _, *rest = layer.input.shape
    sample, *place = np.unravel_index(np.arange(size(layer)), (n, *rest))

    def note(k: int) -> str:
        where = f", {position([int(axis[k]) for axis in place])}" if place else ""
        return f"sample {sample[k]}{where}"

    return products([source.at(sample, c, *place) for source in sources], others, note)


def size(layer: BatchNorm) -> int:
    """m, how many numbers a channel has."""
    return layer.input.value.size // layer.num_features


def inside(layer: BatchNorm, array: str, c: object, mark: str = "") -> str:
    """One number of a channel, as it stands below a sum with this mark."""
    return latex(array, f"n{mark}", c, *(k + mark for k in "ijkl"[: layer.input.value.ndim - 2]))


def sum_sign(layer: BatchNorm, mark: str = "") -> str:
    """Return the sign of a sum over the numbers of a channel; see `inside`."""
    letters = ",".join(k + mark for k in "nijkl"[: layer.input.value.ndim - 1])
    return rf"\sum_{{{letters}}}"


def mean(layer: BatchNorm, at: Place) -> Reason:
    """The mean of the channel over the batch; in eval mode the running one."""
    if not layer.training:
        return links.same(at, at.of("running_mean"), "eval mode")
    x, m = at.of("X_in"), size(layer)
    return total(
        lambda c: (
            rf"{latex('mean', c)} = \frac{{1}}{{{m}}} {sum_sign(layer)} " + inside(layer, "X_in", c)
        ),
        "c",
        at.index,
        sums(layer, at.index[0], [x], constant(1 / m)),
    )


def centred(layer: BatchNorm, at: Place) -> Reason:
    """The distance from the mean."""
    x, mu = at.of("X_in")(*at.index), at.of("mean")(at.index[1])
    return total(
        lambda n, c, *k: (
            f"{latex('centred', n, c, *k)} = {latex('X_in', n, c, *k)} - " + latex("mean", c)
        ),
        letters(at.index),
        at.index,
        [term(x), term(constant(-1), mu, note="mean of the channel")],
    )


def var(layer: BatchNorm, at: Place) -> Reason:
    """The mean squared distance from the mean; in eval mode the running one."""
    if not layer.training:
        return links.same(at, at.of("running_var"), "eval mode")
    x, m = at.of("centred"), size(layer)
    return total(
        lambda c: (
            rf"{latex('var', c)} = \frac{{1}}{{{m}}} {sum_sign(layer)} "
            rf"({inside(layer, 'X_in', c)} - {latex('mean', c)})^{{2}}"
        ),
        "c",
        at.index,
        sums(layer, at.index[0], [x, x], constant(1 / m)),
    )


def inv_std(layer: BatchNorm, at: Place) -> Reason:
    """One over the standard deviation."""
    return function(
        "1 / sqrt(x)",
        of_sum(lambda x: 1 / sqrt(x)),
        lambda c: rf"{latex('inv_std', c)} = \frac{{1}}{{\sqrt{{{latex('var', c)} + \epsilon}}}}",
        "c",
        at.index,
        [term(at.of("var")(*at.index)), term(constant(layer.eps), note="ε")],
    )


def x_hat(layer: BatchNorm, at: Place) -> Reason:
    """The distance from the mean in standard deviations."""
    distance, scale = at.of("centred")(*at.index), at.of("inv_std")(at.index[1])
    return total(
        lambda n, c, *k: (
            rf"{latex('x_hat', n, c, *k)} = "
            rf"\frac{{{latex('X_in', n, c, *k)} - {latex('mean', c)}}}"
            rf"{{\sqrt{{{latex('var', c)} + \epsilon}}}}"
        ),
        letters(at.index),
        at.index,
        [term(distance, scale, note="(x − μ) · 1/√(σ² + ε)")],
    )


def x_out(layer: BatchNorm, at: Place) -> Reason:
    """Scaled and shifted."""
    c = at.index[1]
    return total(
        lambda n, c, *k: (
            rf"{latex('X_out', n, c, *k)} = {latex('gamma', c)} \cdot "
            f"{latex('x_hat', n, c, *k)} + {latex('beta', c)}"
        ),
        letters(at.index),
        at.index,
        [term(at.of("x_hat")(*at.index), at.of("gamma")(c)), term(at.of("beta")(c), note="β")],
    )


def x_out_eval(layer: BatchNorm, at: Place) -> Reason:
    """The same by the running statistics."""
    c = at.index[1]
    scale = constant(1 / sqrt(float(layer.state["running_var"][c]) + layer.eps))
    return total(
        lambda n, c, *k: (
            rf"{latex('X_out_eval', n, c, *k)} = {latex('gamma', c)} \cdot "
            rf"\frac{{{latex('X_in', n, c, *k)} - {latex('running_mean', c)}}}"
            rf"{{\sqrt{{{latex('running_var', c)} + \epsilon}}}} + {latex('beta', c)}"
        ),
        letters(at.index),
        at.index,
        [
            term(at.of("X_in")(*at.index), at.of("gamma")(c), scale),
            term(
                constant(-1), at.of("running_mean")(c), at.of("gamma")(c), scale, note="running μ"
            ),
            term(at.of("beta")(c), note="β"),
        ],
    )


def eval_change(layer: BatchNorm, at: Place) -> Reason:
    """What eval mode would give, less what this batch gave."""
    return total(
        lambda *k: f"{latex('eval_change', *k)} = {latex('X_out_eval', *k)} - {latex('X_out', *k)}",
        letters(at.index),
        at.index,
        [
            term(at.of("X_out_eval")(*at.index), note="eval mode"),
            term(constant(-1), at.of("X_out")(*at.index), note="this batch"),
        ],
    )


def running(batch: str, correction: Callable[[int], float]) -> Callable[[BatchNorm, Place], Reason]:
    """Return how a running statistic follows the batch's, corrected by a function of m."""

    def rule(layer: BatchNorm, at: Place) -> Reason:
        if not layer.training:
            value = float(layer.state[at.array][at.index])
            return links.leaf(at, value, "kept from training")
        weight = layer.momentum
        if weight is None:
            weight = 1 / int(layer.state["num_batches_tracked"])
        m = size(layer)
        scale = rf"\frac{{{m}}}{{{m - 1}}} \cdot " if correction(m) != 1 else ""
        now = term(at.of(batch)(*at.index), constant(weight * correction(m)), note="this batch")
        before = at.of(f"{at.array}_before")(*at.index)
        return total(
            lambda c: (
                rf"{latex(at.array, c)} = {1 - weight:.6g} \cdot "
                rf"{latex(f'{at.array}_before', c)} + {weight:.6g} \cdot {scale}{latex(batch, c)}"
            ),
            "c",
            at.index,
            [now, term(before, constant(1 - weight), note="before this batch")],
        )

    return rule


def before(layer: BatchNorm, at: Place) -> Reason:
    """What the running statistic was before this batch."""
    value = float(at.of(at.array, "forward").array[at.index])
    return links.leaf(at, value, "as the last iteration left it")


RULES = {
    "mean": mean,
    "centred": centred,
    "var": var,
    "inv_std": inv_std,
    "x_hat": x_hat,
    "X_out": x_out,
    "X_out_eval": x_out_eval,
    "eval_change": eval_change,
    "running_mean": running("mean", lambda m: 1.0),
    "running_var": running("var", lambda m: m / (m - 1)),
    "running_mean_before": before,
    "running_var_before": before,
}

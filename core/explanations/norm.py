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


def _sums(layer: BatchNorm, c: int, sources: Sequence[Source], *others: Factor) -> Terms:
    """Return a term for each number of a channel: the product of all sources there and others."""
    n, _, *rest = layer.input.shape
    sample, *place = np.unravel_index(np.arange(_size(layer)), (n, *rest))

    def note(k: int) -> str:
        where = f", {position([int(axis[k]) for axis in place])}" if place else ""
        return f"sample {sample[k]}{where}"

    return products([source.at(sample, c, *place) for source in sources], others, note)


def _size(layer: BatchNorm) -> int:
    """m, how many numbers a channel has."""
    return layer.input.value.size // layer.num_features


def _inside(layer: BatchNorm, array: str, c: object, mark: str = "") -> str:
    """One number of a channel, as it stands below a sum with this mark."""
    return latex(array, f"n{mark}", c, *(k + mark for k in "ijkl"[: layer.input.value.ndim - 2]))


def _sum(layer: BatchNorm, mark: str = "") -> str:
    letters = ",".join(k + mark for k in "nijkl"[: layer.input.value.ndim - 1])
    return rf"\sum_{{{letters}}}"


def mean(layer: BatchNorm, at: Place) -> Reason:
    """The mean of the channel over the batch; in eval mode the running one."""
    if not layer.training:
        return links.same(at, at.of("running_mean"), "eval mode")
    x, m = at.of("X_in"), _size(layer)
    return total(
        lambda c: (
            rf"{latex('mean', c)} = \frac{{1}}{{{m}}} {_sum(layer)} " + _inside(layer, "X_in", c)
        ),
        "c",
        at.index,
        _sums(layer, at.index[0], [x], constant(1 / m)),
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
    x, m = at.of("centred"), _size(layer)
    return total(
        lambda c: (
            rf"{latex('var', c)} = \frac{{1}}{{{m}}} {_sum(layer)} "
            rf"({_inside(layer, 'X_in', c)} - {latex('mean', c)})^{{2}}"
        ),
        "c",
        at.index,
        _sums(layer, at.index[0], [x, x], constant(1 / m)),
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
        [term(distance, scale)],
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
        m = _size(layer)
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


def g_beta(layer: BatchNorm, at: Place) -> Reason:
    """The output gradients of the channel."""
    g = at.of("g_X_out")
    return total(
        lambda c: f"{latex('g_beta', c)} = {_sum(layer)} {_inside(layer, 'g_X_out', c)}",
        "c",
        at.index,
        _sums(layer, at.index[0], [g]),
    )


def g_gamma(layer: BatchNorm, at: Place) -> Reason:
    """The output gradients of the channel, each times its x̂."""
    g, x = at.of("g_X_out"), at.of("x_hat")
    return total(
        lambda c: (
            rf"{latex('g_gamma', c)} = {_sum(layer)} {_inside(layer, 'g_X_out', c)} "
            rf"\cdot {_inside(layer, 'x_hat', c)}"
        ),
        "c",
        at.index,
        _sums(layer, at.index[0], [g, x]),
    )


def g_x_hat(layer: BatchNorm, at: Place) -> Reason:
    """The output gradient, scaled as the output was."""
    return total(
        lambda n, c, *k: (
            rf"{latex('g_x_hat', n, c, *k)} = {latex('gamma', c)} \cdot "
            + latex("g_X_out", n, c, *k)
        ),
        letters(at.index),
        at.index,
        [term(at.of("g_X_out")(*at.index), at.of("gamma")(at.index[1]))],
    )


def term_direct(layer: BatchNorm, at: Place) -> Reason:
    """What reaches x through its own x̂."""
    return total(
        lambda n, c, *k: (
            rf"{latex('term_direct', n, c, *k)} = {latex('g_x_hat', n, c, *k)} "
            rf"\cdot {latex('inv_std', c)}"
        ),
        letters(at.index),
        at.index,
        [term(at.of("g_x_hat")(*at.index), at.of("inv_std", "forward")(at.index[1]))],
    )


def term_mean(layer: BatchNorm, at: Place) -> Reason:
    """What reaches x through the mean; nothing in eval mode."""
    g, m = at.of("g_x_hat"), _size(layer)
    scale = at.of("inv_std", "forward")(at.index[1])
    mark = "'"
    terms = _sums(layer, at.index[1], [g], scale, constant(-1 / m))
    return total(
        lambda n, c, *k: (
            rf"{latex('term_mean', n, c, *k)} = "
            rf"-{latex('inv_std', c)} \cdot \frac{{1}}{{{m}}} {_sum(layer, mark)} "
            + _inside(layer, "g_x_hat", c, mark)
            if layer.training
            else f"{latex('term_mean', n, c, *k)} = 0"
        ),
        letters(at.index),
        at.index,
        terms if layer.training else [],
    )


def term_var(layer: BatchNorm, at: Place) -> Reason:
    """What reaches x through the variance; nothing in eval mode."""
    g, x, m = at.of("g_x_hat"), at.of("x_hat"), _size(layer)
    scale, own = at.of("inv_std", "forward")(at.index[1]), x(*at.index)
    mark = "'"
    terms = _sums(layer, at.index[1], [g, x], own, scale, constant(-1 / m))
    return total(
        lambda n, c, *k: (
            rf"{latex('term_var', n, c, *k)} = -{latex('x_hat', n, c, *k)} \cdot "
            rf"{latex('inv_std', c)} \cdot \frac{{1}}{{{m}}} {_sum(layer, mark)} "
            rf"{_inside(layer, 'g_x_hat', c, mark)} \cdot {_inside(layer, 'x_hat', c, mark)}"
            if layer.training
            else f"{latex('term_var', n, c, *k)} = 0"
        ),
        letters(at.index),
        at.index,
        terms if layer.training else [],
    )


def g_x_in(layer: BatchNorm, at: Place) -> Reason:
    """The three ways from x to the loss."""
    ways = {
        "term_direct": "through its own x̂",
        "term_mean": "through the mean",
        "term_var": "through the variance",
    }
    return total(
        lambda *k: f"{latex('g_X_in', *k)} = {' + '.join(latex(way, *k) for way in ways)}",
        letters(at.index),
        at.index,
        [term(at.of(way)(*at.index), note=note) for way, note in ways.items()],
    )


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
    "g_beta": g_beta,
    "g_gamma": g_gamma,
    "g_x_hat": g_x_hat,
    "term_direct": term_direct,
    "term_mean": term_mean,
    "term_var": term_var,
    "g_X_in": g_x_in,
}

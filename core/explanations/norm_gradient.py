"""The gradients of batch normalisation, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explanations.names import latex, letters
from core.explanations.norm import inside, size, sum_sign, sums
from core.explanations.parts import Reason, constant, term, total
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.layers.norm import BatchNorm


def g_beta(layer: BatchNorm, at: Place) -> Reason:
    """The output gradients of the channel."""
    g = at.of("g_X_out")
    return total(
        lambda c: f"{latex('g_beta', c)} = {sum_sign(layer)} {inside(layer, 'g_X_out', c)}",
        "c",
        at.index,
        sums(layer, at.index[0], [g]),
    )


def g_gamma(layer: BatchNorm, at: Place) -> Reason:
    """The output gradients of the channel, each times its x̂."""
    g, x = at.of("g_X_out"), at.of("x_hat")
    return total(
        lambda c: (
            rf"{latex('g_gamma', c)} = {sum_sign(layer)} {inside(layer, 'g_X_out', c)} "
            rf"\cdot {inside(layer, 'x_hat', c)}"
        ),
        "c",
        at.index,
        sums(layer, at.index[0], [g, x]),
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
    g, m = at.of("g_x_hat"), size(layer)
    scale = at.of("inv_std", "forward")(at.index[1])
    mark = "'"
    terms = sums(layer, at.index[1], [g], scale, constant(-1 / m))
    return total(
        lambda n, c, *k: (
            rf"{latex('term_mean', n, c, *k)} = "
            rf"-{latex('inv_std', c)} \cdot \frac{{1}}{{{m}}} {sum_sign(layer, mark)} "
            + inside(layer, "g_x_hat", c, mark)
            if layer.training
            else f"{latex('term_mean', n, c, *k)} = 0"
        ),
        letters(at.index),
        at.index,
        terms if layer.training else [],
    )


def term_var(layer: BatchNorm, at: Place) -> Reason:
    """What reaches x through the variance; nothing in eval mode."""
    g, x, m = at.of("g_x_hat"), at.of("x_hat"), size(layer)
    scale, own = at.of("inv_std", "forward")(at.index[1]), x(*at.index)
    mark = "'"
    terms = sums(layer, at.index[1], [g, x], own, scale, constant(-1 / m))
    return total(
        lambda n, c, *k: (
            rf"{latex('term_var', n, c, *k)} = -{latex('x_hat', n, c, *k)} \cdot "
            rf"{latex('inv_std', c)} \cdot \frac{{1}}{{{m}}} {sum_sign(layer, mark)} "
            rf"{inside(layer, 'g_x_hat', c, mark)} \cdot {inside(layer, 'x_hat', c, mark)}"
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
    "g_beta": g_beta,
    "g_gamma": g_gamma,
    "g_x_hat": g_x_hat,
    "term_direct": term_direct,
    "term_mean": term_mean,
    "term_var": term_var,
    "g_X_in": g_x_in,
}

"""The fully connected layer, number by number: Y = X W^T + b."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explanations.names import latex, summed
from core.explanations.parts import Reason, term, total
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.layers.linear import Linear


def x_out(layer: Linear, at: Place) -> Reason:
    """The features of a sample, weighted, and the bias."""
    (n, k), x, weight = at.index, at.of("X_in"), at.of("weight")
    terms = [term(x(n, i), weight(k, i), note=f"feature {i}") for i in range(layer.in_features)]
    if layer.bias is not None:
        terms.append(term(at.of("bias")(k), note="bias"))

    def write(n: object, k: object) -> str:
        product = rf"{latex('X_in', n, 'i')} \cdot {latex('weight', k, 'i')}"
        bias = "" if layer.bias is None else f" + {latex('bias', k)}"
        return f"{latex('X_out', n, k)} = {summed('i', layer.in_features)} {product}{bias}"

    return total(write, "n k", at.index, terms)


def g_weight(layer: Linear, at: Place) -> Reason:
    """g(L, W) = g(L, Y)^T X."""
    (k, i), g, x = at.index, at.of("g_X_out"), at.of("X_in")
    samples = len(x.array)

    def write(k: object, i: object) -> str:
        product = rf"{latex('g_X_out', 'n', k)} \cdot {latex('X_in', 'n', i)}"
        return f"{latex('g_weight', k, i)} = {summed('n', samples)} {product}"

    terms = [term(g(n, k), x(n, i), note=f"sample {n}") for n in range(samples)]
    return total(write, "k i", at.index, terms)


def g_bias(layer: Linear, at: Place) -> Reason:
    """Column sums of g(L, Y)."""
    (k,), g = at.index, at.of("g_X_out")
    samples = len(g.array)
    return total(
        lambda k: f"{latex('g_bias', k)} = {summed('n', samples)} {latex('g_X_out', 'n', k)}",
        "k",
        at.index,
        [term(g(n, k), note=f"sample {n}") for n in range(samples)],
    )


def g_x_in(layer: Linear, at: Place) -> Reason:
    """g(L, X) = g(L, Y) W."""
    (n, i), g, weight = at.index, at.of("g_X_out"), at.of("weight")

    def write(n: object, i: object) -> str:
        product = rf"{latex('g_X_out', n, 'k')} \cdot {latex('weight', 'k', i)}"
        return f"{latex('g_X_in', n, i)} = {summed('k', layer.out_features)} {product}"

    terms = [term(g(n, k), weight(k, i), note=f"output {k}") for k in range(layer.out_features)]
    return total(write, "n i", at.index, terms)


RULES = {"X_out": x_out, "g_weight": g_weight, "g_bias": g_bias, "g_X_in": g_x_in}

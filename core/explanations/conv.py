"""Convolution, number by number: X^(out) = K X^(col) + b."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.explanations.names import latex, position, summed
from core.explanations.parts import Reason, Term, constant, products, term, total
from core.explanations.place import Place
from core.explanations.windows import over, read, readers, under

if TYPE_CHECKING:
    from core.layers.conv import Conv2d


def _column(layer: Conv2d, column: int) -> tuple[int, int, int]:
    """Return the output cell (sample, i, j) of a column of X^(col)."""
    n, _, height, width = layer.output.shape
    sample, i, j = np.unravel_index(column, (n, height, width))
    return int(sample), int(i), int(j)


def _where(layer: Conv2d, column: int) -> str:
    n, i, j = _column(layer, column)
    return f"sample {n}, output ({i}, {j})"


def _row(layer: Conv2d, row: int) -> tuple[int, int, int]:
    """Return the kernel weight (channel, s, t) of a row of X^(col)."""
    channel, s, t = np.unravel_index(row, (layer.in_channels, *layer.kernel_size))
    return int(channel), int(s), int(t)


def x_col(layer: Conv2d, at: Place) -> Reason:
    """An entry of X^(col) is the input cell that it was copied from."""
    (row, column), x = at.index, at.of("X_in", "forward")
    (channel, s, t), (n, i, j) = _row(layer, row), _column(layer, column)
    if cell := read(layer, i, j, s, t):
        own = f"{latex('X_col', row, column)} = {latex('X_in', n, channel, *cell)}"
        terms = [term(x(n, channel, *cell), note=f"weight ({s}, {t}) over output ({i}, {j})")]
    else:
        own, terms = f"{latex('X_col', row, column)} = 0", [term(constant(0), note="padding")]
    general = latex("X_in", "n", "c", *under(layer, "i", "j"))
    return Reason(f"{latex('X_col', '(c,s,t)', '(n,i,j)')} = {general}", own, tuple(terms))


def _product(layer: Conv2d, at: Place, kernel: int, column: int) -> list[Term]:
    matrix, col = at.of("K", "forward"), at.of("X_col", "forward")
    terms = []
    for row in range(len(col.array)):
        channel, s, t = _row(layer, row)
        note = f"channel {channel}, weight ({s}, {t})"
        terms.append(term(col(row, column), matrix(kernel, row), note=note))
    return terms


def k_x_col(layer: Conv2d, at: Place) -> Reason:
    """A row of K times a column of X^(col)."""
    terms = _product(layer, at, *at.index)
    return total(
        lambda o, k: f"{latex('K_X_col', o, k)} = {_row_times_column(len(terms), o, k)}",
        "o k",
        at.index,
        terms,
    )


def x_out(layer: Conv2d, at: Place) -> Reason:
    """A row of K times the column of X^(col) that belongs to the output cell, and the bias."""
    n, o, i, j = at.index
    _, _, height, width = layer.output.shape
    column = (n * height + i) * width + j
    terms = _product(layer, at, o, column)
    rows = len(terms)
    if layer.bias is not None:
        terms.append(term(at.of("bias")(o), note="bias"))

    def write(n: object, o: object, i: object, j: object, column: object) -> str:
        bias = "" if layer.bias is None else f" + {latex('bias', o)}"
        return f"{latex('X_out', n, o, i, j)} = {_row_times_column(rows, o, column)}{bias}"

    return total(write, "n o i j (n,i,j)", (*at.index, column), terms)


def _row_times_column(rows: int, o: object, k: object) -> str:
    return rf"{summed('r', rows)} {latex('K', o, 'r')} \cdot {latex('X_col', 'r', k)}"


def kernel_matrix(layer: Conv2d, at: Place) -> Reason:
    """K is the kernels, a row each."""
    (o, row), kernels = at.index, at.of("kernels", "forward")
    channel, s, t = _row(layer, row)
    return Reason(
        f"{latex('K', 'o', '(c,s,t)')} = {latex('kernels', 'o', 'c', 's', 't')}",
        f"{latex('K', o, row)} = {latex('kernels', o, channel, s, t)}",
        (term(kernels(o, channel, s, t)),),
    )


def g_matrix(layer: Conv2d, at: Place) -> Reason:
    """The output gradient with a row for each channel."""
    o, column = at.index
    n, i, j = _column(layer, column)
    return Reason(
        f"{latex(at.array, 'o', '(n,i,j)')} = {latex('g_X_out', 'n', 'o', 'i', 'j')}",
        f"{latex(at.array, o, column)} = {latex('g_X_out', n, o, i, j)}",
        (term(at.of("g_X_out")(n, o, i, j), note=_where(layer, column)),),
    )


def g_k(layer: Conv2d, at: Place) -> Reason:
    """g(L, K) = g(L, X^(out)) (X^(col))^T."""
    (o, row), g, col = at.index, at.of("g_X_out_matrix"), at.of("X_col")
    columns = col.array.shape[1]

    def write(o: object, r: object) -> str:
        product = rf"{latex('g_X_out', o, 'k')} \cdot {latex('X_col', r, 'k')}"
        return f"{latex('g_K', o, r)} = {summed('k', columns)} {product}"

    k = np.arange(columns)
    terms = products([g.at(o, k), col.at(row, k)], (), lambda k: _where(layer, k))
    return total(write, "o r", at.index, terms)


def g_weight(layer: Conv2d, at: Place) -> Reason:
    """g(L, K) in the shape of the kernels."""
    o, channel, s, t = at.index
    row = int(np.ravel_multi_index((channel, s, t), (layer.in_channels, *layer.kernel_size)))
    return Reason(
        f"{latex('g_kernels', 'o', 'c', 's', 't')} = {latex('g_K', 'o', '(c,s,t)')}",
        f"{latex('g_kernels', *at.index)} = {latex('g_K', o, row)}",
        (term(at.of("g_K")(o, row)),),
    )


def g_bias(layer: Conv2d, at: Place) -> Reason:
    """Row sums of g(L, X^(out))."""
    g = at.of("g_X_out_matrix")
    (o,), columns = at.index, g.array.shape[1]
    k = np.arange(columns)
    terms = products([g.at(o, k)], (), lambda k: _where(layer, k))
    return total(
        lambda o: f"{latex('g_bias', o)} = {summed('k', columns)} {latex('g_X_out', o, 'k')}",
        "o",
        at.index,
        terms,
    )


def g_x_col(layer: Conv2d, at: Place) -> Reason:
    """g(L, X^(col)) = K^T g(L, X^(out))."""
    (row, column), matrix, g = at.index, at.of("K"), at.of("g_X_out_matrix")
    kernels = len(matrix.array)

    def write(r: object, k: object) -> str:
        product = rf"{latex('K', 'o', r)} \cdot {latex('g_X_out', 'o', k)}"
        return f"{latex('g_X_col', r, k)} = {summed('o', kernels)} {product}"

    terms = [term(g(o, column), matrix(o, row), note=f"output channel {o}") for o in range(kernels)]
    return total(write, "r k", at.index, terms)


def visits(layer: Conv2d, at: Place) -> Reason:
    """How many windows contain an input cell."""
    terms = [
        term(constant(1), note=f"weight ({s}, {t}) of output ({i}, {j})")
        for s, t, i, j in readers(layer, *at.index)
    ]
    return total(lambda i, j: rf"{latex('visits', i, j)} = \sum_{{s,t}} 1", "i j", at.index, terms)


def g_x_in(layer: Conv2d, at: Place) -> Reason:
    """col2im: every entry of g(L, X^(col)) goes back to the cell that it was read from."""
    n, channel, y, z = at.index
    g = at.of("g_X_col")
    _, _, height, width = layer.output.shape
    terms = []
    for s, t, i, j in readers(layer, y, z):
        row = (channel * layer.kernel_size[0] + s) * layer.kernel_size[1] + t
        note = f"weight {position((s, t))} of output {position((i, j))}"
        terms.append(term(g(row, (n * height + i) * width + j), note=note))

    def write(n: object, c: object, i: object, j: object) -> str:
        row, column = f"({c},s,t)", f"({n},{','.join(over(layer, i, j))})"
        return rf"{latex('g_X_in', n, c, i, j)} = \sum_{{s,t}} {latex('g_X_col', row, column)}"

    return total(write, "n c i j", at.index, terms)


RULES = {
    "X_col": x_col,
    "K": kernel_matrix,
    "K_X_col": k_x_col,
    "X_out": x_out,
    "g_X_out_matrix": g_matrix,
    "g_K": g_k,
    "g_weight": g_weight,
    "g_bias": g_bias,
    "g_X_col": g_x_col,
    "visits": visits,
    "g_X_in": g_x_in,
}

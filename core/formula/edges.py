"""Finds which cells a line reads for which cells of its array, for all cells at once."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from core.formula.evaluate import Scope, scope_of
from core.formula.syntax import Formula
from core.formula.terms import Bind, Items, Product, operands
from core.formula.tree import array_of, is_call, is_reduction, names, reads
from core.tensor import Array


@dataclass(frozen=True, eq=False)
class Edges:
    """The cells of one array that are factors of the terms of a line.

    Attributes:
        array: name of the array that is read.
        target: flat positions in the array that the line defines, shape (E,).
        source: flat positions in the array that is read, shape (E,).
        role: "copy" if the line is this one cell and nothing else; "addend" if it adds up single
            cells, this one among them, each perhaps times a constant; "summand" if it does so over
            letters; otherwise "factor".
    """

    array: str
    target: Array
    source: Array
    role: str


def edges(
    formula: Formula,
    arrays: Mapping[str, Array],
    constants: Mapping[str, float],
    most: int,
) -> list[Edges] | None:
    """Return the edges of a line; None if it has more than `most` terms.

    Cells outside of an array (padding), and terms that a condition multiplies by 0, have none.

    Args:
        formula: a formula without stars, with a right side.
        arrays: the recorded arrays, the one on the left among them.
        constants: constants, and sizes of letters that stand alone on no axis.
        most: how many terms are followed.

    Raises:
        FormulaError: as `scope_of`.
    """
    assert formula.body is not None
    kind, inner, products = operands(formula.body)
    scope = scope_of(formula, None, arrays, constants)
    if any(_terms(items, scope) > most for items in products):
        return None
    is_plain = kind == "sum" and inner is formula.body
    items = [item for item in products[0] if not isinstance(item, str)]
    if is_plain and len(products) == len(items) == 1 and isinstance(items[0], ast.Subscript):
        role = "copy"
    else:
        sums = any(isinstance(item, Bind) for items in products for item in items)
        is_linear = is_plain and all(map(_is_linear, products))
        role = ("summand" if sums else "addend") if is_linear else "factor"
    return [edge for items in products for edge in _edges(Product(items, scope), arrays, role)]


def _terms(items: Items, scope: Scope) -> int:
    bound = [item.reduction.args[0] for item in items if isinstance(item, Bind)]
    return prod([*scope.shape, *(scope.size(name) for part in bound for name in names(part))])


def _is_linear(items: Items) -> bool:
    """Return whether a product has one cell at most, and otherwise constants and conditions."""
    factors = [item for item in items if not isinstance(item, str | Bind)]
    others = [item for item in factors if not isinstance(item, ast.Subscript)]
    return len(factors) - len(others) < 2 and not any(
        reads(item) and not is_call(item, "at") for item in others
    )


def _edges(product: Product, arrays: Mapping[str, Array], role: str) -> list[Edges]:
    # How many axes of the scope are those of the cells on the left.
    own = [name for name in product.scope.axes if name in product.own]
    inner = prod(product.scope.shape[len(own) :])
    conditions = [v for node, _, v in product.factors if not isinstance(node, ast.Subscript)]
    counts = reduce(np.logical_and, [v != 0 for v in conditions], np.ones(len(product.kept), bool))
    found = []
    for node, scope, _ in product.factors:
        if isinstance(node, ast.Subscript) and not is_reduction(node):
            index, _, _ = scope.read(node)
            flat = [product.flat(axis, scope)[counts] for axis in index]
            shape = np.shape(arrays[array_of(node)])
            source = np.ravel_multi_index(flat, shape) if shape else np.zeros(counts.sum(), int)
            target = product.kept[counts] // inner
            found.append(Edges(array_of(node), target, source, role))
    return found

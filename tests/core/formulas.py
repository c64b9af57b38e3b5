"""What a line of index notation says of all cells of an array, and a check of all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from core.formula.evaluate import Scope, evaluate, scope_of
from core.formula.syntax import Formula, parse
from core.formula.terms import Product, operands
from core.inspect.book import Book
from core.inspect.cell import Cell, array_at, cell_value
from core.inspect.links import link
from core.inspect.trace import StepTrace
from core.layer import Layer
from core.tensor import Array
from tests.rounding import assert_close


@dataclass(frozen=True)
class AllTerms:
    """The terms of all cells of an array at once, each result of the array's shape.

    Attributes:
        total: what they make.
        magnitude: the sum of their magnitudes, or how far its rounding moves a function of them.
        products: the products of the formula, in the scope of all cells.
    """

    total: Array
    magnitude: Array
    products: list[Product]


def all_terms(body: ast.expr, scope: Scope) -> AllTerms:
    """Break all cells down into their terms, in the scope of all cells."""
    outer = len(scope.axes)
    kind, inner, rows = operands(body)
    products = [Product(items, scope) for items in rows]
    if kind != "sum":
        values = [spread_out(product, outer, -np.inf) for product in products]
        best = np.max([part.max(axis=-1) for part in values], axis=0)
        total = best if kind == "max" else values[0].argmax(axis=-1)
        return AllTerms(total, np.abs(best), products)
    parts = [spread_out(product, outer, 0.0) for product in products]
    total = np.sum([part.sum(axis=-1) for part in parts], axis=0)
    magnitude = np.sum([np.abs(part).sum(axis=-1) for part in parts], axis=0)
    if inner is body:
        return AllTerms(total, magnitude, products)
    made, moved = (
        np.asarray(evaluate(body, replace(scope, known=(inner, total + k * magnitude))))
        for k in (0.0, 1e-7)
    )
    return AllTerms(made, np.abs(made) + np.abs(moved - made) / 1e-7, products)


def spread_out(product: Product, outer: int, fill: float) -> Array:
    """Return the values of a product, shape (*cells, terms); `fill` where there is no term."""
    dense = np.full(prod(product.scope.shape), fill)
    dense[product.kept] = product.values
    return dense.reshape(*product.scope.shape[:outer], -1)


def formulas(trace: StepTrace) -> Iterator[tuple[Cell, Formula, Book]]:
    """Yield every array of a trace that has a line of its own, with a cell without index."""
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            for name, array in arrays.items():
                at = Cell(stage.phase, stage.layer, name, (0,) * array.ndim, inner)
                if array.size and link(trace, at) is None:
                    book = Book(trace, at)
                    formula = book.formula(name)
                    if formula.body is not None:
                        yield replace(at, index=()), formula, book


def lines_without_array(trace: StepTrace) -> list[tuple[str, str]]:
    """Return the lines of arrays that no stage has, such as a misspelt one, as (layer, array).

    Layers with frozen params are left out: they lack what leads to the gradients of these.
    """
    found = []
    for layer, maker in {(stage.layer, stage.maker): None for stage in trace.stages}:
        if isinstance(maker, Layer) and not all(p.requires_grad for p in maker.params.values()):
            continue
        stages = [s for s in trace.stages if s.layer == layer and s.maker is maker]
        names = {name for stage in stages for name in stage.names}
        found += [(layer, array) for array in parse(maker.formulas) if array not in names]
    return found


def check_all_cells(trace: StepTrace, roundings: float = 64.0) -> set[tuple[str, str]]:
    """Assert of every cell of every array: formula, terms and recorded number agree.

    Each factor that has a cell is the number there, and that cell can be visited. No line is of an
    array that there is not.

    Returns:
        The arrays that were checked, as (layer, array).
    """
    assert lines_without_array(trace) == []
    checked = set()
    for at, formula, book in formulas(trace):
        assert formula.body is not None
        array = array_at(trace, at)
        scope = scope_of(formula, None, book, book.constants)
        what = f"{at.phase} {at.layer} {at.array}"
        value = np.broadcast_to(evaluate(formula.body, scope), scope.shape).reshape(array.shape)
        terms = all_terms(formula.body, scope)
        total, magnitude = (
            np.broadcast_to(x, scope.shape).reshape(array.shape)
            for x in (terms.total, terms.magnitude)
        )
        if at.array == "step":
            # The recorded step is what the rounded value has changed by.
            before = Cell("update", at.layer, "before", (), at.inner)
            magnitude = magnitude + np.abs(array_at(trace, before))
        assert_close(total, value, magnitude=magnitude, roundings=roundings, what=what)
        eps = float(np.finfo(array.dtype).eps) if array.dtype.kind == "f" else 0.0
        # A factor may be off by the rounding of what made it: where it has cancelled to almost
        # nothing, that is not small beside the factor.
        assert_close(
            array, value, magnitude=magnitude.max(), roundings=roundings, eps=eps,
            what=f"{what}, recorded",
        )  # fmt: skip
        for product in terms.products:
            check_cells(trace, book, product)
        checked.add((at.layer, at.array))
    return checked


def check_cells(trace: StepTrace, book: Book, product: Product) -> None:
    """Assert that the cells of a product's factors hold the numbers that were multiplied."""
    for node, scope, values in product.factors:
        if isinstance(node, ast.Subscript) and len(product.kept):
            index, read, inside = scope.read(node)
            assert np.all(product.flat(inside, scope))
            first = tuple(int(product.flat(k, scope)[0]) for k in index)
            cell = book.cell(ast.unparse(node.value), first)
            source = array_at(trace, cell)
            there = source[tuple(product.flat(k, scope) for k in index)]
            np.testing.assert_array_equal(there.astype(np.float64), values)
            np.testing.assert_array_equal(product.flat(read, scope), values)
            assert cell_value(trace, cell) == values[0]

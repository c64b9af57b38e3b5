"""Breaks the value of one cell down into the terms that were added, each with its cells."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum, prod
from typing import Any, overload

import numpy as np

from core.formula.evaluate import Scope, evaluate
from core.formula.syntax import FormulaError, array_of, names, reads
from core.tensor import Array

# More terms than these side by side, not summed, are no formula for people.
MOST_PRODUCTS = 64
# Returns where the number at an index of an array lies, whatever the caller uses for that.
Place = Callable[[str, tuple[int, ...]], Any]


@dataclass(frozen=True, slots=True)
class Factor:
    """A number that something was multiplied by.

    Attributes:
        value: the number.
        cell: where it lies; None for a constant and for an intermediate result.
    """

    value: float
    cell: Any = None


@dataclass(frozen=True, slots=True)
class Term:
    """The product of its factors, in the order of the formula; sign and scale are factors too.

    Attributes:
        factors: at least one.
        value: their product.
        note: words for the term.
        letters: values of the index letters that the formula sums over, by name.
        because: recorded numbers from which factors without a cell were computed.
    """

    factors: tuple[Factor, ...]
    value: float
    note: str = ""
    letters: tuple[tuple[str, int], ...] = ()
    because: tuple[Factor, ...] = ()


@dataclass(frozen=True)
class Product:
    """One product in a formula, for all values of the letters that it is summed over."""

    scope: Scope
    # Factors, each with the scope that it stands in: that of the product or one around it.
    nodes: tuple[tuple[ast.expr, Scope], ...] = ()
    note: str = ""

    def times(self, node: ast.expr, scope: Scope | None = None) -> Product:
        """Return the product with one more factor."""
        return replace(self, nodes=(*self.nodes, (node, scope or self.scope)))

    @cached_property
    def kept(self) -> Array:
        """Places, in the flattened axes of the letters, of the terms that count."""
        inside = self._whole(self.scope.inside, self.scope)
        for node, scope in self.nodes:
            if isinstance(node, ast.Subscript):
                inside = inside & self._whole(scope.read(node)[2], scope)
            elif _is_condition(node):
                inside = inside & (self._whole(evaluate(node, scope), scope) != 0)
        return np.flatnonzero(inside)

    def _whole(self, values: object, scope: Scope) -> Array:
        """Return values in a scope for all letters of the product."""
        inner = np.broadcast_to(np.asarray(values), scope.shape)
        more = len(self.scope.shape) - len(scope.shape)
        return np.broadcast_to(inner.reshape((*scope.shape, *(1,) * more)), self.scope.shape)

    def flat(self, values: object, scope: Scope | None = None) -> Array:
        """Return values of the letters' axes for the terms that count."""
        return self._whole(values, scope or self.scope).reshape(-1)[self.kept]

    @cached_property
    def factors(self) -> list[tuple[ast.expr | None, Scope, Array]]:
        """Factors, their scopes and values; None for a constant: neighbours are one factor."""
        made: list[tuple[ast.expr | None, Scope, Array]] = []
        for node, scope in self.nodes:
            if not _is_condition(node):
                values = self.flat(evaluate(node, scope), scope).astype(np.float64)
                if made and made[-1][0] is None and not reads(node):
                    made[-1] = (None, scope, made[-1][2] * values)
                else:
                    made.append((node if reads(node) else None, scope, values))
        # A factor of 1 is left out unless it is the only one.
        said = [factor for factor in made if factor[0] is not None or (factor[2] != 1).any()]
        return said or made[:1] or [(None, self.scope, np.ones(len(self.kept)))]

    @cached_property
    def values(self) -> Array:
        """The values of the terms that count."""
        return np.asarray(prod((values for *_, values in self.factors), start=1.0))

    def term(self, k: int, place: Place, own: Scope) -> Term:
        """Return term number `k`; `own` is the scope of the cell that it belongs to."""
        factors, because = list[Factor](), dict[Factor, None]()
        for node, scope, values in self.factors:
            cells = list(self._cells(node, scope, k, place))
            if isinstance(node, ast.Subscript):
                factors.append(cells[0])
            else:
                factors.append(Factor(float(values[k])))
                because |= dict.fromkeys(cells)
        summed = self.scope.letters.items()
        letters = tuple((n, int(self.flat(v)[k])) for n, v in summed if n not in own.letters)
        return Term(tuple(factors), float(self.values[k]), self.note, letters, tuple(because))

    def _cells(self, node: ast.AST | None, scope: Scope, k: int, place: Place) -> Iterator[Factor]:
        """Yield the recorded numbers that a factor of term `k` depends on."""
        match node:
            case ast.Call(args=[ast.Tuple() as letters, body]):
                yield from self._cells(body, scope.bind(letters, body), k, place)
            case ast.Subscript():
                index, values, inside = scope.read(node)
                # Axes that the factor shares with the term come first.
                own = scope.shape[: len(self.scope.shape)]
                term = np.unravel_index(self.kept[k], self.scope.shape)[: len(own)]
                columns = [
                    np.broadcast_to(i, scope.shape)[term].reshape(-1)
                    for i in (*index, values, np.logical_and(inside, scope.inside))
                ]
                for *at, value, counts in zip(*columns, strict=True):
                    if counts:
                        yield Factor(float(value), place(array_of(node), tuple(map(int, at))))
            case ast.AST():
                for child in ast.iter_child_nodes(node):
                    yield from self._cells(child, scope, k, place)


class Terms(Sequence[Term]):
    """Terms in the order of the formula, each built on access because a sum may have many.

    Attributes:
        values: the values of all, shape (len,).
    """

    def __init__(self, products: Sequence[Product], own: Scope, place: Place) -> None:
        self._products, self._own, self._place = products, own, place
        self._ends = np.cumsum([len(product.kept) for product in products])
        self.values: Array = np.concatenate([product.values for product in products])

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, place: int | slice) -> Term | tuple[Term, ...]:
        if isinstance(place, slice):
            return tuple(self[k] for k in range(len(self))[place])
        k = range(len(self))[place]
        which = int(np.searchsorted(self._ends, k, side="right"))
        product = self._products[which]
        first = int(self._ends[which]) - len(product.kept)
        return product.term(k - first, self._place, self._own)

    def __repr__(self) -> str:
        return f"<{len(self)} terms>"


@dataclass(frozen=True)
class Breakdown:
    """The terms of a value, and how it follows from them.

    Attributes:
        terms: the terms.
        total: the value that follows, in float64.
        operation: "sum", "max", "argmax" (the place of the largest) or "function" (of the sum).
        inner: for a function, the part of the formula that is the sum of the terms.
    """

    terms: Terms
    total: float
    operation: str = "sum"
    inner: ast.expr | None = None


def break_down(body: ast.expr, scope: Scope, place: Place) -> Breakdown:
    """Return the terms of a formula's right side.

    Args:
        body: the right side.
        scope: the scope of one cell (see `core.formula.evaluate.scope_of`).
        place: returns where the number at an index of an array lies.
    """

    def terms(*nodes: ast.expr, start: Scope = scope) -> Terms:
        products = [p for node in nodes for p in expand(node, Product(start))]
        if len(products) > MOST_PRODUCTS:
            raise FormulaError(f"a formula has more than {MOST_PRODUCTS} products side by side")
        return Terms(products, scope, place)

    match body:
        case ast.Call(func=ast.Name(id="max" | "argmax" as kind), args=[ast.Tuple() as k, inner]):
            if is_polynomial(inner):
                found = terms(inner, start=scope.bind(k, inner))
                total = float(found.values.max(initial=-np.inf))
                if kind == "argmax":
                    winner = dict(found[int(found.values.argmax())].letters)
                    sizes = [scope.size(name) for name in names(k)]
                    total = float(np.ravel_multi_index([winner[name] for name in names(k)], sizes))
                return Breakdown(found, total, kind)
        case ast.Call(func=ast.Name(id="max"), args=arguments):
            if all(map(is_polynomial, arguments)):
                found = terms(*arguments)
                return Breakdown(found, float(found.values.max()), "max")
    inner = sum_inside(body)
    found = terms(inner)
    total = fsum(found.values.tolist())
    if inner is body:
        return Breakdown(found, total)
    value = float(evaluate(body, replace(scope, known=(inner, total))))
    return Breakdown(found, value, "function", inner)


def sum_inside(body: ast.expr) -> ast.expr:
    """Return the only sum of products inside of functions; the body if there is not just one."""
    inner = body
    while not is_polynomial(inner):
        parts = [part for part in ast.iter_child_nodes(inner) if reads(part)]
        is_reduction = isinstance(inner, ast.Call) and isinstance(inner.args[0], ast.Tuple)
        if len(parts) != 1 or not isinstance(parts[0], ast.expr) or is_reduction:
            return body
        inner = parts[0]
    return inner


def _is_condition(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and names(node.func) == ["at"]


def is_polynomial(node: ast.expr) -> bool:
    """Return whether a node is a sum of products of cells, constants and comparisons."""
    match node:
        case ast.Subscript() | ast.Compare() | ast.Call(func=ast.Name(id="at")):
            return True
        case ast.UnaryOp(operand=inner) | ast.Call(func=ast.Name(id="note"), args=[_, inner]):
            return is_polynomial(inner)
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Tuple(), inner]):
            return is_polynomial(inner)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return is_polynomial(left) and is_polynomial(right)
        case (
            ast.BinOp(left=left, op=ast.Div())
            | ast.Call(func=ast.Name(id="quotient"), args=[left, _])
        ) if reads(left):
            return is_polynomial(left)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=1 | 2 | 3 | 4)):
            return is_polynomial(left)
    return not reads(node)


def expand(node: ast.expr, start: Product) -> Iterator[Product]:
    """Yield a node as products, each of which continues the product `start`."""
    one = ast.Constant(1.0)
    is_plain = not reads(node) and not any(
        _is_condition(n) or isinstance(n, ast.Tuple) for n in ast.walk(node)
    )
    match node:
        case _ if is_plain:
            yield start.times(node)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from expand(left, start)
            yield from expand(right, start)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield from expand(left, start)
            yield from expand(right, start.times(ast.Constant(-1.0)))
        case ast.UnaryOp(operand=inner):
            yield from expand(inner, start.times(ast.Constant(-1.0)))
        case ast.Call(func=ast.Name(id="note"), args=[ast.Constant(value=str(words)), inner]):
            yield from (replace(product, note=words) for product in expand(inner, start))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for product in expand(left, start):
                yield from expand(right, product)
        case ast.BinOp(left=left, op=ast.Div(), right=right) if reads(left) or not reads(right):
            share: ast.expr = ast.BinOp(one, ast.Div(), right)
            yield from (product.times(share, start.scope) for product in expand(left, start))
        case ast.Call(func=ast.Name(id="quotient") as quotient, args=[left, right]) if reads(left):
            share = ast.Call(quotient, [one, right], [])
            yield from (product.times(share, start.scope) for product in expand(left, start))
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
            if power in (2, 3, 4) and is_polynomial(left):
                products = [start]
                for _ in range(power):
                    products = [p for product in products for p in expand(left, product)]
                yield from products
            else:
                yield start.times(node)
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Tuple() as letters, body]):
            scope = start.scope.bind(letters, body)
            yield from expand(body, replace(start, scope=scope))
        case _:
            yield start.times(node)

"""Breaks the value of one cell down into the terms that were added, each with its cells."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from math import fsum, prod
from typing import Any

import numpy as np

from core.formula.evaluate import Scope, evaluate
from core.formula.syntax import FormulaError
from core.formula.tree import array_of, is_call, is_reduction, names, reads
from core.symbols import note_of, symbol
from core.tensor import Array

# More terms than these side by side, not summed, are no formula for people.
MOST_PRODUCTS = 64
ONE, MINUS = ast.Constant(1.0), ast.Constant(-1.0)
# Returns where the number at an index of an array lies, whatever the caller uses for that.
Locate = Callable[[str, tuple[int, ...]], Any]


@dataclass(frozen=True)
class Bind:
    """Binds the letters of a reduction for the factors that follow."""

    reduction: ast.Call


# Factors of a product, in order; a string is a note.
Items = tuple[ast.expr | Bind | str, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """A number that something was multiplied by, and its cell; None for what has no cell."""

    value: float
    cell: Any = None


@dataclass(frozen=True, slots=True)
class Term:
    """The product of its factors, in the order of the formula; sign and scale are factors too.

    Attributes:
        factors: at least one.
        value: their product.
        note: words for the term.
        because: recorded numbers from which factors without a cell were computed.
    """

    factors: tuple[Factor, ...]
    value: float
    note: str = ""
    because: tuple[Factor, ...] = ()


class Product:
    """One product of a formula, for all values of the letters that it is summed over.

    Attributes:
        scope: binds these letters, behind those of the scope that it starts from.
        kept: positions, in the flattened axes of the letters, of the terms that count.
        factors: node (None for a constant), scope and values of each factor.
        values: the values of the terms that count.
    """

    def __init__(self, items: Items, scope: Scope) -> None:
        self.own, self.note, nodes = scope.letters.keys(), "", list[tuple[ast.expr, Scope]]()
        for item in items:
            if isinstance(item, str):
                self.note = item
            elif isinstance(item, Bind):
                scope = scope.bind(item.reduction)
            else:
                nodes.append((item, scope))
        self.scope = scope
        inside = self._whole(scope.inside, scope)
        for node, at in nodes:
            if isinstance(node, ast.Subscript):
                inside = inside & self._whole(at.read(node)[2], at)
            elif is_call(node, "at"):
                inside = inside & (self._whole(evaluate(node, at), at) != 0)
        self.kept = np.flatnonzero(inside)
        self.factors: list[tuple[ast.expr | None, Scope, Array]] = []
        for node, at in (pair for pair in nodes if not is_call(pair[0], "at")):
            values, known = self.flat(evaluate(node, at), at).astype(np.float64), bool(reads(node))
            if self.factors and self.factors[-1][0] is None and not known:
                values = self.factors.pop()[2] * values
            self.factors.append((node if known else None, at, values))
        # A factor of 1 is left out unless it is the only one.
        shown = [f for f in self.factors if f[0] is not None or (f[2] != 1).any()]
        self.factors = shown or self.factors[:1] or [(None, scope, np.ones(len(self.kept)))]
        # Of the factors that are cells, by their positions: read once for all terms.
        self._reads: dict[int, tuple[str, list[Array], Array]] = {}
        self.values: Array = np.asarray(prod((f[2] for f in self.factors), start=1.0))

    def _whole(self, values: object, scope: Scope) -> Array:
        inner = np.broadcast_to(np.asarray(values), scope.shape)
        more = (1,) * (len(self.scope.shape) - len(scope.shape))
        return np.broadcast_to(inner.reshape(scope.shape + more), self.scope.shape)

    def flat(self, values: object, scope: Scope) -> Array:
        """Return values in a scope for the terms that count."""
        return self._whole(values, scope).reshape(-1)[self.kept]

    def term(self, k: int, locate: Locate, words: Mapping[str, str]) -> Term:
        """Return term number `k`."""
        factors, because = list[Factor](), dict[Factor, None]()
        for position, (node, scope, values) in enumerate(self.factors):
            if isinstance(node, ast.Subscript):
                array, index, read = self._read(position, node, scope)
                at = tuple(int(axis[k]) for axis in index)
                factors.append(Factor(float(read[k]), locate(array, at)))
            else:
                factors.append(Factor(float(values[k])))
                because |= dict.fromkeys(self._cells(node, scope, k, locate))
        summed = {n: v for n, v in self.scope.letters.items() if n not in self.own}
        letters = [(n, int(self.flat(v, self.scope)[k])) for n, v in summed.items()]
        note = self.note or note_of(letters, words)
        return Term(tuple(factors), float(self.values[k]), note, tuple(because))

    def _read(
        self, position: int, node: ast.Subscript, scope: Scope
    ) -> tuple[str, list[Array], Array]:
        """Return the array of a factor that is a cell, its indices and values for all terms."""
        if position not in self._reads:
            index, values, _ = scope.read(node)
            flat = [self.flat(axis, scope) for axis in index]
            self._reads[position] = array_of(node), flat, self.flat(values, scope)
        return self._reads[position]

    def _cells(
        self, node: ast.AST | None, scope: Scope, k: int, locate: Locate
    ) -> Iterator[Factor]:
        """Yield the recorded numbers that a factor of term `k` depends on."""
        if node is not None and is_reduction(node):
            yield from self._cells(node.args[1], scope.bind(node), k, locate)
        elif isinstance(node, ast.Subscript):
            index, values, inside = scope.read(node)
            # Axes that the factor shares with the term come first.
            shared = min(len(scope.shape), len(self.scope.shape))
            term = np.unravel_index(self.kept[k], self.scope.shape)[:shared]
            columns = [
                np.broadcast_to(i, scope.shape)[term].reshape(-1)
                for i in (*index, values, np.logical_and(inside, scope.inside))
            ]
            for *at, value, counts in zip(*columns, strict=True):
                if counts:
                    yield Factor(float(value), locate(array_of(node), tuple(map(int, at))))
        elif node is not None:
            for child in ast.iter_child_nodes(node):
                yield from self._cells(child, scope, k, locate)


class Terms:
    """Terms in the order of the formula, each built on access because a sum may have many.

    Attributes:
        values: the values of all, shape (len,).
    """

    def __init__(self, values: Array, make: Callable[[int], Term]) -> None:
        self.values, self._make = values, make

    @classmethod
    def of(cls, *terms: Term) -> Terms:
        """Return terms that are made already."""
        return cls(np.array([term.value for term in terms]), terms.__getitem__)

    @classmethod
    def in_order(cls, found: list[Product], locate: Locate, words: Mapping[str, str]) -> Terms:
        """Return the terms of products, or that there are none."""
        ends = np.cumsum([len(product.kept) for product in found])
        values = np.concatenate([product.values for product in found])
        if not len(values):
            return cls.of(Term((Factor(0.0),), 0.0, "padding: outside of the array"))

        def make(k: int) -> Term:
            which = int(np.searchsorted(ends, k, side="right"))
            first = int(ends[which]) - len(found[which].kept)
            term = found[which].term(k - first, locate, words)
            first_read = next((node for node, *_ in found[which].factors if node), None)
            if term.note or len(values) == 1 or not isinstance(first_read, ast.Subscript):
                return term
            return replace(term, note=symbol(array_of(first_read)).words)

        return cls(values, make)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, k: int) -> Term:
        return self._make(range(len(self))[k])

    def __iter__(self) -> Iterator[Term]:
        return map(self._make, range(len(self)))


@dataclass(frozen=True)
class Breakdown:
    """How terms make a value.

    Attributes:
        terms: what was added or compared, in the order of the formula, and their `values`.
        total: the value that follows from the terms, in float64.
        operation: how it follows from them: "sum", "max", "argmax" (the place of the largest) or
            "function" (of their sum).
        inner: the part of the formula that is the sum then.
    """

    terms: Terms = field(repr=False)
    total: float
    operation: str = "sum"
    inner: ast.expr | None = None


def break_down(body: ast.expr, scope: Scope, locate: Locate, words: Mapping[str, str]) -> Breakdown:
    """Return the terms of a formula's right side.

    Args:
        body: the right side.
        scope: the scope of one cell (see `core.formula.evaluate.scope_of`).
        locate: returns where the number at an index of an array lies.
        words: words for values of index letters, besides those of `core.symbols`.
    """
    kind, inner, products = operands(body)
    found = [Product(items, scope) for items in products]
    terms = Terms.in_order(found, locate, words)
    if kind != "sum":
        return Breakdown(terms, float(evaluate(body, scope)), kind)
    total = fsum(terms.values.tolist())
    if inner is body:
        return Breakdown(terms, total)
    value = float(evaluate(body, replace(scope, known=(inner, total))))
    return Breakdown(terms, value, "function", inner)


@lru_cache(maxsize=4096)
def operands(body: ast.expr) -> tuple[str, ast.expr, list[Items]]:
    """Return how a value is made of terms ("sum", "max", "argmax"), of which part, and these."""
    if isinstance(body, ast.Call) and (kind := names(body.func)[0]) in ("max", "argmax"):
        start = (Bind(body),) if is_reduction(body) else ()
        parts = body.args[len(start) :]
        if all(map(is_polynomial, parts)):
            return kind, body, [(*start, *items) for part in parts for items in expand(part)]
    inner = body
    # Into a function, down to the one sum that it is taken of, if there is one.
    while not is_polynomial(inner):
        below = [part for part in ast.iter_child_nodes(inner) if reads(part)]
        if len(below) != 1 or not isinstance(below[0], ast.expr) or is_reduction(inner):
            return "sum", body, expand(body)
        inner = below[0]
    return "sum", inner, expand(inner)


def is_polynomial(node: ast.expr) -> bool:
    """Return whether a node is a sum of products of cells, constants and comparisons."""
    return all(
        isinstance(item, str | Bind | ast.Subscript | ast.Compare)
        or not reads(item)
        or ONE in ast.iter_child_nodes(item)
        for items in expand(node)
        for item in items
    )


def expand(node: ast.expr) -> list[Items]:
    """Return a node as a sum of products."""
    found: list[Items]
    match node:
        case _ if not reads(node) and not any(
            is_call(part, "at") or is_reduction(part) for part in ast.walk(node)
        ):
            found = [(node,)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            found = [*expand(left), *expand(right)]
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            found = [*expand(left), *((MINUS, *items) for items in expand(right))]
        case ast.UnaryOp(operand=inner):
            found = [(MINUS, *items) for items in expand(inner)]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            found = [(*one, *two) for one, two in product(expand(left), expand(right))]
        case ast.BinOp(left=left, op=ast.Div(), right=right) if reads(left) or not reads(right):
            found = [(ast.BinOp(ONE, ast.Div(), right), *items) for items in expand(left)]
        case ast.Call(func=ast.Name(id="quotient") as name, args=[left, right]) if reads(left):
            found = [(ast.Call(name, [ONE, right], []), *items) for items in expand(left)]
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2.0 | 3.0 | 4.0)):
            factors = product(*[expand(left)] * int(ast.literal_eval(node.right)))
            found = [tuple(item for items in row for item in items) for row in factors]
        case ast.Call(func=ast.Name(id="note"), args=[ast.Constant(value=str(words)), inner]):
            found = [(words, *items) for items in expand(inner)]
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Tuple(), inner]):
            found = [(Bind(node), *items) for items in expand(inner)]
        case _:
            found = [(node,)]
    if len(found) > MOST_PRODUCTS:
        raise FormulaError(f"a formula has more than {MOST_PRODUCTS} products side by side")
    return found

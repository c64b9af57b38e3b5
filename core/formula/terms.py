"""Breaks the value of one cell down into the terms that were added, each with its cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from math import fsum, prod
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from core.formula.evaluate import Scope, evaluate
from core.formula.syntax import (
    Binary,
    Call,
    FormulaError,
    Name,
    Negative,
    Node,
    Note,
    Number,
    Read,
    Reduce,
    children,
    reads,
    walk,
)

# Where a number lies, whatever the caller uses for that.
Cell = TypeVar("Cell")
# More terms than these side by side, not summed, are no formula for people.
MOST_PRODUCTS = 64
# The name that stands for the sum of the terms in the function around it.
SUM = "x"


@dataclass(frozen=True, slots=True)
class Factor(Generic[Cell]):
    """A number that something was multiplied by.

    Attributes:
        value: the number.
        cell: where it lies; None for a constant and for what was computed on the way.
        source: the part of the formula that it was computed by, where it has no cell.
    """

    value: float
    cell: Cell | None = None
    source: Node | None = None


@dataclass(frozen=True, slots=True)
class Term(Generic[Cell]):
    """The product of its factors, in the order of the formula; sign and scale are factors too.

    Attributes:
        factors: at least one.
        value: their product.
        note: words for the term.
        letters: values of the index letters that the formula sums over.
        because: recorded numbers that factors without a cell were computed from.
    """

    factors: tuple[Factor[Cell], ...]
    value: float
    note: str = ""
    letters: tuple[tuple[str, int], ...] = ()
    because: tuple[Factor[Cell], ...] = ()


@dataclass(frozen=True)
class Products(Generic[Cell]):
    """One product of the formula, for all values of the letters that it is summed over."""

    scope: Scope
    nodes: tuple[Node, ...]
    place: Callable[[str, tuple[int, ...]], Cell]
    note: str = ""
    own: tuple[str, ...] = ()

    def times(self, other: Products[Cell]) -> Products[Cell]:
        """Return the product of both; `other` was made in the scope of this one."""
        nodes = (*self.nodes, *other.nodes)
        return replace(other, nodes=nodes, note=other.note or self.note)

    @cached_property
    def kept(self) -> NDArray[np.int64]:
        """Places, in the flattened axes of the letters, of the terms that count."""
        inside: Any = self.scope.inside
        for node in self.nodes:
            if isinstance(node, Read):
                inside = np.logical_and(inside, self.scope.read(node)[2])
            elif _is_condition(node):
                inside = np.logical_and(inside, np.asarray(evaluate(node, self.scope)) != 0)
        return np.flatnonzero(np.broadcast_to(inside, self.scope.shape))

    def flat(self, values: object) -> NDArray[Any]:
        """Return values of the letters' axes for the terms that count."""
        whole = np.broadcast_to(np.asarray(values), self.scope.shape)
        return np.asarray(whole.reshape(-1)[self.kept])

    @cached_property
    def groups(self) -> list[tuple[tuple[Node, ...], NDArray[np.float64]]]:
        """Factors with their values; neighbouring constants are one factor."""
        made: list[tuple[tuple[Node, ...], NDArray[np.float64]]] = []
        for node in self.nodes:
            if _is_condition(node):
                continue
            values = self.flat(evaluate(node, self.scope)).astype(np.float64)
            if made and not reads(node) and not any(map(reads, made[-1][0])):
                made[-1] = ((*made[-1][0], node), made[-1][1] * values)
            else:
                made.append(((node,), values))
        # A factor of one says nothing beside others.
        told = [group for group in made if any(map(reads, group[0])) or not (group[1] == 1).all()]
        return told or made[:1] or [((), np.ones(len(self.kept)))]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The values of all terms."""
        values = np.ones(len(self.kept))
        for _, factors in self.groups:
            values = values * factors
        return values

    def term(self, k: int) -> Term[Cell]:
        """Return one of the terms."""
        factors: list[Factor[Cell]] = []
        because: list[Factor[Cell]] = []
        for nodes, values in self.groups:
            value = float(values[k])
            if len(nodes) == 1 and isinstance(nodes[0], Read):
                index = tuple(int(self.flat(i)[k]) for i in self.scope.read(nodes[0])[0])
                factors.append(Factor(value, self.place(nodes[0].array, index)))
            else:
                source = nodes[0] if len(nodes) == 1 and reads(nodes[0]) else None
                factors.append(Factor(value, None, source))
                for node in nodes:
                    because += self._reads(node, self.scope, k)
        letters = tuple(
            (name, int(self.flat(value)[k]))
            for name, value in self.scope.letters.items()
            if name not in self.own
        )
        seen = tuple(dict.fromkeys(because))
        return Term(tuple(factors), float(self.values[k]), self.note, letters, seen)

    def _reads(self, node: Node, scope: Scope, k: int) -> list[Factor[Cell]]:
        """Return the recorded numbers that a computed factor of term `k` depends on."""
        if isinstance(node, Reduce):
            return self._reads(node.body, scope.bind(node.letters, node.body), k)
        found = [item for child in children(node) for item in self._reads(child, scope, k)]
        if isinstance(node, Read):
            index, values, inside = scope.read(node)
            # The axes of the terms come first, those of letters inside the factor behind them.
            shape = (prod(self.scope.shape), -1)
            columns = [
                np.broadcast_to(i, scope.shape).reshape(shape)[self.kept[k]]
                for i in (*index, values, inside & scope.inside)
            ]
            for *at, value, counts in zip(*columns, strict=True):
                if counts:
                    cell = self.place(node.array, tuple(map(int, at)))
                    found.append(Factor(float(value), cell))
        return found


class Terms(Sequence[Term[Cell]]):
    """Terms in the order of the formula, each made when it is asked for: a sum may have many.

    Attributes:
        values: the values of all.
    """

    def __init__(self, products: Sequence[Products[Cell]]) -> None:
        self._products = products
        self._ends = np.cumsum([len(product.kept) for product in products])
        self.values: NDArray[np.float64] = np.concatenate(
            [product.values for product in products] or [np.zeros(0)]
        )

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> Term[Cell]: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Term[Cell], ...]: ...
    def __getitem__(self, place: int | slice) -> Term[Cell] | tuple[Term[Cell], ...]:
        places = range(len(self))[place]
        if isinstance(places, range):
            return tuple(self[k] for k in places)
        which = int(np.searchsorted(self._ends, places, side="right"))
        product = self._products[which]
        return product.term(places - int(self._ends[which]) + len(product.kept))

    def __repr__(self) -> str:
        return f"<{len(self)} terms>"


@dataclass(frozen=True)
class Breakdown(Generic[Cell]):
    """How the terms of a cell make its value.

    Attributes:
        terms: the terms.
        operation: "sum", "max", "argmax" (the place of the largest) or "function" (of the sum).
        total: the value that the terms make, in float64.
        function: for "function", the formula with `x` for the sum of the terms.
    """

    terms: Terms[Cell]
    operation: str
    total: float
    function: Node | None = None


def break_down(
    body: Node, scope: Scope, place: Callable[[str, tuple[int, ...]], Cell]
) -> Breakdown[Cell]:
    """Return the terms of a formula's right side in the scope of one cell.

    Args:
        body: the right side.
        scope: the scope of the cell (see `core.formula.evaluate.scope_of`).
        place: returns where the number at an index of an array lies.
    """
    start = Products(scope, (), place, own=tuple(scope.letters))
    match body:
        case Reduce("max" | "argmax" as kind, letters, inner) if _is_polynomial(inner):
            bound = replace(start, scope=scope.bind(letters, inner))
            terms = Terms(_expand(inner, bound))
            total = float(terms.values.max(initial=-np.inf))
            if kind == "argmax":
                winner = dict(terms[int(terms.values.argmax())].letters)
                names = [letter.name for letter in letters if isinstance(letter, Name)]
                sizes = [scope.size(name) for name in names]
                total = float(np.ravel_multi_index([winner[n] for n in names], sizes))
            return Breakdown(terms, kind, total)
        case Call("max", arguments) if all(map(_is_polynomial, arguments)):
            terms = Terms([product for part in arguments for product in _expand(part, start)])
            return Breakdown(terms, "max", float(terms.values.max()))
    inner, function = _inside_function(body)
    terms = Terms(_expand(inner, start))
    total = fsum(terms.values.tolist())
    if function is None:
        return Breakdown(terms, "sum", total)
    outer = replace(scope, constants={**scope.constants, SUM: total})
    return Breakdown(terms, "function", float(evaluate(function, outer)), function)


def _inside_function(body: Node) -> tuple[Node, Node | None]:
    """Return the sum inside a function, and the function with `SUM` in its place; or no function.

    A function of several sums has no such sum: each of them is a factor then.
    """
    if _is_polynomial(body) or isinstance(body, Reduce):
        return body, None
    with_reads = [child for child in children(body) if reads(child)]
    if len(with_reads) != 1:
        return body, None
    inner, function = _inside_function(with_reads[0])
    if function is None:
        if not _is_polynomial(inner):
            return body, None
        function = Name(SUM)
    return inner, _replaced(body, with_reads[0], function)


def _replaced(node: Node, old: Node, new: Node) -> Node:
    changed: dict[str, Any] = {}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, tuple):
            changed[item.name] = tuple(new if part is old else part for part in value)
        elif value is old:
            changed[item.name] = new
    return replace(node, **changed)


def _is_condition(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "at"


def _is_polynomial(node: Node) -> bool:
    """Return whether a node is a sum of products of cells, constants and comparisons."""
    if not reads(node):
        return True
    match node:
        case Read() | Binary("==" | "!=" | "<" | "<=" | ">" | ">=") | Call("at"):
            return True
        case Negative(inner) | Note(_, inner) | Reduce("sum", _, inner):
            return _is_polynomial(inner)
        case Binary("+" | "-" | "*", left, right):
            return _is_polynomial(left) and _is_polynomial(right)
        case Binary("/", left, right) | Call("quotient", (left, right)):
            return bool(reads(left)) and _is_polynomial(left)
        case Binary("**", left, Number(power)):
            return power in (1, 2, 3, 4) and _is_polynomial(left)
    return False


def _expand(node: Node, start: Products[Any]) -> list[Products[Any]]:
    """Return a node as products, in the scope of the product that it continues."""
    made: list[Products[Any]]
    if not reads(node) and not any(isinstance(n, Reduce) or _is_condition(n) for n in walk(node)):
        return [replace(start, nodes=(node,))]
    match node:
        case Binary("+", left, right):
            made = [*_expand(left, start), *_expand(right, start)]
        case Binary("-", left, right):
            made = [*_expand(left, start), *_expand(Negative(right), start)]
        case Negative(inner) if not isinstance(inner, Number):
            minus = replace(start, nodes=(Number(-1),))
            made = [minus.times(product) for product in _expand(inner, start)]
        case Note(words, inner):
            made = [replace(product, note=words) for product in _expand(inner, start)]
        case Binary("*", left, right):
            made = [
                first.times(second)
                for first in _expand(left, start)
                for second in _expand(right, replace(start, scope=first.scope))
            ]
        case Binary("/", left, right) if reads(left) or not reads(right):
            share = replace(start, nodes=(Binary("/", Number(1), right),))
            made = [replace(product, nodes=(*product.nodes, *share.nodes))
                    for product in _expand(left, start)]  # fmt: skip
        case Call("quotient", (left, right)) if reads(left):
            share = replace(start, nodes=(Call("quotient", (Number(1), right)),))
            made = [replace(product, nodes=(*product.nodes, *share.nodes))
                    for product in _expand(left, start)]  # fmt: skip
        case Binary("**", left, Number(power)) if power in (2, 3, 4) and _is_polynomial(left):
            product: Node = left
            for _ in range(int(power) - 1):
                product = Binary("*", product, left)
            made = _expand(product, start)
        case Reduce("sum", letters, body):
            made = _expand(body, replace(start, scope=start.scope.bind(letters, body)))
        case _:
            made = [replace(start, nodes=(node,))]
    if len(made) > MOST_PRODUCTS:
        raise FormulaError(f"a formula has more than {MOST_PRODUCTS} products side by side")
    return made

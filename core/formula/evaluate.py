"""Evaluates index notation, for one cell or for all cells of an array at once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formula.syntax import (
    Binary,
    Call,
    Formula,
    FormulaError,
    Name,
    Negative,
    Node,
    Note,
    Number,
    Product,
    Read,
    Reduce,
    reads,
    walk,
)
from core.kernels.normal import normal_cdf, normal_density

Values = NDArray[Any]
Arrays = Mapping[str, Values]


def _quotient(a: Values, b: Values) -> Values:
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("sqrt", "exp", "log", "log1p", "tanh", "abs", "sign")},
    "sigmoid": lambda x: np.exp(-np.logaddexp(0.0, -x)),
    "Phi": normal_cdf,
    "phi": normal_density,
    "quotient": _quotient,
    "max": lambda *x: reduce(np.maximum, x),
    "min": lambda *x: reduce(np.minimum, x),
    "at": lambda *x: reduce(np.multiply, x),
}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "**": operator.pow, "//": operator.floordiv, "%": operator.mod,
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal,
    ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """What the names in a formula stand for while it is evaluated.

    Attributes:
        arrays: the recorded arrays by name.
        constants: constants by name, sizes of letters among them.
        sizes: how many values each letter has.
        letters: the value of each bound letter: a number, or an array that broadcasts to `shape`.
        shape: one axis for each letter that takes all its values, in the order of binding.
        inside: which of these combinations count, broadcasting to `shape`.
    """

    arrays: Arrays
    constants: Mapping[str, float]
    sizes: Mapping[str, int]
    letters: Mapping[str, Any]
    shape: tuple[int, ...] = ()
    inside: Any = True

    def bind(self, letters: tuple[Node, ...], body: Node) -> Scope:
        """Return the scope inside a reduction: each letter takes all its values.

        A letter that an equation in `at` determines gets an axis no more: its value is computed
        from the others, and where none fits nothing counts.
        """
        names = [letter.name for letter in letters if isinstance(letter, Name)]
        twice = next((name for name in names if name in self.letters), None)
        if twice:
            raise FormulaError(f"the letter {twice!r} has a value already: sum over another one")
        solved: dict[str, Node] = {}
        for equation in _equations(body):
            for name in reversed(names):
                if name not in solved and _is_linear(equation, name):
                    solved[name] = equation
                    break
        scope = self
        for name in names:
            if name not in solved:
                scope = scope.with_axis(name)
        for name in reversed(names):
            if name in solved:
                scope = scope.with_solution(name, solved[name])
        return scope

    def with_axis(self, name: str) -> Scope:
        """Let a letter take all its values along a new last axis."""
        letters = {
            key: value[..., None] if np.ndim(value) else value
            for key, value in self.letters.items()
        }
        size, inside = self.size(name), np.asarray(self.inside)
        letters[name] = np.arange(size).reshape(*(1,) * len(self.shape), size)
        if inside.ndim:
            inside = inside[..., None]
        return replace(self, letters=letters, shape=(*self.shape, size), inside=inside)

    def with_solution(self, name: str, equation: Node) -> Scope:
        """Give a letter the value for which an equation holds."""
        at_zero, at_one = (
            np.asarray(evaluate(equation, replace(self, letters={**self.letters, name: k})))
            for k in (0, 1)
        )
        slope = at_one - at_zero
        # Where the slope is no number of its own, another letter multiplies this one.
        if slope.size == 0 or np.ptp(slope) or not slope.flat[0]:
            return self.with_axis(name)
        value, rest = np.divmod(-at_zero, slope.flat[0])
        fits = (rest == 0) & (value >= 0) & (value < self.size(name))
        letters = {**self.letters, name: value.astype(np.int64)}
        return replace(self, letters=letters, inside=np.logical_and(self.inside, fits))

    def size(self, name: str) -> int:
        """Return how many values a letter has."""
        if name not in self.sizes:
            raise FormulaError(
                f"the size of the letter {name!r} is not known: let it stand alone on an axis of an "
                "array, or add it to formula_constants"
            )
        return self.sizes[name]

    def read(self, read: Read) -> tuple[list[Values], Values, Any]:
        """Return the indices of a cell, its values (0 outside of the array), and where it is inside."""
        if read.array not in self.arrays:
            raise FormulaError(f"there is no array {read.array!r}")
        array = np.asarray(self.arrays[read.array])
        if array.ndim != len(read.index):
            raise FormulaError(
                f"{read.array} has {array.ndim} axes, but {len(read.index)} indices in the formula"
            )
        index = [np.asarray(self._place(part)) for part in read.index]
        if any(k.dtype.kind == "f" for k in index):
            index = [np.rint(k).astype(np.int64) for k in index]
        inside: Any = np.True_
        for k, size in zip(index, array.shape, strict=True):
            inside = inside & (k >= 0) & (k < size)
        if np.all(inside):
            return index, array[tuple(index)].astype(np.float64), inside
        clipped = tuple(np.clip(k, 0, n - 1) for k, n in zip(index, array.shape, strict=True))
        return index, np.where(inside, array[clipped].astype(np.float64), 0.0), inside

    def _place(self, part: Node) -> Any:
        if not isinstance(part, Product):
            return evaluate(part, self)
        place: Any = 0
        for k, inner in enumerate(part.parts):
            value = evaluate(inner, self)
            if k:
                # `(g, t*2)` has as many values on its second axis as t.
                names = [
                    n.name for n in walk(inner) if isinstance(n, Name) and n.name in self.sizes
                ]
                place = place * self.size(names[0] if names else str(inner))
            place = place + value
        return place


def scope_of(
    formula: Formula, index: tuple[int, ...] | None, arrays: Arrays, constants: Mapping[str, float]
) -> Scope:
    """Return the scope in which a formula's right side is evaluated.

    Args:
        formula: a formula without stars (see `core.formula.syntax.spread`).
        index: the cell; None for all cells of the array at once, each on its place in `shape`.
        arrays: the recorded arrays, the formula's own among them.
        constants: constants, and sizes of letters that stand alone on no axis.

    Raises:
        FormulaError: an axis of an array does not fit, or a letter has two sizes.
    """
    target = formula.target
    sizes = {name: int(size) for name, size in constants.items() if float(size).is_integer()}
    own: dict[str, int] = {}
    for read in [target, *reads(formula.body or Number(0))]:
        array = arrays.get(read.array)
        if array is None or np.ndim(array) != len(read.index):
            continue
        found = {
            part.name: size
            for part, size in zip(read.index, np.shape(array), strict=True)
            if isinstance(part, Name) and part.name not in sizes
        }
        for name, size in found.items():
            if name in own and own[name] != size and read is not target:
                if name in _letters(target):
                    continue
                raise FormulaError(
                    f"the letter {name!r} has {own[name]} values and {size} in {read.array}: add it "
                    "to formula_constants"
                )
            own[name] = size
    scope = Scope(arrays, constants, {**sizes, **own}, {})
    shape = np.shape(arrays[target.array])
    for axis, (part, size) in enumerate(zip(target.index, shape, strict=True)):
        inner = part.parts if isinstance(part, Product) else (part,)
        names = [letter.name for letter in inner if isinstance(letter, Name)]
        if index is not None:
            places = np.unravel_index(index[axis], [scope.size(n) for n in names])
            bound = {n: int(k) for n, k in zip(names, places, strict=True)}
            scope = replace(scope, letters={**scope.letters, **bound})
        else:
            for name in names:
                scope = scope.with_axis(name)
        if prod(scope.size(n) for n in names) != size:
            raise FormulaError(
                f"axis {axis} of {target.array} has {size} cells, but the letters "
                f"{', '.join(names)} have {[scope.size(n) for n in names]} values"
            )
    return scope


def evaluate(node: Node, scope: Scope) -> Any:
    """Return the value of a node, a number or an array that broadcasts to the scope's shape."""
    match node:
        case Number(value):
            return value
        case Name(name):
            if name in scope.letters:
                return scope.letters[name]
            if name in scope.constants:
                return scope.constants[name]
            raise FormulaError(f"there is no letter or constant {name!r}")
        case Negative(operand):
            return -evaluate(operand, scope)
        case Note(_, body):
            return evaluate(body, scope)
        case Binary(sign, left, right):
            value = OPERATORS[sign](evaluate(left, scope), evaluate(right, scope))
            return np.asarray(value, np.float64) if sign in OPERATORS and _is_test(sign) else value
        case Call(function, arguments):
            return FUNCTIONS[function](*(evaluate(part, scope) for part in arguments))
        case Read():
            return scope.read(node)[1]
        case Reduce(kind, letters, body):
            return _reduce(kind, letters, body, scope)
    raise FormulaError(f"{node} has no value")


def _reduce(kind: str, letters: tuple[Node, ...], body: Node, scope: Scope) -> Any:
    inner = scope.bind(letters, body)
    axes = tuple(range(len(scope.shape), len(inner.shape)))
    values = np.broadcast_to(np.asarray(evaluate(body, inner), np.float64), inner.shape)
    inside: Any = inner.inside
    if kind == "sum":
        return np.where(inside, values, 0.0).sum(axis=axes)
    for read in reads(body):
        inside = np.logical_and(inside, inner.read(read)[2])
    values = np.where(inside, values, -np.inf)
    if kind == "max":
        return values.max(axis=axes)
    flat = values.reshape(*inner.shape[: len(scope.shape)], -1)
    return flat.argmax(axis=-1)


def _is_test(sign: str) -> bool:
    return sign in ("==", "!=", "<", "<=", ">", ">=")


def _equations(body: Node) -> list[Node]:
    """Return `a - b` for each `a == b` in the `at` factors of a product."""
    match body:
        case Binary("*", left, right):
            return [*_equations(left), *_equations(right)]
        case Note(_, inner) | Negative(inner):
            return _equations(inner)
        case Call("at", arguments):
            return [
                Binary("-", part.left, part.right)
                for part in arguments
                if isinstance(part, Binary) and part.operator == "=="
            ]
    return []


def _is_linear(node: Node, name: str) -> bool:
    """Return whether a node is made of letters, constants, + - * only, the letter among them."""
    plain = all(
        isinstance(part, Number | Name | Negative)
        or (isinstance(part, Binary) and part.operator in ("+", "-", "*"))
        for part in walk(node)
    )
    return plain and any(isinstance(part, Name) and part.name == name for part in walk(node))


def _letters(target: Read) -> list[str]:
    return [part.name for index in target.index for part in walk(index) if isinstance(part, Name)]

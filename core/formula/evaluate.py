"""Evaluates index notation, for one cell or for all cells of an array at once."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import prod

import numpy as np

from core.formula.operations import COMPARISONS, FUNCTIONS, OPERATORS, Value
from core.formula.syntax import Formula, FormulaError
from core.formula.tree import array_of, conditions, factors, indices, multiples, names, reads
from core.tensor import Array


@dataclass(frozen=True)
class Scope:
    """What names stand for while a formula is evaluated.

    Attributes:
        arrays: the recorded arrays by name.
        constants: constants by name.
        sizes: how many values each letter has.
        letters: the value of each bound letter: a number, or an array that broadcasts to `shape`.
        shape: one axis for each letter that takes all its values, in the order of binding.
        axes: the letters of these axes.
        inside: which combinations of letters count; broadcasts to `shape`.
        known: a part of the formula that is not to be evaluated, and its value.
    """

    arrays: Mapping[str, Array]
    constants: Mapping[str, float]
    sizes: Mapping[str, int]
    letters: Mapping[str, Value]
    shape: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()
    inside: Value = True
    known: tuple[ast.expr, Value] | None = None

    def bind(self, reduction: ast.Call) -> Scope:
        """Return the scope inside a reduction: each letter takes all its values.

        A letter that an equation in `at` determines gets no axis: its value follows from the
        others, and where none fits nothing counts.
        """
        letters, body = reduction.args
        bound, solved = names(letters), dict[str, tuple[ast.expr, float]]()
        if twice := [name for name in bound if name in self.letters]:
            raise FormulaError(f"the letter {twice[0]!r} has a value already: take another one")
        for condition in conditions(body):
            if isinstance(condition, ast.Compare) and isinstance(condition.ops[0], ast.Eq):
                equation = ast.BinOp(condition.left, ast.Sub(), condition.comparators[0])
                slopes, all_names = multiples(equation, self._constant), names(equation)
                # A letter that occurs once, and by itself, has a constant slope.
                linear = [n for n in reversed(bound) if n in slopes and all_names.count(n) == 1]
                free = [name for name in linear if name not in solved]
                solved |= {name: (equation, slopes[name]) for name in free[:1]}
        scope = self
        for name in sorted(bound, key=lambda name: name in solved):
            scope = scope._solve(name, *solved[name]) if name in solved else scope.axis(name)
        return scope

    def axis(self, name: str) -> Scope:
        """Let a letter take all its values along a new last axis."""
        letters = {k: v[..., None] if np.ndim(v) else v for k, v in self.letters.items()}
        letters[name] = np.arange(self.size(name)).reshape(*(1,) * len(self.shape), -1)
        inside = self.inside[..., None] if np.ndim(self.inside) else self.inside
        shape, axes = (*self.shape, self.size(name)), (*self.axes, name)
        return replace(self, letters=letters, shape=shape, axes=axes, inside=inside)

    def _solve(self, name: str, equation: ast.expr, slope: float) -> Scope:
        """Give a letter the value for which an equation of this slope in it is 0."""
        zero = replace(self, letters={**self.letters, name: 0})
        value, rest = np.divmod(-np.asarray(evaluate(equation, zero)), slope or 1)
        fits = (rest == 0) & (value >= 0) & (value < self.size(name))
        letters = {**self.letters, name: value.astype(np.int64)}
        return replace(self, letters=letters, inside=np.logical_and(self.inside, fits))

    def _constant(self, node: ast.expr) -> float | None:
        name = node.id if isinstance(node, ast.Name) else ""
        value = node.value if isinstance(node, ast.Constant) else self.constants.get(name)
        return None if name in self.letters or not isinstance(value, int | float) else value

    def size(self, name: str) -> int:
        """Return how many values a letter has."""
        if name in self.sizes:
            return self.sizes[name]
        raise FormulaError(
            f"the size of the letter {name!r} is not known: let it stand alone on an axis of an "
            "array, or add it to formula_constants"
        )

    def read(self, cell: ast.Subscript) -> tuple[list[Array], Array, Value]:
        """Return the indices of a cell, its values (0 outside of the array), and where inside."""
        array = self.array(cell)
        exact = [np.asarray(self._position(part)) for part in indices(cell)]
        index = [position.astype(np.int64) for position in exact]
        if any((whole != position).any() for whole, position in zip(index, exact, strict=True)):
            raise FormulaError(f"{ast.unparse(cell)}: an index is no whole number")
        pairs = list(zip(index, array.shape, strict=True))
        inside: Value = reduce(np.logical_and, [(k >= 0) & (k < n) for k, n in pairs], np.True_)
        values = array[tuple(np.clip(k, 0, n - 1) for k, n in pairs)].astype(np.float64)
        return index, np.where(inside, values, 0.0), inside

    def array(self, cell: ast.Subscript) -> Array:
        """Return the array that a cell lies in."""
        name = array_of(cell)
        if name not in self.arrays and "." not in name:
            raise FormulaError(f"there is no array {name!r}; known are {', '.join(self.arrays)}")
        if np.ndim(array := self.arrays[name]) != len(indices(cell)):
            raise FormulaError(f"{name} has {np.ndim(array)} axes, not {len(indices(cell))}")
        return np.asarray(array)

    def _position(self, part: ast.expr) -> Value:
        position: Value = 0
        for inner in part.elts if isinstance(part, ast.Tuple) else [part]:
            sizes = [self.sizes[name] for name in names(inner) if name in self.sizes]
            position = position * (sizes or [1])[0] + evaluate(inner, self)
        return position


def scope_of(
    formula: Formula,
    index: tuple[int, ...] | None,
    arrays: Mapping[str, Array],
    constants: Mapping[str, float],
) -> Scope:
    """Return the scope in which the right side of a formula is evaluated.

    Args:
        formula: a formula without stars (see `core.formula.syntax.spread`).
        index: the cell; None for all cells of the array at once.
        arrays: the recorded arrays, the one on the left among them.
        constants: constants, and sizes of letters that stand alone on no axis.

    Raises:
        FormulaError: an axis of an array does not fit, or a letter has two sizes.
    """
    target, found = formula.target, dict[str, int]()
    scope = Scope(arrays, constants, {}, {})
    for read in (target, *reads(formula.body)):
        for part, size in zip(indices(read), scope.array(read).shape, strict=True):
            name = part.id if isinstance(part, ast.Name) else ""
            other = found.setdefault(name, size) if name and name not in constants else size
            if other != size and name not in names(target.slice):
                raise FormulaError(
                    f"the letter {name!r} has {other} values, and {size} in {array_of(read)}: add "
                    "it to formula_constants"
                )
    sizes = {name: int(size) for name, size in constants.items()} | found
    scope = replace(scope, sizes=sizes)
    for axis, part in enumerate(indices(target)):
        dims, size = [scope.size(name) for name in names(part)], scope.array(target).shape[axis]
        if prod(dims) != size:
            raise FormulaError(
                f"axis {axis} of {array_of(target)} has {size} cells, but {ast.unparse(part)} has "
                f"{' · '.join(map(str, dims))} values"
            )
        if index is None:
            scope = reduce(Scope.axis, names(part), scope)
        else:
            bound = zip(names(part), map(int, np.unravel_index(index[axis], dims)), strict=True)
            scope = replace(scope, letters={**scope.letters, **dict(bound)})
    return scope


def evaluate_all(
    formula: Formula, arrays: Mapping[str, Array], constants: Mapping[str, float]
) -> Array:
    """Return all cells of the array that a formula defines, in its shape; see `scope_of`."""
    assert formula.body is not None
    scope = scope_of(formula, None, arrays, constants)
    values = np.broadcast_to(np.asarray(evaluate(formula.body, scope)), scope.shape)
    return np.array(values.reshape(scope.array(formula.target).shape))


def evaluate(node: ast.expr, scope: Scope) -> Value:
    """Return the value of a part of a formula.

    Raises:
        FormulaError: a name or the size of a letter is not known.
    """
    if scope.known is not None and node is scope.known[0]:
        return scope.known[1]
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in scope.letters or name in scope.constants:
            return scope.letters[name] if name in scope.letters else scope.constants[name]
        case ast.Name(id=name):
            raise FormulaError(f"there is no letter or constant {name!r}")
        case ast.UnaryOp(operand=operand):
            return -evaluate(operand, scope)
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)].compute(evaluate(left, scope), evaluate(right, scope))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            holds = COMPARISONS[type(op)].compute(evaluate(left, scope), evaluate(right, scope))
            return np.asarray(holds, np.float64)
        case ast.Subscript():
            return scope.read(node)[1]
        case ast.Call(func=ast.Name(id="note"), args=[_, body]):
            return evaluate(body, scope)
        case ast.Call(args=[ast.Tuple(), body]):
            return _reduce(node, body, scope)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return FUNCTIONS[function].compute(*(evaluate(part, scope) for part in arguments))
    raise FormulaError(f"{ast.unparse(node)} has no value")


def _reduce(node: ast.Call, body: ast.expr, scope: Scope) -> Value:
    inner, kind, outer = scope.bind(node), names(node.func)[0], scope.shape
    if kind == "sum" and (product := _matrix_product(body, inner, len(outer))) is not None:
        return product
    inside = inner.inside
    for read in reads(body) if kind != "sum" else ():
        inside = np.logical_and(inside, inner.read(read)[2])
    values = np.broadcast_to(np.asarray(evaluate(body, inner), np.float64), inner.shape)
    flat = np.where(inside, values, 0.0 if kind == "sum" else -np.inf)
    return getattr(flat.reshape((*outer, prod(inner.shape[len(outer) :]))), kind)(axis=-1)


def _matrix_product(body: ast.expr, scope: Scope, outer: int) -> Value | None:
    """Return the sum of a product of whole arrays over all but the first `outer` axes.

    The same sum as any other, without an array that has all axes at once. None for other sums.
    """
    operands, used = list[object](), set[str]()
    for factor in factors(body):
        letters = names(factor.slice) if isinstance(factor, ast.Subscript) else ("", "")
        if not isinstance(factor, ast.Subscript) or not {*letters} <= {*scope.axes}:
            return None
        kinds = {type(n) for part in indices(factor) for n in ast.walk(part)}
        sizes = [prod(scope.size(name) for name in names(part)) for part in indices(factor)]
        array = np.asarray(scope.array(factor), np.float64)
        if kinds - {ast.Name, ast.Tuple, ast.Load} or (*sizes,) != array.shape:
            return None
        operands.append(array.reshape([scope.size(name) for name in letters]))
        operands.append([scope.axes.index(name) for name in letters])
        used |= {*letters}
    if not used >= {*scope.axes[outer:]}:
        return None
    kept = [k for k in range(outer) if scope.axes[k] in used]
    shape = [scope.shape[k] if k in kept else 1 for k in range(outer)]
    return np.einsum(*operands, kept, optimize=True).reshape(shape)  # type: ignore[call-overload]

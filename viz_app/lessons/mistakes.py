"""Typical mistakes with a name: what somebody gets who leaves a part of a line out.

A lesson can also state one as a rule of its own. Those with a name are made from the line of the
asked cell:

    negated             the sign is wrong
    absolute            the sign is left out
    transposed          rows taken for columns: the cell with its last two indices exchanged
    averaged            the mean of the terms, not their sum
    one term            any single term of the sum
    off by one          one more, or one less
    without stride      windows that move by one cell
    without padding     windows that begin at the first cell
    without NAME        an addend or a factor is left out: `without bias`, `without lr`
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy

from core.formula.evaluate import evaluate, evaluate_all, scope_of
from core.formula.syntax import Formula, FormulaError
from core.formula.tree import array_of, is_call, names
from core.inspect.book import Book
from core.inspect.cell import Cell
from core.inspect.explain import explain
from core.kernels.overflow import unwarned
from core.tensor import Array
from viz_app.lessons.error import LessonError
from viz_app.lessons.question import Rule
from viz_app.lessons.record import Record, bounds, whole

Change = Callable[[ast.expr], ast.expr]
NAMED = ("negated", "absolute", "transposed", "averaged", "one term", "off by one")


def is_named(rule: Rule) -> bool:
    """Return whether a rule is the name of a mistake."""
    return rule.text in NAMED or rule.text.startswith("without ")


def wrong_numbers(record: Record, rule: Rule, right: float, cell: Cell | None) -> list[float]:
    """Return the numbers to which a mistake with a name leads.

    Args:
        record: the iteration.
        rule: the name of the mistake.
        right: the right number.
        cell: the cell that it lies in; None if it lies in none.

    Raises:
        LessonError: the mistake needs a cell, or what is left out is not in its line.
    """
    simple = {"negated": [-right], "absolute": [abs(right)], "off by one": [right - 1, right + 1]}
    if rule.text in simple:
        return simple[rule.text]
    if cell is None:
        raise LessonError(rule.line, f"{rule.text!r} of an expression", "a question about one cell")
    if rule.text == "transposed":
        index = (*cell.index[:-2], *cell.index[:-3:-1])
        is_there = len(index) > 1 and bounds(record.array(whole(cell)), index)
        return [float(record.array(whole(cell))[index])] if is_there else []
    if rule.text in ("averaged", "one term"):
        values = explain(record.trace, cell).terms.values
        averaged = [right / len(values)] if len(values) else []
        return averaged if rule.text == "averaged" else [float(value) for value in values]
    return [_without(record, rule, cell)]


def _without(record: Record, rule: Rule, cell: Cell) -> float:
    name, book = rule.text.removeprefix("without "), Book(record.trace, cell)
    formula = book.formula(cell.array)
    if formula.body is None:
        raise LessonError(rule.line, f"{cell.array} has no line", "an array that is computed")
    try:
        with unwarned():
            if name in ("stride", "padding"):
                change = _Indices(_slope if name == "stride" else _offset)
                changed = _Changed(book, lambda body: change.visit(deepcopy(body)))
                return float(changed[cell.array][cell.index])
            if name not in names(formula.body):
                raise FormulaError(f"the line of {cell.array} has no {name!r}")
            body = _left_out(formula.body, name) or ast.Constant(0.0)
            scope = scope_of(Formula(formula.target, body), cell.index, book, book.constants)
            return float(evaluate(body, scope))
    except (ArithmeticError, LookupError, ValueError) as error:
        raise LessonError(
            rule.line,
            f"{rule.text!r}: {str(error).splitlines()[0]}",
            "a part of its line",
        ) from error


class _Changed(Mapping[str, Array]):
    """The arrays of a stage as they would be if all its lines were changed."""

    def __init__(self, book: Book, change: Change) -> None:
        self._book, self._change, self._made = book, change, dict[str, Array]()

    def __getitem__(self, name: str) -> Array:
        if name not in self._made:
            # Its shape is asked for while it is made.
            self._made[name] = self._book[name]
            formula = self._book.formula(name)
            if formula.body is not None:
                changed = Formula(formula.target, self._change(formula.body))
                self._made[name] = evaluate_all(changed, self, self._book.constants)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._book)

    def __len__(self) -> int:
        return len(self._book)


class _Indices(ast.NodeTransformer):
    """Changes the indices of cells, and the conditions on them, in an expression."""

    def __init__(self, change: Change) -> None:
        self._change = change

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        assert isinstance(node.slice, ast.Tuple)
        return ast.Subscript(node.value, ast.Tuple([*map(self._change, node.slice.elts)]))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not is_call(node, "at"):
            return self.generic_visit(node)
        return ast.Call(node.func, [*map(self._condition, node.args)], [])

    def _condition(self, node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.Compare):
            return node
        sides = self._change(node.left), self._change(node.comparators[0])
        return ast.Compare(sides[0], node.ops, [sides[1]])


def _slope(part: ast.expr) -> ast.expr:
    """Return an index in which every letter counts once: `i*2 + s` becomes `i + s`."""
    match part:
        case ast.BinOp(left=ast.Name() as letter, op=ast.Mult(), right=ast.Constant()):
            return letter
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            return ast.BinOp(_slope(left), op, _slope(right))
    return part


def _offset(part: ast.expr) -> ast.expr:
    """Return an index without the number that is added to it: `i + s - 1` becomes `i + s`."""
    match part:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant()):
            return _offset(left)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            return ast.BinOp(_offset(left), op, _offset(right))
    return part


def _left_out(node: ast.expr, name: str) -> ast.expr | None:
    """Return an expression without what has a name; None if nothing is left of it."""
    match node:
        case ast.Name(id=found):
            return None if found == name else node
        case ast.Subscript():
            return None if array_of(node) == name else node
        case ast.UnaryOp(op=op, operand=operand):
            rest = _left_out(operand, name)
            return rest and ast.UnaryOp(op, rest)
        case ast.BinOp(left=left, op=op, right=right):
            first, second = _left_out(left, name), _left_out(right, name)
            if first is not None and second is not None:
                return ast.BinOp(first, op, second)
            if second is None or isinstance(op, ast.Add | ast.Mult):
                return first if second is None else second
            one = ast.Constant(0.0 if isinstance(op, ast.Sub) else 1.0)
            return ast.BinOp(one, op, second)
        case ast.Call(func=function, args=[first, inner]) if isinstance(first, ast.Tuple) or (
            is_call(node, "note")
        ):
            rest = _left_out(inner, name)
            return rest and ast.Call(function, [first, rest], [])
        case ast.Call(func=function, args=arguments):
            kept = [rest for part in arguments if (rest := _left_out(part, name)) is not None]
            return ast.Call(function, kept, []) if len(kept) == len(arguments) else None
    return node

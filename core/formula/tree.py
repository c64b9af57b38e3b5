"""What is found in the tree of a formula, or of a part of it; see `core.formula.syntax`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache, reduce
from typing import TypeGuard


def array_of(read: ast.Subscript) -> str:
    """Return the name of the array that a cell lies in."""
    return ast.unparse(read.value)


def indices(read: ast.Subscript) -> list[ast.expr]:
    """Return the indices of a cell."""
    assert isinstance(read.slice, ast.Tuple)
    return read.slice.elts


@lru_cache(maxsize=8192)
def reads(node: ast.AST | None) -> tuple[ast.Subscript, ...]:
    """Return all cells that a part of a formula reads."""
    parts = () if node is None else ast.walk(node)
    return tuple(part for part in parts if isinstance(part, ast.Subscript))


@lru_cache(maxsize=8192)
def names(node: ast.AST | None) -> tuple[str, ...]:
    """Return the letters and constants in a part of a formula; arrays and functions too."""
    parts = () if node is None else ast.walk(node)
    return tuple(part.id for part in parts if isinstance(part, ast.Name))


def is_call(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    """Return whether a node calls the function of a name."""
    return isinstance(node, ast.Call) and names(node.func) == (name,)


def is_reduction(node: ast.AST) -> TypeGuard[ast.Call]:
    """Return whether a node is a sum, or another reduction, over letters."""
    return isinstance(node, ast.Call) and isinstance(node.args[0], ast.Tuple)


def factors(node: ast.expr) -> list[ast.expr]:
    """Return the factors of a product, in order; of anything else the node alone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*factors(node.left), *factors(node.right)]
    return [node]


def conditions(body: ast.expr) -> list[ast.expr]:
    """Return what must hold for a product to count: the arguments of its `at` factors."""
    return [holds for part in factors(body) if is_call(part, "at") for holds in part.args]


def split(body: ast.expr) -> tuple[list[ast.expr], ast.expr]:
    """Return the conditions of a product, and the product without them."""
    holds, rest = conditions(body), [part for part in factors(body) if not is_call(part, "at")]
    product = reduce(lambda a, b: ast.BinOp(a, ast.Mult(), b), rest or [ast.Constant(1.0)])
    return holds, product if holds else body


def multiples(node: ast.expr, number: Callable[[ast.expr], float | None]) -> dict[str, float]:
    """Return how often each part is added in a sum, by its text, and under "" the numbers.

    Args:
        node: the sum.
        number: returns the value of a part; None if it is none that is to be added up.
    """
    value = number(node)
    if value is not None:
        return {"": float(value)}
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            one, two = multiples(left, number), multiples(right, number)
            sign = 1 if isinstance(op, ast.Add) else -1
            return {k: one.get(k, 0.0) + sign * two.get(k, 0.0) for k in {**one, **two}}
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for factor, other in ((left, right), (right, left)):
                if (value := number(factor)) is not None:
                    return {k: value * v for k, v in multiples(other, number).items()}
    return {ast.unparse(node): 1.0}

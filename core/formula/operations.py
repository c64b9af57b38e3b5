"""What a formula may compute with: each function and operator, its value and its LaTeX."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

from core.kernels.normal import normal_cdf, normal_density

# A number, or an array that broadcasts to the shape of a scope.
Value: TypeAlias = Any
REDUCTIONS: Mapping[str, str] = {"sum": r"\sum", "max": r"\max", "argmax": r"\arg\max"}


@dataclass(frozen=True)
class Operation:
    """A function, or an operator with its two sides.

    Attributes:
        compute: returns the value for numbers or arrays.
        latex: how it is written; `{}` stands for the arguments of a function.
        arguments: how many arguments it takes, 0 for one or more.
    """

    compute: Callable[..., Value]
    latex: str
    arguments: int = 1


def _quotient(a: Value, b: Value) -> Value:
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


FUNCTIONS: Mapping[str, Operation] = {
    "sqrt": Operation(np.sqrt, r"\sqrt{{{}}}"),
    "exp": Operation(np.exp, r"\exp({})"),
    "log": Operation(np.log, r"\log({})"),
    "log1p": Operation(np.log1p, r"\log(1 + {})"),
    "tanh": Operation(np.tanh, r"\tanh({})"),
    "abs": Operation(np.abs, "|{}|"),
    "sign": Operation(np.sign, r"\text{{sign}}({})"),
    "sigmoid": Operation(lambda x: np.exp(-np.logaddexp(0.0, -x)), r"\text{{sigmoid}}({})"),
    "Phi": Operation(lambda x: normal_cdf(np.asarray(x, np.float64)), r"\Phi({})"),
    "phi": Operation(lambda x: normal_density(np.asarray(x, np.float64)), r"\varphi({})"),
    "quotient": Operation(_quotient, "", 2),
    "max": Operation(lambda *x: reduce(np.maximum, x), r"\max({})", 0),
    "min": Operation(lambda *x: reduce(np.minimum, x), r"\min({})", 0),
    "at": Operation(lambda *x: reduce(np.multiply, x), "", 0),
}
OPERATORS: Mapping[type[ast.AST], Operation] = {
    ast.Add: Operation(operator.add, "+"),
    ast.Sub: Operation(operator.sub, "-"),
    ast.Mult: Operation(operator.mul, r"\cdot"),
    ast.Div: Operation(operator.truediv, r"\frac"),
    ast.Pow: Operation(operator.pow, "^"),
    ast.FloorDiv: Operation(operator.floordiv, r"\lfloor {}/{} \rfloor"),
    ast.Mod: Operation(operator.mod, r"({} \bmod {})"),
}
COMPARISONS: Mapping[type[ast.AST], Operation] = {
    ast.Eq: Operation(np.equal, "="),
    ast.NotEq: Operation(np.not_equal, r"\ne"),
    ast.Lt: Operation(np.less, "<"),
    ast.LtE: Operation(np.less_equal, r"\le"),
    ast.Gt: Operation(np.greater, ">"),
    ast.GtE: Operation(np.greater_equal, r"\ge"),
}

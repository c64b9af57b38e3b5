"""Writes formulas in LaTeX: with letters for indices, or with the indices of one cell."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from core.formula.evaluate import Scope, evaluate
from core.formula.operations import COMPARISONS, FUNCTIONS, OPERATORS, REDUCTIONS
from core.formula.syntax import Formula
from core.formula.tree import array_of, indices, is_reduction, multiples, names, reads, split

# How tightly a part binds; an operand that binds less than its operator needs brackets.
SUM, PRODUCT, ATOM = range(3)


@dataclass(frozen=True)
class Writer:
    """Writes formulas.

    Attributes:
        symbol: returns how an array of a rank is written.
        constants: values of constants.
        symbols: how constants are written where indices are letters; others by their value.
        letters: values of the index letters of one cell, which are written as numbers.
        sum: a part of the formula that is written as `x`.
    """

    symbol: Callable[[str, int], str]
    constants: Mapping[str, float]
    symbols: Mapping[str, str]
    letters: Mapping[str, int] = field(default_factory=dict)
    sum: ast.expr | None = None

    def formula(self, formula: Formula) -> str:
        """Return `left = right`."""
        body = formula.body or ast.Constant(0)
        sums = [node.args[0] for node in ast.walk(body) if is_reduction(node)]
        bound = {name for node in (formula.target.slice, *sums) for name in names(node)}
        known = {name: value for name, value in self.constants.items() if name not in bound}
        writer = replace(self, constants=known)
        right = f"= {writer.write(body)}" if formula.body else rf": \text{{{formula.origin}}}"
        return f"{writer.write(formula.target)} {right}"

    def write(self, node: ast.AST, binding: int = SUM) -> str:
        """Return a part of a formula, in brackets if it binds less than `binding`."""
        text, own = self._written(node)
        return text if own >= binding else f"({text})"

    def _written(self, node: ast.AST) -> tuple[str, int]:
        match node:
            case _ if node is self.sum:
                return "x", ATOM
            case ast.Constant() | ast.Name() | ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()) if (
                number := self._value(node)
            ) is not None:
                return _number(number), ATOM
            case ast.Name(id=name):
                return self.symbols[name] if name in self.constants else _prime(name), ATOM
            case ast.Subscript():
                written = ",".join(map(self.index, indices(node)))
                name = self.symbol(array_of(node), len(indices(node)))
                return (f"{{{name}}}_{{{written}}}" if written else name), ATOM
            case ast.UnaryOp(operand=operand):
                return f"-{self.write(operand, PRODUCT)}", SUM
            case (
                ast.BinOp(left=left, op=ast.Div(), right=right)
                | ast.Call(func=ast.Name(id="quotient"), args=[left, right])
            ):
                over, sign = (left.operand, "-") if isinstance(left, ast.UnaryOp) else (left, "")
                return rf"{sign}\frac{{{self.write(over)}}}{{{self.write(right)}}}", PRODUCT
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return f"{{{self.write(left, ATOM)}}}^{{{self.write(right)}}}", ATOM
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                first, second = self.write(left, PRODUCT), self.write(right, PRODUCT)
                is_plain = first.endswith("}") and r"\frac" in first.rpartition(" ")[2]
                dot = "" if is_plain or second.startswith((r"\sum", r"\max")) else r"\cdot "
                return f"{first} {dot}{second}", PRODUCT
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                sign = OPERATORS[type(op)].latex
                return f"{self.write(left)} {sign} {self.write(right, PRODUCT)}", SUM
            case ast.BinOp(left=left, op=op, right=right):
                sides = self.write(left, ATOM), self.write(right, ATOM)
                return OPERATORS[type(op)].latex.format(*sides), ATOM
            case ast.Compare() | ast.Call(func=ast.Name(id="at")):
                return f"[{', '.join(map(self._condition, split(node)[0] or [node]))}]", ATOM
            case ast.Call(func=ast.Name(id="note"), args=[_, body]):
                return self._written(body)
            case ast.Call(func=ast.Name(id=kind), args=[ast.Tuple() as letters, body]):
                if not names(letters):
                    return self._written(body)
                bound, (holds, rest) = map(_prime, names(letters)), split(body)
                under = ", ".join([",".join(bound), *map(self._condition, holds)])
                return rf"{REDUCTIONS[kind]}_{{{under}}} {self.write(rest, PRODUCT)}", PRODUCT
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return FUNCTIONS[function].latex.format(", ".join(map(self.write, arguments))), ATOM
        raise TypeError(f"{ast.dump(node)} is no part of a formula")

    def _value(self, node: ast.expr) -> float | None:
        """Return the value of a node that is written as a number: no cell, letter or symbol."""
        symbols = () if self.letters else self.symbols
        if reads(node) or not {*names(node)} <= {*self.letters, *self.constants} - {*symbols}:
            return None
        return float(evaluate(node, Scope({}, self.constants, {}, self.letters)))

    def _condition(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Compare):
            return self.write(node)
        sides = [self.index(side) for side in (node.left, node.comparators[0])]
        return f" {COMPARISONS[type(node.ops[0])].latex} ".join(sides)

    def index(self, node: ast.expr) -> str:
        """Return an index, with what is known of it added up: `2i+s-1`."""
        if isinstance(node, ast.Tuple):
            return f"({','.join(map(self.index, node.elts))})"
        added = multiples(node, self._value)
        number = added.pop("", 0.0)
        if not all(map(float.is_integer, (number, *added.values()))):
            return self.write(node)
        if not all(map(str.isidentifier, added)):
            return self.write(node)
        signs = {1.0: "+", -1.0: "-"}
        parts = [f"{signs.get(k, f'{k:+.0f}')}{_prime(name)}" for name, k in added.items() if k]
        if number or not parts:
            # The number that the cell's own indices make stands in front.
            parts.insert(0 if self.letters and number > 0 else len(parts), f"{number:+.0f}")
        return "".join(parts).removeprefix("+")


def _number(value: float) -> str:
    digits, e, power = f"{value:.6g}".partition("e")
    if not e:
        return digits
    times = "" if digits == "1" else rf"{digits} \cdot "
    return f"{times}10^{{{int(power)}}}"


def _prime(name: str) -> str:
    """A second set of letters, in capitals, is written with primes."""
    return f"{name.lower()}'" if len(name) == 1 and name.isupper() else name

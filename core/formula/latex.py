"""Writes formulas in LaTeX: with letters for indices, or with the indices of one cell."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from core.formula.evaluate import Scope, evaluate
from core.formula.syntax import Formula, array_of, indices, names, reads

# How tightly a part binds; an operand that binds less than its operator needs brackets.
SUM, PRODUCT, ATOM = range(3)
COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: r"\ne", ast.Lt: "<", ast.LtE: r"\le", ast.Gt: ">", ast.GtE: r"\ge",
}  # fmt: skip
CALLS = {
    **{name: rf"\{name}({{}})" for name in ("exp", "log", "tanh", "max", "min", "Phi")},
    **{"sqrt": r"\sqrt{{{}}}", "abs": "|{}|", "phi": r"\varphi({})", "log1p": r"\log(1 + {})"},
    **{name: rf"\text{{{{{name}}}}}({{}})" for name in ("sign", "sigmoid")},
}
REDUCTIONS = {"sum": r"\sum", "max": r"\max", "argmax": r"\arg\max"}


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
        calls = [n.args[0] for n in ast.walk(body) if isinstance(n, ast.Call)]
        letters = [formula.target.slice, *(n for n in calls if isinstance(n, ast.Tuple))]
        bound = {name for node in letters for name in names(node)}
        constants = {k: v for k, v in self.constants.items() if k not in bound}
        writer = replace(self, constants=constants)
        right = rf" : \text{{{formula.origin}}}"
        right = right if formula.body is None else f" = {writer.write(body)}"
        return writer.write(formula.target) + right

    def write(self, node: ast.AST, binding: int = SUM) -> str:
        """Return a part of a formula, in brackets if it binds less than `binding`."""
        text, own = self._written(node)
        return text if own >= binding else f"({text})"

    def _written(self, node: ast.AST) -> tuple[str, int]:
        match node:
            case _ if node is self.sum:
                return "x", ATOM
            case ast.Constant(value=int() | float() as value):
                return _number(value), ATOM
            case ast.Name(id=name):
                return self._name(name), ATOM
            case ast.Subscript():
                places = ",".join(map(self.index, indices(node)))
                name = self.symbol(array_of(node), len(indices(node)))
                return (f"{{{name}}}_{{{places}}}" if places else name), ATOM
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()) if self._is_number(node):
                return _number(self._number(node)), ATOM
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
                sign = "+" if isinstance(op, ast.Add) else "-"
                return f"{self.write(left)} {sign} {self.write(right, PRODUCT)}", SUM
            case ast.BinOp(left=left, op=op, right=right):
                sides = self.write(left, ATOM), self.write(right, ATOM)
                is_floor = isinstance(op, ast.FloorDiv)
                text = r"\lfloor {}/{} \rfloor" if is_floor else r"({} \bmod {})"
                return text.format(*sides), ATOM
            case ast.Compare() | ast.Call(func=ast.Name(id="at")):
                return f"[{self._condition(node)}]", ATOM
            case ast.Call(func=ast.Name(id="note"), args=[_, body]):
                return self._written(body)
            case ast.Call(func=ast.Name(id=kind), args=[ast.Tuple() as letters, body]):
                if not names(letters):
                    return self._written(body)
                conditions, rest = _without_conditions(body)
                under = ", ".join([",".join(map(_prime, names(letters))),
                                   *map(self._condition, conditions)])  # fmt: skip
                return rf"{REDUCTIONS[kind]}_{{{under}}} {self.write(rest, PRODUCT)}", PRODUCT
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return CALLS[function].format(", ".join(map(self.write, arguments))), ATOM
        raise TypeError(f"{ast.dump(node)} is no part of a formula")

    def _name(self, name: str) -> str:
        if name in self.letters:
            return str(self.letters[name])
        symbol = None if self.letters else self.symbols.get(name)
        known = name in self.constants
        return symbol or _number(self.constants[name]) if known else _prime(name)

    def _is_number(self, node: ast.AST) -> bool:
        """Return whether a node is written as its value: no cell in it, no letter, no symbol."""
        symbols = () if self.letters else self.symbols
        return not reads(node) and {*names(node)} <= {*self.letters, *self.constants} - {*symbols}

    def _number(self, node: ast.expr) -> float:
        return float(evaluate(node, Scope({}, self.constants, {}, self.letters)))

    def _condition(self, node: ast.expr) -> str:
        if isinstance(node, ast.Call) and names(node.func) == ("at",):
            return ", ".join(map(self._condition, node.args))
        if not isinstance(node, ast.Compare):
            return self.write(node)
        sides = [self.index(side) for side in (node.left, node.comparators[0])]
        return f" {COMPARED[type(node.ops[0])]} ".join(sides)

    def index(self, node: ast.expr) -> str:
        """Return an index, with what is known of it added up: `2i+s-1`."""
        if isinstance(node, ast.Tuple):
            return f"({','.join(map(self.index, node.elts))})"
        multiples, times = self._multiples(node), {1: "+", -1: "-"}
        if multiples is None:
            return self.write(node)
        number = multiples.pop("", 0)
        parts = [f"{times.get(k, f'{k:+d}')}{_prime(name)}" for name, k in multiples.items() if k]
        if number or not parts:
            # The number that the cell's own indices make stands in front.
            parts.insert(0 if self.letters and number > 0 else len(parts), f"{number:+d}")
        return "".join(parts).removeprefix("+")

    def _multiples(self, node: ast.expr) -> dict[str, int] | None:
        """Return how often each letter is added in an index, "" for the number; or None."""
        match node:
            case _ if self._is_number(node):
                value = self._number(node)
                return {"": int(value)} if value.is_integer() else None
            case ast.Name(id=name):
                return {name: 1}
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                one, two = self._multiples(left), self._multiples(right)
                sign = 1 if isinstance(op, ast.Add) else -1
                if one is not None and two is not None:
                    return {k: one.get(k, 0) + sign * two.get(k, 0) for k in {**one, **two}}
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                for number, other in ((left, right), (right, left)):
                    if self._is_number(number) and (found := self._multiples(other)) is not None:
                        return {k: int(self._number(number)) * v for k, v in found.items()}
        return None


def _number(value: float) -> str:
    digits, e, power = f"{value:.6g}".partition("e")
    if not e:
        return digits
    times = "" if digits == "1" else rf"{digits} \cdot "
    return f"{times}10^{{{int(power)}}}"


def _prime(name: str) -> str:
    """A second set of letters, in capitals, is written with primes."""
    return f"{name.lower()}'" if len(name) == 1 and name.isupper() else name


def _without_conditions(body: ast.expr) -> tuple[list[ast.expr], ast.expr]:
    """Split a product into its conditions, written under the sum, and the other factors."""
    match body:
        case ast.Call(func=ast.Name(id="at"), args=conditions):
            return conditions, ast.Constant(1.0)
        case ast.BinOp(left=left, op=ast.Mult() as times, right=right):
            (first, one), (second, two) = map(_without_conditions, (left, right))
            rest = [part for part in (one, two) if ast.unparse(part) != "1.0"]
            both = ast.BinOp(one, times, two) if len(rest) > 1 else (rest or [one])[0]
            return [*first, *second], both
    return [], body

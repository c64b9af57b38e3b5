"""Writes formulas in LaTeX: with letters for indices, or with the indices of one cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.formula.syntax import (
    Binary,
    Call,
    Formula,
    Name,
    Negative,
    Node,
    Note,
    Number,
    Product,
    Read,
    Reduce,
)

# How tightly a node binds; an operand that binds less than its operator needs brackets.
SUM, PRODUCT, POWER, ATOM = range(4)
COMPARED = {"==": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
FUNCTIONS = {
    "sqrt": r"\sqrt{{{}}}",
    "abs": "|{}|",
    "exp": r"\exp({})",
    "log": r"\log({})",
    "log1p": r"\log(1 + {})",
    "tanh": r"\tanh({})",
    "sign": r"\text{{sign}}({})",
    "sigmoid": r"\text{{sigmoid}}({})",
    "Phi": r"\Phi({})",
    "phi": r"\varphi({})",
    "max": r"\max({})",
    "min": r"\min({})",
}


@dataclass(frozen=True)
class Writer:
    """Writes formulas.

    Attributes:
        symbol: returns how an array of a rank is written.
        symbols: how constants are written; others by their value.
        constants: values of constants.
        letters: values of index letters that are written as numbers.
    """

    symbol: Callable[[str, int], str]
    symbols: Mapping[str, str]
    constants: Mapping[str, float]
    letters: Mapping[str, int] = field(default_factory=dict)

    def formula(self, formula: Formula) -> str:
        """Return `left = right`."""
        right = formula.origin if formula.body is None else self.node(formula.body)
        if formula.body is None:
            return rf"{self.node(formula.target)} : \text{{{right}}}"
        return f"{self.node(formula.target)} = {right}"

    def node(self, node: Node, binding: int = SUM) -> str:
        """Return a node, in brackets if it binds less than `binding`."""
        text, own = self._written(node)
        return text if own >= binding else f"({text})"

    def _written(self, node: Node) -> tuple[str, int]:
        match node:
            case Number(value):
                return f"{value:g}", ATOM if value >= 0 else SUM
            case Name(name):
                return self._name(name), ATOM
            case Negative(operand):
                return f"-{self.node(operand, PRODUCT)}", SUM
            case Note(_, body):
                return self._written(body)
            case Read(array, index):
                places = ",".join(self.place(part) for part in index)
                name = self.symbol(array, len(index))
                return (f"{{{name}}}_{{{places}}}" if places else name), ATOM
            case Binary("/", left, right) | Call("quotient", (left, right)):
                sign = "-" if isinstance(left, Negative) else ""
                over = left.operand if isinstance(left, Negative) else left
                return rf"{sign}\frac{{{self.node(over)}}}{{{self.node(right)}}}", PRODUCT
            case Binary("**", left, right):
                return f"{{{self.node(left, ATOM)}}}^{{{self.node(right)}}}", POWER
            case Binary("*", left, right):
                return self._product(left, right), PRODUCT
            case Binary("+" | "-" as sign, left, right):
                # A difference of a sum needs brackets, and so does a negative number behind a sign.
                return f"{self.node(left)} {sign} {self.node(right, PRODUCT)}", SUM
            case Binary(sign, left, right) if sign in COMPARED:
                return f"[{self.node(left)} {COMPARED[sign]} {self.node(right)}]", ATOM
            case Call("at", arguments):
                return f"[{self._conditions(arguments)}]", ATOM
            case Call(function, arguments):
                inner = ", ".join(self.node(part) for part in arguments)
                return FUNCTIONS[function].format(inner), ATOM
            case Reduce(kind, letters, body):
                under = ",".join(_prime(part.name) for part in letters if isinstance(part, Name))
                conditions, rest = _without_conditions(body)
                under = ", ".join([under, *(self._conditions((c,)) for c in conditions)])
                sign = {"sum": r"\sum", "max": r"\max", "argmax": r"\arg\max"}[kind]
                return rf"{sign}_{{{under}}} {self.node(rest, PRODUCT)}", PRODUCT
        return self.place(node), ATOM

    def _name(self, name: str) -> str:
        if name in self.letters:
            return str(self.letters[name])
        if name in self.constants and not self.letters and name in self.symbols:
            return self.symbols[name]
        if name in self.constants:
            return f"{self.constants[name]:.6g}"
        return _prime(name)

    def _product(self, left: Node, right: Node) -> str:
        first, second = self.node(left, PRODUCT), self.node(right, PRODUCT)
        last = left.right if isinstance(left, Binary) and left.operator == "*" else left
        plain = isinstance(last, Number) or (isinstance(last, Binary) and last.operator == "/")
        big = isinstance(right, Reduce)
        return f"{first} {second}" if plain or big else rf"{first} \cdot {second}"

    def _conditions(self, arguments: tuple[Node, ...]) -> str:
        written = []
        for part in arguments:
            if isinstance(part, Binary) and part.operator in COMPARED:
                sides = [self.place(side) for side in (part.left, part.right)]
                written.append(f" {COMPARED[part.operator]} ".join(sides))
            else:
                written.append(self.node(part))
        return ", ".join(written)

    def place(self, node: Node) -> str:
        """Return an index, with what is known of it added up: `2i+s-1`."""
        if isinstance(node, Product):
            written = [self.place(part) for part in node.parts]
            return f"({','.join(written)})"
        terms = self._linear(node)
        if terms is None:
            if isinstance(node, Binary) and node.operator in ("//", "%"):
                sign = "/" if node.operator == "//" else r"\bmod "
                inside = f"{self.node(node.left, ATOM)}{sign}{self.node(node.right, ATOM)}"
                return rf"\lfloor {inside} \rfloor" if node.operator == "//" else f"({inside})"
            return self.node(node)
        constant = terms.pop("", 0)
        parts = [
            f"{'-' if k < 0 else '+'}{abs(k) if abs(k) != 1 else ''}{_prime(name)}"
            for name, k in terms.items()
            if k
        ]
        if constant or not parts:
            # A number that the cell's own indices have made stands in front.
            place = 0 if self.letters and constant > 0 else len(parts)
            parts.insert(place, f"{constant:+d}")
        return "".join(parts).removeprefix("+")

    def _linear(self, node: Node) -> dict[str, int] | None:
        """Return the multiples of letters in an index, "" for the number; None if there is more."""
        match node:
            case Number(value) if float(value).is_integer():
                return {"": int(value)}
            case Name(name):
                if name in self.letters:
                    return {"": self.letters[name]}
                if name in self.constants and float(self.constants[name]).is_integer():
                    return {"": int(self.constants[name])}
                return {name: 1}
            case Negative(operand):
                return _scaled(self._linear(operand), -1)
            case Binary("+" | "-" as sign, left, right):
                one, two = self._linear(left), self._linear(right)
                two = _scaled(two, 1 if sign == "+" else -1)
                if one is None or two is None:
                    return None
                return {name: one.get(name, 0) + two.get(name, 0) for name in {**one, **two}}
            case Binary("*", left, right):
                one, two = self._linear(left), self._linear(right)
                for number, other in ((one, two), (two, one)):
                    if number is not None and not number.keys() - {""}:
                        return _scaled(other, number.get("", 0))
        return None


def _scaled(terms: dict[str, int] | None, factor: int) -> dict[str, int] | None:
    return None if terms is None else {name: k * factor for name, k in terms.items()}


def _prime(name: str) -> str:
    """A second set of letters, in capitals, is written with primes."""
    return f"{name.lower()}'" if len(name) == 1 and name.isupper() else name


def _without_conditions(body: Node) -> tuple[list[Node], Node]:
    """Return the conditions in a product, which stand under the sum, and what is left of it."""
    match body:
        case Call("at", arguments):
            return list(arguments), Number(1)
        case Binary("*", left, right):
            first, one = _without_conditions(left)
            second, two = _without_conditions(right)
            conditions = [*first, *second]
            if not conditions:
                return [], body
            rest = [part for part in (one, two) if part != Number(1)]
            if len(rest) == 2:
                return conditions, Binary("*", *rest)
            return conditions, (rest or [Number(1)])[0]
    return [], body

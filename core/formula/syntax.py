"""The grammar of index notation: parses a line into a small tree.

    X_col[(c,s,t),(n,i,j)] = X_in[n, c, i*sy + s - py, j*sx + t - px]

The right side is parsed by Python's `ast` and never evaluated by Python: whatever is not in the
tables of this file is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TypeAlias

# A line longer, deeper or larger than this is a slip or an attack.
MOST_CHARACTERS, DEEPEST, MOST_NODES = 500, 40, 300
REDUCTIONS = ("sum", "max", "argmax")
# Function -> how many arguments it takes; "max" and "min" take two or more.
ARITY = {
    **dict.fromkeys(("sqrt", "exp", "log", "log1p", "tanh", "abs", "sign", "sigmoid"), 1),
    **dict.fromkeys(("Phi", "phi"), 1),
    "quotient": 2,
}
BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.FloorDiv: "//",
    ast.Mod: "%",
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


class FormulaError(ValueError):
    """A line of index notation cannot be read or computed; the message points into the line."""


@dataclass(frozen=True)
class Number:
    """A number written in the line."""

    value: float


@dataclass(frozen=True)
class Name:
    """An index letter or a constant."""

    name: str


@dataclass(frozen=True)
class Star:
    """All axes that are left, `*i`: as many letters as it takes, from this one on."""

    letter: str


@dataclass(frozen=True)
class Product:
    """Several dimensions that share an axis, row-major: `(c,s,t)`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Read:
    """A cell of an array, `X_in[n, c]`; `body.X_out[n, c]` of a child's."""

    array: str
    index: tuple[Node, ...]


@dataclass(frozen=True)
class Binary:
    """Two operands and an operator or comparison between them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Negative:
    """The operand with the other sign."""

    operand: Node


@dataclass(frozen=True)
class Call:
    """A function of the fixed list; `at` keeps the terms for which its arguments hold."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Reduce:
    """A sum, maximum or place of the maximum over index letters."""

    kind: str
    letters: tuple[Node, ...]
    body: Node


@dataclass(frozen=True)
class Note:
    """A term with words for it."""

    words: str
    body: Node


Node: TypeAlias = "Number | Name | Star | Product | Read | Binary | Negative | Call | Reduce | Note"


@dataclass(frozen=True)
class Formula:
    """One line: the array that it defines, and its right side.

    Attributes:
        target: the cell on the left, with letters as indices.
        body: the right side; None where the numbers come from outside.
        origin: words for where they come from, if they come from outside.
    """

    target: Read
    body: Node | None
    origin: str = ""


@lru_cache(maxsize=1024)
def parse(text: str) -> Mapping[str, Formula]:
    """Return the formulas of several lines, by the array that each defines.

    Raises:
        FormulaError: a line cannot be read, or an array has two.
    """
    found: dict[str, Formula] = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            formula = _Line(line.strip()).formula()
            if formula.target.array in found:
                raise FormulaError(f"{formula.target.array} has two lines; the second: {line}")
            found[formula.target.array] = formula
    return found


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly inside a node, in their order."""
    for item in fields(node):
        value = getattr(node, item.name)
        for part in value if isinstance(value, tuple) else (value,):
            if not isinstance(part, str | float | int):
                yield part


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes inside it."""
    yield node
    for child in children(node):
        yield from walk(child)


def reads(node: Node) -> list[Read]:
    """Return all cells that a node reads."""
    return [part for part in walk(node) if isinstance(part, Read)]


def spread(formula: Formula, rank: Callable[[str], int]) -> Formula:
    """Return the formula with every `*i` replaced by letters.

    Args:
        formula: the formula.
        rank: returns how many axes an array has.

    Raises:
        FormulaError: the ranks of the arrays do not fit.
    """
    counts: dict[str, int] = {}
    body = formula.body or Number(0)
    for read in [formula.target, *reads(body)]:
        for part in read.index:
            if isinstance(part, Star) and part.letter not in counts:
                counts[part.letter] = rank(read.array) - len(read.index) + 1
    if not counts:
        return formula
    if min(counts.values()) < 0:
        raise FormulaError(f"{formula.target.array} has fewer axes than its line names")

    def letters(parts: tuple[Node, ...]) -> tuple[Node, ...]:
        made: list[Node] = []
        for part in parts:
            if isinstance(part, Star):
                made += [Name(chr(ord(part.letter) + k)) for k in range(counts[part.letter])]
            else:
                made.append(filled(part))
        return tuple(made)

    def filled(node: Node) -> Node:
        changed = {
            item.name: letters(value) if isinstance(value, tuple) else filled(value)
            for item in fields(node)
            if not isinstance(value := getattr(node, item.name), str | float | int)
        }
        return replace(node, **changed)  # type: ignore[arg-type]

    target = replace(formula.target, index=letters(formula.target.index))
    return replace(formula, target=target, body=formula.body and filled(formula.body))


@dataclass
class _Line:
    """One line while it is parsed."""

    line: str
    nodes: int = 0
    # Where the part that is being parsed begins in the line.
    offset: int = 0

    def formula(self) -> Formula:
        if len(self.line) > MOST_CHARACTERS:
            raise FormulaError(f"a line has {len(self.line)} characters; at most {MOST_CHARACTERS}")
        left, equals, right = self.line.partition("=")
        if not equals:
            raise self.error(len(self.line), "expected `array[indices] = expression`")
        tree = self.tree(left, 0)
        if isinstance(tree, ast.Name):
            target: Node = Read(tree.id, ())
        else:
            target = self.node(tree)
        if not isinstance(target, Read):
            raise self.error(0, "the left side must be an array with letters as indices")
        tree = self.tree(right, len(left) + 1)
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return Formula(target, None, tree.value)
        return Formula(target, self.node(tree))

    def tree(self, part: str, offset: int) -> ast.expr:
        self.offset = offset + len(part) - len(part.lstrip())
        try:
            return ast.parse(part.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            at = getattr(error, "offset", None) or 1
            raise self.error(self.offset + at - 1, f"cannot be read: {error.args[0]}") from None

    def error(self, place: int, message: str) -> FormulaError:
        return FormulaError(f"{message}\n  {self.line}\n  {' ' * place}^")

    def node(self, tree: ast.expr, depth: int = 0) -> Node:
        """Return the node of a part of Python's tree."""
        self.nodes += 1
        if depth > DEEPEST or self.nodes > MOST_NODES:
            raise self.error(self.place(tree), "the line is too deep or too long")

        def of(part: ast.expr) -> Node:
            return self.node(part, depth + 1)

        match tree:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Number(value)
            case ast.Name(id=name):
                return Name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(of(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                return Binary(BINARY[type(op)], of(left), of(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
                return Binary(COMPARISONS[type(op)], of(left), of(right))
            case ast.Subscript(value=ast.Name() | ast.Attribute() as array, slice=index):
                return Read(self.array(array), tuple(self.index(p, depth) for p in parts(index)))
            case ast.Call(func=ast.Subscript(value=ast.Name(id=kind), slice=index), args=[body]):
                if kind in REDUCTIONS:
                    return Reduce(kind, tuple(self.letter(p) for p in parts(index)), of(body))
            case ast.Call(func=ast.Name(id="note"), args=[ast.Constant(value=str(words)), body]):
                return Note(words, of(body))
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                count = len(arguments)
                needs = ARITY.get(function)
                if needs == count or (function == "at" and count):
                    return Call(function, tuple(map(of, arguments)))
                if function in ("max", "min") and count > 1:
                    return Call(function, tuple(map(of, arguments)))
                if needs is not None:
                    raise self.error(self.place(tree), f"{function} takes {needs} arguments")
                known = ", ".join((*ARITY, "max", "min", "at", "note"))
                raise self.error(self.place(tree), f"there is no {function}(); known are {known}")
        raise self.error(self.place(tree), f"{ast.unparse(tree)} is not part of the notation")

    def array(self, tree: ast.expr) -> str:
        match tree:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=ast.Name(id=child), attr=name):
                return f"{child}.{name}"
        raise self.error(self.place(tree), "an array is called by its name, or child.name")

    def index(self, tree: ast.expr, depth: int) -> Node:
        match tree:
            case ast.Starred(value=ast.Name(id=letter)):
                return Star(letter)
            case ast.Tuple(elts=elements):
                return Product(tuple(self.node(part, depth + 1) for part in elements))
        return self.node(tree, depth + 1)

    def letter(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Name(id=name):
                return Name(name)
            case ast.Starred(value=ast.Name(id=letter)):
                return Star(letter)
        raise self.error(self.place(tree), "expected an index letter")

    def place(self, tree: ast.expr) -> int:
        return self.offset + getattr(tree, "col_offset", 0)


def parts(index: ast.expr) -> list[ast.expr]:
    """Return the indices in brackets. `A[(c,s)]` has one, `A[c,s]` two.

    Python's tree is the same for both, but for where it begins.
    """
    if isinstance(index, ast.Tuple):
        begin, end = index.col_offset, index.end_col_offset or 0
        first, last = (index.elts or [index])[0], (index.elts or [index])[-1]
        if begin >= first.col_offset or end <= (last.end_col_offset or 0):
            return index.elts
    return [index]

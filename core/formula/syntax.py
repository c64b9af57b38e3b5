"""Reads lines of index notation.

Python's `ast` parses a line and never evaluates it: what is not in the tables below is refused. The
tree is brought into one form, so that the other modules meet few cases: the slice of an array is
always a tuple of its indices (a tuple inside is a product of dimensions), and `sum[c,s](body)` is
the call `sum((c, s), body)`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

# A line longer, deeper or larger than this is a slip or an attack.
MOST_CHARACTERS, DEEPEST, MOST_NODES = 500, 60, 400
REDUCTIONS = ("sum", "max", "argmax")
# Function -> how many arguments it takes, None for one or more.
FUNCTIONS: Mapping[str, int | None] = {
    **dict.fromkeys(("sqrt", "exp", "log", "log1p", "tanh", "abs", "sign", "sigmoid"), 1),
    **dict.fromkeys(("Phi", "phi"), 1),
    **dict.fromkeys(("quotient", "note"), 2),
    **dict.fromkeys(("max", "min", "at"), None),
}
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod)
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class FormulaError(ValueError):
    """A line of index notation cannot be read or computed; the message says where and why."""


@dataclass(frozen=True)
class Formula:
    """One line.

    Attributes:
        target: the cell on the left, with letters as indices.
        body: the right side; None where the numbers come from outside.
        origin: words for where they come from then.
    """

    target: ast.Subscript
    body: ast.expr | None
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
            formula = _parse_line(line.strip())
            if array_of(formula.target) in found:
                raise FormulaError(f"{array_of(formula.target)} has two lines; the second: {line}")
            found[array_of(formula.target)] = formula
    return found


def _parse_line(line: str) -> Formula:
    if len(line) > MOST_CHARACTERS:
        raise FormulaError(f"a line has {len(line)} characters; at most {MOST_CHARACTERS}")
    left, equals, right = line.partition("=")
    if not equals:
        raise _error(line, len(line), "expected `array[indices] = expression`")
    name = left.strip()
    target = _Normal(line, 0).tree(f"{name}[()]" if name.isidentifier() else left)
    if not isinstance(target, ast.Subscript):
        raise _error(line, 0, "the left side must be an array with letters as indices")
    body = _Normal(line, len(left) + 1).tree(right)
    if isinstance(body, ast.Constant) and isinstance(body.value, str):
        return Formula(target, None, body.value)
    return Formula(target, body)


def _error(line: str, place: int, message: str) -> FormulaError:
    return FormulaError(f"{message}\n  {line}\n  {' ' * place}^")


class _Normal(ast.NodeTransformer):
    """Checks a part of a line and brings it into the form of this module."""

    def __init__(self, line: str, offset: int) -> None:
        self.line, self.offset = line, offset
        self.depth = self.nodes = 0

    def tree(self, part: str) -> ast.expr:
        self.offset += len(part) - len(part.lstrip())
        try:
            tree = ast.parse(part.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            place = self.offset + (getattr(error, "offset", None) or 1) - 1
            raise _error(self.line, place, f"cannot be read: {error.args[0]}") from None
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return tree
        made: ast.expr = self.visit(tree)
        return made

    def visit(self, node: ast.AST) -> ast.expr:
        self.depth, self.nodes = self.depth + 1, self.nodes + 1
        if self.depth > DEEPEST or self.nodes > MOST_NODES:
            raise self.refused(node, "the line is too deep or too long")
        made = self.normal(node)
        self.depth -= 1
        return made

    def normal(self, node: ast.AST) -> ast.expr:
        match node:
            case ast.Constant(value=int() | float()) | ast.Name():
                return node
            case ast.UnaryOp(op=ast.USub()):
                node.operand = self.visit(node.operand)
                return node
            case ast.BinOp() if isinstance(node.op, OPERATORS):
                node.left, node.right = self.visit(node.left), self.visit(node.right)
                return node
            case ast.Compare(ops=[op]) if isinstance(op, COMPARISONS):
                node.left, node.comparators = (
                    self.visit(node.left),
                    [self.visit(node.comparators[0])],
                )
                return node
            case ast.Subscript(value=ast.Name() | ast.Attribute(value=ast.Name())):
                node.slice = ast.Tuple([self.index(part) for part in _parts(node.slice)])
                return node
            case ast.Call(func=ast.Subscript(value=ast.Name(id=kind), slice=letters), args=[body]):
                if kind not in REDUCTIONS:
                    raise self.refused(node, f"there is no {kind}[…](…)")
                named = [self.letter(part) for part in _parts(letters)]
                return _call(kind, ast.Tuple(named), self.visit(body))
            case ast.Call(
                func=ast.Name(id="note"), args=[ast.Constant(value=str()) as words, body]
            ):
                return _call("note", words, self.visit(body))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                if name not in FUNCTIONS or name == "note":
                    known = ", ".join(FUNCTIONS)
                    raise self.refused(node, f"cannot call {name}; known are {known}")
                if not arguments or FUNCTIONS[name] not in (None, len(arguments)):
                    raise self.refused(
                        node, f"{name} takes {FUNCTIONS[name] or 'some'} argument(s)"
                    )
                return _call(name, *(self.visit(part) for part in arguments))
        raise self.refused(node, f"{ast.unparse(node)!r} is not part of the notation")

    def index(self, part: ast.expr) -> ast.expr:
        if isinstance(part, ast.Tuple) and part.elts:
            return ast.Tuple([self.visit(inner) for inner in part.elts])
        return self.letter(part) if isinstance(part, ast.Starred) else self.visit(part)

    def letter(self, part: ast.expr) -> ast.expr:
        named = part.value if isinstance(part, ast.Starred) else part
        if not isinstance(named, ast.Name):
            raise self.refused(part, "expected an index letter")
        return part

    def refused(self, node: ast.AST, message: str) -> FormulaError:
        return _error(self.line, self.offset + getattr(node, "col_offset", 0), message)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name), list(arguments), [])


def _parts(index: ast.expr) -> list[ast.expr]:
    """Return the indices in brackets: `A[(c,s)]` has one, `A[c,s]` two, `A[()]` none."""
    if not isinstance(index, ast.Tuple):
        return [index]
    if not index.elts:
        return []
    # Python's tree is the same for both, but for the place of the brackets.
    first, last = index.elts[0], index.elts[-1]
    in_brackets = index.col_offset < first.col_offset and (
        (index.end_col_offset or 0) > (last.end_col_offset or 0)
    )
    return [index] if in_brackets else index.elts


def array_of(read: ast.Subscript) -> str:
    """Return the name of the array that a cell lies in."""
    return ast.unparse(read.value)


def indices(read: ast.Subscript) -> list[ast.expr]:
    """Return the indices of a cell."""
    assert isinstance(read.slice, ast.Tuple)
    return read.slice.elts


def reads(node: ast.AST | None) -> list[ast.Subscript]:
    """Return all cells that a part of a formula reads."""
    return [] if node is None else [n for n in ast.walk(node) if isinstance(n, ast.Subscript)]


def names(node: ast.AST) -> list[str]:
    """Return the letters and constants in a part of a formula; arrays and functions too."""
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def spread(formula: Formula, rank: Callable[[str], int], whole: str = "ijklmn") -> Formula:
    """Return the formula with every `*i` replaced by letters: i, j, … for the axes that are left.

    Args:
        formula: the formula.
        rank: returns how many axes an array has.
        whole: letters to use where `*i` stands for all axes of an array.

    Raises:
        FormulaError: an array has fewer axes than its line names.
    """
    letters: dict[str, list[str]] = {}
    taken = {name for part in (formula.target, formula.body) if part for name in names(part)}
    for read in [formula.target, *reads(formula.body)]:
        for part in indices(read):
            if isinstance(part, ast.Starred) and (star := ast.unparse(part.value)) not in letters:
                count = rank(array_of(read)) - len(indices(read)) + 1
                if count < 0:
                    raise FormulaError(f"{array_of(read)} has fewer axes than its line names")
                alone = len(indices(read)) == 1 and count > 1 and not taken & {*whole[:count]}
                following = [chr(ord(star) + k) for k in range(count)]
                letters[star] = list(whole[:count]) if alone else following

    class Spread(ast.NodeTransformer):
        def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
            self.generic_visit(node)
            return ast.Tuple([
                inner
                for part in node.elts
                for inner in (
                    [ast.Name(letter) for letter in letters[ast.unparse(part.value)]]
                    if isinstance(part, ast.Starred)
                    else [part]
                )
            ])  # fmt: skip

    if not letters:
        return formula
    target, body = Spread().visit(deepcopy(formula.target)), deepcopy(formula.body)
    return Formula(target, body and Spread().visit(body), formula.origin)

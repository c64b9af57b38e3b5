"""Reads lines of index notation.

Python's `ast` parses a line and never evaluates it: what is not in the tables of `operations` is
refused. The tree is brought into one form, so that the other modules meet few cases: the slice of
an array is always a tuple of its indices (a tuple inside is a product of dimensions), and
`sum[c,s](body)` is the call `sum((c, s), body)`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

from core.formula.operations import COMPARISONS, FUNCTIONS, OPERATORS, REDUCTIONS
from core.formula.tree import array_of, indices, names, reads

# A line longer or larger than this is a slip or an attack.
MOST_CHARACTERS, MOST_NODES = 500, 400


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
    for line in (line.strip() for line in text.splitlines()):
        if line and not line.startswith("#"):
            formula = _parse_line(line)
            if array_of(formula.target) in found:
                raise FormulaError(f"{array_of(formula.target)} has two lines; the second: {line}")
            found[array_of(formula.target)] = formula
    return found


def _parse_line(line: str) -> Formula:
    left, equals, right = line.partition("=")
    name = left.strip()
    if not equals or len(line) > MOST_CHARACTERS:
        what = f"at most {MOST_CHARACTERS} characters" if equals else "array[indices] = expression"
        raise _error(line[:MOST_CHARACTERS], 0, f"expected {what}")
    target = _Reader(line, 0).tree(f"{name}[()]" if name.isidentifier() else left)
    if not isinstance(target, ast.Subscript):
        raise _error(line, 0, "the left side must be an array with letters as indices")
    body = _Reader(line, len(left) + 1).tree(right)
    if isinstance(body, ast.Constant) and isinstance(body.value, str):
        return Formula(target, None, body.value)
    if array_of(target) in map(array_of, reads(body)):
        raise _error(line, 0, f"{array_of(target)} is made from itself")
    return Formula(target, body)


def _error(line: str, column: int, message: str) -> FormulaError:
    return FormulaError(f"{message}\n  {line}\n  {' ' * column}^")


class _Reader:
    """Checks a part of a line and brings it into the form of this module."""

    def __init__(self, line: str, offset: int) -> None:
        self.line, self.offset = line, offset

    def tree(self, part: str) -> ast.expr:
        self.offset += len(part) - len(part.lstrip())
        try:
            tree = ast.parse(part.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            column = self.offset + (getattr(error, "offset", None) or 1) - 1
            raise _error(self.line, column, f"cannot be read: {error.args[0]}") from None
        if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
            raise self.refused(tree, "the line is too large")
        is_text = isinstance(tree, ast.Constant) and isinstance(tree.value, str)
        return tree if is_text else self.read(tree)

    def read(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                # No whole numbers of Python: a power of them has no limit.
                return ast.Constant(float(value))
            case ast.Name():
                return node
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return ast.UnaryOp(ast.USub(), self.read(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return ast.BinOp(self.read(left), op, self.read(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
                return ast.Compare(self.read(left), [op], [self.read(right)])
            case ast.Subscript(slice=index) if _is_path(node.value):
                return ast.Subscript(node.value, ast.Tuple([*map(self.index, _parts(index))]))
            case ast.Call(func=ast.Subscript(value=ast.Name(id=kind) as name, slice=index)):
                if kind in REDUCTIONS and len(node.args) == 1:
                    letters = ast.Tuple([*map(self.letter, _parts(index))])
                    return ast.Call(name, [letters, self.read(node.args[0])], [])
            case ast.Call(func=ast.Name(id="note") as name, args=[ast.Constant(value=str()), _]):
                return ast.Call(name, [node.args[0], self.read(node.args[1])], [])
            case ast.Call(func=ast.Name(id=function) as name, args=arguments, keywords=[]):
                known_as = FUNCTIONS.get(function)
                if arguments and known_as and known_as.arguments in (0, len(arguments)):
                    return ast.Call(name, [*map(self.read, arguments)], [])
        known = ", ".join((*FUNCTIONS, "note", *(f"{kind}[…]" for kind in REDUCTIONS)))
        message = f"{ast.unparse(node)!r} is not part of the notation; functions are {known}"
        raise self.refused(node, message)

    def index(self, part: ast.expr) -> ast.expr:
        if isinstance(part, ast.Tuple) and part.elts:
            return ast.Tuple([*map(self.read, part.elts)])
        return self.letter(part) if isinstance(part, ast.Starred) else self.read(part)

    def letter(self, part: ast.expr) -> ast.expr:
        if isinstance(part.value if isinstance(part, ast.Starred) else part, ast.Name):
            return part
        raise self.refused(part, "expected an index letter")

    def refused(self, node: ast.expr, message: str) -> FormulaError:
        return _error(self.line, self.offset + node.col_offset, message)


def _is_path(node: ast.expr) -> bool:
    """Return whether a node names an array, or one of a child: `child.X_out`."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_path(node.value))


def _parts(index: ast.expr) -> list[ast.expr]:
    """Return the indices in brackets: `A[(c,s)]` has one, `A[c,s]` two, `A[()]` none."""
    if not isinstance(index, ast.Tuple) or not index.elts:
        return [] if isinstance(index, ast.Tuple) else [index]
    # Python's tree is the same for both, but for where the brackets stand.
    first, last, end = index.elts[0], index.elts[-1], index.end_col_offset or 0
    in_brackets = index.col_offset < first.col_offset and end > (last.end_col_offset or 0)
    return [index] if in_brackets else index.elts


def spread(formula: Formula, rank: Callable[[str], int], whole: str = "ijklmn") -> Formula:
    """Return the formula with every `*i` replaced by letters: i, j, … for the axes that are left.

    Args:
        formula: the formula.
        rank: returns how many axes an array has.
        whole: letters to use where `*i` stands for all axes of an array.

    Raises:
        FormulaError: an array has fewer axes than its line names.
    """
    cells = (formula.target, *reads(formula.body))
    return _spread(formula, tuple(rank(array_of(cell)) for cell in cells), whole)


@lru_cache(maxsize=1024)
def _spread(formula: Formula, ranks: tuple[int, ...], whole: str) -> Formula:
    letters, cells = dict[str, list[ast.expr]](), (formula.target, *reads(formula.body))
    starred = [part for cell in cells for part in indices(cell) if isinstance(part, ast.Starred)]
    taken = {*names(formula.target), *names(formula.body)} - {n for p in starred for n in names(p)}
    for read, rank in zip(cells, ranks, strict=True):
        for part in (part for part in indices(read) if isinstance(part, ast.Starred)):
            star, count = ast.unparse(part.value), rank - len(indices(read)) + 1
            if count < 0:
                raise FormulaError(f"{array_of(read)} has fewer axes than its line names")
            alone = len(indices(read)) == 1 and star == "i" and not taken & {*whole[:count]}
            named = whole if alone else [chr(ord(star) + k) for k in range(count)]
            letters.setdefault(star, [ast.Name(letter) for letter in named[:count]])

    class Spread(ast.NodeTransformer):
        def visit_Tuple(self, node: ast.Tuple) -> ast.Tuple:
            made: list[ast.expr] = []
            for part in node.elts:
                star = ast.unparse(part.value) if isinstance(part, ast.Starred) else None
                made += letters[star] if star else [self.visit(part)]
            return ast.Tuple(made)

    target, body = Spread().visit(deepcopy(formula.target)), deepcopy(formula.body)
    return Formula(target, body and Spread().visit(body), formula.origin)

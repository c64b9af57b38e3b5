"""Evaluates the rules of a lesson on a record: numbers, arrays and sets of cells.

A number is an expression in the index notation of `core.formula`; an array's name alone stands for
all its cells. Cells are chosen by one of these:

    X_out                                     all cells
    X_col[:,5]                                a row or column, by numbers and `:`
    X_in that make X_out[0,0,1,2]             what a number is computed from
    X_in that decide X_out[0,0,1,2]           those of them that are equal to it: a maximum
    g_X_in made from g_X_out[0,0,1,0]         what is computed from a number
    X_col that hold X_in[0,0,2,2]             copies of a number
    X_out where X_out == 0                    those for which a condition holds
    X_in[0,0,1,2]; X_in[0,0,1,3]              several choices of one array together

Each may end with the stage that it is about: `g_K of backward conv`, `step of update conv.weight`.
"""

from __future__ import annotations

import ast
import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import TypeVar

import numpy as np

from core.formula.evaluate import evaluate, evaluate_all, scope_of
from core.formula.syntax import Formula, FormulaError, parse, spread
from core.formula.tree import array_of, indices, is_reduction, names, reads
from core.inspect.book import Book
from core.inspect.cell import Cell
from core.kernels.overflow import unwarned
from core.tensor import Array
from viz_app.lessons.error import LessonError
from viz_app.lessons.question import Rule
from viz_app.lessons.record import Record, bounds, whole
from viz_app.lessons.relations import MAKES, related

T = TypeVar("T")
# More terms than these in one rule are refused.
MOST_TERMS = 2_000_000
# A name in a rule.
WORD = re.compile(r"[A-Za-z_]\w*")
# How an expression is called while it is evaluated.
IT = "it"
CELLS = re.compile(r"^(?P<array>\w+)(?:\[(?P<index>[^\]]*)\])?$")
RELATIONS = re.compile(rf"^(?P<chosen>.+?) (?P<relation>{'|'.join((*MAKES, 'where'))}) (?P<of>.+)$")


@dataclass(frozen=True, eq=False)
class Chosen:
    """Cells of one array.

    Attributes:
        array: the array, as a cell without an index.
        mask: which of its cells, of its shape.
    """

    array: Cell
    mask: Array

    @property
    def cells(self) -> list[tuple[int, ...]]:
        """The indices of the cells, in order."""
        return [tuple(map(int, index)) for index in np.argwhere(self.mask)]


def number(record: Record, rule: Rule) -> float:
    """Return the value of an expression.

    Raises:
        LessonError: it cannot be read or computed.
    """
    text, stage = record.split(rule)
    book = record.book(stage)
    cell = _cell(record, text, stage, rule)
    if cell is not None:
        return float(record.array(whole(cell))[cell.index])

    def compute() -> float:
        formula = _formula(book, f"{IT} = {_with_letters(book, text)}")
        return float(_evaluated(book, formula, np.zeros(())))

    return _guarded(rule, compute)


def field(record: Record, rule: Rule, of: str = "") -> tuple[Cell, Array]:
    """Return an expression for all cells of an array: `abs(g_K)`.

    Args:
        record: the iteration.
        rule: the expression.
        of: name of the array; the first that is named outside of a sum if empty.

    Returns:
        The array, as a cell without an index, and the values in its shape.

    Raises:
        LessonError: it cannot be read or computed.
    """
    text, stage = record.split(rule)
    book = record.book(stage)

    def compute() -> tuple[Cell, Array]:
        body = _formula(book, f"{IT} = {_with_letters(book, text)}").body
        if of:
            target = book.formula(of).target
        else:
            sums = [node for node in ast.walk(body) if is_reduction(node)] if body else []
            inner = {id(read) for node in sums for read in reads(node)}
            cells = [read for read in reads(body) if id(read) not in inner]
            if not cells or any(isinstance(part, ast.Constant) for part in indices(cells[0])):
                raise FormulaError("no array is named whose cells are meant")
            target = cells[0]
        formula, array = Formula(ast.Subscript(ast.Name(IT), target.slice), body), array_of(target)
        values = _evaluated(book, formula, np.zeros(book[array].shape))
        return book.cell(array, ()), values

    return _guarded(rule, compute)


def single(record: Record, rule: Rule) -> Cell | None:
    """Return the cell that a rule names, such as `g_K[0,4]`; None if it is an expression.

    Raises:
        LessonError: there is no such stage or cell.
    """
    text, stage = record.split(rule)
    return _cell(record, text, stage, rule)


def chosen(record: Record, rule: Rule) -> Chosen:
    """Return the cells that a rule chooses.

    Raises:
        LessonError: it cannot be read, or names what is not there.
    """
    text, stage = record.split(rule)
    first, *others = (_choice(record, part.strip(), stage, rule) for part in text.split(";"))
    for other in others:
        if other.array != first.array:
            given = f"{first.array.array} and {other.array.array} in one choice"
            raise LessonError(rule.line, given, "cells of one array")
        first = Chosen(first.array, first.mask | other.mask)
    return first


def _choice(record: Record, text: str, stage: Cell, rule: Rule) -> Chosen:
    found = RELATIONS.match(text)
    start = _selected(record, found["chosen"] if found else text, stage, rule)
    if found is None:
        return start
    if found["relation"] == "where":
        suffix = rule.text[len(record.split(rule)[0]) :]
        condition = replace(rule, text=found["of"] + suffix)
        _, values = field(record, condition, start.array.array)
        return Chosen(start.array, start.mask & (values != 0))
    cell = _cell(record, found["of"], stage, rule)
    if cell is None:
        raise LessonError(rule.line, f"{found['of']!r}", "one cell, such as X_out[0,0,1,2]")
    book, relation, wanted = record.book(stage), found["relation"], start.array.array
    reached = _guarded(rule, lambda: related(book, cell, relation, wanted, MOST_TERMS))
    return Chosen(start.array, start.mask & reached)


# Parts of rules.


def _cell(record: Record, text: str, stage: Cell, rule: Rule) -> Cell | None:
    found = CELLS.match(text.replace(" ", ""))
    if found is None or not re.fullmatch(r"([0-9]{1,9}(,[0-9]{1,9})*)?", found["index"] or ""):
        return None
    if found["array"] not in record.book(stage):
        if found["index"] is None:
            return None
        raise _no_array(record, found["array"], stage, rule)
    at = record.book(stage).cell(found["array"], ())
    index = tuple(map(int, found["index"].split(","))) if found["index"] else ()
    if not bounds(record.array(at), index):
        if found["index"] is None:
            return None
        shape = "×".join(map(str, np.shape(record.array(at)))) or "one number"
        raise LessonError(rule.line, f"{text} lies outside of the array", f"a cell of {shape}")
    return replace(at, index=index)


def _selected(record: Record, text: str, stage: Cell, rule: Rule) -> Chosen:
    found = CELLS.match(text.replace(" ", ""))
    if found is None:
        raise LessonError(rule.line, f"{text!r}", "cells of an array, such as X_col[:,5]")
    book = record.book(stage)
    if found["array"] not in book:
        raise _no_array(record, found["array"], stage, rule)
    at = book.cell(found["array"], ())
    mask = np.zeros(record.array(at).shape, bool)
    if found["index"] is None:
        return Chosen(at, ~mask)
    parts = [part for part in found["index"].split(",") if part]
    if len(parts) != mask.ndim or not all(re.fullmatch(r"[0-9]{1,9}|:", part) for part in parts):
        raise LessonError(
            rule.line, f"the index [{found['index']}]", f"{mask.ndim} of a number or a colon each"
        )
    index = tuple(slice(None) if part == ":" else int(part) for part in parts)
    sizes: Iterable[tuple[str, int]] = zip(parts, mask.shape, strict=True)
    if any(part != ":" and int(part) >= size for part, size in sizes):
        shape = "×".join(map(str, mask.shape))
        raise LessonError(rule.line, f"{text} lies outside of the array", f"a cell of {shape}")
    mask[index] = True
    return Chosen(at, mask)


def _no_array(record: Record, name: str, stage: Cell, rule: Rule) -> LessonError:
    where = f"{stage.phase} {stage.layer}" if stage.phase != "loss" else "the loss"
    known = ", ".join(record.book(stage))
    return LessonError(rule.line, f"{where} has no array {name!r}", f"one of {known}")


def _with_letters(book: Book, text: str) -> str:
    """Return an expression in which arrays that stand there by name alone have their letters."""

    def written(found: re.Match[str]) -> str:
        name = found[0]
        if name not in book:
            return name
        return ast.unparse(book.formula(name).target)

    return re.sub(r"(?<![\w.\[])[A-Za-z_]\w*(?!\w*\s*[\[(.\w])", written, text)


@lru_cache(maxsize=512)
def _parsed(line: str) -> Formula:
    return next(iter(parse(line).values()))


def _formula(book: Book, line: str) -> Formula:
    arrays = ChainMap({IT: np.zeros(())}, book)  # type: ignore[arg-type]
    return spread(_parsed(line), lambda name: np.ndim(arrays[name]), "ijklmnop")


def _evaluated(book: Mapping[str, Array], formula: Formula, like: Array) -> Array:
    arrays = ChainMap({IT: like}, book)  # type: ignore[arg-type]
    constants = getattr(book, "constants", {})
    assert formula.body is not None
    _check_size(formula, arrays, constants)
    with unwarned():
        if like.ndim:
            return evaluate_all(formula, arrays, constants)
        return np.asarray(evaluate(formula.body, scope_of(formula, (), arrays, constants)))


def _check_size(
    formula: Formula, arrays: Mapping[str, Array], constants: Mapping[str, float]
) -> None:
    """Refuse an expression with too many terms before anything is computed."""
    scope = scope_of(formula, (0,) * arrays[IT].ndim, arrays, constants)

    def terms(node: ast.AST, outer: int) -> int:
        if is_reduction(node):
            outer *= prod(scope.size(name) for name in names(node.args[0]))
        inner = [terms(child, outer) for child in ast.iter_child_nodes(node)]
        return max([outer, *inner])

    if formula.body is not None and terms(formula.body, max(1, arrays[IT].size)) > MOST_TERMS:
        raise FormulaError(f"more than {MOST_TERMS:,} terms")


def _guarded(rule: Rule, compute: Callable[[], T]) -> T:
    """Return what is computed; whatever is wrong with it is an error of its line."""
    try:
        return compute()
    except LessonError:
        raise
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise LessonError(
            rule.line, f"{rule.text!r} cannot be computed: {said}", "index notation of its stage"
        ) from error

"""What every kind of question has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.inspect.cell import Cell
from viz_app.lessons import rules
from viz_app.lessons.answer import Blank, Given
from viz_app.lessons.question import Question, Rule
from viz_app.lessons.record import Record, whole
from viz_app.lessons.rules import Chosen

# Two numbers nearer than this share of the larger one are not to be told apart.
APART = 0.01


@dataclass(frozen=True)
class Found:
    """What a kind finds in a record.

    Attributes:
        right: the right answer.
        said: the same in words.
        asked: cells whose numbers are asked.
        cell: the cell to explain.
        relations: whether what belongs to a cell must not be seen.
        array: the array to click at.
        options: to choose from.
        terms: of a sum.
        is_fair: as `Answer.is_fair`.
        wrongs: mistakes that the kind itself knows, with their sentences.
    """

    right: Given
    said: str
    asked: tuple[Chosen, ...] = ()
    cell: Cell | None = None
    relations: bool = False
    array: Cell | None = None
    options: tuple[str, ...] = ()
    terms: tuple[Blank, ...] = ()
    is_fair: bool = True
    wrongs: tuple[tuple[Given, str], ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of question.

    Attributes:
        find: returns what its rule gives.
        read: returns an answer as `Given`; ValueError where it is none.
        agrees: whether two answers are the same.
        title: what it asks for, in words.
        takes_named: whether mistakes may have a name (see `viz_app.lessons.mistakes`).
    """

    find: Callable[[Question, Rule, Record], Found]
    read: Callable[[Question, Found, object], Given]
    agrees: Callable[[Question, Given, Given], bool]
    title: str
    takes_named: bool = False


def one(record: Record, cell: Cell | None) -> tuple[Chosen, ...]:
    """Return a cell as what is asked; nothing for none."""
    if cell is None:
        return ()
    mask = np.zeros(record.array(whole(cell)).shape, bool)
    mask[cell.index] = True
    return (Chosen(whole(cell), mask),)


def named(record: Record, rule: Rule) -> Cell | None:
    """Return the cell to which other cells are related."""
    text, _ = record.split(rule)
    found = rules.RELATIONS.match(text)
    if found is None or found["relation"] == "where":
        return None
    return rules.single(record, replace(rule, text=found["of"] + rule.text[len(text) :]))


def same(question: Question, one: Given, other: Given) -> bool:
    """Return whether two answers are equal."""
    return bool(one == other)

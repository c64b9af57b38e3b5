"""What an attribute holds, directly or in containers and objects."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Generic, TypeVar

import numpy as np

from core.errors import with_article

# Objects of these packages are not looked into: what they hold belongs to them.
CLOSED = sys.stdlib_module_names | {"core", "numpy"}
# There may be very many of these.
PLAIN = {type(None), bool, int, float, complex, str, bytes, np.float32, np.float64, np.int64}

T = TypeVar("T")


@dataclass(frozen=True)
class Table(Generic[T]):
    """An attribute that holds objects of one class by name, which anybody may fill.

    Attributes:
        name: of the attribute.
        kind: class of its entries.
        entry: what one of them is called.
        example: name and value of one, as Python writes them.
        made: returns what makes an entry of an object of another class, given the name and that.
    """

    name: str
    kind: type[T]
    entry: str
    example: tuple[str, str]
    made: Callable[[str, object], str]

    def checked(self, owner: str, value: object) -> dict[str, T]:
        """Return the value of the attribute.

        Args:
            owner: what errors call the object.
            value: of the attribute; without a type checker it may be anything.

        Raises:
            TypeError: it is no dictionary, or an entry is of another class; the message names it.
        """
        if not isinstance(value, dict):
            raise TypeError(
                f"{owner}: {self.name} is {with_article(type(value).__name__)}; expected a "
                f"dictionary of {self.entry}s by name: {self._line(*self.example)}"
            )
        for name, entry in value.items():
            if not isinstance(entry, self.kind):
                raise TypeError(
                    f"{owner}: {self.name}[{name!r}] is of type {type(entry).__name__}; expected "
                    f"{with_article(self.entry)}: {self._line(name, self.made(name, entry))}"
                )
        return value

    def _line(self, name: str, value: str) -> str:
        return f"self.{self.name}[{name!r}] = {value}"


def held_in(
    name: str, value: object, kinds: tuple[type[object], ...]
) -> Iterator[tuple[str, object]]:
    """Yield every object of some classes that an attribute holds, and the expression that reads it.

    Looked into are lists, tuples, dictionaries, sets, deques, arrays of objects, and the attributes
    of objects that somebody's own class made; not functions, modules and classes, nor what was
    found.

    Args:
        name: name of the attribute.
        value: its value.
        kinds: the classes.
    """
    seen, rest = set[int](), [(name, value)]
    while rest:
        where, item = rest.pop()
        if isinstance(item, kinds):
            yield where, item
        elif id(item) not in seen:
            seen.add(id(item))
            rest += reversed(list(_inside(where, item)))


def _inside(where: str, item: object) -> Iterator[tuple[str, object]]:
    found: Iterator[tuple[str, object]]
    if isinstance(item, dict):
        found = ((f"[{key!r}]", inner) for key, inner in item.items() if type(inner) not in PLAIN)
    elif isinstance(item, set | frozenset):
        found = ((" (a set)", inner) for inner in item if type(inner) not in PLAIN)
    elif isinstance(item, list | tuple | deque):
        found = ((f"[{k}]", inner) for k, inner in enumerate(item) if type(inner) not in PLAIN)
    elif isinstance(item, np.ndarray):
        inners = item.flat if item.dtype == object else ()
        found = ((f"[{k}]", inner) for k, inner in enumerate(inners))
    else:
        found = ((f".{key}", inner) for key, inner in _attributes(item))
    yield from ((where + part, inner) for part, inner in found)


def _attributes(item: object) -> Iterator[tuple[str, object]]:
    kind = type(item)
    closed = isinstance(item, type) or kind.__module__.partition(".")[0] in CLOSED
    if closed and kind is not SimpleNamespace:
        return
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        for slot in [slots] if isinstance(slots, str) else slots:
            if hasattr(item, slot):
                yield slot, getattr(item, slot)
    yield from getattr(item, "__dict__", {}).items()

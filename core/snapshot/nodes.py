"""One node for each kind of object that can change: how to read its content and write it back.

A node has children, the values inside its object: other nodes, and objects that are kept by
reference. `core.snapshot.captured` walks along them; a node knows its own object only.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from types import MethodType
from typing import Any, ClassVar
from weakref import ref

import numpy as np

from core.kernels.workspace import is_scratch
from core.tensor import Array, Tensor

# An object of which nothing is known.
Anything = Any
# Labels of the values inside an object (names, keys, positions), and the values.
Members = tuple[tuple[Any, ...], Iterable[object]]
# Names of slots, of transient attributes, of referenced ones.
Names = tuple[tuple[str, ...], frozenset[str], frozenset[str]]

CONTAINERS = (list, dict, set, deque)


class Node:
    """An object that can change.

    Attributes:
        original: the captured object.
        labels: one for each child: the name of an attribute, a key, a position.
        children: what stands for the values inside.
    """

    __slots__ = ("children", "labels", "original")

    # Whether the object to write to can only be built once its children are known.
    built: ClassVar[bool] = False

    def __init__(self, original: Anything) -> None:
        self.original = original
        self.labels: tuple[Any, ...] = ()
        self.children: tuple[object, ...] = ()

    @property
    def kind(self) -> type:
        """The type of the object."""
        return type(self.original)

    def members(self) -> Members:
        """Read the object; return what lies inside it."""
        return (), ()

    def find(self, candidate: Anything, children: Sequence[Anything]) -> Anything:
        """Return the object to write to.

        Args:
            candidate: an object of the same type; None if there is none.
            children: the objects inside, if `built`.
        """
        return candidate

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:
        """Put the content into an object; `same` says that it belongs to the captured root."""

    def size(self) -> int:
        """Return the bytes that this node takes, without those of other nodes."""
        return sys.getsizeof(self) + sys.getsizeof(self.children)


class ArrayNode(Node):
    """An array.

    Attributes:
        kept: a copy of it; None for a scratch array, whose numbers no step depends on.
    """

    __slots__ = ("dtype", "kept", "shape")

    def __init__(self, array: Array) -> None:
        # An array that owns its memory is not kept alive: a layer may hold a new one in each step.
        # A view is, because it is the only one that knows which memory it shares.
        super().__init__(ref(array) if array.base is None else array)
        self.kept = None if is_scratch(array) else array.copy(order="K")
        self.shape, self.dtype = array.shape, array.dtype

    @property
    def kind(self) -> type:  # noqa: D102
        return np.ndarray

    def alive(self) -> Array | None:
        """Return the captured array, or None if nothing refers to it any more."""
        array: Array | None = self.original() if isinstance(self.original, ref) else self.original
        return array

    def find(self, candidate: Anything, children: Sequence[Anything]) -> Array:  # noqa: D102
        if candidate is not None and self._fits(candidate):
            array: Array = candidate
            return array
        if self.kept is None:
            # Written before it is read, so it needs no memory.
            return np.broadcast_to(np.zeros((), self.dtype), self.shape)
        return self.kept.copy(order="K")

    def members(self) -> Members:  # noqa: D102
        if self.kept is None or self.dtype != object:
            return (), ()
        indices = tuple(np.ndindex(self.shape))
        return indices, [self.kept[index] for index in indices]

    def _fits(self, array: Array) -> bool:
        return array.shape == self.shape and array.dtype == self.dtype and array.flags.writeable

    def write(self, target: Array, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        if self.kept is not None:
            np.copyto(target, self.kept)
        for index, value in zip(self.labels, children, strict=True):
            if index:
                target[index] = value
            else:
                target.fill(value)

    def size(self) -> int:  # noqa: D102
        kept = 0 if self.kept is None else sys.getsizeof(self.kept)
        return super().size() + kept


class PickleNode(Node):
    """An object with `__getstate__` and `__setstate__` of its own."""

    __slots__ = ()

    def members(self) -> Members:  # noqa: D102
        return ("state",), (self.original.__getstate__(),)

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        target.__setstate__(children[0])


class TupleNode(Node):
    """A tuple that holds something that can change."""

    __slots__ = ("_kind",)
    built = True

    def members(self) -> Members:  # noqa: D102
        items, self._kind = self.original, type(self.original)
        # Its identity does not matter; kept, it would keep arrays alive.
        self.original = None
        return tuple(range(len(items))), items

    @property
    def kind(self) -> type:  # noqa: D102
        return self._kind

    def find(self, candidate: Anything, children: Sequence[Anything]) -> Anything:  # noqa: D102
        return tuple.__new__(self._kind, children)


class MethodNode(Node):
    """A method of an object, whose state is part of what the method depends on."""

    __slots__ = ()
    built = True

    def members(self) -> Members:  # noqa: D102
        return ("__self__",), (self.original.__self__,)

    def find(self, candidate: Anything, children: Sequence[Anything]) -> Anything:  # noqa: D102
        if children[0] is self.original.__self__:
            return self.original
        return MethodType(self.original.__func__, children[0])


class ObjectNode(Node):
    """An object with attributes.

    Attributes:
        fixed: attributes that are kept by reference.
        wires: transient attributes that hold tensors: what a layer reads and writes.
    """

    __slots__ = ("fixed", "wires")

    def members(self) -> Members:  # noqa: D102
        slots, transient, referenced = attributes(self.kind)
        held = dict(getattr(self.original, "__dict__", ()))
        for name in slots:
            if hasattr(self.original, name):
                held[name] = getattr(self.original, name)
        self.fixed = tuple((name, held.pop(name)) for name in referenced & held.keys())
        hidden = ((name, held.pop(name)) for name in transient & held.keys())
        self.wires = tuple((name, value) for name, value in hidden if type(value) is Tensor)
        return tuple(held), held.values()

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        slots, transient, _ = attributes(type(target))
        values = dict(zip(self.labels, children, strict=False)) | dict(self.fixed)
        own: dict[str, object] = getattr(target, "__dict__", {})
        for name in [name for name in own if name not in values and name not in transient]:
            del own[name]
        for name in slots:
            if name in values:
                object.__setattr__(target, name, values.pop(name))
            elif name not in transient and hasattr(target, name):
                object.__delattr__(target, name)
        own.update(values)
        if same:
            own.update(self.wires)
        if isinstance(target, Tensor):
            # Drops a gradient that does not fit the value.
            target.value = target.value

    def size(self) -> int:  # noqa: D102
        return super().size() + sys.getsizeof(self.fixed) + sys.getsizeof(self.wires)


class ContainerNode(Node):
    """A list, dictionary, set or deque."""

    __slots__ = ()

    def members(self) -> Members:  # noqa: D102
        if isinstance(self.original, dict):
            return tuple(self.original), self.original.values()
        return tuple(range(len(self.original))), self.original

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        if isinstance(target, dict):
            if tuple(target) != self.labels:
                target.clear()
            for key, value in zip(self.labels, children, strict=True):
                target[key] = value
        elif isinstance(target, list):
            target[:] = children
        else:
            target.clear()
            target.update(children) if isinstance(target, set) else target.extend(children)


class ContainerObjectNode(ObjectNode):
    """An object with attributes whose class inherits from a container; its items come last."""

    __slots__ = ("items",)

    def members(self) -> Members:  # noqa: D102
        names, values = super().members()
        self.items = ContainerNode(self.original)
        keys, items = self.items.members()
        self.items.labels = keys
        return (*names, *keys), (*values, *items)

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        count = len(self.labels) - len(self.items.labels)
        super().write(target, children[:count], same)
        self.items.write(target, children[count:], same)


def _attributes(kind: type) -> Names:
    """Return the names of a class's slots, and what it names as transient and as referenced."""
    slots: list[str] = []
    transient: frozenset[str] = frozenset()
    referenced: frozenset[str] = frozenset()
    for base in kind.__mro__:
        names = vars(base).get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            private = name.startswith("__") and not name.endswith("__")
            slots.append(f"_{base.__name__.lstrip('_')}{name}" if private else name)
        transient |= vars(base).get("transient", frozenset())
        referenced |= vars(base).get("referenced", frozenset())
    slots = [name for name in slots if name not in ("__dict__", "__weakref__")]
    return tuple(slots), transient, referenced


# Mypy does not see that classes are hashable.
attributes: Callable[[Anything], Names] = cache(_attributes)

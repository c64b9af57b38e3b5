"""Snapshots: capture everything that the future of an object depends on, and restore it in place.

    before = capture(trainer)
    trainer.step()
    restore(trainer, before)        # the next step is the same one again, bit for bit

Captured are, from an object on and recursively:

- attributes (`__dict__` and `__slots__`), lists, tuples, dictionaries, sets and deques. Objects
  that are shared stay shared, cycles are allowed, an object that was replaced comes back itself.
- the numbers of arrays, and the objects in arrays of objects. A read-only array is kept by
  reference.
- the content of a `bytearray`, of an `array.array` and of a `functools.partial`.
- random generators of NumPy and of `random`: their state, and how many children were spawned.
- the state of objects with `__getstate__` and `__setstate__` of their own, as `pickle` uses them.

Not captured are functions, classes and modules with what they hold (globals, variables of an
enclosing function), loggers and the standard streams, objects of C code without attributes that
nothing is known about (a lock, say), and scratch arrays, which lie in a `Workspace`. Refused are
objects whose state can be neither read nor set: open files, iterators and generators of Python,
`memoryview`, `mmap`, `SimpleQueue`, `SystemRandom`. A class excludes attributes by
two class variables, frozensets of names: `transient` for attributes that no later step depends on,
`referenced` for those whose object stays as it is and is kept by reference. The names of all base
classes count, so a subclass lists only its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import numpy as np

from core.errors import StateError
from core.kernels.workspace import owner
from core.snapshot.builtin import BuiltinMethodNode, RefusedNode, is_standard_stream
from core.snapshot.kinds import node_class
from core.snapshot.nodes import Anything, ArrayNode, Node, ObjectNode, PickleNode, TupleNode


class Captured:
    """What `capture` returned; `restore` may use it any number of times.

    Attributes:
        root: what stands for the captured object.
        nodes: all objects that were met, in an order that depends on the structure alone.
        nbytes: memory that the copies take, Python's own objects included, in bytes.
    """

    def __init__(self, root: object, nodes: tuple[Node, ...]) -> None:
        self.root = root
        self.nodes = nodes
        self.nbytes = sys.getsizeof(nodes) + sum(node.size() for node in nodes)


def capture(root: object, without: Iterable[object] = ()) -> Captured:
    """Copy everything that the future of an object depends on.

    Args:
        root: any object, such as a trainer, a layer or a list of them.
        without: objects to leave out: `restore` changes nothing in them, nor in views of the
            memory of an array that is left out.

    Returns:
        What `restore` needs. It refers to the captured objects and so keeps them alive.

    Raises:
        StateError: an object cannot be captured (see above); the message says where it is.
    """
    return _Capturing(without).run(root)


def restore(root: object, captured: Captured) -> None:
    """Put an object back to what it was when it was captured.

    Arrays are written in place where shape and dtype are as they were, else replaced by a copy.
    Attributes that were added since are deleted.

    Args:
        root: the object that was captured; or another one of the same structure (such as a trainer
            of the same model), which takes over the state and shares nothing with the first.
        captured: what `capture` returned.

    Raises:
        StateError: `root` is of another type than the captured object.
    """
    _Restoring(captured, root).run()


class _Capturing:
    """One run of `capture`."""

    def __init__(self, without: Iterable[object]) -> None:
        # Keeps temporary objects alive, so that no other object gets their id meanwhile.
        self._alive: list[object] = list(without)
        self._without = {id(thing) for thing in self._alive}
        self._memory = {id(owner(a)) for a in self._alive if isinstance(a, np.ndarray)}
        self._nodes: dict[int, Node] = {}
        self._order: list[Node] = []
        self._labels: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def run(self, root: object) -> Captured:
        try:
            top = self._value(root)
        except _RefusedError:
            raise StateError(f"a {type(root).__name__} cannot be captured") from None
        # The list grows while it is walked through.
        for node in self._order:
            labels, values = node.members()
            # Equal labels, of the layers of one class for instance, take memory once.
            node.labels = self._labels.setdefault(labels, labels)
            self._alive.append(values)
            try:
                node.children = tuple([self._value(value) for value in values])
            except _RefusedError as error:
                raise self._refusal(error.value, node, values) from None
        return Captured(top, tuple(self._order))

    def _value(self, value: Anything) -> object:
        """Return what stands for a value: a node, or the value itself to keep it by reference."""
        kind = node_class(type(value))
        if kind is None:
            return value
        known = self._nodes.get(id(value))
        if known is not None:
            return known
        if id(value) in self._without or isinstance(value, Captured):
            return value
        if kind is ArrayNode and (not value.flags.writeable or id(owner(value)) in self._memory):
            return value
        if kind is TupleNode and all(node_class(type(item)) is None for item in value):
            return value
        if kind is RefusedNode:
            if is_standard_stream(value):
                return value
            raise _RefusedError(value)
        if kind is BuiltinMethodNode and node_class(type(value.__self__)) is None:
            return value
        node = self._nodes[id(value)] = kind(value)
        self._order.append(node)
        return node

    def _refusal(self, value: object, node: Node, values: Iterable[object]) -> StateError:
        """Return the error for a value inside the object of a node."""
        inside = zip(node.labels, values, strict=True)
        path = [next(label for label, held in inside if held is value)]
        # From the containers around it up to the object of which they are an attribute.
        while not isinstance(node, ObjectNode):
            above = next((n for n in self._order if any(c is node for c in n.children)), None)
            if above is None:
                break
            path.insert(
                0, next(k for k, c in zip(above.labels, above.children, strict=True) if c is node)
            )
            node = above
        kind, name = node.kind.__name__, getattr(node.original, "name", None)
        where = f"{kind} {name!r}" if isinstance(name, str) and name else kind
        return StateError(
            f"{where}: attribute {'.'.join(map(str, path))!r} is a {type(value).__name__}, which "
            "cannot be kept: hold what it was made from instead, or add the attribute's name to "
            "the class variable `transient` (no step depends on it) or `referenced` (it stays as "
            "it is)"
        )


class _RefusedError(Exception):
    """Tells which value cannot be captured."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class _Restoring:
    """One run of `restore`."""

    def __init__(self, captured: Captured, root: object) -> None:
        self._captured = captured
        self._targets: dict[int, Any] = {}
        # If the root is not the captured object: its nodes, by id of the captured ones.
        self._others: dict[int, Node] = {}
        top = captured.root
        self._same = not isinstance(top, Node) or top.original is root
        if not self._same and isinstance(top, Node):
            if type(root) is not top.kind:
                raise StateError(
                    f"the state is of a {top.kind.__name__}; it cannot be restored into a "
                    f"{type(root).__name__}"
                )
            self._pair(top, capture(root).root)

    def run(self) -> None:
        nodes = self._captured.nodes
        # `__setstate__` may read all of a state: it comes last, those of inner objects first.
        late = [node for node in reversed(nodes) if isinstance(node, PickleNode)]
        for node in [*(node for node in nodes if not isinstance(node, PickleNode)), *late]:
            children = [self._target(child) for child in node.children]
            node.write(self._target(node), children, self._same)

    def _target(self, value: Anything) -> Anything:
        """Return the object that a node is written to; any other value is returned itself."""
        if not isinstance(value, Node):
            return value
        known = self._targets.get(id(value))
        if known is None:
            children = [self._target(child) for child in value.children] if value.built else []
            known = value.find(self._candidate(value), children)
            self._targets[id(value)] = known
        return known

    def _candidate(self, node: Node) -> Anything:
        source = node if self._same else self._others.get(id(node))
        if isinstance(node, ArrayNode):
            return source.alive() if isinstance(source, ArrayNode) else None
        if source is not None or node.built:
            return source and source.original
        # Without a counterpart it is copied, and shares what the captured object shared.
        counterparts = (n for n in self._captured.nodes if id(n) in self._others)
        known = {
            id(n.original): self._target(n)
            for n in counterparts
            if not isinstance(n, ArrayNode) and not n.built
        }
        return deepcopy(node.original, known)

    def _pair(self, top: Node, other: object) -> None:
        """Find the counterpart of each node in another structure, each at most once."""
        taken: set[int] = set()
        todo: list[tuple[object, object]] = [(top, other)]
        while todo:
            node, twin = todo.pop()
            if not isinstance(node, Node) or not isinstance(twin, Node):
                continue
            if node.kind is not twin.kind or id(node) in self._others or id(twin) in taken:
                continue
            self._others[id(node)] = twin
            taken.add(id(twin))
            inside = dict(zip(twin.labels, twin.children, strict=True))
            pairs = zip(node.labels, node.children, strict=True)
            todo += [(child, inside[label]) for label, child in pairs if label in inside]

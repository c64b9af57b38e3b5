"""Nodes for buffers of Python, for functions that hold objects, and for what cannot be captured."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from core.snapshot.nodes import Anything, Members, Node


class BufferNode(Node):
    """A `bytearray` or an `array.array`: its bytes, as an array."""

    __slots__ = ()

    def members(self) -> Members:  # noqa: D102
        content = bytes(self.original)
        return ("bytes",), (np.ndarray(len(content), np.uint8, content).copy(),)

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        content = children[0].tobytes()
        if isinstance(target, bytearray):
            target[:] = content
        else:
            del target[:]
            target.frombytes(content)


class PartialNode(Node):
    """A `functools.partial`: its function, and the arguments that it fixes."""

    __slots__ = ()

    def members(self) -> Members:  # noqa: D102
        held = self.original
        return ("func", "args", "keywords", "__dict__"), (
            held.func,
            held.args,
            held.keywords,
            vars(held),
        )

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        func, args, keywords, attributes = children
        target.__setstate__((func, args, keywords, attributes))


class BuiltinMethodNode(Node):
    """A method, written in C, of an object that can change."""

    __slots__ = ()
    built = True

    def members(self) -> Members:  # noqa: D102
        return ("__self__",), (self.original.__self__,)

    def find(self, candidate: Anything, children: Sequence[Anything]) -> Anything:  # noqa: D102
        if children[0] is self.original.__self__:
            return self.original
        return getattr(children[0], self.original.__name__)


class RefusedNode(Node):
    """Stands for objects whose state can be neither read nor set, such as an open file."""

    __slots__ = ()


def is_standard_stream(value: object) -> bool:
    """Return whether a file is one of the three of the process, which belong to nobody."""
    streams = (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__)
    return any(value is stream for stream in streams)

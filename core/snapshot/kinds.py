"""Chooses the class of the node for an object, by the object's type."""

from __future__ import annotations

import io
import logging
import random
from array import array
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from enum import Enum
from functools import cache, partial
from mmap import mmap
from queue import SimpleQueue
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, NoneType
from weakref import ref

import numpy as np

from core.kernels.workspace import Workspace
from core.snapshot.builtin import BufferNode, BuiltinMethodNode, PartialNode, RefusedNode
from core.snapshot.generators import BitGeneratorNode, GeneratorNode, OldGeneratorNode
from core.snapshot.nodes import (
    CONTAINERS,
    Anything,
    ArrayNode,
    ContainerNode,
    ContainerObjectNode,
    MethodNode,
    Node,
    ObjectNode,
    PickleNode,
    TupleNode,
    attributes,
)

# By reference: objects that cannot change, or that belong to nobody in particular.
BY_REFERENCE: tuple[type, ...] = (
    *(NoneType, bool, int, float, complex, str, bytes, range, slice, frozenset, Enum),
    *(type, ModuleType, FunctionType, ref, np.generic, np.dtype, np.ufunc),
    *(logging.Logger, logging.Handler, Workspace, Node),
)
# Their state can be neither read nor set; a class of Python with attributes is no such thing.
REFUSED: tuple[type, ...] = (
    *(io.IOBase, Iterator, AsyncIterator, Coroutine),
    *(memoryview, mmap, SimpleQueue, random.SystemRandom),
)
NODES: dict[type, type[Node]] = {
    np.ndarray: ArrayNode,
    bytearray: BufferNode,
    array: BufferNode,
    partial: PartialNode,
    BuiltinFunctionType: BuiltinMethodNode,
    np.random.Generator: GeneratorNode,
    np.random.BitGenerator: BitGeneratorNode,
    np.random.RandomState: OldGeneratorNode,
    random.Random: OldGeneratorNode,
    tuple: TupleNode,
    MethodType: MethodNode,
}


def _node_class(kind: Anything) -> type[Node] | None:
    """Return the class of the nodes for objects of a type; None keeps them by reference."""
    if issubclass(kind, BY_REFERENCE):
        return None
    if _is_refused(kind):
        return RefusedNode
    for base, node in NODES.items():
        if issubclass(kind, base):
            return node
    if kind in CONTAINERS:
        return ContainerNode
    if issubclass(kind, CONTAINERS):
        return ContainerObjectNode
    if kind.__getstate__ is not object.__getstate__ and hasattr(kind, "__setstate__"):
        return PickleNode
    return ObjectNode if kind.__dictoffset__ or attributes(kind)[0] else None


def _is_refused(kind: Anything) -> bool:
    if not issubclass(kind, REFUSED):
        return False
    if issubclass(kind, io.IOBase):
        # `io.StringIO` and `io.BytesIO` have a state that can be set.
        return not hasattr(kind, "__setstate__")
    abstract = issubclass(kind, Iterator | AsyncIterator | Coroutine)
    return not abstract or not (kind.__dictoffset__ or attributes(kind)[0])


# Mypy does not see that classes are hashable.
node_class: Callable[[Anything], type[Node] | None] = cache(_node_class)

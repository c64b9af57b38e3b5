"""Chooses the class of the node for an object, by the object's type."""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum
from functools import cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, NoneType
from weakref import ref

import numpy as np

from core.kernels.workspace import Workspace
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
    *(type, ModuleType, FunctionType, BuiltinFunctionType, ref, np.generic, np.dtype, np.ufunc),
    *(Workspace, Node),
)
NODES: dict[type, type[Node]] = {
    np.ndarray: ArrayNode,
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


# Mypy does not see that classes are hashable.
node_class: Callable[[Anything], type[Node] | None] = cache(_node_class)

"""Copies of layers and losses that no later step can change."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any, TypeVar

import numpy as np

from core.kernels.workspace import Workspace, is_scratch
from core.layer import OWN_ATTRIBUTES, Layer
from core.snapshot.nodes import attributes
from core.tensor import Array, Tensor

T = TypeVar("T")

RECORDED = "cannot be recorded"
EMPTY = np.zeros(0, np.float32)
# Types that are shared, not copied: immutable or global. Grows as types are seen.
SHARED: set[type] = {
    *(NoneType, bool, int, float, complex, str, bytes, frozenset, range, slice, np.dtype, type),
    *(np.generic, FunctionType, BuiltinFunctionType, MethodType, ModuleType),
}


class Freezer:
    """Copies objects and all that they refer to, each once, so that aliases stay aliases.

    Arrays become read-only. What a layer keeps in tuples, lists, dictionaries, inner layers and
    objects of its own is copied too, and so is the state of its generators.

    Args:
        for_replay: copy only what a new forward pass depends on: neither activations, nor scratch
            arrays, nor what a class calls `transient`.
    """

    def __init__(self, for_replay: bool = False) -> None:
        self.for_replay = for_replay
        # id of an original -> the original, whose id thereby stays its own, and its copy.
        self._known: dict[int, tuple[object, Any]] = {}

    def __call__(self, value: T) -> T:
        """Return the copy of an object, the same one each time."""
        kind: type = type(value)
        if kind in SHARED:
            return value
        made: Any
        known = self._known.get(id(value))
        if known is not None:
            made = known[1]
        else:
            copy = COPIES.get(kind) or _learn(kind)
            made = value if copy is None else copy(self, value)
            self._known[id(value)] = (value, made)
        copied: T = made
        return copied

    def share(self, original: object, copied: object) -> None:
        """Make `copied` what an original is copied to."""
        self._known[id(original)] = (original, copied)

    def _array(self, array: Array) -> Array:
        if self.for_replay and is_scratch(array):
            return EMPTY
        copied = array.copy(order="K")
        if array.dtype.hasobject:
            self.share(array, copied)
            self._items(array, copied)
        copied.setflags(write=False)
        return copied

    def _items(self, array: Array, copied: Array) -> None:
        """Copy the objects that an array holds, or that its fields hold."""
        for name in array.dtype.names or ():
            if array.dtype[name].hasobject:
                self._items(array[name], copied[name])
        if array.dtype == object:
            for index, item in np.ndenumerate(array):
                if index:
                    copied[index] = self(item)
                else:
                    copied.fill(self(item))

    def _tensor(self, tensor: Tensor) -> Tensor:
        # Past the checks of the constructor and of `grad`: most of a recording is calls.
        kept = Tensor.__new__(Tensor)
        kept.name, kept.requires_grad = tensor.name, tensor.requires_grad
        kept._value = self(tensor._value)
        kept._grad = None if self.for_replay else self(tensor.grad)
        return kept

    def _generator(self, rng: np.random.Generator) -> np.random.Generator:
        copied = np.random.Generator(type(rng.bit_generator)())
        copied.bit_generator.state = rng.bit_generator.state
        return copied

    def _object(self, value: object) -> object:
        try:
            made: object = object.__new__(type(value))
        except TypeError:
            return deepcopy(value)
        self.share(value, made)
        unused = attributes(type(value))[1] if self.for_replay else ()
        for name, item in vars(value).items():
            copied = item if type(item) in SHARED else None if name in unused else self(item)
            vars(made)[name] = copied
        return made

    def _layer(self, layer: Layer) -> Layer:
        made = object.__new__(type(layer))
        self.share(layer, made)
        # Attributes of the base class have known types; those of a subclass may be anything.
        done = dict(vars(layer))
        added = done.keys() - OWN_ATTRIBUTES
        done |= {"_forward_hooks": {}, "_backward_hooks": {}, "_given": None, "work": Workspace()}
        if self.for_replay:
            _, transient, _ = attributes(type(layer))
            for name in added & transient:
                done[name] = None
            for tensor in (layer.input, layer.output):
                self._known.setdefault(id(tensor), (tensor, Tensor(EMPTY, tensor.name)))
            done["input"] = self(layer.input)
        else:
            if layer.stages_read_work:
                done["work"] = layer.work.copy()
            # Layers that share an input tensor write its gradient one after the other.
            done["input"] = self._tensor(layer.input)
        for name in ("output", "params", "state", "rng", *added):
            value = done[name]
            if type(value) not in SHARED:
                try:
                    done[name] = self(value)
                except TypeError as error:
                    if RECORDED in str(error):
                        # Of a layer inside, which is named already.
                        raise
                    raise TypeError(
                        f"{layer.name}: the attribute {name!r} {RECORDED}: {error}. Keep such an "
                        "object outside of the layer, in its module"
                    ) from error
        vars(made).update(done)
        return made


def _of_tuple(freeze: Freezer, value: tuple[Any, ...]) -> object:
    # Most are sizes: nothing to copy.
    for item in value:
        if type(item) not in SHARED:
            break
    else:
        return value
    items = [freeze(item) for item in value]
    return type(value)(*items) if hasattr(value, "_fields") else tuple(items)


# Kind of object -> how it is copied; kinds that have been met are added with their base's.
COPIES: dict[type, Callable[[Freezer, Any], Any]] = {
    np.ndarray: Freezer._array,
    Tensor: Freezer._tensor,
    Layer: Freezer._layer,
    np.random.Generator: Freezer._generator,
    Workspace: lambda freeze, work: Workspace() if freeze.for_replay else work.copy(),
    dict: lambda freeze, value: {k: freeze(v) for k, v in value.items()} if value else {},
    list: lambda freeze, value: [freeze(item) for item in value],
    tuple: _of_tuple,
    set: lambda freeze, value: {freeze(item) for item in value},
}


def _learn(kind: type) -> Callable[[Freezer, Any], Any] | None:
    """Return the copying function for a new type; None if its objects are shared."""
    if issubclass(kind, tuple(SHARED)):
        SHARED.add(kind)
        return None
    for known, copy in list(COPIES.items()):
        if issubclass(kind, known):
            COPIES[kind] = copy
            return copy
    has_attributes = "__dict__" in dir(kind)
    COPIES[kind] = Freezer._object if has_attributes else lambda freeze, value: deepcopy(value)
    return COPIES[kind]

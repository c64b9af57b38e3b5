"""Copies of layers and losses that no later step can change."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any, TypeVar, cast

import numpy as np

from core.kernels.workspace import Workspace, owner
from core.layer import Layer
from core.tensor import Array, Tensor

T = TypeVar("T")

# What cannot change, or belongs to nobody in particular.
SHARED = (
    *(NoneType, bool, int, float, complex, str, bytes, frozenset, range, slice, np.dtype, type),
    *(np.generic, FunctionType, BuiltinFunctionType, MethodType, ModuleType),
)


class Freezer:
    """Copies objects with all that hangs on them: each object once, so that aliases stay aliases.

    Arrays become read-only. What a layer keeps in tuples, lists, dictionaries, inner layers and
    objects of its own is copied too, and so is the state of its generators.

    Args:
        for_replay: copy only what a new forward pass depends on: neither activations nor scratch
            arrays. Otherwise a layer hands its scratch memory over to the copy and goes on with
            new memory, which takes no longer than a copy and keeps all arrays there as they are.
    """

    def __init__(self, for_replay: bool = False) -> None:
        self.for_replay = for_replay
        # id of an original -> the original, whose id thereby stays its own, and its copy.
        self._known: dict[int, tuple[object, Any]] = {}
        # Scratch memory that was handed over, or will be, by its id; kept, so that its id stays its
        # own.
        self._handed_over: dict[int, Array] = {}

    def __call__(self, value: T) -> T:
        """Return the copy of an object, the same one each time."""
        if isinstance(value, SHARED):
            return value
        known = self._known.get(id(value))
        if known is not None:
            copied: T = known[1]
            return copied
        for kind, copy in COPIES.items():
            if isinstance(value, kind):
                made: T = copy(self, value)
                break
        else:
            made = cast(T, self._object(value)) if hasattr(value, "__dict__") else value
        self.share(value, made)
        return made

    def take_over(self, work: Workspace) -> None:
        """Copy no array that lies in a workspace: nobody else will write to it any more."""
        self._handed_over |= {id(memory): memory for memory in work.memory()}

    def share(self, original: object, copied: object) -> None:
        """Make `copied` what an original is copied to."""
        self._known[id(original)] = (original, copied)

    def _array(self, array: Array) -> Array:
        if id(owner(array)) in self._handed_over:
            return _read_only(array)
        return _read_only(array.copy(order="K"))

    def _tensor(self, tensor: Tensor) -> Tensor:
        kept = Tensor(self(tensor.value), tensor.name, tensor.requires_grad)
        if not self.for_replay:
            kept.grad = self(tensor.grad)
        return kept

    def _generator(self, rng: np.random.Generator) -> np.random.Generator:
        copied = np.random.Generator(type(rng.bit_generator)())
        copied.bit_generator.state = rng.bit_generator.state
        return copied

    def _object(self, value: object) -> object:
        made: object = object.__new__(type(value))
        self.share(value, made)
        vars(made).update((name, self(item)) for name, item in vars(value).items())
        return made

    def _layer(self, layer: Layer) -> Layer:
        made = object.__new__(type(layer))
        self.share(layer, made)
        work, attributes = layer.work, dict(vars(layer))
        attributes["_forward_hooks"], attributes["_backward_hooks"] = {}, {}
        if self.for_replay:
            attributes["work"] = Workspace()
            empty = np.zeros(0, layer.dtype)
            for tensor in (layer.input, layer.output):
                if id(tensor) not in self._known:
                    self.share(tensor, Tensor(empty, tensor.name))
            skipped = (layer.input.value, layer.output.value, layer.input._grad, layer.output._grad)
            memory = work.memory()
            for item in attributes.values():
                if isinstance(item, np.ndarray) and (
                    any(owner(item) is known for known in memory)
                    or any(item is array for array in skipped)
                ):
                    self.share(item, empty)
        else:
            self.take_over(work)
            layer.work = Workspace()
            self.share(work, work)
            # Layers that share an input tensor write its gradient one after the other.
            own = attributes["input"] = self._tensor(layer.input)
            self.share(own, own)
        vars(made).update((name, self(item)) for name, item in attributes.items())
        return made


def _read_only(array: Array) -> Array:
    view = array.view()
    view.setflags(write=False)
    return view


COPIES: dict[type, Callable[[Freezer, Any], Any]] = {
    np.ndarray: Freezer._array,
    Tensor: Freezer._tensor,
    Layer: Freezer._layer,
    np.random.Generator: Freezer._generator,
    dict: lambda freeze, value: type(value)((k, freeze(v)) for k, v in value.items()),
    list: lambda freeze, value: [freeze(item) for item in value],
    tuple: lambda freeze, value: tuple(freeze(item) for item in value),
    set: lambda freeze, value: {freeze(item) for item in value},
}

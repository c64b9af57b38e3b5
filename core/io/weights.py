"""The state of a model as a dictionary or a file, with PyTorch's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from core.errors import StateError, first_of
from core.io.files import File, FileError
from core.io.state.file import ArrayReader, open_state, write_state
from core.io.state.names import (
    Shape,
    by_order,
    is_optional,
    misfit,
    own_name,
    shape_list,
    unwrapped,
)
from core.io.state.optimizer import PREFIX, load_optimizer, optimizer_entries, param_of
from core.layer import Layer
from core.optim import Optimizer
from core.tensor import Array

# What a file may hold besides the arrays that the model has room for.
HEADER_BYTES = 4096


class LoadResult(NamedTuple):
    """What `load_state_dict` did not load, as PyTorch's method of this name returns it.

    Attributes:
        missing_keys: names of the model that the state does not have.
        unexpected_keys: names of the state that the model does not have.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


class _Unread(NamedTuple):
    """Stands for an entry of a file that the model has no room for."""

    shape: Shape | None


def state_dict(layer: Layer) -> dict[str, Array]:
    """Return copies of all params and running statistics, by PyTorch's names (`0.weight`, …)."""
    return {name: array.copy() for name, array in _entries(layer).items()}


def load_state_dict(layer: Layer, state: Mapping[str, Any], strict: bool = True) -> LoadResult:
    """Set params and running statistics in place, all of them or, on an error, none.

    Weights that were trained in PyTorch fit if the layers are the same in the same order:
    `load_state_dict(model, torch_model.state_dict())`. Kernels of Keras must be transposed first;
    the error says how. A linear layer behind `flatten` also needs its inputs in the order
    (C, H, W), which Keras flattens as (H, W, C).

    Args:
        layer: a layer or model.
        state: arrays (or PyTorch tensors on the CPU) by name. `num_batches_tracked` may be missing,
            or there for a layer that has none.
            The prefixes `module.`, `model.` and `_orig_mod.`, which wrappers of PyTorch models put
            in front of each name, are removed where the names fit without them. The state of an
            optimiser (`optimizer.…`) is left out.
        strict: whether missing and unexpected names are errors. If not, what has a fitting name is
            loaded; its shape must fit too.

    Returns:
        The names that are missing in `state` and those that the model does not have.

    Raises:
        StateError: a name is missing or unknown, or an array has another shape, is not numeric, or
            holds NaN or infinity. The model is then unchanged.
    """
    checked, result = _fitted(layer, state, strict)
    _copy(checked, layer)
    return result


def match_by_order(layer: Layer, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return `state` under the names of `layer`, matched by position.

    For weights of a PyTorch model with the same layers under other names (`conv1.weight` where a
    `Model` says `0.weight`). Only shapes are compared: two layers of the same shape whose order
    differs would be swapped.

    Raises:
        StateError: the numbers of arrays differ, or the shapes at some position do.
    """
    entries = _entries(layer)
    shapes = {name: np.shape(value) for name, value in weights_of(state, entries).items()}
    pairs = by_order(entries, shapes)
    if pairs is None:
        raise StateError(
            f"the state has {shape_list(shapes)}; the model has "
            f"{shape_list({name: array.shape for name, array in entries.items()})}; expected the "
            "same shapes in the same order"
        )
    optimizers = {name: value for name, value in state.items() if name not in shapes}
    kept = {_renamed(name, pairs): value for name, value in optimizers.items()}
    return {own: state[name] for name, own in pairs.items()} | kept


def save(
    layer: Layer,
    file: File,
    optimizer: Optimizer | None = None,
    kind: str = "",
    comment: str = "",
) -> None:
    """Write the state as an `.npz` or `.safetensors` file, without pickle.

    Args:
        layer: a layer or model.
        file: a path (str or Path), to which the ending of the kind is appended where it is missing,
            or a file that is open for writing in binary mode.
        optimizer: its state is written too, under names that begin with `optimizer.`.
        kind: "npz" or "safetensors"; by default what a path ends with, otherwise "npz".
        comment: text beside the arrays; see `write_state`.
    """
    kept = {} if optimizer is None else optimizer_entries(optimizer, layer)
    write_state(file, state_dict(layer) | kept, kind, comment)


def load(
    layer: Layer, file: File, strict: bool = True, optimizer: Optimizer | None = None
) -> LoadResult:
    """Read a state that `save`, or another program with PyTorch's names, wrote into a model.

    Args:
        layer: a layer or model of the same layers.
        file: the path that was given to `save`, with or without `.npz`, or a file that is open for
            reading in binary mode; `.npz` or `.safetensors`, whatever its name.
        strict: as in `load_state_dict`.
        optimizer: takes the state of the one that was saved, which must be of the same kind.

    Returns:
        As `load_state_dict`.

    Raises:
        StateError: the file is not such a state, or does not fit; model and optimiser are then
            unchanged.
        OSError: the file cannot be opened.
    """
    try:
        with open_state(file) as archive:
            state = _read_fitting(archive, _entries(layer), optimizer is not None)
    except FileError as error:
        raise StateError(str(error)) from error
    checked, result = _fitted(layer, state, strict)
    if optimizer is not None:
        load_optimizer(optimizer, layer, state, lambda name: own_name(name, _entries(layer), state))
    _copy(checked, layer)
    return result


def weights_of(
    state: Mapping[str, Any], entries: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a state without the entries of an optimiser.

    Args:
        state: by name.
        entries: those of a model, which keeps its own names whatever they begin with.
    """
    entries = entries or {}
    return {n: value for n, value in state.items() if n in entries or not n.startswith(PREFIX)}


def _read_fitting(
    archive: ArrayReader, entries: Mapping[str, Array], with_optimizer: bool
) -> dict[str, Any]:
    """Return what a model has room for; of all else the shapes, because it may be of any size."""
    state: dict[str, Any] = {}
    for name, size in archive.sizes.items():
        own = own_name(name, entries, archive.sizes)
        is_kept = own not in entries and name.startswith(PREFIX)
        if is_kept:
            own = own_name(param_of(name), entries, archive.sizes)
        # A setting of an optimiser is a number or a few.
        room = 0 if is_kept and not param_of(name) else None
        if own in entries:
            room = entries[own].size
        if room is None or (is_kept and not with_optimizer):
            state[name] = _Unread(archive.shape(name))
            continue
        # The largest number has 8 bytes (float64), whatever the model's own dtype.
        if size > room * 8 + HEADER_BYTES:
            needed = f"shape {entries[own].shape}" if room else "a number"
            raise StateError(f"{name} takes {size} bytes in the file; the model needs {needed}")
        state[name] = archive.read(name)
    return state


def _fitted(
    layer: Layer, state: Mapping[str, Any], strict: bool
) -> tuple[dict[str, Array], LoadResult]:
    """Return what a layer takes of a state, checked, and what it does not take or have."""
    entries = _entries(layer)
    state = weights_of(state, entries)
    names: dict[str, str] = {}
    for name in state:
        own = own_name(name, entries, state)
        names[name if own in names else own] = name
    found = {own: state[name] for own, name in names.items() if own in entries}
    missing = [name for name in entries if name not in found and not is_optional(name)]
    extra = [name for own, name in names.items() if own not in entries]
    twice = [name for name in extra if unwrapped(name) in found]
    if strict and twice:
        own = unwrapped(twice[0])
        raise StateError(
            f"{names[own]} and {twice[0]} are both {own}, without the prefixes that wrappers of "
            "PyTorch put in front: leave one of them out"
        )
    # A count of batches of a layer that counts none says nothing of its numbers.
    wrong = [name for name in extra if not is_optional(name)]
    if strict and (missing or wrong):
        shapes = {name: getattr(value, "shape", None) for name, value in state.items()}
        nested = next((name for name in wrong if isinstance(state[name], Mapping)), None)
        raise StateError(misfit(entries, shapes, missing, wrong, nested))
    checked = {name: _checked(name, value, entries[name]) for name, value in found.items()}
    return checked, LoadResult(missing, extra)


def _copy(values: Mapping[str, Array], layer: Layer) -> None:
    entries = _entries(layer)
    for name, value in values.items():
        np.copyto(entries[name], value)


def _renamed(name: str, pairs: Mapping[str, str]) -> str:
    """Return the name of an entry of an optimiser, with the model's name of its param."""
    param = param_of(name)
    return name.removesuffix(param) + pairs.get(param, param)


def _entries(layer: Layer) -> dict[str, Array]:
    """Return the arrays of the layer's state, not copied, by their dotted names."""
    params = layer.own_params().items()
    entries = {name: param.value for name, param in params} | layer.own_state()
    for place, child in layer.children().items():
        entries |= {f"{place}.{name}": array for name, array in _entries(child).items()}
    names = layer.state_names
    return {names.get(name, name): array for name, array in entries.items()}


def _checked(name: str, value: object, target: Array) -> Array:
    """Return an array of the state in the dtype of `target`, whose shape it must have."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise StateError(f"{name} is not an array: {error}") from error
    if array.shape != target.shape:
        advice = _transposition(array.shape, target.shape)
        raise StateError(f"{name} has shape {array.shape}; the model needs {target.shape}{advice}")
    kinds = "iu" if target.dtype.kind == "i" else "f"
    if array.dtype.kind not in kinds:
        what = "whole" if kinds == "iu" else "floating-point"
        raise StateError(f"{name} has dtype {array.dtype}; the model needs {what} numbers")
    wrong = ~np.isfinite(array)
    if wrong.any():
        raise StateError(
            f"{name} holds NaN or infinity ({first_of(array, wrong)}); save the model before it "
            "diverges"
        )
    with np.errstate(over="ignore"):
        converted = array.astype(target.dtype)
    wrong = ~np.isfinite(converted)
    if wrong.any():
        raise StateError(
            f"{name} holds numbers too large for {target.dtype} ({first_of(array, wrong)})"
        )
    if name.endswith("running_var") and (array < 0).any():
        raise StateError(
            f"{name} holds a negative variance ({first_of(array, array < 0)}); expected none below "
            "0: save the model again"
        )
    if target.dtype.kind == "i" and ((array < 0) | (array > np.iinfo(target.dtype).max)).any():
        raise StateError(f"{name} holds a count below 0 or beyond {target.dtype}")
    return converted


def _transposition(shape: Shape, needed: Shape) -> str:
    """Return how to transpose an array whose axes are those of another framework."""
    if len(shape) == 4 and tuple(shape[k] for k in (3, 2, 0, 1)) == needed:
        return ": it is transposed, as Keras stores kernels; use array.transpose(3, 2, 0, 1)"
    if len(shape) > 1 and shape[::-1] == needed:
        return ": it is transposed; use array.T"
    return ""

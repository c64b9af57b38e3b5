"""The state of a model: to a dictionary or a file, and back, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import IO, Any

import numpy as np

from core.errors import StateError
from core.io.archive import Archive, ArchiveError
from core.layer import Layer
from core.tensor import Array

# What a file may hold besides the arrays that the model has room for.
HEADER_BYTES = 4096


def state_dict(layer: Layer) -> dict[str, Array]:
    """Return copies of all params and running statistics, by PyTorch's names (`0.weight`, …)."""
    return {name: array.copy() for name, array in _entries(layer).items()}


def load_state_dict(layer: Layer, state: Mapping[str, Any]) -> None:
    """Set params and running statistics in place.

    Args:
        layer: a layer or model.
        state: arrays (or PyTorch tensors on the CPU) by name. `num_batches_tracked` may be missing.

    Raises:
        StateError: a name is missing or unknown, or an array has another shape, is not numeric, or
            holds NaN or infinity. The model is then unchanged.
    """
    entries = _entries(layer)
    optional = {name for name in entries if name.endswith("num_batches_tracked")}
    missing = [name for name in entries if name not in state and name not in optional]
    extra = [name for name in state if name not in entries]
    if missing:
        raise StateError(f"{missing[0]} is missing; the model has {_list(list(entries))}")
    if extra:
        raise StateError(f"{extra[0]} is not of this model, which has {_list(list(entries))}")
    checked = {name: _checked(name, value, entries[name]) for name, value in state.items()}
    for name, value in checked.items():
        np.copyto(entries[name], value)


def save(layer: Layer, file: str | PathLike[str] | IO[bytes]) -> None:
    """Write the state as an `.npz` without pickle."""
    np.savez(file, allow_pickle=False, **state_dict(layer))


def load(layer: Layer, file: str | PathLike[str] | IO[bytes]) -> None:
    """Read a state that `save` wrote into a model of the same layers.

    Raises:
        StateError: the file is no such state, or does not fit; the model is then unchanged.
        OSError: the file cannot be opened.
    """
    load_state_dict(layer, _read(file, _entries(layer)))


def _entries(layer: Layer, prefix: str = "") -> dict[str, Array]:
    entries = {prefix + name: param.value for name, param in layer.params.items()}
    entries.update({prefix + name: array for name, array in layer.state.items()})
    for name, child in layer.children().items():
        entries.update(_entries(child, f"{prefix}{name}."))
    return entries


def _checked(name: str, value: object, target: Array) -> Array:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise StateError(f"{name} is no array: {error}") from error
    if array.shape != target.shape:
        raise StateError(f"{name} has shape {array.shape}; the model needs {target.shape}")
    kinds = "iu" if target.dtype.kind == "i" else "f"
    if array.dtype.kind not in kinds:
        what = "whole" if kinds == "iu" else "floating-point"
        raise StateError(f"{name} has dtype {array.dtype}; the model needs {what} numbers")
    if not np.isfinite(array).all():
        raise StateError(f"{name} holds NaN or infinity; save the model before it diverges")
    with np.errstate(over="ignore"):
        converted = array.astype(target.dtype)
    if not np.isfinite(converted).all():
        raise StateError(f"{name} holds numbers too large for {target.dtype}")
    if name.endswith("running_var") and (array < 0).any():
        raise StateError(f"{name} holds a negative variance")
    if target.dtype.kind == "i" and ((array < 0) | (array > np.iinfo(target.dtype).max)).any():
        raise StateError(f"{name} holds a count below 0 or beyond {target.dtype}")
    return converted


def _read(file: str | PathLike[str] | IO[bytes], entries: Mapping[str, Array]) -> dict[str, Array]:
    """Read only entries that the model has, each no larger than the model's own."""
    try:
        with Archive(file) as archive:
            extra = [name for name in archive.sizes if name not in entries]
            if extra:
                raise StateError(
                    f"{extra[0]} is not of this model, which has {_list(list(entries))}"
                )
            for name, size in archive.sizes.items():
                # The largest number has 8 bytes (float64), whatever the model's own dtype.
                if size > entries[name].size * 8 + HEADER_BYTES:
                    raise StateError(
                        f"{name} takes {size} bytes in the file; the model needs shape "
                        f"{entries[name].shape}"
                    )
            return {name: archive.read(name) for name in archive.sizes}
    except ArchiveError as error:
        raise StateError(str(error)) from error


def _list(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")

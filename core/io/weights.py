"""The state of a model as a dictionary or a file, with PyTorch's names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import numpy as np

from core.errors import StateError
from core.io.npz import File, NpzError, NpzReader, write_npz
from core.layer import Layer
from core.tensor import Array

# What a file may hold besides the arrays that the model has room for.
HEADER_BYTES = 4096
# Put in front of all names by PyTorch's DataParallel, by Lightning, and by torch.compile.
WRAPPERS = ("module.", "model.", "_orig_mod.")

Shape = tuple[int, ...]


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
        state: arrays (or PyTorch tensors on the CPU) by name. `num_batches_tracked` may be missing.
            The prefixes `module.`, `model.` and `_orig_mod.`, which wrappers of PyTorch models put
            in front of each name, are removed where the names fit without them.
        strict: whether missing and unexpected names are errors. If not, what has a fitting name is
            loaded; its shape must fit too.

    Returns:
        The names that are missing in `state` and those that the model does not have.

    Raises:
        StateError: a name is missing or unknown, or an array has another shape, is not numeric, or
            holds NaN or infinity. The model is then unchanged.
    """
    entries = _entries(layer)
    names: dict[str, str] = {}
    for name in state:
        own = _own_name(name, entries, state)
        names[name if own in names else own] = name
    found = {own: state[name] for own, name in names.items() if own in entries}
    missing = [name for name in entries if name not in found and not _is_optional(name)]
    extra = [name for own, name in names.items() if own not in entries]
    if strict and (missing or extra):
        shapes = {name: getattr(value, "shape", None) for name, value in state.items()}
        nested = next((name for name in extra if isinstance(state[name], Mapping)), None)
        raise StateError(_misfit(entries, shapes, missing, extra, nested))
    checked = {name: _checked(name, value, entries[name]) for name, value in found.items()}
    for name, value in checked.items():
        np.copyto(entries[name], value)
    return LoadResult(missing, extra)


def match_by_order(layer: Layer, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return `state` under the names of `layer`, matched by position.

    For weights of a PyTorch model with the same layers under other names (`conv1.weight` where a
    `Model` says `0.weight`). Only shapes are compared: two layers of the same shape whose order
    differs would be swapped.

    Raises:
        StateError: the numbers of arrays differ, or the shapes at some position do.
    """
    entries = _entries(layer)
    shapes = {name: np.shape(value) for name, value in state.items()}
    pairs = _by_order(entries, shapes)
    if pairs is None:
        raise StateError(
            f"the state has {_shape_list(shapes)}; the model has "
            f"{_shape_list({name: array.shape for name, array in entries.items()})}; expected the "
            "same shapes in the same order"
        )
    return {own: state[name] for name, own in pairs.items()}


def save(layer: Layer, file: File) -> None:
    """Write the state as an `.npz` file without pickle.

    Args:
        layer: a layer or model.
        file: a path (str or Path), to which `.npz` is appended where it is missing, or a file that
            is open for writing in binary mode.
    """
    write_npz(file, state_dict(layer))


def load(layer: Layer, file: File, strict: bool = True) -> LoadResult:
    """Read a state that `save`, or `np.savez` with PyTorch's names, wrote into a model.

    Args:
        layer: a layer or model of the same layers.
        file: the path that was given to `save`, with or without `.npz`, or a file that is open for
            reading in binary mode.
        strict: as in `load_state_dict`.

    Returns:
        As `load_state_dict`.

    Raises:
        StateError: the file is not such a state, or does not fit; the model is then unchanged.
        OSError: the file cannot be opened.
    """
    try:
        with NpzReader(file) as archive:
            entries = _entries(layer)
            state: dict[str, Any] = {}
            for name, size in archive.sizes.items():
                own = _own_name(name, entries, archive.sizes)
                if own not in entries:
                    # Not read, because it may be of any size.
                    state[name] = _Unread(archive.shape(name))
                    continue
                # The largest number has 8 bytes (float64), whatever the model's own dtype.
                if size > entries[own].size * 8 + HEADER_BYTES:
                    raise StateError(
                        f"{name} takes {size} bytes in the file; the model needs shape "
                        f"{entries[own].shape}"
                    )
                state[name] = archive.read(name)
    except NpzError as error:
        raise StateError(str(error)) from error
    return load_state_dict(layer, state, strict)


def _entries(layer: Layer) -> dict[str, Array]:
    """Return the arrays of the layer's state, not copied, by their dotted names."""
    entries = {name: param.value for name, param in layer.params.items()} | layer.state
    for place, child in layer.children().items():
        entries |= {f"{place}.{name}": array for name, array in _entries(child).items()}
    names = layer.state_names
    return {names.get(name, name): array for name, array in entries.items()}


def _is_optional(name: str) -> bool:
    return name.endswith("num_batches_tracked")


def _own_name(name: str, entries: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """Return the model's name for an entry: without prefixes of wrappers, where that fits."""
    own = name
    while own not in entries:
        prefix = next((prefix for prefix in WRAPPERS if own.startswith(prefix)), None)
        if prefix is None:
            return name
        own = own.removeprefix(prefix)
        if own in state:
            return name
    return own


def _misfit(
    entries: Mapping[str, Array],
    shapes: Mapping[str, Shape | None],
    missing: list[str],
    extra: list[str],
    nested: str | None,
) -> str:
    """Return the error message for names that do not fit the model."""
    if nested is not None:
        return (
            f"{nested} is a dictionary of its own, not an array: to load a checkpoint of PyTorch, "
            f"pass its entry with the weights, such as checkpoint['state_dict']"
        )
    pairs = _by_order(entries, shapes)
    if pairs and len(extra) > 1:
        example = next(f"{name} → {own}" for name, own in pairs.items() if name in extra)
        return (
            f"{extra[0]} is not of this model, but shapes and order are those of the model: if the "
            "layers are the same in the same order, rename them with match_by_order(model, state) "
            f"({example}, …)"
        )
    if extra:
        nearest = _nearest(extra[0], shapes[extra[0]], {name: entries[name] for name in missing})
        advice = f"; did you mean {nearest}" if nearest else f", which has {_list(entries)}"
        return f"{extra[0]} is not of this model{advice}"
    return f"{missing[0]} is missing; the model has {_list(entries)}"


def _by_order(
    entries: Mapping[str, Array], shapes: Mapping[str, Shape | None]
) -> dict[str, str] | None:
    """Match names of a state with the model's by position; None unless all shapes agree."""
    theirs = [name for name in shapes if not _is_optional(name)]
    ours = [name for name in entries if not _is_optional(name)]
    if [shapes[name] for name in theirs] != [entries[name].shape for name in ours]:
        return None
    pairs = dict(zip(theirs, ours, strict=True))
    counts = [name for name in shapes if _is_optional(name)]
    own_counts = [name for name in entries if _is_optional(name)]
    if len(counts) == len(own_counts):
        pairs.update(zip(counts, own_counts, strict=True))
    return pairs


def _nearest(name: str, shape: Shape | None, candidates: Mapping[str, Array]) -> str:
    """Return the name that was most likely meant, or an empty string."""
    best, best_score = "", 0.6
    for candidate, array in candidates.items():
        last = _likeness(name.rpartition(".")[2], candidate.rpartition(".")[2])
        score = last * (0.8 + 0.2 * _likeness(name, candidate))
        if shape is not None:
            score *= 1.0 if shape == array.shape else 0.8
        if score > best_score:
            best, best_score = candidate, score
    return best


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b).ratio()


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


def _transposition(shape: Shape, needed: Shape) -> str:
    """Return how to transpose an array whose axes are those of another framework."""
    if len(shape) == 4 and tuple(shape[k] for k in (3, 2, 0, 1)) == needed:
        return ": it is transposed, as Keras stores kernels; use array.transpose(3, 2, 0, 1)"
    if len(shape) > 1 and shape[::-1] == needed:
        return ": it is transposed; use array.T"
    return ""


def _shape_list(shapes: Mapping[str, Shape]) -> str:
    return _list(f"{name} {shape}" for name, shape in shapes.items() if not _is_optional(name))


def _list(items: Iterable[str]) -> str:
    names = list(items)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")

"""Matches the names of a state from elsewhere with those of a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, TypeVar

from core.tensor import Array

Shape = tuple[int, ...]
T = TypeVar("T")

# Put in front of all names by PyTorch's DataParallel, by Lightning, and by torch.compile.
WRAPPERS = ("module.", "model.", "_orig_mod.")
# The arrays of a layer in the order in which a model has them.
LEAVES = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def is_weight(name: str) -> bool:
    """Return whether an array is one of a layer, by the last part of its name."""
    return name.rpartition(".")[2] in LEAVES


def is_optional(name: str) -> bool:
    """Return whether a state may lack an entry of a model."""
    return name.endswith("num_batches_tracked")


def own_name(name: str, entries: Mapping[str, Any], state: Iterable[str]) -> str:
    """Return the model's name for an entry: without prefixes of wrappers, where that fits."""
    for own in _unwrapping(name):
        if own != name and own in state:
            break
        if own in entries:
            return own
    return name


def unwrapped(name: str) -> str:
    """Return a name without the prefixes of wrappers."""
    *_, own = _unwrapping(name)
    return own


def _unwrapping(name: str) -> Iterator[str]:
    """Yield a name, then the same with one prefix of a wrapper less each time."""
    yield name
    while prefix := next((prefix for prefix in WRAPPERS if name.startswith(prefix)), ""):
        name = name.removeprefix(prefix)
        yield name


def by_order(
    entries: Mapping[str, Array], shapes: Mapping[str, Shape | None]
) -> dict[str, str] | None:
    """Match names of a state with the model's by position; None unless all shapes agree.

    A file may list its arrays by name instead of in the model's order, as the package `safetensors`
    does. Then each layer of the model takes the first one by name that has the same arrays.
    """
    return _by_position(entries, shapes) or _by_layers(entries, shapes)


def orders(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield in which orders a file may have meant its entries: as they are, and by layers."""
    given = list(names)
    yield given
    by_layers = [
        layer + leaf
        for layer, leaves in _layers(dict.fromkeys(given)).items()
        for leaf in sorted(leaves, key=_leaf_rank)
    ]
    if by_layers != given:
        yield by_layers


def misfit(
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
    pairs = by_order(entries, shapes)
    if pairs and len(extra) > 1:
        example = next(f"{name} → {own}" for name, own in pairs.items() if name in extra)
        return (
            f"{extra[0]} is not of this model, but shapes and order are those of the model: if the "
            "layers are the same in the same order, rename them with match_by_order(model, state) "
            f"({example}, …)"
        )
    if extra:
        nearest = _nearest(extra[0], shapes[extra[0]], {name: entries[name] for name in missing})
        advice = f"; did you mean {nearest}" if nearest else f", which has {listed(entries)}"
        return f"{extra[0]} is not of this model{advice}"
    return f"{missing[0]} is missing; the model has {listed(entries)}"


def shape_list(shapes: Mapping[str, Shape]) -> str:
    """Return names with their shapes for a message."""
    return listed(f"{name} {shape}" for name, shape in shapes.items() if not is_optional(name))


def listed(items: Iterable[str]) -> str:
    """Return the first names for a message, and how many more there are."""
    names = list(items)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _by_position(
    entries: Mapping[str, Array], shapes: Mapping[str, Shape | None]
) -> dict[str, str] | None:
    theirs = [name for name in shapes if not is_optional(name)]
    ours = [name for name in entries if not is_optional(name)]
    if [shapes[name] for name in theirs] != [entries[name].shape for name in ours]:
        return None
    pairs = dict(zip(theirs, ours, strict=True))
    counts = [name for name in shapes if is_optional(name)]
    own_counts = [name for name in entries if is_optional(name)]
    if len(counts) == len(own_counts):
        pairs.update(zip(counts, own_counts, strict=True))
    return pairs


def _by_layers(
    entries: Mapping[str, Array], shapes: Mapping[str, Shape | None]
) -> dict[str, str] | None:
    rest, pairs = _layers(shapes), dict[str, str]()
    own_shapes: dict[str, Shape | None] = {name: array.shape for name, array in entries.items()}
    for own, leaves in _layers(own_shapes).items():
        wanted = _needed(leaves)
        layer = next((front for front, there in rest.items() if _needed(there) == wanted), None)
        if layer is None:
            return None
        pairs |= {layer + leaf: own + leaf for leaf in leaves if leaf in rest[layer]}
        del rest[layer]
    return None if rest else pairs


def _needed(leaves: Mapping[str, T]) -> dict[str, T]:
    return {leaf: value for leaf, value in leaves.items() if not is_optional(leaf)}


def _layers(values: Mapping[str, T]) -> dict[str, dict[str, T]]:
    """Return values by the two parts of their names, `0.` and `weight`, say.

    The layers are in the natural order of their names.
    """
    found = dict[str, dict[str, T]]()
    for name, value in values.items():
        layer, dot, leaf = name.rpartition(".")
        found.setdefault(layer + dot, {})[leaf] = value
    return {layer: found[layer] for layer in sorted(found, key=_natural)}


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return by what a name is sorted so that `layer10` comes behind `layer9`."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(p), "") if p.isascii() and p.isdigit() else (0, 0, p) for p in parts]


def _leaf_rank(name: str) -> int:
    leaf = name.rpartition(".")[2]
    return LEAVES.index(leaf) if leaf in LEAVES else len(LEAVES)


def _nearest(name: str, shape: Shape | None, candidates: Mapping[str, Array]) -> str:
    """Return the name that was most likely meant, or an empty string.

    One of another shape would be refused next.
    """
    best, best_score = "", 0.6
    for candidate, array in candidates.items():
        last = _likeness(name.rpartition(".")[2], candidate.rpartition(".")[2])
        score = last * (0.8 + 0.2 * _likeness(name, candidate))
        if shape is not None and shape != array.shape:
            continue
        if score > best_score:
            best, best_score = candidate, score
    return best


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b).ratio()

"""Matches the names of a state from elsewhere with those of a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from core.tensor import Array

Shape = tuple[int, ...]

# Put in front of all names by PyTorch's DataParallel, by Lightning, and by torch.compile.
WRAPPERS = ("module.", "model.", "_orig_mod.")
# The arrays of a layer in the order in which a model has them.
LEAVES = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def is_optional(name: str) -> bool:
    """Return whether a state may lack an entry of a model."""
    return name.endswith("num_batches_tracked")


def own_name(name: str, entries: Mapping[str, Any], state: Iterable[str]) -> str:
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


def by_order(
    entries: Mapping[str, Array], shapes: Mapping[str, Shape | None]
) -> dict[str, str] | None:
    """Match names of a state with the model's by position; None unless all shapes agree.

    A file may list its arrays by name instead of in the model's order, as the package `safetensors`
    does: then they are put in order first.
    """
    for names in orders(shapes):
        pairs = _by_position(entries, {name: shapes[name] for name in names})
        if pairs is not None:
            return pairs
    return None


def orders(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield in which orders a file may have meant its entries: as they are, and by layers."""
    given = list(names)
    yield given
    layers = dict[str, list[str]]()
    for name in given:
        layers.setdefault(name.rpartition(".")[0], []).append(name)
    in_order = sorted(layers, key=_natural)
    by_layers = [name for layer in in_order for name in sorted(layers[layer], key=_leaf_rank)]
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


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return by what a name is sorted so that `layer10` comes behind `layer9`."""
    parts = re.split(r"(\d+)", name)
    return [(1, int(p), "") if p.isascii() and p.isdigit() else (0, 0, p) for p in parts]


def _leaf_rank(name: str) -> int:
    leaf = name.rpartition(".")[2]
    return LEAVES.index(leaf) if leaf in LEAVES else len(LEAVES)


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

"""Checkpoints: a whole training run on disk, so that training goes on bit for bit.

A checkpoint holds what `core.snapshot` captures of a trainer: params and statistics, state and
settings of the optimiser, the order of the samples, random generators, counters. It is an `.npz`
file of plain arrays. Its entry `structure` is JSON text with one item for each captured object: by
which attributes and keys it is reached, and what is in it. Nothing in a file is ever executed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import StateError
from core.io.files import File
from core.io.npz import NpzError, NpzReader, write_npz
from core.layer import Layer
from core.optim import Optimizer
from core.snapshot import Captured, capture, restore
from core.snapshot.generators import BitGeneratorNode, OldGeneratorNode
from core.snapshot.nodes import (
    ArrayNode,
    ContainerNode,
    ContainerObjectNode,
    Node,
    ObjectNode,
    TupleNode,
)

# Changes whenever the content of the files does.
FORMAT = 1
_STRUCTURE = "structure"

# What `json` reads and writes.
Json = Any


def save_checkpoint(run: object, file: File) -> None:
    """Write everything that the rest of a training run depends on.

        save_checkpoint(trainer, "run")

    and later, in another process, with a trainer that the same code has built:

        load_checkpoint(trainer, "run")
        trainer.step()  # the step that would have followed

    The data set, functions (a schedule or hook that is one) and classes are not written; they
    must be there again when the checkpoint is loaded.

    Args:
        run: a trainer, or a tuple of the objects that make the run: `(model, optimizer, rng)`.
        file: a path, to which `.npz` is appended where it is missing, or a file that is open for
            writing in binary mode.
    """
    write_npz(file, checkpoint_entries(capture(run)))


def checkpoint_entries(captured: Captured) -> dict[str, NDArray[Any]]:
    """Return what the file of a captured run holds: an array for each entry, by its name."""
    paths = _paths(captured)
    numbers = {id(node): k for k, node in enumerate(captured.nodes)}
    arrays: dict[str, NDArray[Any]] = {}
    nodes = []
    for k, node in enumerate(captured.nodes):
        nodes.append({"path": paths[id(node)], "type": _type_name(node), **_entry(node, numbers)})
        if isinstance(node, ArrayNode) and node.kept is not None:
            arrays[str(k)] = node.kept
    structure = {"format": FORMAT, "root": _encode(captured.root, numbers), "nodes": nodes}
    return {_STRUCTURE: np.array(json.dumps(structure)), **arrays}


def load_checkpoint(run: object, file: File) -> None:
    """Put a run where it was when `save_checkpoint` wrote it: the same future follows, bit for bit.

    Args:
        run: what was passed to `save_checkpoint`, or the same built anew: a model of the same
            layers, the same kinds of optimiser and schedule, the same data. Settings such as the
            learning rate become those of the checkpoint.
        file: the path that was given to `save_checkpoint`, or a file that is open for reading in
            binary mode.

    Raises:
        StateError: the file is not a checkpoint, or the run is built otherwise than the one that
            was saved, or a setting of the optimiser is out of range; the message says where they
            differ. The run is then unchanged.
        OSError: the file cannot be opened.
    """
    before = capture(run)
    try:
        with NpzReader(file) as archive:
            state = _Reader(archive, capture(run)).read()
        restore(run, state)
        for node in state.nodes:
            if isinstance(node.original, Optimizer):
                node.original.check()
    except NpzError as error:
        raise StateError(str(error)) from error
    except (StateError, OSError):
        raise
    except Exception as error:  # a file from elsewhere may be wrong in any way
        restore(run, before)
        text = f"{type(error).__name__}: {error}"
        raise StateError(f"the checkpoint is damaged, or of another run ({text})") from error


def _paths(captured: Captured) -> dict[int, str]:
    """Return for each node, by its id, the labels that lead to it from the root."""
    todo = [captured.root] if isinstance(captured.root, Node) else []
    paths = {id(node): "" for node in todo}
    for node in todo:
        for label, child in zip(node.labels, node.children, strict=True):
            if isinstance(child, Node) and id(child) not in paths:
                paths[id(child)] = f"{paths[id(node)]}.{label}".lstrip(".")
                todo.append(child)
    return paths


def _type_name(node: Node) -> str:
    return f"{node.kind.__module__}.{node.kind.__qualname__}"


def _entry(node: Node, numbers: Mapping[int, int]) -> dict[str, Json]:
    """Return what the structure says about a node."""
    if isinstance(node, ArrayNode):
        return {"shape": node.shape, "dtype": node.dtype.str, "kept": node.kept is not None}
    entry: dict[str, Json] = {
        "labels": [_encode(label, numbers) for label in node.labels],
        "children": [_encode(child, numbers) for child in node.children],
    }
    if isinstance(node, ObjectNode):
        entry["fixed"] = {name: _describe(value) for name, value in node.fixed}
    if isinstance(node, ContainerObjectNode):
        entry["count"] = len(node.items.labels)
    if isinstance(node, BitGeneratorNode):
        entry["spawned"] = node.spawned
    if isinstance(node, BitGeneratorNode | OldGeneratorNode):
        entry["state"] = _encode(node.state, numbers)
    return entry


def _encode(value: object, numbers: Mapping[int, int]) -> Json:
    """Return a value as JSON: a plain one as it is, any other as an object with a single key."""
    if isinstance(value, Node):
        return {"node": numbers[id(value)]}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return {"scalar": [value.dtype.str, value.item()]}
    if type(value) in (tuple, list):
        return {type(value).__name__: [_encode(item, numbers) for item in value]}  # type: ignore[attr-defined]
    if type(value) is dict:
        return {"dict": {key: _encode(item, numbers) for key, item in value.items()}}
    if isinstance(value, np.ndarray) and value.flags.writeable:
        return {"array": [value.dtype.str, value.tolist()]}
    return {"same": _describe(value)}


def _describe(value: object) -> Json:
    """Return what can be compared of an object that is not written, such as the data set."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return [*value.shape, zlib.crc32(value.tobytes())]
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _describe(getattr(value, item.name)) for item in fields(value)}
    return None


class _Reader:
    """Replaces the content of a captured run by that of a checkpoint.

    Args:
        archive: the checkpoint.
        captured: a capture of the run to load into; its nodes are changed.
    """

    def __init__(self, archive: NpzReader, captured: Captured) -> None:
        self._archive = archive
        self._root = captured.root
        paths = _paths(captured)
        self._own = {paths[id(node)]: node for node in captured.nodes}
        layers = (n.original for n in captured.nodes if isinstance(n.original, Layer))
        self._params = {id(param): param for layer in layers for param in layer.params.values()}
        self._nodes: list[Node] = []

    def read(self) -> Captured:
        structure = self._structure()
        self._nodes = [self._node(entry) for entry in structure["nodes"]]
        for k, entry in enumerate(structure["nodes"]):
            self._fill(k, entry)
        root = self._decode(structure["root"], self._root, "the whole")
        return Captured(root, tuple(self._nodes))

    def _structure(self) -> Json:
        if _STRUCTURE not in self._archive.sizes:
            raise StateError(
                "the file is not a checkpoint, it has no entry 'structure': `load` reads files "
                "with weights alone"
            )
        structure = json.loads(str(self._archive.read(_STRUCTURE)))
        if structure["format"] != FORMAT:
            raise StateError(
                f"the checkpoint has format {structure['format']!r}; this version reads {FORMAT}"
            )
        return structure

    def _node(self, entry: Mapping[str, Json]) -> Node:
        """Return the node of the run at the path of an entry, or a new one."""
        own, kind = self._own.get(entry["path"]), entry["type"]
        if own is not None and _type_name(own) == kind:
            return own
        if own is None and kind == "numpy.ndarray":
            return ArrayNode(np.zeros(0, entry["dtype"]))
        if kind in _CONTAINERS:
            return ContainerNode(_CONTAINERS[kind]())
        if kind == "builtins.tuple":
            node = TupleNode(())
            node.members()
            return node
        found = "nothing" if own is None else f"a {_type_name(own)}"
        raise StateError(
            f"{entry['path'] or 'the whole'} is a {kind} in the checkpoint, but {found} in this "
            "run: build model, optimiser and trainer as for the run that was saved"
        )

    def _fill(self, k: int, entry: Mapping[str, Json]) -> None:
        """Write the content of entry number `k` into its node."""
        node, path = self._nodes[k], entry["path"]
        if isinstance(node, ArrayNode):
            self._fill_array(node, entry, str(k))
            return
        own = dict(zip(node.labels, node.children, strict=True))
        if isinstance(node, ObjectNode):
            for name, value in node.fixed:
                self._compare(entry["fixed"].get(name), value, f"{path}.{name}")
        node.labels = tuple(self._decode(label, None, path) for label in entry["labels"])
        node.children = tuple(
            self._decode(child, own.get(label), f"{path}.{label}".lstrip("."))
            for label, child in zip(node.labels, entry["children"], strict=True)
        )
        if isinstance(node, ContainerObjectNode):
            node.items.labels = node.labels[len(node.labels) - entry["count"] :]
        if isinstance(node, BitGeneratorNode):
            node.spawned = entry["spawned"]
        if isinstance(node, BitGeneratorNode | OldGeneratorNode):
            node.state = self._decode(entry["state"], None, path)

    def _fill_array(self, node: ArrayNode, entry: Mapping[str, Json], name: str) -> None:
        path, shape, dtype = entry["path"], tuple(entry["shape"]), np.dtype(entry["dtype"])
        holder = self._own.get(path.removesuffix("._value"))
        param = self._params.get(id(holder.original)) if holder else None
        if param is not None and (shape, dtype) != (node.shape, node.dtype):
            raise StateError(
                f"{param.name} has shape {shape} and dtype {dtype} in the checkpoint, but "
                f"{node.shape} and {node.dtype} in this run: build the same model"
            )
        node.kept = self._archive.read(name) if entry["kept"] else None
        if node.kept is not None and (node.kept.shape, node.kept.dtype) != (shape, dtype):
            raise StateError(f"{path} has shape {node.kept.shape} in the file; expected {shape}")
        node.shape, node.dtype = shape, dtype

    def _decode(self, value: Json, own: object, path: str) -> Json:
        """Return what JSON stands for; `own` is what the run has in this place."""
        if not isinstance(value, dict):
            return value
        ((kind, content),) = value.items()
        if kind == "node":
            return self._nodes[content]
        if kind == "scalar":
            return np.dtype(content[0]).type(content[1])
        if kind == "array":
            return np.array(content[1], content[0])
        if kind == "dict":
            return {key: self._decode(item, None, path) for key, item in content.items()}
        if kind in ("tuple", "list"):
            owns = own if isinstance(own, tuple | list) and len(own) == len(content) else content
            items = [self._decode(v, o, path) for v, o in zip(content, owns, strict=True)]
            return tuple(items) if kind == "tuple" else items
        self._compare(content, own, path)
        return own

    def _compare(self, description: Json, own: object, path: str) -> None:
        if description is not None and description != json.loads(json.dumps(_describe(own))):
            raise StateError(
                f"{path} of this run differs from that of the checkpoint: load the same data"
            )


_CONTAINERS: dict[str, Callable[[], Any]] = {
    "builtins.list": list,
    "builtins.dict": dict,
    "builtins.set": set,
}

"""Nodes for random generators: their state, and how many children they have spawned."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Sequence

import numpy as np

from core.snapshot.nodes import Anything, Members, Node


class BitGeneratorNode(Node):
    """A bit generator of NumPy: its state, and how many children it has spawned."""

    __slots__ = ("spawned", "state")

    def members(self) -> Members:  # noqa: D102
        self.state = self.original.state
        self.spawned = _spawned(self.original)
        return (), ()

    def find(self, candidate: Anything, children: Sequence[Anything]) -> Anything:  # noqa: D102
        if _spawned(candidate) == self.spawned:
            return candidate
        # NumPy cannot take back that a child was spawned: another generator takes the place.
        seeds = self.original.seed_seq
        counted = np.random.SeedSequence(
            seeds.entropy,
            spawn_key=seeds.spawn_key,
            pool_size=seeds.pool_size,
            n_children_spawned=self.spawned,
        )
        return type(self.original)(counted)

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        target.state = self.state

    def size(self) -> int:  # noqa: D102
        return super().size() + _size(self.state)


class GeneratorNode(Node):
    """A `numpy.random.Generator`; its state is that of its bit generator."""

    __slots__ = ()
    built = True

    def members(self) -> Members:  # noqa: D102
        return ("bit_generator",), (self.original.bit_generator,)

    def find(self, candidate: Anything, children: Sequence[Anything]) -> Anything:  # noqa: D102
        if candidate is not None and candidate.bit_generator is children[0]:
            return candidate
        return self.kind(children[0])


class OldGeneratorNode(Node):
    """A `numpy.random.RandomState` or a `random.Random`."""

    __slots__ = ("state",)

    def members(self) -> Members:  # noqa: D102
        python = isinstance(self.original, random.Random)
        self.state = self.original.getstate() if python else self.original.get_state()
        return (), ()

    def write(self, target: Anything, children: Sequence[Anything], same: bool) -> None:  # noqa: D102
        python = isinstance(target, random.Random)
        (target.setstate if python else target.set_state)(self.state)

    def size(self) -> int:  # noqa: D102
        return super().size() + _size(self.state)


def _spawned(bits: Anything) -> int:
    return int(getattr(bits.seed_seq, "n_children_spawned", 0))


def _size(state: object) -> int:
    """Return the bytes of a generator's state."""
    inner: Iterable[object] = ()
    if isinstance(state, dict | tuple):
        inner = state.values() if isinstance(state, dict) else state
    return sys.getsizeof(state) + sum(map(_size, inner))

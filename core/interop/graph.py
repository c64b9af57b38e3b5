"""Puts layers in a row: a graph of what a network computes becomes a chain with branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce

from core.layer import Layer
from core.layers import Concat, Identity, Residual
from core.model import Model


@dataclass(eq=False)
class Node:
    """One computation of a network.

    Attributes:
        name: what errors call it.
        inputs: whose outputs it reads; the input of the network reads none.
        join: "add" or "concat" where several are joined; empty for a layer.
        make: makes its layers, mostly one; called once.
    """

    name: str
    inputs: list[Node] = field(default_factory=list)
    join: str = ""
    make: Callable[[], list[Layer]] = list


def in_a_row(end: Node) -> list[Layer]:
    """Return the layers that compute `end` from the one input of the network.

    Raises:
        ValueError: the connections are no chain with residual adds and concatenations; the message
            names what is read from outside of a branch.
    """
    order = list(_in_order(end))
    # The nodes that all ways from the input to a node pass, in the order in which they do.
    passed: dict[Node, list[Node]] = {}
    for node in order:
        passed[node] = [*_common([passed[one] for one in node.inputs]), node]
    return _Chain(passed).between(order[0], end)


def _in_order(end: Node) -> Iterator[Node]:
    """Yield all nodes that `end` depends on, each behind its inputs."""
    seen, stack = set[Node](), [(end, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((one, False) for one in reversed(node.inputs))


def _common(ways: list[list[Node]]) -> list[Node]:
    """Return the nodes that all ways have in common, in their order."""
    if not ways:
        return []
    shared = reduce(set.intersection, (set(way) for way in ways))
    return [node for node in ways[0] if node in shared]


class _Chain:
    def __init__(self, passed: dict[Node, list[Node]]) -> None:
        self._passed = passed
        self._made = set[Node]()

    def between(self, start: Node, end: Node) -> list[Layer]:
        """Return the layers from behind `start` up to `end`, which all ways to `end` pass."""
        row: list[list[Layer]] = []
        while end is not start:
            if end in self._made:
                raise ValueError(
                    f"{end.name} is read from outside of its branch; expected a chain of layers "
                    "with residual adds (x + body(x)) and concatenations, whose branches begin at "
                    "one place and meet again in another"
                )
            self._made.add(end)
            if not end.join:
                if len(end.inputs) > 1:
                    raise ValueError(f"{end.name} reads {len(end.inputs)} tensors; expected one")
                row.append(end.make())
                end = end.inputs[0]
            else:
                fork = _common([self._passed[one] for one in end.inputs])[-1]
                row.append([self._joined(end, [self.between(fork, one) for one in end.inputs])])
                end = fork
        return [layer for layers in reversed(row) for layer in layers]

    def _joined(self, node: Node, branches: list[list[Layer]]) -> Layer:
        if node.join == "concat":
            return Concat(*(Model(*branch) if branch else Identity() for branch in branches))
        # The input itself, if that is one of the two terms, stands second.
        body, shortcut = branches if branches[0] else reversed(branches)
        if not body:
            raise ValueError(f"{node.name} adds a number to itself; expected x + body(x)")
        return Residual(Model(*body), Model(*shortcut) if shortcut else None)

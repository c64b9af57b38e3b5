"""Reads the graph of a PyTorch network: which layers its nodes stand for, and how they join."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.interop.call import Call, Maker
from core.interop.graph import Node
from core.interop.layers import FUNCTIONS, JOINS, MODULES, instead_of
from core.layer import Layer, Shape

# PyTorch is no dependency, so the type checker does not see its types.
Module = Any
Graph = Any
FxNode = Any


class Reading:
    """Makes nodes of our own of those of `torch.fx`, and remembers where weights come from.

    Args:
        module: the network.
        graph: what its `forward` does.
        shapes: of what each node gives that gives a tensor, by its name, N included.
        rng: generator for layers that draw random numbers.

    Attributes:
        modules: all modules of the network by their dotted names.
        state: its `state_dict`.
        sources: layers with weights, and the names of their modules.
        end: what the network returns.

    Raises:
        TypeError: forward uses weights themselves, or something that has no layer.
        ValueError: two inputs, or a join that does not exist here.
    """

    def __init__(
        self,
        module: Module,
        graph: Graph,
        shapes: dict[str, Shape],
        rng: np.random.Generator,
    ) -> None:
        self.modules = dict(module.named_modules())
        self.state = module.state_dict()
        self.sources: list[tuple[Layer, str]] = []
        self._shapes, self._rng = shapes, rng
        self._nodes: dict[str, Node] = {}
        self.end = Node("")
        for node in graph.nodes:
            if node.op == "output":
                self.end = self._nodes[node.args[0].name]
            elif node.name in shapes:
                self._nodes[node.name] = self._node(node)

    def _node(self, node: FxNode) -> Node:
        if node.op == "placeholder":
            if self._nodes:
                raise ValueError(f"the network has a second input {node.name}; expected one")
            return Node("the input")
        if node.op == "get_attr":
            raise TypeError(
                f"forward uses {node.target} itself; expected weights inside of modules only"
            )
        name = node.target if isinstance(node.target, str) else node.target.__name__
        inputs = [self._nodes[one.name] for one in node.all_input_nodes if one.name in self._nodes]
        if node.op == "call_module":
            return Node(name, inputs, make=lambda: self._of_module(node))
        if name in JOINS:
            return self._join(node, name)
        if name not in FUNCTIONS:
            raise TypeError(
                f"forward calls {name}, for which there is no layer: {instead_of(name)}"
            )
        return Node(name, inputs, make=lambda: self._of_function(node, name))

    def _join(self, node: FxNode, name: str) -> Node:
        join = JOINS[name]
        terms = node.args[0] if join == "concat" else node.args[:2]
        inputs = [self._nodes.get(getattr(term, "name", "")) for term in terms]
        whole = [one for one in inputs if one is not None]
        if len(whole) < len(inputs):
            raise ValueError(f"{node.name} joins a tensor and a number; expected two tensors")
        sizes = {self._shapes[term.name] for term in terms}
        if join == "add" and (node.kwargs.get("alpha", 1) != 1 or len(sizes) > 1):
            raise ValueError(
                f"{node.name} adds shapes {', '.join(map(str, sorted(sizes)))}; expected two "
                "tensors of one shape, without alpha"
            )
        if join == "concat":
            axis = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)
            if axis % len(self._shapes[node.name]) != 1:
                raise ValueError(f"{node.name} has dim={axis}; only dim=1, channels, exists")
        return Node(node.name, whole, join)

    def _of_module(self, node: FxNode) -> list[Layer]:
        module, where = self.modules[node.target], str(node.target)
        kind = type(module).__name__
        maker = MODULES.get(kind)
        if maker is None:
            raise TypeError(f"{where} is a {kind}, for which there is no layer: {instead_of(kind)}")
        read = f"{where} ({kind})"
        layers = self._made(maker, node, read, lambda name, default: getattr(module, name, default))
        own = [f"{where}.{name}" for name in module.state_dict()]
        if own:
            if any(where == source for _, source in self.sources):
                raise ValueError(
                    f"{read} is used twice; expected one place for each set of weights"
                )
            self.sources.append((layers[0], where))
        return layers

    def _of_function(self, node: FxNode, name: str) -> list[Layer]:
        maker, names = FUNCTIONS[name]
        given = {**dict(zip(names, node.args[1:], strict=False)), **node.kwargs}
        return self._made(maker, node, name, given.get)

    def _made(
        self, maker: Maker, node: FxNode, name: str, option: Callable[[str, Any], Any]
    ) -> list[Layer]:
        before = next(one for one in node.all_input_nodes if one.name in self._shapes)
        shapes = self._shapes[before.name][1:], self._shapes[node.name][1:]
        try:
            return maker(Call(name, option, *shapes, self._rng))
        except ValueError as error:
            # What a layer itself says of an option does not know whose it is.
            text = str(error)
            raise ValueError(text if name in text else f"{name}: {text}") from None

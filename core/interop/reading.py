"""Reads the graph of a PyTorch network: which layers its nodes stand for, and how they join."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        several: names of the nodes that give several tensors.
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
        several: set[str],
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
            elif node.name in several and node.op != "placeholder":
                raise self._unknown(node)
            elif node.name in shapes:
                self._nodes[node.name] = self._node(node)

    def _node(self, node: FxNode) -> Node:
        if node.op == "placeholder":
            if self._nodes:
                raise ValueError(f"the network has a second input {node.name}; expected one")
            return Node("the input")
        if node.op == "get_attr":
            raise self._of_own_weight(str(node.target))
        name = _name(node)
        inputs = [self._nodes[one.name] for one in node.all_input_nodes if one.name in self._nodes]
        if node.op == "call_module":
            return Node(name, inputs, make=lambda: self._of_module(node))
        if name in JOINS:
            return self._join(node, name)
        if name not in FUNCTIONS:
            raise self._unknown(node)
        return Node(name, inputs, make=lambda: self._of_function(node, name))

    def _join(self, node: FxNode, name: str) -> Node:
        join = JOINS[name]
        names = ("tensors", "dim") if join == "concat" else ("input", "other")
        given = _given(node, names, 0)
        terms = given["tensors"] if join == "concat" else [given[name] for name in names]
        if not isinstance(terms, list | tuple):
            raise ValueError(f"{node.name} joins {terms}; expected a list of tensors: [a, b]")
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
            axis = given.get("dim", 0)
            if axis % len(self._shapes[node.name]) != 1:
                raise ValueError(f"{node.name} has dim={axis}; only dim=1, channels, exists")
        return Node(node.name, whole, join)

    def _of_module(self, node: FxNode) -> list[Layer]:
        module, where = self.modules[node.target], str(node.target)
        kind = type(module).__name__
        maker = MODULES.get(kind)
        if maker is None:
            raise self._unknown(node)
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
        return self._made(maker, node, name, _given(node, names, 1).get)

    def _unknown(self, node: FxNode) -> TypeError:
        """Return the error for a module or function without a layer."""
        name, what = _name(node), f"forward calls {_name(node)}"
        if node.op == "call_module":
            name = type(self.modules[node.target]).__name__
            what = f"{node.target} is {'an' if name[0] in 'AEIO' else 'a'} {name}"
        return TypeError(f"{what}, for which there is no layer: {instead_of(name)}")

    def _of_own_weight(self, name: str) -> TypeError:
        """Return the error for a weight that `forward` uses itself."""
        where, _, _ = name.rpartition(".")
        kind = type(self.modules[where])
        known = next((base.__name__ for base in kind.__mro__ if base.__name__ in MODULES), "")
        advice = f": nn.{known} itself could stand for it" if known and where else ""
        if known and not where:
            advice = f": put it into one, as nn.Sequential(nn.{known}(…))"
        of = f"{where} ({kind.__name__})" if where else kind.__name__
        return TypeError(
            f"forward of {of} uses {name} itself; expected weights inside of modules only{advice}"
        )

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


def _name(node: FxNode) -> str:
    return node.target if isinstance(node.target, str) else str(node.target.__name__)


def _given(node: FxNode, names: Sequence[str], first: int) -> dict[str, Any]:
    """Return what a function is given, by the names of its arguments from number `first` on.

    As in NumPy, PyTorch takes `axis` for `dim`.
    """
    named = {"dim" if name == "axis" else name: value for name, value in node.kwargs.items()}
    return {**dict(zip(names, node.args[first:], strict=False)), **named}

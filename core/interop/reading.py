"""Reads the graph of a PyTorch network: which layers its nodes stand for, and how they join."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.errors import with_article
from core.interop.advice import OF_NUMBERS, instead_of, instead_of_function
from core.interop.call import Call, Maker, Value
from core.interop.following import Followed, FxNode, where
from core.interop.graph import Node
from core.interop.kinds import called, kind_of
from core.interop.layers import FUNCTIONS, JOINS, MODULES
from core.layer import Layer


class Reading:
    """Makes nodes of our own of those of `torch.fx`, and remembers where weights come from.

    Args:
        followed: what the network does.
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

    def __init__(self, followed: Followed, rng: np.random.Generator) -> None:
        self.modules = dict(followed.module.named_modules())
        self.state = followed.module.state_dict()
        self.sources: list[tuple[Layer, str]] = []
        self._followed, self._shapes, self._rng = followed, followed.shapes, rng
        self._nodes: dict[str, Node] = {}
        self._called = self._names()
        self.end = Node("")
        for node in followed.graph.nodes:
            if node.op == "output":
                self.end = self._nodes[node.args[0].name]
            elif node.name in followed.several and node.op != "placeholder":
                raise self._of_several(node)
            elif node.name in self._shapes:
                self._nodes[node.name] = self._node(node)

    def _names(self) -> dict[str, str]:
        """Return what errors call each node: a function by the module in whose `forward` it is."""
        names = {node.name: self._named(node) for node in self._followed.graph.nodes}
        total, calls = Counter(names.values()), Counter[str]()
        for node in self._followed.graph.nodes:
            name = names[node.name]
            calls[name] += 1
            if total[name] > 1 and node.op != "call_module":
                names[node.name] = name.replace(" in", f" (call {calls[name]}) in", 1)
        return names

    def _named(self, node: FxNode) -> str:
        if node.op == "call_module":
            return called(self._path(node), self.modules[self._path(node)])
        return f"{_name(node)} in forward of {self._forward(node)}"

    def _path(self, node: FxNode) -> str:
        """Return the dotted name of the module that a node calls."""
        return "" if self._followed.is_layer else str(node.target)

    def _forward(self, node: FxNode) -> str:
        return called(where(node), self.modules[where(node)])

    def _node(self, node: FxNode) -> Node:
        if node.op == "placeholder":
            if self._nodes:
                raise ValueError(f"the network has a second input {node.name}; expected one")
            return Node("the input")
        if node.op == "get_attr":
            raise self._of_own_weight(str(node.target))
        name, read = _name(node), self._called[node.name]
        inputs = [self._nodes[one.name] for one in node.all_input_nodes if one.name in self._nodes]
        if node.op == "call_module":
            return Node(read, inputs, make=lambda: self._of_module(node))
        if name in JOINS:
            return self._join(node, name)
        if name not in FUNCTIONS:
            raise self._unknown(node)
        return Node(read, inputs, make=lambda: self._of_function(node, name))

    def _join(self, node: FxNode, name: str) -> Node:
        join, read = JOINS[name], self._called[node.name]
        names = ("tensors", "dim") if join == "concat" else ("input", "other")
        given = _given(node, names, 0)
        terms = given["tensors"] if join == "concat" else [given[name] for name in names]
        if not isinstance(terms, list | tuple):
            raise ValueError(f"{read} joins {terms}; expected a list of tensors: [a, b]")
        inputs = [self._nodes.get(getattr(term, "name", "")) for term in terms]
        whole = [one for one in inputs if one is not None]
        if len(whole) < len(inputs):
            raise ValueError(
                f"{read} joins a tensor and a number; expected two tensors: {OF_NUMBERS}"
            )
        sizes = {self._shapes[term.name] for term in terms}
        if join == "add" and (node.kwargs.get("alpha", 1) != 1 or len(sizes) > 1):
            raise ValueError(
                f"{read} adds shapes {', '.join(map(str, sorted(sizes)))}; expected two "
                "tensors of one shape, without alpha"
            )
        if join == "concat":
            axis = given.get("dim", 0)
            if axis % len(self._shapes[node.name]) != 1:
                raise ValueError(
                    f"{read} has dim={axis}; only dim=1, channels, exists: it could stand for "
                    "others, but for where the numbers lie"
                )
        return Node(read, whole, join)

    def _of_module(self, node: FxNode) -> list[Layer]:
        path = self._path(node)
        module = self.modules[path]
        maker = MODULES.get(kind_of(module))
        if maker is None:
            raise self._unknown(node)
        layers = self._made(maker, node, lambda name, default: getattr(module, name, default))
        if module.state_dict():
            if any(path == source for _, source in self.sources):
                raise ValueError(
                    f"{self._called[node.name]} is used twice; expected one place for each set of "
                    "weights"
                )
            self.sources.append((layers[0], path))
        return layers

    def _of_function(self, node: FxNode, name: str) -> list[Layer]:
        maker, names = FUNCTIONS[name]
        given = _given(node, names, 1)
        # A size of a tensor, such as x.shape[2], is known by now.
        known = {key: self._number(value) for key, value in given.items()}
        return self._made(maker, node, known.get)

    def _number(self, value: Value) -> Value:
        if isinstance(value, list | tuple):
            return type(value)(self._number(one) for one in value)
        return self._followed.numbers.get(getattr(value, "name", ""), value)

    def _of_several(self, node: FxNode) -> TypeError:
        """Return the error for what gives several tensors."""
        if node.op != "call_module" or not kind_of(self.modules[self._path(node)]):
            return self._unknown(node)
        return TypeError(
            f"{self._called[node.name]} gives several tensors; expected one, without an option "
            "such as return_indices=True"
        )

    def _unknown(self, node: FxNode) -> TypeError:
        """Return the error for a module or function without a layer."""
        if node.op == "call_module":
            module = self.modules[self._path(node)]
            name = type(module).__name__
            what = f"{self._path(node) or 'the module'} is {with_article(name)}"
            advice = instead_of(name, *getattr(module, "parametrizations", ()))
        else:
            name = _name(node)
            what = f"forward of {self._forward(node)} calls {name}"
            tensors = [one for one in node.args if getattr(one, "name", "") in self._shapes]
            advice = instead_of_function(name, joins=len(tensors) > 1)
        return TypeError(f"{what}, for which there is no layer: {advice}")

    def _of_own_weight(self, name: str) -> TypeError:
        """Return the error for a weight that `forward` uses itself."""
        path, _, _ = name.rpartition(".")
        kind = type(self.modules[path])
        known = next((base.__name__ for base in kind.__mro__ if base.__name__ in MODULES), "")
        advice = f": nn.{known} itself could stand for it" if known else ""
        return TypeError(
            f"forward of {called(path, self.modules[path])} uses {name} itself; expected weights "
            f"inside of modules only{advice}"
        )

    def _made(self, maker: Maker, node: FxNode, option: Callable[[str, Any], Any]) -> list[Layer]:
        name = self._called[node.name]
        before = next(one for one in node.all_input_nodes if one.name in self._shapes)
        shapes = self._shapes[before.name][1:], self._shapes[node.name][1:]
        try:
            return maker(Call(name, option, *shapes, self._rng))
        except ValueError as error:
            # What a layer itself says of an option does not know whose it is.
            text = str(error)
            raise ValueError(text if name in text else f"{name}: {text}") from None


def dotted(path: str, name: str) -> str:
    """Return the name of a weight of a module, which the network itself may be."""
    return f"{path}.{name}" if path else name


def _name(node: FxNode) -> str:
    return node.target if isinstance(node.target, str) else str(node.target.__name__)


def _given(node: FxNode, names: Sequence[str], first: int) -> dict[str, Any]:
    """Return what a function is given, by the names of its arguments from number `first` on.

    As in NumPy, PyTorch takes `axis` for `dim`.
    """
    named = {"dim" if name == "axis" else name: value for name, value in node.kwargs.items()}
    return {**dict(zip(names, node.args[first:], strict=False)), **named}

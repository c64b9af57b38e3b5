"""Follows what the `forward` of a PyTorch network does, with `torch.fx`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from core.errors import ShapeError
from core.interop.checks import check_one_mode
from core.interop.kinds import Module, called, kind_of
from core.layer import Shape
from core.tensor import Array

# PyTorch is no dependency, so the type checker does not see its types.
Torch = Any
Graph = Any
FxNode = Any
Value = Any


@dataclass(frozen=True)
class Followed:
    """What a module does with samples.

    Attributes:
        module: the network.
        is_layer: it is one layer, which the graph calls as its module "0".
        graph: its computations.
        shapes: of what each node gives that gives a tensor, by its name, N included.
        several: names of the nodes that give several tensors.
        numbers: of the nodes that give whole numbers, such as sizes, by their names.
        output: what it returns in eval mode.
        varies: the module whose `forward` does something else in eval mode; empty for none.
    """

    module: Module
    is_layer: bool
    graph: Graph
    shapes: dict[str, Shape]
    several: set[str]
    numbers: dict[str, Value]
    output: Value
    varies: str


def follow(torch: Torch, module: Module, samples: Array) -> Followed:
    """Return what a module does with samples; it is in eval mode then.

    Raises:
        TypeError: that depends on the numbers, or is not one tensor.
        ValueError: it drops numbers in eval mode, or modules in other modes do something else.
        ShapeError: it does not take such samples.
    """
    root = torch.nn.Sequential(module) if _is_leaf(torch, module) else module
    in_training, graphs = module.training, []
    as_it_is = _traced(torch, root)
    for mode in (in_training, True, False):
        root.train(mode)
        check_one_mode(module)  # a `train` that is overridden may leave some as they are
        graphs.append(_traced(torch, root))
    whole, trained, evaluated = graphs
    other = _difference(as_it_is, whole, with_options=True)
    if other is not None:
        raise ValueError(
            f"forward of {_called(module, other)} is in another mode than the module and does "
            "something else in it; expected one mode for all: call module.train() or "
            "module.eval() first"
        )
    _check_dropout(torch, module, evaluated)
    graph = _of_one_tensor(torch, module, trained, evaluated, in_training)
    first = next(module.parameters(), None)
    x = torch.tensor(samples, device=None if first is None else first.device)
    try:
        output = module(x)
        values = _values(torch, root, graph, x)
    except Exception as error:  # of whatever kind PyTorch raises where shapes do not fit
        raise ShapeError(
            f"{type(module).__name__} must take samples of input_shape",
            f"{samples.shape[1:]}: {error}",
        ) from error
    tensors = {name: tuple(v.shape) for name, v in values.items() if hasattr(v, "shape")}
    several = {name for name, v in values.items() if _holds_tensors(torch, v)}
    numbers = {name: v for name, v in values.items() if _is_numbers(v)}
    differs = _difference(trained, evaluated, with_options=False)
    varies = "" if differs is None else _called(module, differs)
    return Followed(module, root is not module, graph, tensors, several, numbers, output, varies)


def where(node: FxNode) -> str:
    """Return the dotted name of the module in whose `forward` a node stands, or that it calls."""
    stack = node.meta.get("nn_module_stack") or {"": ("", None)}
    path: str = list(stack.values())[-1][0]
    return path


def _called(module: Module, node: FxNode) -> str:
    return called(where(node), module.get_submodule(where(node)))


def _is_leaf(torch: Torch, module: Module) -> bool:
    """Return whether a module is one whose `forward` is not followed."""
    return bool(kind_of(module)) or torch.fx.Tracer().is_leaf_module(module, "")


def _traced(torch: Torch, root: Module) -> Graph:
    """Return the graph of what a module does in the mode in which it is.

    Raises:
        TypeError: that cannot be followed.
    """
    inside: list[Module] = [root]

    class Tracer(torch.fx.Tracer):  # type: ignore[misc]
        def is_leaf_module(self, module: Module, name: str) -> bool:
            return _is_leaf(torch, module)

        def call_module(self, module: Module, *args: Value) -> Value:
            inside.append(module)
            result = super().call_module(module, *args)
            inside.pop()  # not if it raised: then the innermost stays last
            return result

    try:
        return Tracer().trace(root)
    except Exception as error:  # whatever the code of `forward` raises without numbers
        names = {part: name for name, part in root.named_modules()}
        raise TypeError(
            f"what forward of {called(names.get(inside[-1], ''), inside[-1])} does depends on the "
            f"numbers or on Python, so it cannot be followed: {error}. Expected the same layers "
            "for each input, without `if` or loops over what was computed, and x.shape[0] for "
            "len(x)"
        ) from error


def _difference(one: Graph, other: Graph, *, with_options: bool) -> FxNode | None:
    """Return the first node that is not alike in two graphs."""
    for left, right in zip_longest(one.nodes, other.nodes):
        node = right if left is None or left.op == "output" else left
        if left is None or right is None or (left.op, left.target) != (right.op, right.target):
            return node
        options = [str((side.args, side.kwargs)) for side in (left, right)]
        if with_options and options[0] != options[1]:
            return node
    return None


def _check_dropout(torch: Torch, module: Module, evaluated: Graph) -> None:
    """Refuse a module whose `forward` drops numbers in eval mode.

    Raises:
        ValueError: it does.
    """
    for node in _dropouts(torch, evaluated):
        if node.kwargs.get("training") and node.kwargs.get("p"):
            raise ValueError(
                f"{node.name} drops numbers in eval mode too, in forward of "
                f"{_called(module, node)}; expected dropout in training only: write "
                "F.dropout(x, p, training=self.training)"
            )


def _dropouts(torch: Torch, graph: Graph) -> list[FxNode]:
    function = torch.nn.functional.dropout
    return [n for n in graph.nodes if n.op == "call_function" and n.target is function]


def _of_one_tensor(
    torch: Torch, module: Module, trained: Graph, evaluated: Graph, in_training: bool
) -> Graph:
    """Return the graph of training, in which dropout drops, or that of a part of it.

    In training a network may return what auxiliary heads compute too, and without them in eval
    mode.

    Raises:
        TypeError: none returns one tensor that can be taken.
        ValueError: the graph that could be taken has functions of dropout, which drop nothing then.
    """
    results = [next(n.args[0] for n in g.nodes if n.op == "output") for g in (trained, evaluated)]
    one = [hasattr(result, "op") for result in results]
    if one[0]:
        return trained
    kind = type(module).__name__
    if not one[1] or in_training:
        advice = ": it does in eval mode, so call module.eval() first" if one[1] else ""
        given = type(results[0]).__name__.removeprefix("immutable_")
        raise TypeError(f"forward of {kind} returns a {given}; expected one tensor{advice}")
    if _dropouts(torch, evaluated):
        raise ValueError(
            f"forward of {kind} returns one tensor in eval mode only, and in that F.dropout drops "
            "nothing; expected one tensor, or nn.Dropout, which drops when the model trains"
        )
    return evaluated


def _values(torch: Torch, root: Module, graph: Graph, x: Value) -> dict[str, Value]:
    """Return what each node of a graph computes, by its name; of tensors without numbers."""
    values: dict[str, Value] = {}

    class Interpreter(torch.fx.Interpreter):  # type: ignore[misc]
        def run_node(self, node: FxNode) -> Value:
            value = super().run_node(node)
            is_tensor = isinstance(value, torch.Tensor)
            values[node.name] = value.to("meta") if is_tensor else value
            return value

    Interpreter(torch.fx.GraphModule(root, graph)).run(x)
    return values


def _holds_tensors(torch: Torch, value: Value) -> bool:
    if isinstance(value, dict):
        return _holds_tensors(torch, list(value.values()))
    if not isinstance(value, list | tuple):
        return False
    return any(isinstance(v, torch.Tensor) or _holds_tensors(torch, v) for v in value)


def _is_numbers(value: Value) -> bool:
    is_row = isinstance(value, list | tuple)
    return all(isinstance(v, int) for v in (value if is_row else [value]))

"""Makes a model of a network that was written in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from core.errors import ShapeError
from core.generator import generator
from core.interop.checks import (
    TOLERANCE,
    check_filled,
    check_one_mode,
    check_untied,
    dtype_of,
)
from core.interop.graph import in_a_row
from core.interop.reading import Graph, Module, Reading
from core.layer import Layer, Shape
from core.model import Model
from core.tensor import Array

# Samples that are sent through the network to learn its shapes, and to compare the outputs.
SAMPLES = 2
# What wraps a network, and where that is.
WRAPPERS = {
    **dict.fromkeys(("DataParallel", "DistributedDataParallel"), "module.module"),
    "OptimizedModule": "module._orig_mod",
    **dict.fromkeys(
        ("ScriptModule", "RecursiveScriptModule", "TopLevelTracedModule"),
        "from before torch.jit compiled it",
    ),
}
Torch = Any
TorchTensor = Any


def from_torch(
    module: Module,
    input_shape: Sequence[int],
    *,
    rng: np.random.Generator | None = None,
) -> Model:
    """Return a model that computes what a module of PyTorch computes, with its weights.

    What the module's `forward` does is followed by `torch.fx`: it may be an `nn.Sequential` of
    others, or classes of your own, whose layers stand in a row, with residual adds and
    concatenations. Weights, running statistics, dtype, `requires_grad` and the mode are copied, and
    `state_dict` has the module's names, so that weights can go back and forth. Both are compared on
    random samples before the model is returned. The module stays as it is.

    A model trains or evaluates as a whole, and each of its layers has its own weights: a batch norm
    or dropout in another mode than the module, and weights that two layers share, are refused.

    Args:
        module: the network; its weights are float32 or float64, on any device.
        input_shape: shape of one sample without N, as a rule (C, H, W).
        rng: where dropout's masks will come from. If None, a fresh generator, and a run cannot be
            repeated.

    Raises:
        ModuleNotFoundError: PyTorch is not installed.
        TypeError: `module` is no module, or something in it has no layer here; the message names it
            and what could stand for it.
        ValueError: an option or a connection does not exist here, a weight has no numbers yet or
            two names, a layer is in another mode than the module, or the model computes something
            else than the module; the message names it.
        ShapeError: the module does not take such samples.
    """
    torch = _torch()
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"module is a {type(module).__name__}; expected a torch.nn.Module")
    inner = WRAPPERS.get(type(module).__name__)
    if inner:
        raise TypeError(
            f"module is of type {type(module).__name__}, which wraps a network: pass the network "
            f"itself, {inner}"
        )
    sizes: Sequence[object] = input_shape
    if not all(isinstance(size, int | np.integer) and size > 0 for size in sizes):
        raise ShapeError(
            "input_shape must be whole numbers above 0, without N, such as (3, 32, 32)",
            f"{tuple(input_shape)}",
        )
    check_filled(torch, module, tuple(input_shape))
    check_untied(module)
    check_one_mode(module)
    kind = dtype_of(module)
    samples = np.random.default_rng(0).uniform(-1, 1, (SAMPLES, *input_shape)).astype(kind)
    training = {part: part.training for part in module.modules()}
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            traced, shapes, several, expected = _followed(torch, module, samples)
            reading = Reading(module, traced, shapes, several, generator(rng))
            model = _model(reading, kind)
    finally:
        for part, mode in training.items():
            part.training = mode
    _compare(model, samples, expected)
    return model.train(module.training)


def _torch() -> Torch:
    try:
        # `fx.passes` is no part of `torch` until it is imported.
        import_module("torch.fx.passes.shape_prop")
        return import_module("torch")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "from_torch needs PyTorch, which is not installed here (in a browser it cannot be): "
            "pip install torch, or save the weights with np.savez where it is, and load them into "
            "a model of the same layers"
        ) from error


def _followed(
    torch: Torch, module: Module, samples: Array
) -> tuple[Graph, dict[str, Shape], set[str], Array]:
    """Return the graph of a module, the shape that each node of it gives, and its output.

    The third are the names of the nodes that give several tensors.
    """
    # As it is trained: a function of dropout that is told whether to drop does it then.
    module.train()
    try:
        graph = torch.fx.Tracer().trace(module)
    except Exception as error:  # whatever the code of `forward` raises without numbers
        raise TypeError(
            f"what {type(module).__name__}.forward does depends on the numbers or on Python, so it "
            f"cannot be followed: {error}. Expected the same layers for each input, without `if` "
            "or loops over what was computed, and x.shape[0] for len(x)"
        ) from error
    module.eval()
    _check_dropout(torch, module)
    first = next(module.parameters(), None)
    x = torch.tensor(samples, device=None if first is None else first.device)
    traced = torch.fx.GraphModule(module, graph)
    try:
        expected = module(x)
        torch.fx.passes.shape_prop.ShapeProp(traced).propagate(x)
    except Exception as error:  # of whatever kind PyTorch raises where shapes do not fit
        raise ShapeError(
            f"{type(module).__name__} must take samples of input_shape",
            f"{samples.shape[1:]}: {error}",
        ) from error
    if not isinstance(expected, torch.Tensor):
        raise TypeError(
            f"{type(module).__name__} returns a {type(expected).__name__}; expected one tensor"
        )
    found = {node.name: node.meta.get("tensor_meta") for node in graph.nodes}
    shapes = {name: tuple(meta.shape) for name, meta in found.items() if hasattr(meta, "shape")}
    several = {name for name, meta in found.items() if meta is not None} - shapes.keys()
    return graph, shapes, several, expected.cpu().numpy()


def _check_dropout(torch: Torch, module: Module) -> None:
    """Refuse a module, in eval mode, whose `forward` drops numbers even so.

    Raises:
        ValueError: it does.
    """
    for node in torch.fx.Tracer().trace(module).nodes:
        is_dropout = node.op == "call_function" and node.target is torch.nn.functional.dropout
        if is_dropout and node.kwargs.get("training") and node.kwargs.get("p"):
            raise ValueError(
                f"{node.name} drops numbers in eval mode too; expected dropout in training only: "
                "write F.dropout(x, p, training=self.training)"
            )


def _model(reading: Reading, kind: np.dtype[np.floating]) -> Model:
    """Return the model with weights and names of the module."""
    row = in_a_row(reading.end)
    if not row:
        raise ValueError("the module returns its input; expected at least one layer")
    model = Model(row).astype(kind)
    left = dict(reading.state)
    paths = {id(layer): path for path, layer in _paths(model)}
    for layer, where in reading.sources:
        entries = {name: param.value for name, param in layer.params.items()} | layer.state
        for name, target in entries.items():
            source = f"{where}.{name}"
            if source not in left:
                pruned = f"{source}_orig" in left
                advice = f": it is pruned; call prune.remove(module, {name!r}) first"
                raise ValueError(
                    f"{where} has no {name}, which its layer here needs{advice if pruned else ''}"
                )
            np.copyto(target, _array(left.pop(source)))
            model.state_names[f"{paths[id(layer)]}.{name}"] = source
        module = reading.modules[where]
        for name, param in layer.params.items():
            param.requires_grad = bool(getattr(module, name).requires_grad)
    if left:
        raise ValueError(
            f"{next(iter(left))} is in the module's state, but no layer that forward reaches uses "
            "it: delete it (del module.name), or call it in forward as a module of its own"
        )
    return model


def _paths(layer: Layer, prefix: str = "") -> Iterator[tuple[str, Layer]]:
    for name, child in layer.children().items():
        yield prefix + name, child
        yield from _paths(child, f"{prefix}{name}.")


def _array(tensor: TorchTensor) -> Array:
    array: Array = tensor.detach().cpu().numpy()
    return array


def _compare(model: Model, samples: Array, expected: Array) -> None:
    """Refuse a model that computes something else than the module.

    Raises:
        ValueError: it does, by more than rounding.
    """
    made = model.predict(samples)
    size = float(np.abs(expected).max(initial=0)) if expected.size else 0.0
    same = made.shape == expected.shape
    error = float(np.abs(made - expected).max(initial=0)) if same else np.inf
    if not error <= TOLERANCE[made.dtype.name] * size:
        what = f"differs by {error:.3g} of {size:.3g}" if same else f"has shape {made.shape}"
        raise ValueError(
            f"the output of the model {what} from what the module gives, {expected.shape}: "
            "something in it cannot be seen from its layers, such as an inplace=True that changes "
            "what a branch still reads, or a hook"
        )

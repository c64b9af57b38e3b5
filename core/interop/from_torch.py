"""Makes a model of a network that was written in PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from core.interop.following import Followed, follow
from core.interop.graph import in_a_row
from core.interop.kinds import Module
from core.interop.reading import Reading, dotted
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
# What makes a weight of others, by how the names of these end, and how to end that.
MADE_OF = {
    "_u": "spectral norm makes it; call torch.nn.utils.remove_spectral_norm({part}, {name!r})",
    "_g": "weight norm makes it; call torch.nn.utils.remove_weight_norm({part}, {name!r})",
    "_orig": "it is pruned; call torch.nn.utils.prune.remove({part}, {name!r})",
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

    What the module's `forward` does is followed by `torch.fx`: it may be one layer, an
    `nn.Sequential` of others, or classes of your own, whose layers stand in a row, with residual
    adds and concatenations. Weights, running statistics, dtype, `requires_grad` and the mode are
    copied, and `state_dict` has the module's names, so that weights can go back and forth. Both are
    compared on random samples before the model is returned. The module stays as it is.

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
    input_shape = _sizes(input_shape)
    check_filled(torch, module, input_shape)
    check_untied(module)
    check_one_mode(module)
    kind = dtype_of(module)
    samples = np.random.default_rng(0).uniform(-1, 1, (SAMPLES, *input_shape)).astype(kind)
    training = {part: part.training for part in module.modules()}
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            followed = follow(torch, module, samples)
            model = _model(Reading(followed, generator(rng)), kind)
    finally:
        for part, mode in training.items():
            part.training = mode
    _compare(model, samples, _expected(torch, followed), followed.varies)
    return model.train(module.training)


def _torch() -> Torch:
    try:
        # `fx` need be no part of `torch` until it is imported.
        import_module("torch.fx")
        return import_module("torch")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "from_torch needs PyTorch, which is not installed here (in a browser it cannot be): "
            "pip install torch, or save the weights with np.savez where it is, and load them into "
            "a model of the same layers"
        ) from error


def _sizes(given: object) -> Shape:
    """Return the shape of a sample.

    Raises:
        ShapeError: it is none.
    """
    sizes = tuple(given) if isinstance(given, Iterable) else ()
    if not sizes or not all(isinstance(size, int | np.integer) and size > 0 for size in sizes):
        raise ShapeError(
            "input_shape must be whole numbers above 0, without N, such as (3, 32, 32)",
            f"{sizes or given!r}",
        )
    return sizes


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
            source = dotted(where, name)
            if source not in left:
                raise ValueError(_no_weight(where, name, left))
            np.copyto(target, _array(left.pop(source)))
            model.state_names[f"{paths[id(layer)]}.{name}"] = source
        module = reading.modules[where]
        for name, param in layer.params.items():
            param.requires_grad = bool(getattr(module, name).requires_grad)
    if left:
        unused = next(iter(left))
        where, _, _ = unused.rpartition(".")
        advice = f"put nn.Identity() in place of {where}" if where else f"delete module.{unused}"
        raise ValueError(
            f"{unused} is in the module's state, but no layer that forward reaches uses it: "
            f"{advice}, or call it in forward as a module of its own"
        )
    return model


def _no_weight(where: str, name: str, state: dict[str, TorchTensor]) -> str:
    """Return what is wrong with a module that has no weight, as it is computed anew each time."""
    advice = next(
        (
            f": {said.format(part=f'module.get_submodule({where!r})', name=name)} first"
            for ending, said in MADE_OF.items()
            if dotted(where, name + ending) in state
        ),
        "",
    )
    return f"{where or 'the module'} has no {name}, which its layer here needs{advice}"


def _paths(layer: Layer, prefix: str = "") -> Iterator[tuple[str, Layer]]:
    for name, child in layer.children().items():
        yield prefix + name, child
        yield from _paths(child, f"{prefix}{name}.")


def _array(tensor: TorchTensor) -> Array:
    array: Array = tensor.detach().cpu().numpy()
    return array


def _expected(torch: Torch, followed: Followed) -> Array:
    """Return what the module gives in eval mode.

    Raises:
        TypeError: that is something else than a tensor.
    """
    if not isinstance(followed.output, torch.Tensor):
        raise TypeError(
            f"{type(followed.module).__name__} returns a {type(followed.output).__name__} in eval "
            "mode; expected one tensor"
        )
    return _array(followed.output)


def _compare(model: Model, samples: Array, expected: Array, varies: str) -> None:
    """Refuse a model that computes something else than the module.

    Args:
        model: what was made of the module.
        samples: for both.
        expected: what the module gives for them.
        varies: which module does something else in eval mode than in training; empty for none.

    Raises:
        ValueError: it does, by more than rounding.
    """
    made = model.predict(samples)
    size = float(np.abs(expected).max(initial=0)) if expected.size else 0.0
    same = made.shape == expected.shape
    error = float(np.abs(made - expected).max(initial=0)) if same else np.inf
    if not error <= TOLERANCE[made.dtype.name] * size:
        what = f"differs by {error:.3g} of {size:.3g}" if same else f"has shape {made.shape}"
        reason = (
            f"forward of {varies} does something else in training than in eval mode, as with "
            "`if self.training`, and a model does the same in both"
            if varies
            else "something in it cannot be seen from its layers, such as an inplace=True that "
            "changes what a branch still reads, or a hook"
        )
        raise ValueError(
            f"the output of the model {what} from what the module gives, {expected.shape}: {reason}"
        )

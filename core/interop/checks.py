"""Refuses modules whose weights or modes no model can have, before they are followed."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.interop.kinds import Module, called, kind_of
from core.layer import Shape

# How far outputs may be apart, relative to the largest, by the dtype of the weights.
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
# What could stand for a layer that stays in eval mode, by its kind: those that compute differently.
BY_MODE = {
    **dict.fromkeys(
        ("BatchNorm1d", "BatchNorm2d"),
        "a frozen batch norm cannot be trained here, but "
        "torch.nn.utils.fuse_conv_bn_eval(conv.eval(), bn.eval()) makes it part of the convolution "
        "before it",
    ),
    "Dropout": "nn.Identity() drops nothing in both modes",
}
Torch = Any


def check_filled(torch: Torch, module: Module, input_shape: Shape) -> None:
    """Refuse a module with weights or buffers that have no numbers.

    Raises:
        ValueError: one is lazy, on the device "meta", or holds NaN or infinity.
    """
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        if torch.nn.parameter.is_lazy(tensor):
            given = ", ".join(map(str, (1, *input_shape)))
            raise ValueError(
                f"{name} has no shape yet, as its module is lazy; expected weights: call "
                f"module(torch.zeros({given})) once before"
            )
        if tensor.device.type == "meta":
            raise ValueError(
                f"{name} is on the device 'meta', which has shapes but no numbers; expected "
                "weights: make the module without device='meta', or call "
                "module.to_empty(device='cpu') and then module.load_state_dict(…)"
            )
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ValueError(
                f"{name} holds NaN or infinity; expected finite weights: take those from before "
                "training diverged"
            )


def check_untied(module: Module) -> None:
    """Refuse a module with weights or buffers that are the same memory under two names.

    Raises:
        ValueError: it has; the message has both names.
    """
    names: dict[tuple[str, int], str] = {}
    for name, tensor in (
        *module.named_parameters(remove_duplicate=False),
        *module.named_buffers(remove_duplicate=False),
    ):
        if not tensor.numel():
            continue
        first = names.setdefault((str(tensor.device), tensor.data_ptr()), name)
        if first != name:
            raise ValueError(
                f"{first} and {name} are one tensor; expected one place for each set of weights, "
                "as they are trained apart here: set one to a copy of its own, such as "
                "nn.Parameter(weight.detach().clone())"
            )


def check_one_mode(module: Module) -> None:
    """Refuse a module with layers that are in another mode than itself, where that matters.

    Raises:
        ValueError: one is; the message names it.
    """
    modes = {True: "train", False: "eval"}
    for where, part in module.named_modules():
        advice = BY_MODE.get(kind_of(part))
        if advice and part.training != module.training:
            raise ValueError(
                f"{called(where, part)} is in {modes[part.training]} mode where the module is in "
                f"{modes[module.training]} mode; expected one mode for all layers: call "
                "module.train() or module.eval() first, which reach them all if `train` is not "
                f"overridden; {advice}"
            )


def dtype_of(module: Module) -> np.dtype[np.floating]:
    """Return the dtype of the weights of a module.

    Raises:
        TypeError: they are of several, or of one that no model has.
    """
    kinds = {str(p.dtype).removeprefix("torch.") for p in module.parameters()} or {"float32"}
    if len(kinds) > 1 or not kinds <= TOLERANCE.keys():
        raise TypeError(
            f"the weights are {', '.join(sorted(kinds))}; expected float32 or float64, one for "
            "all: call module.float() first"
        )
    return np.dtype(kinds.pop())

"""What could stand for a module or function of PyTorch that has no layer here."""

from __future__ import annotations

from collections.abc import Mapping

from core.interop.layers import MODULES

# By a part of the name in small letters, the first that fits.
INSTEAD: Mapping[str, str] = {
    "logsoftmax": "leave it out: CrossEntropyLoss takes what comes before it",
    "log_softmax": "leave it out: CrossEntropyLoss takes what comes before it",
    "convtranspose": "nn.Upsample and nn.Conv2d could stand for it",
    "conv1d": "nn.Conv2d over images of height 1 could stand for it",
    "conv3d": "nn.Conv2d could stand for it, with the third axis among the channels",
    "pixelunshuffle": "nn.Conv2d with a stride could stand for it",
    "unflatten": "nothing here makes images of vectors",
    "softmax2d": "nn.Softmax(dim=1) could stand for it",
    "upsample": "nn.Upsample(mode='nearest') could stand for it",
    "parametrized": "torch.nn.utils.parametrize.remove_parametrizations(module, {weight!r}) makes "
    "it a plain module again",
    "pad": "the padding of nn.Conv2d could stand for it, which pads with zeros",
    "pixelshuffle": "nn.Upsample could stand for it",
    "dropout": "nn.Dropout could stand for it",
    "batchnorm": "nn.BatchNorm2d could stand for it",
    "norm": "nn.GroupNorm or nn.LayerNorm could stand for it",
    "lppool": "nn.AvgPool2d could stand for it",
    "pool": "nn.MaxPool2d or nn.AvgPool2d could stand for it",
    "relu6": "nn.ReLU could stand for it",
    "prelu": "nn.LeakyReLU could stand for it",
    **dict.fromkeys(("silu", "mish", "swish", "elu", "softplus"), "nn.GELU could stand for it"),
    "relu": "nn.ReLU or nn.LeakyReLU could stand for it",
    "hardsigmoid": "nn.Sigmoid could stand for it",
    **dict.fromkeys(("hardtanh", "softsign", "tanh"), "nn.Tanh could stand for it"),
    "embedding": "nn.Linear over one-hot vectors could stand for it",
    **dict.fromkeys(("lstm", "gru", "rnn"), "nothing here reads a sequence step by step"),
    "threshold": "nn.ReLU could stand for Threshold(0, 0)",
    "dataparallel": "pass the network itself, which is its attribute `module`",
    "scriptmodule": "pass the module as it was before torch.jit made this of it",
    **dict.fromkeys(("attention", "transformer"), "nothing here looks from one place to another"),
}

OF_NUMBERS = "where it is about the input, scale or shift the data before they come in"

# Functions of numbers or of two tensors.
ARITHMETIC = ("mul", "sub", "div", "pow", "neg", "matmul")

# By the whole name of a function.
INSTEAD_OF_FUNCTION: Mapping[str, str] = {
    **dict.fromkeys(
        ("clamp", "clamp_", "clamp_min", "clip", "maximum"),
        "F.relu(x) could stand for clamp(x, min=0)",
    ),
    **dict.fromkeys(
        ("amax", "max"),
        "F.adaptive_max_pool2d(x, 1).flatten(1) could stand for amax(x, (2, 3))",
    ),
    **dict.fromkeys(
        ("sum", "nansum"), "x.mean((2, 3)) could stand for sum(x, (2, 3)), but for the scale"
    ),
    "max_pool2d_with_indices": "F.max_pool2d without return_indices=True could stand for it",
    **dict.fromkeys(("permute", "transpose"), "nothing here swaps axes"),
    **dict.fromkeys(("stack", "hstack", "dstack", "vstack"), "torch.cat(…, 1) could stand for it"),
    **dict.fromkeys(
        ("chunk", "split", "tensor_split", "getitem", "narrow"),
        "a layer of its own for each part could stand for it, such as two nn.Conv2d for a split of "
        "channels",
    ),
    **dict.fromkeys(
        ("einsum", "bmm", "tensordot"), "nn.Linear or nn.Conv2d could stand for what has weights"
    ),
    "unsqueeze": "nothing here adds an axis",
    **dict.fromkeys(
        ("detach", "detach_"),
        "requires_grad_(False) of the layers before it could stand for it: they are not trained",
    ),
}


def instead_of(name: str, weight: str = "weight") -> str:
    """Return what could stand for a module without a layer, and which have one.

    Args:
        name: of its class, or of a function.
        weight: the one of it that is parametrized, if one is.
    """
    plain_name = name.lower()
    advice = next((text for part, text in INSTEAD.items() if part in plain_name), "")
    known = ", ".join(sorted(MODULES))
    if not advice:
        return f"there is one for {known}"
    return f"{advice.format(weight=weight)}; there is a layer for {known}"


def instead_of_function(name: str, *, joins: bool) -> str:
    """Return what could stand for a function without a layer.

    Args:
        name: of it.
        joins: it is one of several tensors.
    """
    if any(part in name for part in ARITHMETIC):
        return "only x + body(x) joins two tensors by number" if joins else OF_NUMBERS
    return INSTEAD_OF_FUNCTION.get(name) or instead_of(name)

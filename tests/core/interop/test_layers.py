"""The registry of what stands for modules and functions of PyTorch, without PyTorch."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np
import pytest

from core import from_torch
from core.interop.advice import OF_NUMBERS, instead_of, instead_of_function
from core.interop.call import Call
from core.interop.layers import FUNCTIONS, MODULES
from core.layer import Shape

IMAGES = (4, 8, 6)


def made(
    name: str, options: dict[str, Any], shape: Shape = IMAGES, output: Shape = IMAGES
) -> list[str]:
    call = Call(f"net.0 ({name})", options.get, shape, output, np.random.default_rng(0))
    maker = MODULES[name] if name in MODULES else FUNCTIONS[name][0]
    return [layer.to_spec() for layer in maker(call)]


WINDOWS: dict[str, Any] = {"kernel_size": 2, "stride": 2, "padding": 0, "ceil_mode": False}
CONV: dict[str, Any] = {
    **{"in_channels": 4, "out_channels": 6, "kernel_size": (3, 3), "stride": (1, 1)},
    **{"padding": (1, 1), "dilation": (1, 1), "groups": 1, "bias": None, "padding_mode": "zeros"},
}
NORM = {"num_features": 4, "eps": 1e-5, "momentum": 0.1, "affine": True}


@pytest.mark.parametrize(
    ("name", "options", "output", "text"),
    [
        ("Conv2d", CONV, IMAGES, ["conv 6 k3 p1 nobias"]),
        ("Conv2d", {**CONV, "groups": 2, "bias": 1, "padding": "same"}, IMAGES,
         ["conv 6 k3 same g2"]),
        ("MaxPool2d", {**WINDOWS, "ceil_mode": True}, (4, 4, 3), ["pool 2 ceil"]),
        ("max_pool2d", {"kernel_size": 2, "stride": []}, (4, 4, 3), ["pool 2"]),
        ("AvgPool2d", {**WINDOWS, "count_include_pad": False}, (4, 4, 3), ["avgpool 2 nopad"]),
        ("AdaptiveAvgPool2d", {"output_size": 1}, (4, 1, 1), ["gap"]),
        ("AdaptiveAvgPool2d", {"output_size": (4, 3)}, (4, 4, 3), ["avgpool 2"]),
        ("AdaptiveMaxPool2d", {"output_size": 1}, (4, 1, 1), ["pool 8x6"]),
        ("AdaptiveAvgPool2d", {"output_size": (8, 6)}, IMAGES, ["identity"]),
        ("BatchNorm2d", {**NORM, "momentum": None}, IMAGES, ["bn cumulative"]),
        ("InstanceNorm2d", {**NORM, "affine": False}, IMAGES, ["groupnorm 4 noaffine"]),
        ("mean", {"dim": (-1, -2)}, (4,), ["gap", "flatten"]),
        ("mean", {"dim": [2, 3], "keepdim": True}, (4, 1, 1), ["gap"]),
        ("dropout", {"p": 0.25, "training": True}, IMAGES, ["dropout 0.25"]),
        ("dropout", {"p": 0.25, "training": False}, IMAGES, ["identity"]),
        # A module drops in training, whatever its mode is when it is read.
        ("Dropout", {"p": 0.25, "training": False}, IMAGES, ["dropout 0.25"]),
        ("interpolate", {"scale_factor": 2, "mode": "nearest"}, (4, 16, 12), ["upsample 2"]),
        ("view", {}, (192,), ["flatten"]),
        ("view", {}, IMAGES, []),
        ("to", {"dtype": "torch.float32"}, IMAGES, []),
        ("to", {"dtype": "cuda:0"}, IMAGES, []),
        ("Softmax", {"dim": -3}, IMAGES, ["softmax"]),
    ],
)  # fmt: skip
def test_a_module_or_function_is_a_layer(
    name: str, options: dict[str, Any], output: Shape, text: list[str]
) -> None:
    assert made(name, options, output=output) == text


@pytest.mark.parametrize(
    ("name", "options", "output", "error"),
    [
        (
            "Conv2d",
            {**CONV, "padding_mode": "reflect"},
            IMAGES,
            "padding_mode='reflect'.*could stand",
        ),
        ("MaxPool2d", {**WINDOWS, "dilation": 2}, IMAGES, r"dilation=2.*kernel_size=\(3, 3\) cov"),
        ("MaxPool2d", {**WINDOWS, "return_indices": True}, IMAGES, "return_indices=True"),
        ("AvgPool2d", {**WINDOWS, "divisor_override": 3}, IMAGES, "divisor_override=3"),
        ("AdaptiveAvgPool2d", {}, (4, 5, 3), "output_size 5×3 for images of 8×6"),
        ("BatchNorm2d", {**NORM, "affine": False}, IMAGES, "affine=False"),
        ("InstanceNorm2d", {**NORM, "track_running_stats": True}, IMAGES, "track_running_stats"),
        ("Softmax", {"dim": 2}, IMAGES, "dim=2"),
        ("Softmax", {"dim": -1}, IMAGES, "dim=1 exists: the classes or channels, among 4 axes"),
        ("GELU", {"approximate": "tanh"}, IMAGES, "approximate='tanh'.*0.0005 at most"),
        ("Upsample", {"mode": "bilinear"}, (4, 16, 12), "mode='bilinear'.*could stand for"),
        ("Upsample", {"mode": "nearest"}, (4, 12, 12), "12×12 for images of 8×6"),
        ("Linear", {}, IMAGES, "put nn.Flatten"),
        ("mean", {"dim": 1}, (8, 6), "dim=1"),
        ("view", {}, (8, 24), r"shape \(N, 8, 24\)"),
        ("squeeze", {}, (4, 1), r"x.flatten\(1\)"),
        ("to", {"dtype": "torch.float16"}, IMAGES, "only float32 and float64"),
    ],
)
def test_an_option_without_a_layer_is_named(
    name: str, options: dict[str, Any], output: Shape, error: str
) -> None:
    with pytest.raises(ValueError, match=error) as raised:
        made(name, options, output=output)
    assert f"net.0 ({name})" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("ConvTranspose2d", "nn.Upsample and nn.Conv2d"),
        ("LogSoftmax", "CrossEntropyLoss"),
        ("SiLU", "nn.GELU"),
        ("Dropout2d", "nn.Dropout"),
        ("PixelUnshuffle", "nn.Conv2d with a stride"),
        ("ParametrizedConv2d", "remove_parametrizations"),
        ("Unflatten", "images of vectors"),
        ("Whatever", "one for Adaptive"),
    ],
)
def test_what_could_stand_for_an_unknown_module_is_said(name: str, word: str) -> None:
    assert word in instead_of(name)


@pytest.mark.parametrize(
    ("name", "joins", "word"),
    [
        ("truediv", False, OF_NUMBERS),
        ("mul", True, "body(x)"),
        ("clamp", False, "F.relu"),
        ("amax", False, "adaptive_max_pool2d"),
        ("silu", False, "nn.GELU"),
    ],
)
def test_what_could_stand_for_an_unknown_function_is_said(
    name: str, joins: bool, word: str
) -> None:
    assert word in instead_of_function(name, joins=joins)


class Stub:
    """A tensor or module of PyTorch, as far as it is asked."""

    def __init__(self, **known: Any) -> None:
        vars(self).update(known)


@pytest.mark.parametrize("where", ["named_parameters", "named_buffers"])
@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (Stub(lazy=True, device=Stub(type="cpu")),
         r"fc\.weight has no shape yet.*call module\(torch\.zeros\(1, 3, 8, 8\)\) once before"),
        (Stub(lazy=False, device=Stub(type="meta")),
         r"fc\.weight is on the device 'meta'.*to_empty\(device='cpu'\)"),
    ],
)  # fmt: skip
def test_weights_without_numbers_are_refused(
    monkeypatch: pytest.MonkeyPatch, where: str, tensor: Stub, said: str
) -> None:
    found: dict[str, Any] = {"named_parameters": list, "named_buffers": list}
    module = Stub(**found | {where: lambda: [("fc.weight", tensor)]})
    parameter = Stub(is_lazy=lambda one: one.lazy)
    torch = Stub(nn=Stub(Module=Stub, parameter=parameter))
    monkeypatch.setattr(sys.modules["core.interop.from_torch"], "_torch", lambda: torch)
    with pytest.raises(ValueError, match=said):
        from_torch(module, (3, 8, 8))


def test_without_pytorch_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def missing(name: str, package: str | None = None) -> object:
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, package)

    module = sys.modules["core.interop.from_torch"]
    monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(ModuleNotFoundError, match="needs PyTorch, which is not installed"):
        from_torch(object(), (1, 8, 8))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Threshold", "nn.ReLU could stand"),
        ("DataParallel", "pass the network itself"),
        ("DistributedDataParallel", "pass the network itself"),
        ("RecursiveScriptModule", "before torch.jit made this of it"),
    ],
)
def test_a_module_that_wraps_or_cuts_off_is_named_with_what_could_stand_for_it(
    name: str, said: str
) -> None:
    assert said in instead_of(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stack", "torch.cat(…, 1) could"),
        ("hstack", "torch.cat(…, 1) could"),
        ("chunk", "a layer of its own for each part"),
        ("getitem", "a layer of its own for each part"),
        ("einsum", "nn.Linear or nn.Conv2d could"),
        ("unsqueeze", "nothing here adds an axis"),
        ("detach", "requires_grad_(False)"),
    ],
)
def test_what_could_stand_for_a_function_that_parts_or_joins(name: str, said: str) -> None:
    assert said in instead_of_function(name, joins=False)

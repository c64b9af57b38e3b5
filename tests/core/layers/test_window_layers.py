"""Options of convolution, pooling and batch norm beyond what every layer's contract covers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.io.text import format_model, parse_model
from core.layer import Layer
from core.layers import AvgPool2d, BatchNorm1d, BatchNorm2d, Conv2d, MaxPool2d
from core.tensor import Array
from tests.rounding import assert_close


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def images(*shape: int) -> Array:
    return rng().standard_normal(shape).astype(np.float32)


def step(layer: Layer, x: Array) -> dict[str, Array]:
    """Run forward and backward; return copies of what came out."""
    layer.zero_grad()
    layer.forward(x)
    layer.output.grad = rng().uniform(-1, 1, layer.output.shape).astype(layer.dtype)
    layer.backward()
    arrays = {"output": layer.output.value, "input.grad": layer.input.grad}
    arrays |= {f"{name}.grad": param.grad for name, param in layer.named_parameters()}
    return {name: array.copy() for name, array in arrays.items()}


def test_arguments_are_in_the_order_of_pytorch() -> None:
    conv = Conv2d(4, 6, 3, 2, 1, 2, 2, False)
    assert (conv.kernel_size, conv.stride, conv.padding) == ((3, 3), (2, 2), (1, 1))
    assert (conv.dilation, conv.groups, conv.bias) == ((2, 2), 2, None)
    assert conv.weight.shape == (6, 2, 3, 3)
    pool = AvgPool2d(3, 2, 1, True, False)
    assert (pool.ceil_mode, pool.count_include_pad) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "conv 8 k3 d2",
        "conv 8 k3 same d1x2",
        "conv 6 k3 s2 p1 g3 nobias",
        "conv 8 k2 same im2col",
        "conv 3 k3x2 s2x1 p1 d2 g3 nobias im2col",
        "pool 2 ceil",
        "pool 3 s2 p1 ceil",
        "avgpool 3x2 s2 p1 ceil nopad",
        "avgpool 3 p1 nopad",
    ],
)
def test_options_have_a_text_form(text: str) -> None:
    model = parse_model(text, (3, 9, 8), rng())
    assert format_model(model) == text
    assert text in repr(model[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv 8 k3 same p1", "padding is given twice: write either `same` or `p`"),
        ("conv 8 k3 s2 same", 'padding is "same" with stride (2, 2); expected stride 1'),
        ("conv 8 g2", "groups is 2; expected a divisor of in_channels 3"),
        ("conv 8 g3", "groups is 3; expected a divisor of in_channels 3 and of out_channels 8"),
        ("conv 8 k3 d8", "needs an input of at least 17×17"),
        ("conv 8 d0", "dilation is 0; expected a whole number of at least 1"),
    ],
)
def test_wrong_text_is_explained(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        parse_model(text, (3, 9, 8), rng())
    assert message in str(caught.value)


WRONG: list[tuple[Callable[[], object], str]] = [
    (
        lambda: Conv2d(1, 1, 3, algorithm="winograd"),  # type: ignore[arg-type]
        'algorithm is \'winograd\'; expected "fast" or "im2col"',
    ),
    (lambda: Conv2d(1, 1, 3, padding="half"), "padding is 'half'; expected a whole number"),
    (lambda: Conv2d(1, 1, 3, 2, "same"), 'padding is "same" with stride'),
    (lambda: setattr(Conv2d(1, 1, 3, 1, "same"), "stride", 2), 'because padding is "same"'),
    (lambda: Conv2d(4, 4, 3, groups=3), "groups is 3; expected a divisor of in_channels 4"),
    (lambda: Conv2d(4, 4, 3, dilation=0), "dilation is 0"),
    (lambda: Conv2d(1, 1, 3, 1, 0, 1, 1, 5), "bias is 5; expected True or False"),  # type: ignore[arg-type]
    (lambda: setattr(Conv2d(1, 1, 3), "padding", -1), "padding is -1"),
    (lambda: setattr(MaxPool2d(2), "padding", 2), "padding is 2; expected at most half"),
    (lambda: setattr(MaxPool2d(4, padding=2), "kernel_size", 3), "padding is 2; expected"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_option_is_explained(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        make()
    assert message in str(caught.value)


CHANGES: list[tuple[Callable[[], Layer], dict[str, Any]]] = [
    (lambda: Conv2d(2, 3, 3, rng=rng()), {"padding": 1}),
    (lambda: Conv2d(2, 3, 3, rng=rng()), {"padding": (0, 2)}),
    (lambda: Conv2d(2, 3, 3, rng=rng()), {"padding": "same"}),
    (lambda: Conv2d(2, 3, 3, rng=rng()), {"stride": (2, 1)}),
    (lambda: Conv2d(2, 3, 3, rng=rng()), {"stride": 2, "padding": 2, "dilation": 2}),
    (lambda: Conv2d(2, 3, 3, 2, 1, rng=rng()), {"stride": 1, "dilation": (1, 2)}),
    (lambda: Conv2d(2, 3, 3, rng=rng()), {"algorithm": "im2col"}),
    (lambda: Conv2d(2, 3, 3, rng=rng(), algorithm="im2col"), {"algorithm": "fast"}),
    (lambda: MaxPool2d(2), {"kernel_size": 3, "stride": 1, "padding": 1}),
    (lambda: MaxPool2d(2), {"ceil_mode": True}),
    (lambda: AvgPool2d(3, 2, 1), {"count_include_pad": False, "ceil_mode": True}),
    (lambda: AvgPool2d(2), {"stride": (1, 2), "padding": (1, 0)}),
]


@pytest.mark.parametrize(
    ("make", "options"), CHANGES, ids=[f"{make().to_spec()} {o}" for make, o in CHANGES]
)
def test_an_option_counts_from_the_next_forward(
    make: Callable[[], Layer], options: dict[str, Any]
) -> None:
    x, changed, new = images(2, 2, 7, 6), make(), make()
    step(changed, x)
    for name, value in options.items():
        setattr(changed, name, value)
        setattr(new, name, value)
    assert changed.to_spec() == new.to_spec()
    got, wanted = step(changed, x), step(new, x)
    for name, array in wanted.items():
        np.testing.assert_array_equal(got[name], array, name)


def test_an_option_changed_between_the_passes_does_not_reach_the_backward_pass() -> None:
    layer, x = Conv2d(2, 3, 3, 1, 1, rng=rng()), images(2, 2, 5, 4)
    wanted = step(layer, x)
    layer.zero_grad()
    layer.forward(x)
    layer.output.grad = rng().uniform(-1, 1, layer.output.shape).astype(layer.dtype)
    layer.padding, layer.stride, layer.algorithm = (0, 0), (2, 2), "im2col"
    layer.backward()
    np.testing.assert_array_equal(layer.input.grad, wanted["input.grad"])
    np.testing.assert_array_equal(layer.weight.grad, wanted["weight.grad"])


def test_kernels_and_groups_belong_to_the_weights() -> None:
    layer: Any = Conv2d(2, 4, 3, groups=2)
    for name in ("kernel_size", "groups"):
        with pytest.raises(AttributeError):
            setattr(layer, name, 1)


@pytest.mark.parametrize("options", [{}, {"bias": False}, {"stride": 2, "groups": 2}])
def test_stages_of_im2col_are_the_arrays_of_the_computation(options: dict[str, Any]) -> None:
    layer = Conv2d(4, 6, 3, padding=1, rng=rng(), algorithm="im2col", **options)
    step(layer, images(3, 4, 8, 7))
    forward, backward = (
        {name: array for stage in stages.values() for name, array in stage.items()}
        for stages in (layer.forward_stages(), layer.backward_stages())
    )
    n, o, oh, ow = layer.output.shape
    bias = 0 if layer.bias is None else layer.bias.value[:, None]
    x_out = (forward["K_X_col"] + bias).reshape(o, n, oh, ow).swapaxes(0, 1)
    np.testing.assert_array_equal(x_out, layer.output.value)
    np.testing.assert_array_equal(backward["g_K"].reshape(layer.weight.shape), layer.weight.grad)
    # Asked for again the stages are the same arrays: nothing is computed to be shown.
    for name in ("X_col", "K_X_col"):
        again = [s[name] for s in layer.forward_stages().values() if name in s]
        assert all(np.shares_memory(array, forward[name]) for array in again)
    for name in ("X_col", "g_X_out_matrix", "g_K", "g_X_col"):
        again = [s[name] for s in layer.backward_stages().values() if name in s]
        assert all(np.shares_memory(array, backward[name]) for array in again)


def test_the_kernel_gradient_of_shifts_is_the_one_that_was_added() -> None:
    layer = Conv2d(4, 6, 3, padding=1, rng=rng())
    step(layer, images(3, 4, 8, 7))
    g_kernels = layer.backward_stages()["kernel gradient"]["g_K"]
    np.testing.assert_array_equal(g_kernels.reshape(layer.weight.shape), layer.weight.grad)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_padding_never_wins_over_minus_infinity(padding: int, ceil_mode: bool) -> None:
    layer = MaxPool2d(3, 2, padding, ceil_mode=ceil_mode)
    got = step(layer, np.full((1, 1, 6, 6), -np.inf, np.float32))
    assert (got["output"] == -np.inf).all()
    # Each window has given its gradient to a cell of the image.
    assert_close(got["input.grad"].sum(), layer.output.grad.sum(), magnitude=16.0)
    assert layer.mask().sum() == layer.output.value.size
    if padding:
        assert layer.winner()[0, 0, 0, 0] == 4


def test_nan_wins_its_windows() -> None:
    layer, x = MaxPool2d(2, 2, 1), images(1, 1, 4, 4)
    x[0, 0, 1, 1] = np.nan
    got = step(layer, x)
    assert np.isnan(got["output"]).sum() == 1
    assert np.isnan(got["output"][0, 0, 1, 1])
    assert got["input.grad"][0, 0, 1, 1] == layer.output.grad[0, 0, 1, 1]
    assert_close(got["input.grad"].sum(), layer.output.grad.sum(), magnitude=9.0)


@pytest.mark.parametrize("number", [0.0, 1000.1, -3e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batch_norm_of_equal_numbers_is_zero(number: float, dtype: type[np.floating]) -> None:
    for layer, shape in ((BatchNorm2d(1), (32, 1, 28, 28)), (BatchNorm1d(1), (64, 1))):
        layer.astype(dtype)
        value = layer.forward(np.full(shape, number, dtype)).value
        assert not value.any()
        stages = layer.forward_stages()
        assert stages["mean"]["mean"] == dtype(number)
        assert stages["variance"]["var"] == 0


def test_batch_norm_far_from_zero_is_as_exact_as_its_input() -> None:
    layer = BatchNorm2d(3)
    x = images(16, 3, 20, 20) * np.array([1e-2, 1, 100], np.float32)[:, None, None] + 1000
    exact = x.astype(np.float64)
    mean, std = (f(exact, axis=(0, 2, 3), keepdims=True) for f in (np.mean, np.std))
    wanted = (exact - mean) / np.sqrt(std**2 + layer.eps)
    assert_close(layer.forward(x).value, wanted, magnitude=np.abs(wanted).max() + 4)

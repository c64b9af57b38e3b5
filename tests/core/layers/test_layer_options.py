"""What single layers promise beyond the contract of all layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import pytest

from core.errors import SpecError
from core.formula.syntax import parse
from core.io.text import format_model, parse_model
from core.io.weights import load_state_dict, state_dict
from core.layer import LAYERS, Layer
from core.layers import (
    GELU,
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv2d,
    Dropout,
    GroupNorm,
    Identity,
    LayerNorm,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
    Upsample,
)
from core.model import Model
from core.tensor import Array
from tests.rounding import assert_close


@pytest.fixture
def no_new_layers() -> Iterator[None]:
    """Forget the keywords of classes that a test makes."""
    before = dict(LAYERS)
    yield
    LAYERS.clear()
    LAYERS.update(before)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def images(*shape: int) -> Array:
    return rng(1).uniform(-2, 2, shape).astype(np.float32)


def step(layer: Layer, x: Array) -> tuple[Array, Array]:
    layer.forward(x)
    layer.output.grad = np.ones_like(layer.output.value)
    layer.backward()
    return layer.output.value.copy(), layer.input.grad.copy()


# Dropout


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, float("nan")])
def test_dropout_refuses_a_wrong_probability_also_later(p: float) -> None:
    layer = Dropout(0.3, rng=rng())
    with pytest.raises(ValueError, match="expected a probability"):
        layer.p = p
    assert layer.p == 0.3


def test_a_changed_probability_counts_from_the_next_pass() -> None:
    layer = Dropout(0.5, rng=rng())
    x = np.ones((100, 100), np.float32)
    layer.forward(x)
    layer.p = 0.0
    np.testing.assert_array_equal(layer.forward(x).value, x)
    layer.p = 0.9
    y = layer.forward(x).value
    assert 0.08 < (y > 0).mean() < 0.12
    np.testing.assert_array_equal(np.unique(y), np.array([0, 1 / np.float32(1 - 0.9)], np.float32))


def test_dropout_without_a_generator_has_one_of_its_own() -> None:
    x = np.ones((50, 50), np.float32)
    first, second = Dropout().forward(x).value, Dropout().forward(x).value
    assert not np.array_equal(first, second)


@pytest.mark.usefixtures("no_new_layers")
def test_dropout_under_another_keyword_is_written_and_read() -> None:
    class Noise(Dropout):
        keyword = "noise"

    model = parse_model("noise 0.25, dropout 0.5", (4,), rng())
    assert format_model(model) == "noise 0.25, dropout 0.5"
    first, second = model
    assert type(first) is Noise
    assert first.rng is not None
    assert first.rng is not second.rng
    x = np.ones((20, 4), np.float32)
    state = first.rng.bit_generator.state
    wanted = first.forward(x).value.copy()
    first.rng.bit_generator.state = state
    np.testing.assert_array_equal(first.forward(x).value, wanted)


def test_in_eval_mode_dropout_returns_memory_of_its_own() -> None:
    layer, x = Dropout(rng=rng()).eval(), images(3, 4)
    y = layer.forward(x).value
    np.testing.assert_array_equal(y, x)
    assert not np.shares_memory(y, x)


# Options that are assigned later

NAN, INF = float("nan"), float("inf")
NUMBERS = [NAN, INF, -INF, "1", None, [1.0], True, 1j]
BAD: list[tuple[Callable[[], Layer], str, list[object]]] = [
    (Dropout, "p", [*NUMBERS, -0.1, 1, 1.5]),
    (LeakyReLU, "negative_slope", NUMBERS),
    (lambda: BatchNorm2d(3), "eps", [*NUMBERS, 0, -1, -1e-9]),
    (lambda: BatchNorm1d(3), "eps", [*NUMBERS, 0, -1]),
    (lambda: BatchNorm2d(3), "momentum", [-0.1, 1.1, 5, NAN, INF, "0.1", True]),
    (lambda: GroupNorm(2, 4), "eps", [*NUMBERS, 0, -1]),
    (lambda: LayerNorm(4), "eps", [*NUMBERS, 0, -1]),
    (lambda: GroupNorm(2, 4), "num_groups", [0, -1, 3, 8, 1.0, None, "2"]),
    (Upsample, "scale_factor", [0, -1, 1.5, None, "2", (2, 0), (1, 2, 3)]),
    (lambda: MaxPool2d(2), "ceil_mode", [0, 1, None, "yes"]),
    (lambda: AvgPool2d(2), "ceil_mode", [0, 2, None]),
    (lambda: AvgPool2d(2), "count_include_pad", [0, 1, None]),
    (lambda: MaxPool2d(2), "kernel_size", [0, 1.5, None]),
    (lambda: Conv2d(2, 2, 3), "stride", [0, 1.5, None, "1"]),
    (lambda: Conv2d(2, 2, 3), "padding", [-1, 1.5, None, "some"]),
    (lambda: Conv2d(2, 2, 3), "algorithm", ["slow", None, 1]),
]


@pytest.mark.parametrize(
    ("make", "name", "value"), [(make, name, value) for make, name, bad in BAD for value in bad]
)
def test_an_option_out_of_range_is_refused_later_too(
    make: Callable[[], Layer], name: str, value: object
) -> None:
    layer = make()
    before = getattr(layer, name)
    with pytest.raises(ValueError, match=f"{name} is .*; expected"):
        setattr(layer, name, value)
    assert getattr(layer, name) == before


@pytest.mark.parametrize(
    ("layer", "name", "value", "kept"),
    [
        (Dropout(), "p", np.float64(0.25), 0.25),
        (LeakyReLU(), "negative_slope", np.float32(-0.5), -0.5),
        (LeakyReLU(), "negative_slope", 1, 1.0),
        (BatchNorm2d(3), "eps", np.float64(0.5), 0.5),
        (BatchNorm2d(3), "momentum", None, None),
        (BatchNorm2d(3), "momentum", 1, 1.0),
        (GroupNorm(2, 4), "num_groups", np.int64(4), 4),
        (Upsample(), "scale_factor", 3, (3, 3)),
        (Upsample(), "scale_factor", [1, 3], (1, 3)),
        (MaxPool2d(2), "ceil_mode", np.True_, True),
    ],
)
def test_an_option_counts_from_the_next_pass(
    layer: Layer, name: str, value: object, kept: object
) -> None:
    x = images(2, getattr(layer, "num_features", 4), 5, 5)
    layer.forward(x)
    setattr(layer, name, value)
    assert getattr(layer, name) == kept
    assert type(getattr(layer, name)) is type(kept)
    y, g = step(layer, x)
    assert y.dtype == g.dtype == np.float32
    assert np.isfinite(y).all()
    assert np.isfinite(g).all()
    if layer.keyword != "dropout":
        again = parse_model(layer.to_spec(), x.shape[1:], rng())
        np.testing.assert_array_equal(again.forward(x).value, y)


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        (Linear(3, 2, rng=rng()), ["in_features", "out_features"]),
        (Conv2d(3, 2, 1, rng=rng()), ["in_channels", "out_channels", "kernel_size", "groups"]),
        (BatchNorm2d(3), ["num_features"]),
        (GroupNorm(1, 3), ["num_channels"]),
        (LayerNorm(3), ["normalized_shape"]),
    ],
)
def test_what_params_have_the_size_of_cannot_be_changed(layer: Layer, names: list[str]) -> None:
    for name in names:
        before = getattr(layer, name)
        with pytest.raises(AttributeError, match=f"{name}.*"):
            setattr(layer, name, 7)
        assert getattr(layer, name) == before


def test_the_scale_of_upsample_must_be_named() -> None:
    with pytest.raises(TypeError, match="positional argument"):
        Upsample(2)  # type: ignore[call-arg]


@pytest.mark.parametrize("algorithm", ["fast", "im2col"])
def test_a_convolution_shows_its_algorithm(algorithm: Literal["fast", "im2col"]) -> None:
    class Other(Conv2d):
        pass

    for kind, text in ((Conv2d, "<conv: conv 3 k1"), (Other, "<other: Other")):
        layer = kind(2, 3, 1, rng=rng(), algorithm=algorithm)
        assert repr(layer) == f"{text} {algorithm}>"


# Activations


class Square(Activation):
    """An activation as a stranger writes it, without lines."""

    def function(self, x: Array, out: Array) -> None:
        np.multiply(x, x, out=out)

    def slope(self, x: Array, y: Array, out: Array) -> None:
        np.multiply(x, 2, out=out)


def test_an_activation_without_lines_has_the_general_ones_only() -> None:
    assert set(parse(Square().formulas)) == {"closed", "dead", "g_X_in"}
    assert set(parse(GELU().formulas)) == {"closed", "dead", "g_X_in", "X_out", "gate"}


@pytest.mark.parametrize("parent", [ReLU, Sigmoid, LeakyReLU])
def test_a_subclass_with_another_function_does_not_take_over_its_line(
    parent: type[Activation],
) -> None:
    class Shifted(parent):  # type: ignore[misc, valid-type]
        def function(self, x: Array, out: Array) -> None:
            super().function(x - 1, out)

    class Doubled(parent):  # type: ignore[misc, valid-type]
        def slope(self, x: Array, y: Array, out: Array) -> None:
            np.multiply(x, 2, out=out)

    class Stated(parent):  # type: ignore[misc, valid-type]
        function_line = "X_in[*i] ** 2"

        def function(self, x: Array, out: Array) -> None:
            np.multiply(x, x, out=out)

    assert "X_out" not in parse(Shifted().formulas)
    assert "gate" in parse(Shifted().formulas)
    assert "gate" not in parse(Doubled().formulas)
    assert "X_out[*i] = X_in[*i] ** 2" in Stated().formulas
    x = images(3, 4)
    np.testing.assert_array_equal(step(Doubled(), x)[1], 2 * x)


# Norms within a sample


@pytest.mark.parametrize(
    "layer", [GroupNorm(4, 16), GroupNorm(1, 16), LayerNorm((16, 28, 28)), LayerNorm(28)]
)
@pytest.mark.parametrize("value", [1000.1, -3e-7, 1e7])
def test_a_constant_is_normalised_to_zero(layer: Layer, value: float) -> None:
    x = np.full((2, 16, 28, 28), value, np.float32)
    assert_close(layer.forward(x).value, np.zeros_like(x), magnitude=1e-3)


def test_a_large_mean_costs_no_digits() -> None:
    x = images(4, 8, 5, 5)
    shifted = x.astype(np.float64) + 4096
    rounded = shifted.astype(np.float32)
    wanted = GroupNorm(2, 8).astype(np.float64).forward(rounded.astype(np.float64)).value
    assert_close(GroupNorm(2, 8).forward(rounded).value, wanted, magnitude=2)


def test_norms_agree_where_they_are_the_same() -> None:
    x = images(3, 6, 4, 5)
    whole, layer = step(GroupNorm(1, 6), x), step(LayerNorm((6, 4, 5)), x)
    for one, other in zip(whole, layer, strict=True):
        assert_close(one, other, magnitude=4)


# Composites


@pytest.mark.parametrize(
    "text",
    [
        "concat(conv 3 k3 p1 | conv 2 k1)",
        "concat(identity | relu, conv 2 k1 | conv 1 k3 p1, groupnorm 1)",
        "residual(relu)",
        "concat(concat(identity | tanh) | residual(conv 2 k1, layernorm axes2))",
    ],
)
def test_composites_are_written_and_read(text: str) -> None:
    model, x = parse_model(text, (2, 4, 4), rng()), images(2, 2, 4, 4)
    assert format_model(model) == text
    again = parse_model(format_model(model), (2, 4, 4), rng(1))
    load_state_dict(again, state_dict(model))
    np.testing.assert_array_equal(again.forward(x).value, model.forward(x).value)


def test_a_single_layer_as_a_branch_has_the_names_of_its_text() -> None:
    composite = Model(
        Residual(Conv2d(2, 2, 1, rng=rng()), Conv2d(2, 2, 1, rng=rng())),
        Concat(Conv2d(2, 1, 1, rng=rng()), Identity()),
    )
    read = parse_model(format_model(composite), (2, 4, 4), rng())
    assert [name for name, _ in composite.named_parameters()] == [
        name for name, _ in read.named_parameters()
    ]
    assert [layer.name for layer in composite.walk()] == [layer.name for layer in read.walk()]


def test_branches_are_joined_in_order() -> None:
    x = images(2, 3, 4, 5)
    layer = Concat(Identity(), Tanh(), Model(Identity(), ReLU()))
    y, g = step(layer, x)
    np.testing.assert_array_equal(y, np.concatenate([x, np.tanh(x), np.maximum(x, 0)], axis=1))
    assert_close(g, 1 + (1 - np.tanh(x) ** 2) + (x > 0), magnitude=3)


def test_joined_channels_are_contiguous_in_memory() -> None:
    conv = Conv2d(2, 3, 3, padding=1, rng=rng())
    y = Concat(conv, Conv2d(2, 4, 1, rng=rng())).forward(images(2, 2, 4, 4)).value
    assert y.swapaxes(0, 1).strides[0] == max(y.strides)


def test_branches_in_text_are_required() -> None:
    with pytest.raises(SpecError, match=r"concat needs branches in brackets, with \| between them"):
        parse_model("concat", (2, 4, 4), rng())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("relu, concat(relu | upsample 2)", r"got \(2, 4, 4\) from branch 0 and \(2, 8, 8\)"),
        (
            "relu, residual(upsample 2)",
            r"got \(2, 8, 8\) from the body and \(2, 4, 4\) from the input",
        ),
    ],
)
def test_branches_that_do_not_fit_are_named_in_text(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        parse_model(text, (2, 4, 4), rng())


# Text form


@pytest.mark.parametrize(
    ("layer", "shape", "text"),
    [
        (GroupNorm(2, 4), (4, 3, 3), "groupnorm 2"),
        (GroupNorm(2, 4, 1e-3, affine=False), (4,), "groupnorm 2 eps0.001 noaffine"),
        (LayerNorm((4, 3, 3)), (4, 3, 3), "layernorm axes3"),
        (LayerNorm(3, eps=0.1, bias=False), (4, 3, 3), "layernorm axes1 eps0.1 nobias"),
        (LayerNorm((3, 3), elementwise_affine=False), (4, 3, 3), "layernorm axes2 noaffine"),
        (Upsample(), (4, 3, 3), "upsample 2"),
        (Upsample(scale_factor=(2, 3)), (4, 3, 3), "upsample 2x3"),
        (Softmax(), (4,), "softmax"),
        (Identity(), (4,), "identity"),
        (LeakyReLU(np.float64(0.3)), (4,), "leaky 0.3"),
        (Dropout(np.float64(0.25), rng=rng()), (4,), "dropout 0.25"),
    ],
)
def test_options_are_written_and_read(layer: Layer, shape: tuple[int, ...], text: str) -> None:
    assert layer.to_spec() == text
    (read,) = parse_model(text, shape, rng())
    assert type(read) is type(layer)
    assert read.to_spec() == text
    x = images(3, *shape)
    np.testing.assert_array_equal(read.eval()(x).value, layer.eval()(x).value)


def test_layer_norm_in_text_takes_all_axes_by_default() -> None:
    (layer,) = parse_model("layernorm", (4, 3, 2), rng())
    assert isinstance(layer, LayerNorm)
    assert layer.normalized_shape == (4, 3, 2)


@pytest.mark.parametrize("axes", [0, 4])
def test_layer_norm_of_too_many_axes_is_refused(axes: int) -> None:
    with pytest.raises(SpecError, match=f"axes of layernorm is {axes}; expected 1 to 3"):
        parse_model(f"layernorm axes{axes}", (4, 3, 2), rng())


# Frozen params


@pytest.mark.parametrize("layer", [Linear(4, 3, rng=rng()), LayerNorm(4), GroupNorm(2, 4)])
def test_frozen_params_get_no_gradient_and_show_none(layer: Layer) -> None:
    def shown() -> set[str]:
        return {name for stage in layer.backward_stages().values() for name in stage}

    step(layer, images(3, 4))
    before = shown()
    layer.zero_grad()
    for param in layer.parameters():
        param.requires_grad = False
    step(layer, images(3, 4))
    assert not any(param.grad.any() for param in layer.parameters())
    assert len(before - shown()) == 2

"""What a layer shows of its insides is what it computed, made in the plain form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.kernels.im2col import col2im
from core.layer import Layer, Phase, Stages
from core.layers import (
    Activation,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Linear,
    MaxPool2d,
    Residual,
)
from core.layers.norm import BatchNorm
from core.tensor import Array
from tests.core.cases import CASES, Case

every_case = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


def step(case: Case, look: Callable[[Layer], None]) -> None:
    """Run forward and backward; look at each layer inside right after its backward.

    Later is too late: layers that share an input tensor write its gradient one after the other.
    """

    def observe(layer: Layer, phase: Phase) -> None:
        if phase == "backward":
            look(layer)

    layer = case.layer()
    for inner in layer.walk():
        inner.observer = observe
    layer.forward(case.input())
    layer.output.grad = np.random.default_rng(2).uniform(-1, 1, layer.output.shape)
    layer.backward()


def same(got: Array, wanted: Array) -> None:
    np.testing.assert_allclose(got, wanted, 1e-10, 1e-10)


def merged(stages: Stages) -> dict[str, Array]:
    """All arrays by name; one name is one array in all stages."""
    arrays: dict[str, Array] = {}
    for stage in stages.values():
        for name, array in stage.items():
            np.testing.assert_array_equal(arrays.setdefault(name, array), array, name)
    return arrays


def tensors(layer: Layer) -> dict[str, Array]:
    """What the names that all layers share mean."""
    arrays = {
        "X_in": layer.input.value,
        "X_out": layer.output.value,
        "g_X_in": layer.input.grad,
        "g_X_out": layer.output.grad,
        **layer.state,
    }
    for name, param in layer.params.items():
        arrays |= {name: param.value, f"g_{name}": param.grad}
    if isinstance(layer, BatchNorm):
        arrays |= {"gamma": layer.weight.value, "g_gamma": layer.weight.grad}
        arrays |= {"beta": layer.bias.value, "g_beta": layer.bias.grad}
    return arrays


@every_case
def test_shared_names_mean_the_same_in_every_layer(case: Case) -> None:
    def look(layer: Layer) -> None:
        known = tensors(layer)
        for stages in (layer.forward_stages(), layer.backward_stages()):
            for name, array in merged(stages).items():
                assert np.isfinite(array).all(), name
                if name in known:
                    same(array, known[name])

    step(case, look)


@every_case
def test_making_stages_changes_nothing(case: Case) -> None:
    def look(layer: Layer) -> None:
        before = {name: array.copy() for name, array in tensors(layer).items()}
        for _ in range(2):
            layer.forward_stages()
            layer.backward_stages()
        for name, array in tensors(layer).items():
            np.testing.assert_array_equal(array, before[name], name)

    step(case, look)


PRODUCTS = [case for case in CASES if isinstance(case.layer(), Conv2d | Linear)]


@pytest.mark.parametrize("case", PRODUCTS, ids=[case.id for case in PRODUCTS])
def test_without_an_input_gradient_no_stage_shows_one(case: Case) -> None:
    layer = case.layer()
    layer.needs_input_grad = False
    layer.forward(case.input())
    layer.backward()
    assert "g_X_in" not in merged(layer.backward_stages())


@every_case
def test_stages_add_up(case: Case) -> None:
    def look(layer: Layer) -> None:
        if check := CHECKS.get(type(layer)):
            check(layer, merged(layer.forward_stages()), merged(layer.backward_stages()))
        elif isinstance(layer, Activation):
            backward = merged(layer.backward_stages())
            same(backward["gate"] * backward["g_X_out"], backward["g_X_in"])

    step(case, look)


def as_images(matrix: Array, like: Array) -> Array:
    """(C, N·H·W) as (N, C, H, W)."""
    n, c, h, w = like.shape
    return matrix.reshape(c, n, h, w).swapaxes(0, 1)


def conv(layer: Conv2d, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    x_out, x_in, g_out = forward["X_out"], forward["X_in"], backward["g_X_out"]
    same(forward["K"].reshape(layer.weight.shape), layer.weight.value)
    same(forward["K"] @ forward["X_col"], forward["K_X_col"])
    bias = 0 if layer.bias is None else layer.bias.value[:, None]
    same(as_images(forward["K_X_col"] + bias, x_out), x_out)
    same(as_images(backward["g_X_out_matrix"], g_out), g_out)
    same(backward["X_col"], forward["X_col"])
    same(backward["g_X_out_matrix"] @ backward["X_col"].T, backward["g_K"])
    same(backward["g_K"].reshape(layer.weight.shape), layer.weight.grad)
    same(backward["K"].T @ backward["g_X_out_matrix"], backward["g_X_col"])
    (n, c, h, w), options = x_in.shape, (layer.kernel_size, layer.stride, layer.padding)
    same(col2im(backward["g_X_col"], (n, c, h, w), *options), backward["g_X_in"])
    ones = np.ones((layer.kernel_size[0] * layer.kernel_size[1], g_out[0, 0].size))
    same(backward["visits"], col2im(ones, (1, 1, h, w), *options)[0, 0])
    if layer.bias is not None:
        same(backward["g_bias"], backward["g_X_out_matrix"].sum(axis=1))


def linear(layer: Linear, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    bias = 0 if layer.bias is None else forward["bias"]
    same(forward["X_in"] @ forward["weight"].T + bias, forward["X_out"])
    same(backward["g_X_out"].T @ backward["X_in"], backward["g_weight"])
    same(backward["g_X_out"] @ backward["weight"], backward["g_X_in"])


def batch_norm(layer: BatchNorm, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    wide = (-1, *(1,) * (forward["X_in"].ndim - 2))
    x, x_hat, g = forward["X_in"], forward["x_hat"], backward["g_X_out"]
    others = tuple(axis for axis in range(x.ndim) if axis != 1)
    if layer.training:
        same(forward["mean"], x.mean(others))
        same(forward["var"], x.var(others))
    else:
        same(forward["mean"], forward["running_mean"])
        same(forward["var"], forward["running_var"])
    std = np.sqrt(forward["var"] + layer.eps)
    same((x - forward["mean"].reshape(wide)) / std.reshape(wide), x_hat)
    scaled = x_hat * forward["gamma"].reshape(wide) + forward["beta"].reshape(wide)
    same(scaled, forward["X_out"])
    same(backward["x_hat"], x_hat)
    same(backward["g_beta"], g.sum(others))
    same(backward["g_gamma"], (g * x_hat).sum(others))
    same(backward["g_x_hat"], g * backward["gamma"].reshape(wide))
    terms = backward["term_direct"] + backward["term_mean"] + backward["term_var"]
    same(terms, backward["g_X_in"])


def max_pool(layer: MaxPool2d, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    x, winner, g_in = forward["X_in"], forward["winner"], np.zeros(forward["X_in"].shape)
    mask = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(winner.shape):
        s, t = divmod(int(winner[n, c, i, j]), layer.kernel_size[1])
        row = i * layer.stride[0] - layer.padding[0] + s
        column = j * layer.stride[1] - layer.padding[1] + t
        assert x[n, c, row, column] == forward["X_out"][n, c, i, j]
        mask[n, c, row, column] += 1
        g_in[n, c, row, column] += backward["g_X_out"][n, c, i, j]
    same(forward["mask"], mask)
    same(backward["mask"], mask)
    same(backward["g_X_in"], g_in)


def dropout(layer: Dropout, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    kept = 1 / (1 - layer.p) if layer.training else 1
    assert set(np.unique(forward["mask"])) <= ({0, kept} if layer.training else {1})
    same(forward["X_in"] * forward["mask"], forward["X_out"])
    same(backward["g_X_out"] * backward["mask"], backward["g_X_in"])


def residual(layer: Residual, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    same(forward["body"] + forward["shortcut"], forward["X_out"])
    same(backward["g_body"] + backward["g_shortcut"], backward["g_X_in"])
    if layer.shortcut is None:
        same(forward["shortcut"], forward["X_in"])
        same(backward["g_shortcut"], backward["g_X_out"])


Check = Callable[[Any, dict[str, Array], dict[str, Array]], None]

CHECKS: dict[type[Layer], Check] = {
    Conv2d: conv,
    Linear: linear,
    BatchNorm1d: batch_norm,
    BatchNorm2d: batch_norm,
    MaxPool2d: max_pool,
    Dropout: dropout,
    Residual: residual,
}

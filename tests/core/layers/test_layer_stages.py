"""What a layer shows of its insides is what it computed, made in the plain form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.kernels.im2col import col2im
from core.layer import Layer, Stages
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
from tests.rounding import assert_close

every_case = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


def step(case: Case, look: Callable[[Layer], None]) -> None:
    """Run forward and backward; look at each layer inside right after its backward.

    Later is too late: layers that share an input tensor write its gradient one after the other.
    """

    layer, seen = case.layer(), list[Layer]()

    def hook(inner: Layer, grad_input: Array | None, grad_output: Array) -> None:
        seen.append(inner)
        look(inner)

    for inner in layer.walk():
        inner.register_backward_hook(hook)
    layer.forward(case.input())
    layer.output.grad = np.random.default_rng(2).uniform(-1, 1, layer.output.shape)
    layer.backward()
    assert {id(inner) for inner in seen} == {id(inner) for inner in layer.walk()}


def same(got: Array, wanted: Array, magnitude: Array | float | None = None) -> None:
    """Compare up to the rounding of what was added; see `assert_close`."""
    # A layer may reach the same number by other sums over the batch than its stages show.
    assert_close(got, wanted, magnitude=magnitude, roundings=256)


def product(left: Array, right: Array) -> tuple[Array, Array]:
    """Return a matrix product, and the sum of the magnitudes of each number's terms."""
    return left @ right, np.abs(left) @ np.abs(right)


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
    layer.output.grad = np.ones(layer.output.shape)
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


def in_blocks(rows: Array, groups: int) -> Array:
    """The rows of each group of kernels at its own channels, zeros at those of other groups."""
    full = np.zeros((len(rows), groups, rows.shape[1]))
    for o, row in enumerate(rows):
        full[o, o // (len(rows) // groups)] = row
    return full.reshape(len(rows), -1)


def conv(layer: Conv2d, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    x_out, x_in, g_out = forward["X_out"], forward["X_in"], backward["g_X_out"]
    same(forward["K"].reshape(layer.weight.shape), layer.weight.value)
    blocks = in_blocks(np.ones_like(forward["K"]), layer.groups)
    kernels = in_blocks(forward["K"], layer.groups)
    terms, size = product(kernels, forward["X_col"])
    same(forward["K_X_col"], terms, size)
    bias = 0 if layer.bias is None else layer.bias.value[:, None]
    same(x_out, as_images(terms + bias, x_out), as_images(size + np.abs(bias), x_out))
    same(as_images(backward["g_X_out_matrix"], g_out), g_out)
    same(backward["X_col"], forward["X_col"])
    terms, size = product(backward["g_X_out_matrix"], backward["X_col"].T)
    same(in_blocks(backward["g_K"], layer.groups), terms * blocks, size)
    same(backward["g_K"].reshape(layer.weight.shape), layer.weight.grad)
    terms, size = product(kernels.T, backward["g_X_out_matrix"])
    same(backward["g_X_col"], terms, size)
    windows = layer.windows()
    image, size = (col2im(columns, x_in.shape, windows) for columns in (terms, size))
    same(backward["g_X_in"], image, size)
    ones = np.ones((layer.kernel_size[0] * layer.kernel_size[1], g_out[0, 0].size))
    same(backward["visits"], col2im(ones, (1, 1, *x_in.shape[2:]), windows)[0, 0])
    if layer.bias is not None:
        matrix = backward["g_X_out_matrix"]
        same(backward["g_bias"], matrix.sum(axis=1), np.abs(matrix).sum(axis=1))


def linear(layer: Linear, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    bias = 0 if layer.bias is None else forward["bias"]
    terms, size = product(forward["X_in"], forward["weight"].T)
    same(forward["X_out"], terms + bias, size + np.abs(bias))
    same(backward["g_weight"], *product(backward["g_X_out"].T, backward["X_in"]))
    same(backward["g_X_in"], *product(backward["g_X_out"], backward["weight"]))


def batch_norm(layer: BatchNorm, forward: dict[str, Array], backward: dict[str, Array]) -> None:
    wide = (-1, *(1,) * (forward["X_in"].ndim - 2))
    x, x_hat, g = forward["X_in"], forward["x_hat"], backward["g_X_out"]
    others = tuple(axis for axis in range(x.ndim) if axis != 1)
    if layer.training:
        mean, var = forward["mean"], forward["var"]
        same(mean, x.mean(others), np.abs(x).mean(others))
        same(var, x.var(others))
    else:
        mean, var = forward["running_mean"], forward["running_var"]
        same(mean, layer.state["running_mean"])
        same(var, layer.state["running_var"])
    mean, std = mean.reshape(wide), np.sqrt(var + layer.eps).reshape(wide)
    same(forward["centred"], x - mean, np.abs(x) + np.abs(mean))
    same(x_hat, (x - mean) / std, (np.abs(x) + np.abs(mean)) / std)
    scaled, shift = x_hat * forward["gamma"].reshape(wide), forward["beta"].reshape(wide)
    same(forward["X_out"], scaled + shift, np.abs(scaled) + np.abs(shift))
    same(backward["x_hat"], x_hat)
    same(backward["g_beta"], g.sum(others), np.abs(g).sum(others))
    same(backward["g_gamma"], (g * x_hat).sum(others), np.abs(g * x_hat).sum(others))
    same(backward["g_x_hat"], g * backward["gamma"].reshape(wide))
    if not layer.training:
        same(backward["g_X_in"], backward["g_x_hat"] / std)
        return
    terms = [backward[name] for name in ("term_direct", "term_mean", "term_var")]
    same(backward["g_X_in"], np.sum(terms, axis=0), np.sum(np.abs(terms), axis=0))


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
    for sums, total, branches in (
        (forward, "X_out", ("body", "shortcut")),
        (backward, "g_X_in", ("g_body", "g_shortcut")),
    ):
        terms = [sums[name] for name in branches]
        same(sums[total], np.sum(terms, axis=0), np.sum(np.abs(terms), axis=0))
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

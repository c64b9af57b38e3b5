"""What docs/mathematics.md says in words and in formulas of its own, and examples in docstrings."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import product
from math import log, sqrt
from typing import Any

import numpy as np
import pytest

import core
from core.tensor import Array, Tensor
from tests.rounding import assert_close, largest
from tools.mathematics import DOCUMENT

TEXT = DOCUMENT.read_text("utf-8")
Rng = np.random.Generator


@pytest.fixture
def rng() -> Rng:
    return np.random.default_rng(0)


def run(layer: core.Layer, x: Array, g: Array | None = None) -> Array:
    """Run a layer in float64 forward and backward, and return g(L, x)."""
    layer.astype(np.float64)
    layer.forward(x)
    layer.output.grad = np.ones(layer.output.shape) if g is None else g
    layer.backward()
    return layer.input.grad


def corners(layer: core.Conv2d) -> Iterator[tuple[int, ...]]:
    yield from product(*map(range, layer.output.shape[1:]), *map(range, layer.weight.shape[1:]))


def test_the_direct_formula_of_a_convolution(rng: Rng) -> None:
    (sy, sx), (py, px), (dy, dx) = (2, 1), (1, 2), (1, 2)
    layer = core.Conv2d(2, 3, 3, (sy, sx), (py, px), (dy, dx), rng=rng).astype(np.float64)
    x = rng.standard_normal((2, 2, 7, 6))
    y = layer.forward(x).value
    assert layer.bias is not None
    wanted = np.zeros_like(y) + layer.bias.value[:, None, None]
    for o, i, j, c, s, t in corners(layer):
        row, column = i * sy + s * dy - py, j * sx + t * dx - px
        if 0 <= row < 7 and 0 <= column < 6:
            wanted[:, o, i, j] += layer.weight.value[o, c, s, t] * x[:, c, row, column]
    assert_close(y, wanted, magnitude=18 * largest(x) * largest(layer.weight.value))
    assert y.shape[2] == (7 + 2 * py - dy * (3 - 1) - 1) // sy + 1


def test_shapes_of_a_convolution(rng: Rng) -> None:
    layer = core.Conv2d(4, 8, 3, algorithm="im2col", rng=rng)
    run(layer, rng.standard_normal((2, 4, 7, 7)))
    arrays = layer.forward_stages()["multiply"]
    assert arrays["X_col"].shape == (4 * 3**2, 2 * 5**2)
    assert arrays["K"].shape == layer.backward_stages()["kernel gradient"]["g_K"].shape == (8, 36)


def test_gradients_of_a_batch_norm(rng: Rng) -> None:
    layer, x = core.BatchNorm2d(3, eps=0.1), rng.standard_normal((4, 3, 5, 5))
    g = rng.standard_normal(x.shape)
    g_in = run(layer, x, g)
    x_hat = layer.forward_stages()["normalise"]["x_hat"]
    others, size = (0, 2, 3), np.abs(g_in).sum()
    assert_close(g_in.sum(others), np.zeros(3), magnitude=size)
    var = x.var(others)
    assert_close(x_hat.var(others), var / (var + 0.1), magnitude=1.0)
    wanted = 0.1 / (var + 0.1) * (g * x_hat).sum(others) / np.sqrt(var + 0.1)
    assert_close((g_in * x_hat).sum(others), wanted, magnitude=size * largest(x_hat))


def test_a_bias_before_batch_norm_gets_no_gradient(rng: Rng) -> None:
    model = core.Model(core.Conv2d(2, 3, 3, rng=rng), core.BatchNorm2d(3))
    x = rng.standard_normal((4, 2, 6, 6))
    run(model, x, rng.standard_normal((4, 3, 4, 4)))
    bias = model[0].params["bias"]
    assert_close(bias.grad, np.zeros(3), magnitude=np.abs(model[1].input.grad).sum())


@pytest.mark.parametrize(
    ("layer", "at", "most"),
    [
        (core.ReLU(), 1.0, 1.0),
        (core.Sigmoid(), 0.0, 0.25),
        (core.Tanh(), 0.0, 1.0),
        (core.GELU(), sqrt(2), 1.13),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, core.Layer) else str(value),
)
def test_largest_slopes(layer: core.Layer, at: float, most: float) -> None:
    slopes = run(layer, np.append(np.linspace(-6, 6, 4001), at)[None])[0]
    assert round(float(slopes[-1]), 2) == most
    assert slopes.max() <= slopes[-1] * (1 + 1e-6)


def test_gradients_of_a_softmax_add_up_to_zero(rng: Rng) -> None:
    g_in = run(core.Softmax(), rng.standard_normal((3, 5)), rng.standard_normal((3, 5)))
    assert_close(g_in.sum(axis=1), np.zeros(3), magnitude=np.abs(g_in).sum())


def test_loss_of_equal_classes() -> None:
    assert_close(core.CrossEntropyLoss()(Tensor(np.zeros((4, 10))), [0, 1, 2, 3]), log(10))
    assert "2.303" in TEXT
    assert round(log(10), 3) == 2.303


def test_velocity_of_a_constant_gradient() -> None:
    param = Tensor(np.zeros(1))
    optimizer = core.SGD([param], lr=1e-3, momentum=0.9)
    for _ in range(500):
        param.grad = np.ones(1)
        optimizer.step()
    assert_close(optimizer.slots["velocity"][0], [10.0], roundings=4096)


def test_first_step_of_adam() -> None:
    g = np.array([1e-3, -20.0, 0.5])
    param = Tensor(np.zeros(3))
    param.grad = g
    core.Adam([param], lr=0.01).step()
    assert_close(param.value, -0.01 * g / (np.abs(g) + 1e-8), roundings=4096)


def test_clipping_keeps_the_direction() -> None:
    params = [Tensor(np.zeros(2)), Tensor(np.zeros(1))]
    params[0].grad, params[1].grad = np.array([3.0, 0.0]), np.array([4.0])
    core.SGD(params, lr=1.0, max_norm=1.0).step()
    assert_close(np.concatenate([p.value for p in params]), np.array([-3.0, 0, -4]) / (5 + 1e-6))


@pytest.mark.parametrize("thing", [core, core.Loss], ids=["core", "Loss"])
def test_an_example_in_a_docstring_runs(thing: object) -> None:
    (block, *_) = re.findall(r"(?<=\n\n)(?: {4}.*\n|\n)+", f"{inspect.getdoc(thing)}\n")
    namespace: dict[str, Any] = dict(vars(core), np=np)
    exec(compile(textwrap.dedent(block), "docstring", "exec"), namespace)
    if thing is core:
        assert namespace["trainer"].epoch == 3
    else:
        loss, output = namespace["Huber"](), Tensor(np.array([[0.5], [3.0]]))
        assert_close(loss(output, np.zeros((2, 1))), (0.5**2 / 2 + 2.5) / 2)
        loss.backward()
        assert_close(output.grad, [[0.25], [0.5]])

"""Activations and their slopes are accurate to a few roundings, also where they are tiny."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from core.layers import GELU, Activation, Sigmoid, Tanh
from core.tensor import Array
from tests.rounding import assert_close

Real = Callable[[float], float]
# How many roundings a result may be off: exp and tanh of a NumPy build are off by up to 4.
ROUNDINGS = 16


def normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


# The function, its slope, and the sum of the magnitudes of the slope's terms.
WANTED: dict[type[Activation], tuple[Real, Real, Real]] = {
    Sigmoid: (
        lambda x: 1 / (1 + math.exp(-x)),
        lambda x: 1 / (2 * math.cosh(x / 2)) ** 2,
        lambda x: 1 / (2 * math.cosh(x / 2)) ** 2,
    ),
    Tanh: (math.tanh, lambda x: 1 / math.cosh(x) ** 2, lambda x: 1 / math.cosh(x) ** 2),
    GELU: (
        lambda x: x * normal(x),
        lambda x: normal(x) + x * density(x),
        lambda x: normal(x) + abs(x) * density(x),
    ),
}
every_kind = pytest.mark.parametrize("kind", WANTED)
both_types = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def points(dtype: type[np.floating]) -> Array:
    """Numbers from -100 to 100, as near to zero as 1e-30."""
    small = np.geomspace(1e-30, 1, 301)
    return np.concatenate([np.linspace(-100, 100, 20_001), small, -small]).astype(dtype)


def run(kind: type[Activation], x: Array) -> tuple[Array, Array]:
    """The output and the slope; every warning of NumPy is an error here, overflow included."""
    layer = kind().astype(x.dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        layer.forward(x[:, None])
        layer.output.grad = np.ones_like(x)[:, None]
        layer.backward()
    np.testing.assert_array_equal(layer.gate(), layer.input.grad)
    return layer.output.value[:, 0], layer.input.grad[:, 0]


def check(got: Array, wanted: Array, size: Array, x: Array) -> None:
    """Compare where the result is a normal number of its dtype, in roundings of `size`."""
    info = np.finfo(got.dtype)
    # math.erfc gets x / sqrt(2) rounded, whose square is off by x² roundings of float64.
    of_reference = np.finfo(np.float64).eps * (8 + x.astype(np.float64) ** 2)
    error = np.abs(got.astype(np.float64) - wanted)
    allowed = (ROUNDINGS * float(info.eps) + of_reference) * size
    assert (error <= allowed + float(info.tiny)).all(), x[np.argmax(error - allowed)]
    # Nothing vanishes before its size leaves the range of the dtype.
    assert (got[np.abs(wanted) > 2 * float(info.tiny)] != 0).all()


@every_kind
@both_types
def test_output(kind: type[Activation], dtype: type[np.floating]) -> None:
    x = points(dtype)
    wanted = np.array([WANTED[kind][0](float(v)) for v in x])
    check(run(kind, x)[0], wanted, np.abs(wanted), x)


@every_kind
@both_types
def test_slope(kind: type[Activation], dtype: type[np.floating]) -> None:
    x = points(dtype)
    _, slope, terms = WANTED[kind]
    wanted, size = (np.array([f(float(v)) for v in x]) for f in (slope, terms))
    check(run(kind, x)[1], wanted, size, x)


@pytest.mark.parametrize(
    ("x", "wanted"), [(-17.0, 4.1399375e-08), (-20.0, 2.0611537e-09), (-80.0, 1.8048513e-35)]
)
def test_sigmoid_of_negative_numbers_in_float32(x: float, wanted: float) -> None:
    output, slope = run(Sigmoid, np.array([x, -x], np.float32))
    assert output[0] == pytest.approx(wanted, rel=1e-6, abs=0)
    assert slope == pytest.approx([wanted, wanted], rel=1e-6, abs=0)


@every_kind
@both_types
def test_far_out_nothing_overflows(kind: type[Activation], dtype: type[np.floating]) -> None:
    largest = float(np.finfo(dtype).max)
    output, slope = run(kind, np.array([-largest, -1e5, 1e5, largest], dtype))
    bounds = {Sigmoid: [0, 0, 1, 1], Tanh: [-1, -1, 1, 1], GELU: [0, 0, 1e5, largest]}
    np.testing.assert_array_equal(output, np.array(bounds[kind], dtype))
    np.testing.assert_array_equal(slope, [0, 0, 1, 1] if kind is GELU else [0, 0, 0, 0])


@every_kind
def test_not_a_number_stays_one(kind: type[Activation]) -> None:
    output, slope = run(kind, np.array([np.nan]))
    assert np.isnan([output[0], slope[0]]).all()


@every_kind
def test_memory_order_does_not_matter(kind: type[Activation]) -> None:
    x = np.random.default_rng(0).uniform(-9, 9, (3, 70, 60))
    turned = np.ascontiguousarray(x.T).T
    straight, other = kind().astype(np.float64), kind().astype(np.float64)
    wanted = other.forward(turned).value
    assert_close(straight.forward(x).value, wanted, magnitude=np.abs(wanted))
    assert_close(straight.gate(), other.gate())

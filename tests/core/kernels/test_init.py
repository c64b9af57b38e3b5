"""First weights: how they are spread, and that the generator alone decides them."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from core.init import (
    INITIALISERS,
    Initialiser,
    fans,
    he,
    initial_bias,
    initialise,
    lecun,
    torch_default,
    xavier,
    zeros,
)
from core.layers import Conv2d, Linear
from core.tensor import Array

SHAPES = [(300, 200), (64, 32, 5, 3)]
EVERY = [he, xavier, lecun, zeros, torch_default]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((10, 784), (784, 10)), ((8, 3, 5, 5), (75, 200)), ((8, 3, 2, 7), (42, 112))],
)
def test_fans_count_the_links(shape: tuple[int, ...], expected: tuple[int, int]) -> None:
    assert fans(shape) == expected


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("init", [he, xavier, lecun, torch_default])
def test_variance_is_that_of_the_paper(init: Initialiser, shape: tuple[int, ...]) -> None:
    fan_in, fan_out = fans(shape)
    variances: dict[Initialiser, float] = {
        he: 2 / fan_in,
        xavier: 2 / (fan_in + fan_out),
        lecun: 1 / fan_in,
        # Uniform between ±1 / sqrt(fan_in).
        torch_default: 1 / (3 * fan_in),
    }
    expected = variances[init]
    weights = init(shape, np.random.default_rng(0))
    # The variance of n numbers is off by sqrt(2 / n) at one sigma, their mean by sqrt(var / n).
    assert weights.var() == pytest.approx(expected, rel=5 * sqrt(2 / weights.size))
    assert abs(weights.mean()) < 5 * sqrt(expected / weights.size)


def test_uniform_ones_are_bounded_and_normal_ones_are_not() -> None:
    shape = (300, 200)
    spread = {
        init: float(np.abs(weights).max() / weights.std())
        for init in (he, xavier, lecun, torch_default)
        for weights in [init(shape, np.random.default_rng(0))]
    }
    assert spread[xavier] == pytest.approx(sqrt(3), rel=0.01)
    assert spread[torch_default] == pytest.approx(sqrt(3), rel=0.01)
    assert min(spread[he], spread[lecun]) > 3.5


@pytest.mark.parametrize("init", EVERY)
def test_shape_and_type(init: Initialiser) -> None:
    weights = init((4, 3, 2, 5), np.random.default_rng(0))
    assert weights.shape == (4, 3, 2, 5)
    assert weights.dtype == np.float32


@pytest.mark.parametrize("init", [he, xavier, lecun, torch_default])
def test_the_seed_decides(init: Initialiser) -> None:
    first, again, other = (init((4, 3), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.equal(first, other).any()


def test_zeros_draw_nothing() -> None:
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    assert not zeros((4, 3), rng).any()
    assert rng.bit_generator.state == before


@pytest.mark.parametrize("name", INITIALISERS)
def test_names_stand_for_functions(name: str) -> None:
    by_name, by_function = (
        initialise(init, (4, 3, 2, 2), np.random.default_rng(0))
        for init in (name, INITIALISERS[name])
    )
    np.testing.assert_array_equal(by_name, by_function)


def test_an_unknown_name_lists_the_known_ones() -> None:
    for draw in (initialise, initial_bias):
        with pytest.raises(
            ValueError, match=r"'kaiming'; expected .* he, xavier, lecun, zeros, torch"
        ):
            draw("kaiming", (4, 3), np.random.default_rng(0))


@pytest.mark.parametrize("init", ["he", xavier, "lecun", zeros, lambda shape, rng: np.ones(shape)])
def test_bias_is_zero_and_draws_nothing(init: str | Initialiser) -> None:
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    bias = initial_bias(init, (5, 3), rng)
    assert bias.dtype == np.float32
    assert bias.tolist() == [0] * 5
    assert rng.bit_generator.state == before


def uniform(array: Array, bound: float) -> None:
    """Assert that numbers are uniform between -bound and bound, to five sigma."""
    assert np.abs(array).max() <= np.float32(bound)
    assert np.abs(array).max() > bound * (1 - 20 / array.size)
    variance = bound**2 / 3
    # The fourth moment of the uniform distribution is 9/5 of the squared variance.
    assert array.var() == pytest.approx(variance, rel=5 * sqrt(0.8 / array.size))
    assert abs(array.mean()) < 5 * sqrt(variance / array.size)


@pytest.mark.parametrize("init", ["torch", torch_default])
def test_torch_draws_weight_and_bias_between_the_same_bounds(init: str | Initialiser) -> None:
    rng = np.random.default_rng(0)
    linear = Linear(50, 4000, rng=rng, init=init)
    conv = Conv2d(8, 3000, (3, 2), groups=2, rng=rng, init=init)
    for layer, fan_in in ((linear, 50), (conv, 4 * 3 * 2)):
        assert layer.bias is not None
        for param in layer.parameters():
            assert param.value.dtype == np.float32
            uniform(param.value, 1 / sqrt(fan_in))


def test_default_is_he_with_a_bias_of_zero() -> None:
    linear = Linear(3, 4, rng=np.random.default_rng(0))
    conv = Conv2d(3, 4, 2, rng=np.random.default_rng(0))
    for layer, shape in ((linear, (4, 3)), (conv, (4, 3, 2, 2))):
        assert layer.bias is not None
        assert not layer.bias.value.any()
        np.testing.assert_array_equal(layer.weight.value, he(shape, np.random.default_rng(0)))


def test_without_a_generator_two_layers_differ() -> None:
    first, second = Linear(5, 4), Linear(5, 4)
    assert not np.equal(first.weight.value, second.weight.value).any()

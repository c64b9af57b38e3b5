"""First weights: how they are spread, and that the generator alone decides them."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from core.init import Initialiser, fans, he, lecun, xavier, zeros

SHAPES = [(300, 200), (64, 32, 5, 3)]
EVERY = [he, xavier, lecun, zeros]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((10, 784), (784, 10)), ((8, 3, 5, 5), (75, 200)), ((8, 3, 2, 7), (42, 112))],
)
def test_fans_count_the_links(shape: tuple[int, ...], expected: tuple[int, int]) -> None:
    assert fans(shape) == expected


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("init", [he, xavier, lecun])
def test_variance_is_that_of_the_paper(init: Initialiser, shape: tuple[int, ...]) -> None:
    fan_in, fan_out = fans(shape)
    variances: dict[Initialiser, float] = {
        he: 2 / fan_in,
        xavier: 2 / (fan_in + fan_out),
        lecun: 1 / fan_in,
    }
    expected = variances[init]
    weights = init(shape, np.random.default_rng(0))
    # The variance of n numbers is off by sqrt(2 / n) at one sigma, their mean by sqrt(var / n).
    assert weights.var() == pytest.approx(expected, rel=5 * sqrt(2 / weights.size))
    assert abs(weights.mean()) < 5 * sqrt(expected / weights.size)


def test_xavier_is_bounded_and_the_normal_ones_are_not() -> None:
    shape = (300, 200)
    spread = {
        init: float(np.abs(weights).max() / weights.std())
        for init in (he, xavier, lecun)
        for weights in [init(shape, np.random.default_rng(0))]
    }
    assert spread[xavier] == pytest.approx(sqrt(3), rel=0.01)
    assert min(spread[he], spread[lecun]) > 3.5


@pytest.mark.parametrize("init", EVERY)
def test_shape_and_type(init: Initialiser) -> None:
    weights = init((4, 3, 2, 5), np.random.default_rng(0))
    assert weights.shape == (4, 3, 2, 5)
    assert weights.dtype == np.float32


@pytest.mark.parametrize("init", [he, xavier, lecun])
def test_the_seed_decides(init: Initialiser) -> None:
    first, again, other = (init((4, 3), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.equal(first, other).any()


def test_zeros_draw_nothing() -> None:
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    assert not zeros((4, 3), rng).any()
    assert rng.bit_generator.state == before

"""Optimisers against steps worked out by hand on L = x²/2 from x = 1, whose gradient is x."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import nan, sqrt

import numpy as np
import pytest

from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.tensor import Tensor
from tests.rounding import assert_close

Maker = Callable[[Sequence[Tensor]], Optimizer]

HALF = (0.5, 0.5)
PATHS: dict[str, tuple[Maker, list[float]]] = {
    "sgd": (partial(SGD, lr=0.1), [0.9, 0.81, 0.729]),
    # v = 1, 1.8, 2.34
    "momentum": (partial(SGD, lr=0.1, momentum=0.9), [0.9, 0.72, 0.486]),
    # v = 1, 1.71, 2.1141; x falls by 0.1 (x + 0.9 v)
    "nesterov": (partial(SGD, lr=0.1, momentum=0.9, nesterov=True), [0.81, 0.5751, 0.327321]),
    # The gradient is 1.5 x.
    "decay": (partial(SGD, lr=0.1, weight_decay=0.5), [0.85, 0.7225, 0.614125]),
    # m = 1/2, 0.7 and v = 1/2, 0.655; the corrections are 1/2 and 3/4.
    "adam": (
        partial(Adam, lr=0.1, betas=HALF, eps=0.0),
        [0.9, 0.9 - 0.1 * (0.7 / 0.75) / sqrt(0.655 / 0.75)],
    ),
    # g = 1.5, 1.35: the decay goes through the moments.
    "adam-decay": (
        partial(Adam, lr=0.1, betas=HALF, eps=0.0, weight_decay=0.5),
        [0.9, 0.9 - 0.1 * (1.05 / 0.75) / sqrt(1.47375 / 0.75)],
    ),
    # g = 1, 0.85: the decay takes 0.05 x past the moments.
    "adamw": (
        partial(AdamW, lr=0.1, betas=HALF, eps=0.0, weight_decay=0.5),
        [0.85, 0.85 - 0.0425 - 0.1 * (0.675 / 0.75) / sqrt(0.61125 / 0.75)],
    ),
    # s = 1/4, 0.3475
    "rmsprop": (partial(RMSprop, lr=0.1, alpha=0.75, eps=0.0), [0.8, 0.8 - 0.08 / sqrt(0.3475)]),
    # v = 2, 1 + 0.8 / sqrt(s)
    "rmsprop-momentum": (
        partial(RMSprop, lr=0.1, alpha=0.75, eps=0.0, momentum=0.5),
        [0.8, 0.7 - 0.08 / sqrt(0.3475)],
    ),
    # The gradient is 1.5 x, so s = 0.5625, 0.78187500.
    "rmsprop-decay": (
        partial(RMSprop, lr=0.1, alpha=0.75, eps=0.0, weight_decay=0.5),
        [0.8, 0.8 - 0.12 / sqrt(0.421875 + 0.25 * 1.44)],
    ),
    # eps stands beside the root: 0.1 · 1 / (1 + 1).
    "adam-eps": (partial(Adam, lr=0.1, eps=1.0), [0.95]),
    "rmsprop-eps": (partial(RMSprop, lr=0.1, alpha=0.75, eps=0.5), [0.9]),
}
MAKERS: list[Maker] = [
    partial(SGD, lr=0.1),
    partial(SGD, lr=0.1, momentum=0.9),
    Adam,
    AdamW,
    RMSprop,
    partial(RMSprop, momentum=0.9),
]


def ones(*shape: int) -> Tensor:
    return Tensor(np.ones(shape))


@pytest.mark.parametrize(("make", "path"), PATHS.values(), ids=PATHS)
def test_steps_are_those_by_hand(make: Maker, path: list[float]) -> None:
    x, other = ones(2, 3), ones()
    optimizer = make([x, other])
    for steps, wanted in enumerate(path, start=1):
        x.grad = x.value.copy()
        other.grad = other.value.copy()
        optimizer.step()
        assert optimizer.steps == steps
        assert_close(x.value, np.full((2, 3), wanted), magnitude=1)
        assert_close(other.value, wanted, magnitude=1)


@pytest.mark.parametrize("make", MAKERS)
def test_the_rate_may_change_between_steps(make: Maker) -> None:
    x = ones(2)
    optimizer = make([x])
    optimizer.lr = 0.0
    x.grad = np.ones(2)
    optimizer.step()
    np.testing.assert_array_equal(x.value, [1, 1])
    optimizer.lr = 0.1
    optimizer.step()
    assert (x.value < 1).all()


@pytest.mark.parametrize("make", MAKERS)
def test_a_step_works_in_place_and_keeps_the_type(make: Maker) -> None:
    x = Tensor(np.ones((2, 3), np.float32))
    array = x.value
    optimizer = make([x])
    x.grad = np.ones((2, 3), np.float32)
    optimizer.step()
    assert x.value is array
    assert array.dtype == np.float32
    assert {a.dtype for kept in optimizer.slots.values() for a in kept} <= {np.dtype(np.float32)}
    assert {a.shape for kept in optimizer.slots.values() for a in kept} <= {(2, 3)}
    np.testing.assert_array_equal(x.grad, np.ones((2, 3)))


@pytest.mark.parametrize("make", [SGD, Adam, RMSprop])
def test_without_a_gradient_nothing_moves(make: Callable[..., Optimizer]) -> None:
    x = ones(2)
    make([x], lr=0.1).step()
    np.testing.assert_array_equal(x.value, [1, 1])


def test_zero_grad_clears_every_gradient() -> None:
    params = [ones(2), ones(3)]
    for param in params:
        param.accumulate_grad(param.value)
    SGD(params, 0.1).zero_grad()
    assert [param.grad.sum() for param in params] == [0, 0]


@pytest.mark.parametrize("make", [SGD, Adam, AdamW, RMSprop])
@pytest.mark.parametrize("value", [-0.1, nan, float("inf")])
@pytest.mark.parametrize("name", ["lr", "weight_decay"])
def test_rates_are_finite_and_not_negative(
    make: Callable[..., Optimizer], name: str, value: float
) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is {value!r}; expected"):
        make([ones(1)], **{"lr": 0.1, name: value})


@pytest.mark.parametrize("make", MAKERS)
def test_there_must_be_something_to_update(make: Maker) -> None:
    with pytest.raises(ValueError, match="at least one param"):
        make([])


@pytest.mark.parametrize("make", [SGD, RMSprop])
def test_momentum_is_not_negative(make: Callable[..., Optimizer]) -> None:
    with pytest.raises(ValueError, match=r"^momentum is -0.5; expected"):
        make([ones(1)], 0.1, momentum=-0.5)


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(ValueError, match="nesterov needs a momentum above 0"):
        SGD([ones(1)], 0.1, nesterov=True)


@pytest.mark.parametrize("betas", [(1.0, 0.9), (0.9, -0.1), (nan, 0.9)])
def test_betas_are_shares_below_one(betas: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="betas are"):
        Adam([ones(1)], betas=betas)

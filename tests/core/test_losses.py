"""Losses: their values and gradients, at the extremes too, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.errors import ShapeError
from core.inspect.gradcheck import central_differences, relative_error
from core.losses import CrossEntropyLoss, Loss, MSELoss
from core.tensor import Tensor
from tests.rounding import assert_close, largest

CLASSES = np.array([2, 0, 1, 1])
LOSSES: list[tuple[Loss, ArrayLike]] = [
    (CrossEntropyLoss(), CLASSES),
    (MSELoss(), np.random.default_rng(1).uniform(-1, 1, (4, 3))),
]
every_loss = pytest.mark.parametrize(
    ("loss", "targets"), LOSSES, ids=[type(loss).__name__ for loss, _ in LOSSES]
)


def logits() -> Tensor:
    return Tensor(np.random.default_rng(0).uniform(-2, 2, (4, 3)))


@every_loss
def test_gradient_is_that_by_differences(loss: Loss, targets: ArrayLike) -> None:
    output = logits()
    loss.forward(output, targets)
    loss.backward()
    numeric = central_differences(lambda: loss.forward(output, targets), output.value, 1e-5)
    assert relative_error(output.grad, numeric) < 1e-8


@every_loss
def test_backward_overwrites_the_gradient(loss: Loss, targets: ArrayLike) -> None:
    output = logits()
    loss.forward(output, targets)
    loss.backward()
    first = output.grad.copy()
    loss.backward()
    np.testing.assert_array_equal(output.grad, first)


@every_loss
def test_stages_hold_what_was_computed(loss: Loss, targets: ArrayLike) -> None:
    output = logits()
    loss.forward(output, targets)
    loss.backward()
    forward = [array for stage in loss.forward_stages().values() for array in stage.values()]
    assert any(array is output.value for array in forward)
    for stage in loss.backward_stages().values():
        assert any(array is output.grad for array in stage.values())


@every_loss
def test_float32_gives_a_float32_gradient(loss: Loss, targets: ArrayLike) -> None:
    output = Tensor(logits().value.astype(np.float32))
    assert isinstance(loss.forward(output, targets), float)
    loss.backward()
    assert output.grad.dtype == np.float32


def test_cross_entropy_is_the_mean_negative_log_probability() -> None:
    loss, output = CrossEntropyLoss(), logits()
    value = loss.forward(output, CLASSES)
    powers = np.exp(output.value)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    assert_close(loss.probabilities, probabilities)
    losses = -np.log(probabilities[np.arange(4), CLASSES])
    assert_close(loss.sample_losses, losses, magnitude=largest(output.value))
    assert_close(value, losses.mean(), magnitude=largest(output.value))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [-1e4, 0, 1e4])
def test_cross_entropy_is_stable_at_large_logits(dtype: type[np.floating], offset: float) -> None:
    loss = CrossEntropyLoss()
    output = Tensor(np.array([[1e4, -1e4], [1e4, -1e4], [1e4, 1e4]], dtype) + dtype(offset))
    value = loss.forward(output, [0, 1, 0])
    loss.backward()
    assert_close(value, (0 + 2e4 + math.log(2)) / 3, eps=float(np.finfo(dtype).eps))
    wanted = np.array([[0, 0], [1, -1], [-0.5, 0.5]]) / 3
    assert_close(output.grad, wanted)


def test_squared_error_is_the_mean_over_all_numbers() -> None:
    loss, output = MSELoss(), Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert loss.forward(output, [[1, 0], [0, 4]]) == (4 + 9) / 4
    loss.backward()
    np.testing.assert_array_equal(output.grad, [[0, 1], [1.5, 0]])


@pytest.mark.parametrize(
    ("shape", "targets", "message"),
    [
        ((4, 3), [0, 1], r"needs logits .* got \(4, 3\) and \(2,\)"),
        ((4, 3), [[0], [1], [2], [0]], r"needs logits .* got \(4, 3\) and \(4, 1\)"),
        ((4,), [0, 1, 2, 0], r"needs logits .* got \(4,\) and \(4,\)"),
    ],
)
def test_cross_entropy_refuses_wrong_shapes(
    shape: tuple[int, ...], targets: ArrayLike, message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        CrossEntropyLoss().forward(Tensor(np.zeros(shape)), targets)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([0, 3], "targets run from 0 to 3; expected 0 to 2"),
        ([-1, 2], "targets run from -1 to 2; expected 0 to 2"),
        ([0.0, 1.0], "targets are float64; expected whole class numbers"),
    ],
)
def test_cross_entropy_refuses_wrong_classes(targets: ArrayLike, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CrossEntropyLoss().forward(Tensor(np.zeros((2, 3))), targets)


def test_squared_error_refuses_to_broadcast() -> None:
    with pytest.raises(ShapeError, match=r"got \(2, 3\) and \(3,\)"):
        MSELoss().forward(Tensor(np.zeros((2, 3))), np.zeros(3))

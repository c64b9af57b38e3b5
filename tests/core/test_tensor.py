"""Tensors: a value, its gradient, and what happens to the one when the other changes."""

from __future__ import annotations

import numpy as np
import pytest

from core.tensor import Tensor
from tests.rounding import assert_close


def test_gradient_starts_at_zero_in_the_order_and_dtype_of_the_value() -> None:
    value = np.ones((2, 3, 4), np.float32).transpose(2, 0, 1)
    tensor = Tensor(value)
    assert tensor.value is value
    assert tensor.shape == tensor.grad.shape == (4, 2, 3)
    assert tensor.grad.dtype == np.float32
    assert tensor.grad.strides == value.strides
    assert not tensor.grad.any()
    assert tensor.grad is tensor.grad


def test_gradients_add_up_until_they_are_zeroed() -> None:
    tensor = Tensor(np.zeros(2))
    tensor.accumulate_grad(np.array([1.0, 2.0]))
    tensor.accumulate_grad(np.array([10.0, 20.0]))
    np.testing.assert_array_equal(tensor.grad, [11, 22])
    tensor.zero_grad()
    np.testing.assert_array_equal(tensor.grad, [0, 0])


def test_accumulating_keeps_the_array_that_was_given() -> None:
    tensor, g = Tensor(np.zeros(2)), np.ones(2)
    tensor.accumulate_grad(g)
    tensor.accumulate_grad(g)
    np.testing.assert_array_equal(g, [1, 1])


def test_update_goes_down_the_gradient() -> None:
    tensor = Tensor(np.array([1.0, 2.0]))
    value = tensor.value
    tensor.grad = np.array([10.0, -10.0])
    tensor.update(0.1)
    assert_close(tensor.value, [0.0, 3.0])
    assert tensor.value is value


def test_value_of_another_shape_drops_the_gradient() -> None:
    tensor = Tensor(np.zeros(2))
    tensor.grad = np.ones(2)
    tensor.value = np.ones(2)
    np.testing.assert_array_equal(tensor.grad, [1, 1])
    tensor.value = np.ones(3)
    np.testing.assert_array_equal(tensor.grad, [0, 0, 0])


@pytest.mark.parametrize("name", ["conv.weight", ""])
def test_gradient_of_another_shape_is_refused(name: str) -> None:
    tensor = Tensor(np.zeros((2, 3)), name)
    message = rf"{name or 'a tensor'} has shape \(3,\), but its value has shape \(2, 3\)"
    with pytest.raises(ValueError, match=message):
        tensor.grad = np.zeros(3)
    # Not even one that NumPy would broadcast.
    with pytest.raises(ValueError, match=message):
        tensor.accumulate_grad(np.zeros(3))


def test_repr_says_name_shape_and_dtype() -> None:
    tensor = Tensor(np.zeros((2, 3)), "input")
    assert repr(tensor) == "Tensor('input', shape=(2, 3), dtype=float64)"

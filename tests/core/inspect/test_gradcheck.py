"""The gradient check: what it finds, and that it leaves a layer as it was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.inspect.checks.gradcheck import GradientCheck, gradcheck
from core.inspect.checks.kink import KINK, NOT_REPEATABLE
from core.layer import Layer
from core.layers import BatchNorm1d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Tanh
from core.model import Model
from core.snapshot import capture
from core.tensor import Array, Tensor
from tests.core.cases import OTHERS, Case, pool_options
from tests.core.runs import fingerprint

X = np.random.default_rng(0).uniform(-1, 1, (3, 4))


def network() -> Model:
    rng = np.random.default_rng(1)
    return Model(
        [
            Linear(4, 3, rng=rng),
            BatchNorm1d(3),
            Tanh(),
            Dropout(0.4, rng=rng),
            Linear(3, 2, rng=rng),
        ]
    )


def by_name(checks: list[GradientCheck]) -> dict[str, GradientCheck]:
    return {check.name: check for check in checks}


class Wrong(Linear):
    """The gradient of the weight is off by a tenth."""

    def _backward(self, g: Array) -> Array | None:
        made = super()._backward(g)
        self.weight.grad *= 1.1
        return made


def test_a_wrong_gradient_is_found() -> None:
    checks = by_name(gradcheck(Wrong(4, 2, rng=np.random.default_rng(0)), X))
    assert checks["weight"].error == pytest.approx(1 / 11, rel=1e-3)
    assert max(checks["input"].error, checks["bias"].error) < 1e-8
    assert {check.note for check in checks.values()} == {""}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("training", [True, False])
def test_everything_is_as_before(dtype: type[np.floating], training: bool) -> None:
    model = network().astype(dtype).train(training)
    output = model.forward(X)
    output.grad = np.ones_like(output.value)
    model.backward()
    model.needs_input_grad = False
    arrays = [(p.value, p.grad) for p in model.parameters()]
    tensors = [(t, t.value, t.grad) for t in (model.input, *(layer.output for layer in model))]
    copies = [(value.copy(), grad.copy()) for _, value, grad in tensors]
    before = fingerprint(capture(model)), fingerprint([array for pair in arrays for array in pair])
    assert max(check.error for check in gradcheck(model, X)) < 1e-6
    after = fingerprint(capture(model)), fingerprint([array for pair in arrays for array in pair])
    assert after == before
    assert not model.needs_input_grad
    for param, (value, grad) in zip(model.parameters(), arrays, strict=True):
        assert param.value is value
        assert param.grad is grad
    for (tensor, value, grad), copied in zip(tensors, copies, strict=True):
        assert tensor.value is value
        np.testing.assert_array_equal(value, copied[0])
        np.testing.assert_array_equal(grad, copied[1])
    # What the last pass keeps for `backward` is there too.
    model.zero_grad()
    model.needs_input_grad = True
    model.backward()
    for param, (_, grad) in zip(model.parameters(), arrays, strict=True):
        np.testing.assert_array_equal(param.grad, grad)


SOME = [*OTHERS, *pool_options()]


@pytest.mark.parametrize("case", SOME, ids=[case.id for case in SOME])
@pytest.mark.parametrize(
    "disturb",
    [lambda layer, x: gradcheck(layer, x[:2]), lambda layer, x: layer(x[::-1] + 1)],
    ids=["gradcheck", "call"],
)
def test_backward_after_a_check_is_that_of_the_forward_pass_before(
    case: Case, disturb: Callable[[Layer, Array], object]
) -> None:
    grads = []
    for disturbed in (False, True):
        layer = case.layer().astype(np.float32)
        x = case.input().astype(np.float32)
        output = layer.forward(x)
        output.grad = np.random.default_rng(5).standard_normal(output.shape).astype(np.float32)
        if disturbed:
            disturb(layer, x)
        layer.backward()
        grads.append([layer.input.grad, *(param.grad for param in layer.parameters())])
    for before, after in zip(*grads, strict=True):
        np.testing.assert_array_equal(after, before)


class Unseeded(Layer):
    """Draws from a generator that no layer holds."""

    def _forward(self, x: Array) -> Array:
        self.kept = UNSEEDED.random(x.shape) > 0.5
        return np.where(self.kept, x, 0)

    def _backward(self, g: Array) -> Array:
        return np.where(self.kept, g, 0)


UNSEEDED = np.random.default_rng(0)


def test_a_loss_that_is_not_repeatable_is_said_to_be() -> None:
    model = Model([Linear(4, 4, rng=np.random.default_rng(0)), Unseeded()])
    assert {check.note for check in gradcheck(model, X)} == {NOT_REPEATABLE}
    assert {check.note for check in gradcheck(network(), X)} == {""}


def test_an_error_leaves_the_layer_as_it_was() -> None:
    model = network()
    before = fingerprint(capture(model))
    with pytest.raises(ValueError, match="needs 4 features"):
        gradcheck(model, np.zeros((3, 5)))
    assert fingerprint(capture(model)) == before


def test_frozen_params_are_left_out() -> None:
    model = network()
    model[0].params["weight"].requires_grad = False
    assert [check.name for check in gradcheck(model, X)] == [
        "input", "0.bias", "1.weight", "1.bias", "4.weight", "4.bias",
    ]  # fmt: skip


class Noisy(Layer):
    """A stranger's layer: generators, counters and running numbers in attributes of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.noise = [np.random.default_rng(1)]
        self.mean = {"of inputs": np.zeros(4)}
        self.calls = 0
        self.scale = Tensor(np.ones(4, np.float32))
        self.params["scale"] = self.scale

    def _forward(self, x: Array) -> Array:
        self.calls += 1
        self.kept = x
        # Not a function of this input alone.
        self.mean["of inputs"] *= 0.9
        self.mean["of inputs"] += 1
        drawn = self.noise[0].normal(size=x.shape) + self.noise[0].spawn(1)[0].normal()
        self.factor = (1 + self.mean["of inputs"] + drawn + self.calls).astype(x.dtype)
        return np.asarray(np.sin(x * self.scale.value) * self.factor)

    def _backward(self, g: Array) -> Array:
        slope = g * self.factor * np.cos(self.kept * self.scale.value)
        self.scale.accumulate_grad((slope * self.kept).sum(axis=0))
        return np.asarray(slope * self.scale.value)


def test_a_stranger_s_layer_is_computed_from_one_state() -> None:
    layer = Noisy()
    model = Model([Linear(4, 4, rng=np.random.default_rng(0)), layer])
    layer.forward(X)
    before = fingerprint(capture(layer))
    for checked in (layer, model):
        assert max(check.error for check in gradcheck(checked, X)) < 1e-7
    assert fingerprint(capture(layer)) == before
    assert (layer.calls, layer.scale.value.dtype) == (1, np.dtype(np.float32))


# Layer, input, and whether some number lies at a kink.
KINKS: dict[str, tuple[Callable[[], Layer], Array, bool]] = {
    "relu": (ReLU, X, False),
    "relu at 0": (ReLU, np.array([[1.0, 0.0, -2.0]]), True),
    "relu near 0": (ReLU, np.array([[1.0, 4e-6, -2.0]]), True),
    "relu close by": (ReLU, np.array([[1.0, 2e-5, -2.0]]), False),
    "pool": (lambda: MaxPool2d(2), np.arange(16.0).reshape(1, 1, 4, 4), False),
    "pool with a tie": (lambda: MaxPool2d(2), np.ones((1, 1, 2, 2)), True),
    "tanh": (Tanh, np.linspace(-3, 3, 12).reshape(3, 4), False),
    "flatten": (Flatten, np.zeros((1, 2, 2)), False),
}


@pytest.mark.parametrize(("make", "x", "bent"), KINKS.values(), ids=KINKS)
def test_a_kink_within_the_step_is_said(make: Callable[[], Layer], x: Array, bent: bool) -> None:
    (check,) = gradcheck(make(), x)
    assert check.note == (KINK if bent else "")
    assert (check.error < 1e-6) or bent


def test_a_kink_is_said_of_the_tensor_that_has_it() -> None:
    linear = Linear(1, 2, rng=np.random.default_rng(0))
    linear.weight.value[:] = [[1], [2]]
    assert linear.bias is not None
    linear.bias.value[:] = [0, 1]
    checks = by_name(gradcheck(Model([linear, ReLU()]), [[0.0]]))
    # Neither weight has an effect where the input is 0.
    assert {name for name, check in checks.items() if check.note} == {"input", "0.bias"}


def test_curvature_is_no_kink() -> None:
    class Curved(Layer):
        def _forward(self, x: Array) -> Array:
            return np.asarray(np.exp(20 * x))

        def _backward(self, g: Array) -> Array:
            return 20 * g * self.output.value

    (check,) = gradcheck(Curved(), np.linspace(-1, 1, 6).reshape(2, 3))
    assert check.note == ""
    assert check.error < 1e-6

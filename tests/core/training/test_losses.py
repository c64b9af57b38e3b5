"""Losses: their values and gradients, at the extremes too, and what they refuse."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core import losses
from core.errors import ShapeError
from core.formula.evaluate import evaluate_all
from core.formula.syntax import parse, spread
from core.inspect.checks.gradcheck import central_differences, relative_error
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.tensor import Array, Tensor
from tests.reference.losses import LOSSES as COMPARED
from tests.reference.losses import SCALES
from tests.rounding import assert_close, largest

FILE = Path(__file__).parents[2] / "reference" / "losses.npz"
CLASSES = np.array([2, 0, 1, 1])
NUMBERS = np.random.default_rng(1).uniform(-1, 1, (4, 3))


class Huber(Loss):
    """A loss with `forward` and `backward` alone, as its docstring shows."""

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        self.output, self.error = output, output.value - np.asarray(targets)
        near = np.abs(self.error) <= 1
        each = np.where(near, self.error**2 / 2, np.abs(self.error) - 1 / 2)
        return float(each.mean())

    def backward(self) -> None:
        grad = np.clip(self.error, -1, 1) / self.error.size
        self.output.grad = grad.astype(self.output.value.dtype)


LOSSES: dict[str, tuple[Loss, ArrayLike]] = {
    "cross-entropy": (CrossEntropyLoss(), CLASSES),
    "smoothed": (CrossEntropyLoss(label_smoothing=0.3), CLASSES),
    "squared": (MSELoss(), NUMBERS),
    "squared, classes": (MSELoss(), CLASSES),
    "absolute": (L1Loss(), NUMBERS),
    "absolute, classes": (L1Loss(), CLASSES),
    "binary": (BCEWithLogitsLoss(), (NUMBERS > 0).astype(int)),
    "binary, shares": (BCEWithLogitsLoss(), (NUMBERS + 1) / 2),
    "binary, classes": (BCEWithLogitsLoss(), CLASSES),
    "of a stranger": (Huber(), NUMBERS),
}
every_loss = pytest.mark.parametrize(("loss", "targets"), LOSSES.values(), ids=LOSSES)


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
    with pytest.raises(ShapeError, match=r"got float64 targets \(3,\) for an output \(2, 3\)"):
        MSELoss().forward(Tensor(np.zeros((2, 3))), np.zeros(3))


# What all losses promise.


@every_loss
def test_a_call_keeps_output_and_value(loss: Loss, targets: ArrayLike) -> None:
    output = logits()
    value = loss(output, targets)
    assert (loss.output, loss.value) == (output, value)
    assert type(value) is float
    assert value == loss.forward(output, targets)


@every_loss
def test_every_array_is_what_its_line_says(loss: Loss, targets: ArrayLike) -> None:
    output = logits()
    loss(output, targets)
    loss.backward()
    stages = {**loss.forward_stages(), **loss.backward_stages()}
    arrays = {name: np.asarray(a) for stage in stages.values() for name, a in stage.items()}
    lines = parse(loss.formulas)
    assert arrays.keys() - {"logits", "X_out"} <= lines.keys()
    size = largest(output.value) * 4
    for name, array in arrays.items():
        line = lines.get(name)
        if line is not None and line.body is not None:
            written = spread(line, lambda key: arrays[key].ndim, "ijkl")
            value = evaluate_all(written, arrays, loss.formula_constants())
            assert_close(array, value, magnitude=size, what=name)


@every_loss
def test_recorded_arrays_are_those_of_the_first_pass_again(loss: Loss, targets: ArrayLike) -> None:
    output = logits()
    loss(output, targets)
    loss.backward()
    first = {k: np.array(a) for s in loss.forward_stages().values() for k, a in s.items()}
    loss(Tensor(output.value + 1), targets)
    loss(output, targets)
    again = {k: np.array(a) for s in loss.forward_stages().values() for k, a in s.items()}
    assert first.keys() == again.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(again[name], array, name)


# The values of PyTorch.


def reference(name: str) -> dict[str, Array]:
    with np.load(FILE) as file:
        start = f"loss {name}/"
        return {key.removeprefix(start): file[key] for key in file.files if key.startswith(start)}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", COMPARED)
def test_values_are_those_of_pytorch(name: str, scale: str) -> None:
    entries, (kind, options, _) = reference(name + scale), COMPARED[name]
    loss, output = getattr(losses, kind)(**options), Tensor(entries["output"])
    value = loss(output, entries["targets"])
    square = largest(output.value) ** (2 if kind == "MSELoss" else 1)
    assert_close(value, entries["loss"], magnitude=square)
    loss.backward()
    assert_close(output.grad, entries["g"])


# Extremes.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_is_stable_at_large_logits(dtype: type[np.floating]) -> None:
    loss = BCEWithLogitsLoss()
    output = Tensor(np.array([[1e4], [-1e4], [1e4], [-1e4], [0]], dtype))
    targets = [1, 0, 0, 1, 1]
    with np.errstate(all="raise", under="ignore"):
        value = loss(output, targets)
        loss.backward()
    assert_close(value, (2e4 + math.log(2)) / 5, eps=float(np.finfo(dtype).eps))
    assert_close(output.grad[:, 0], np.array([0, 0, 1, -1, -0.5], dtype) / 5)
    assert output.grad.dtype == dtype


def test_small_losses_keep_their_digits() -> None:
    loss = BCEWithLogitsLoss()
    assert_close(loss(Tensor(np.array([[40.0]])), [1]), math.exp(-40))
    smoothed = CrossEntropyLoss(label_smoothing=0.1)
    output = Tensor(np.array([[1e4, -1e4, 0.0]], np.float32))
    assert np.isfinite(smoothed(output, [0]))
    smoothed.backward()
    assert np.isfinite(output.grad).all()


# Targets and metrics.


@pytest.mark.parametrize("kind", [MSELoss, L1Loss, BCEWithLogitsLoss])
def test_class_numbers_become_one_hot(kind: type[Loss]) -> None:
    loss, other, output = kind(), kind(), logits()
    assert loss(output, CLASSES) == other(output, np.eye(3)[CLASSES])
    arrays = {k: a for stage in loss.forward_stages().values() for k, a in stage.items()}
    np.testing.assert_array_equal(arrays["labels"], CLASSES)
    np.testing.assert_array_equal(arrays["targets"], np.eye(3)[CLASSES])


@pytest.mark.parametrize("kind", [MSELoss, L1Loss, BCEWithLogitsLoss])
@pytest.mark.parametrize("targets", [[1, 0, 0, 1], [1.0, 0.0, 0.0, 1.0]])
def test_one_output_takes_one_number_a_sample(kind: type[Loss], targets: ArrayLike) -> None:
    output = Tensor(logits().value[:, :1])
    assert kind()(output, targets) == kind()(output, np.reshape(targets, (4, 1)))


@pytest.mark.parametrize("kind", [MSELoss, L1Loss, BCEWithLogitsLoss])
@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        ([0, 3, 0, 0], ValueError, "targets run from 0 to 3; expected 0 to 2"),
        ([0.0, 1.0, 0.0, 0.0], ShapeError, r"got float64 targets \(4,\) for an output \(4, 3\)"),
        (np.zeros((4, 2)), ShapeError, r"got float64 targets \(4, 2\) for an output \(4, 3\)"),
        ([0, 1], ShapeError, r"got int64 targets \(2,\) for an output \(4, 3\)"),
    ],
)
def test_targets_that_do_not_fit_are_refused(
    kind: type[Loss], targets: ArrayLike, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        kind()(logits(), targets)


def test_label_smoothing_must_be_named() -> None:
    with pytest.raises(TypeError, match="positional argument"):
        CrossEntropyLoss(0.1)  # type: ignore[call-arg]


def test_binary_targets_are_shares() -> None:
    with pytest.raises(ValueError, match=r"targets run from 0.0 to 1.5; expected 0 to 1"):
        BCEWithLogitsLoss()(Tensor(np.zeros((1, 2))), [[0, 1.5]])


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_label_smoothing_is_a_share(value: float) -> None:
    with pytest.raises(ValueError, match="label_smoothing is"):
        CrossEntropyLoss(label_smoothing=value)


SCORES = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, 2.0, -1.0]])
METRICS: dict[str, tuple[Loss, ArrayLike, ArrayLike, dict[str, float]]] = {
    "cross-entropy": (CrossEntropyLoss(), SCORES, [0, 1, 2, 0], {"accuracy": 0.75}),
    "squared, classes": (MSELoss(), SCORES, [0, 1, 0, 0], {"accuracy": 0.5}),
    "squared": (MSELoss(), SCORES, SCORES, {}),
    "squared, one-hot": (MSELoss(), SCORES, np.eye(3)[[0, 1, 0, 0]], {"accuracy": 0.5}),
    "absolute, one-hot": (L1Loss(), SCORES, np.eye(3, dtype=int)[[0, 1, 2, 1]], {"accuracy": 1.0}),
    "squared, true or false": (MSELoss(), SCORES, np.eye(3)[[0, 1, 2, 0]] == 1, {"accuracy": 0.75}),
    "squared, two ones": (MSELoss(), SCORES[:2], [[1, 0, 0], [1, 1, 0]], {}),
    "squared, no one": (MSELoss(), SCORES[:2], [[1, 0, 0], [0, 0, 0]], {}),
    "squared, sum 1": (MSELoss(), SCORES[:2], [[1, 0, 0], [1, 1, -1]], {}),
    "squared, shares": (MSELoss(), SCORES[:2], [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]], {}),
    "squared, one column": (MSELoss(), SCORES[:, :1], [[1], [1], [1], [1]], {}),
    "squared, images": (MSELoss(), np.ones((1, 2, 2)), np.eye(2)[None], {}),
    "absolute, classes": (L1Loss(), SCORES, [0, 1, 2, 1], {"accuracy": 1.0}),
    "absolute, one number": (L1Loss(), SCORES[:, :1], [1, 0, -1, 1], {}),
    "binary, classes": (BCEWithLogitsLoss(), SCORES, [0, 1, 0, 0], {"accuracy": 0.5}),
    "binary, one-hot": (BCEWithLogitsLoss(), SCORES, np.eye(3)[[0, 1, 0, 0]], {"accuracy": 0.5}),
    "binary, one number": (BCEWithLogitsLoss(), SCORES[:, :1], [1, 0, 1, 1], {"accuracy": 0.75}),
    "binary, several": (BCEWithLogitsLoss(), SCORES[:1], [[1, 1, 0]], {"accuracy": 2 / 3}),
    "binary, shares": (BCEWithLogitsLoss(), SCORES[:1], [[1, 0.5, 0]], {}),
    "of a stranger": (Huber(), SCORES, SCORES, {}),
}


@pytest.mark.parametrize(("loss", "output", "targets", "wanted"), METRICS.values(), ids=METRICS)
def test_metrics_are_those_that_fit(
    loss: Loss, output: ArrayLike, targets: ArrayLike, wanted: dict[str, float]
) -> None:
    assert loss.metrics(Tensor(output), targets) == wanted


# Strangers.


@pytest.mark.parametrize("value", [None, np.zeros(2), "0.5"])
def test_a_loss_is_one_number(value: float) -> None:  # or so it promises
    class Wrong(Loss):
        def forward(self, output: Tensor, targets: ArrayLike) -> float:
            return value

    with pytest.raises(TypeError, match=r"Wrong.forward returned .*; expected one number"):
        Wrong()(logits(), CLASSES)


def test_what_is_not_implemented_is_named() -> None:
    class Empty(Loss):
        pass

    with pytest.raises(NotImplementedError, match="Empty does not implement forward"):
        Empty()(logits(), CLASSES)
    with pytest.raises(NotImplementedError, match="Empty does not implement backward"):
        Empty().backward()


def test_a_stranger_s_loss_has_stages() -> None:
    loss, output = Huber(), logits()
    value = loss(output, NUMBERS)
    loss.backward()
    assert loss.forward_stages()["loss"]["X_out"] is output.value
    assert loss.forward_stages()["loss"]["loss"] == value
    assert loss.backward_stages()["gradient"]["g_X_out"] is output.grad


def test_a_loss_names_what_it_cannot_take() -> None:
    wrong: list[tuple[Loss, object, object, type[Exception], str]] = [
        (CrossEntropyLoss(), NUMBERS, CLASSES, TypeError, "got a ndarray first: pass the model's"),
        (CrossEntropyLoss(), logits(), CLASSES + 0.0, ValueError, "targets.astype"),
        (CrossEntropyLoss(), logits(), np.eye(3)[CLASSES], ShapeError, "undoes one-hot"),
        (CrossEntropyLoss(), logits(), ["a"] * 4, ValueError, "expected whole class numbers"),
        (CrossEntropyLoss(), logits(), None, ShapeError, r"and \(\)"),
        (MSELoss(), logits(), NUMBERS * 1j, ValueError, "targets are complex128; the squared"),
        (L1Loss(), Tensor(np.zeros((2, 1))), ["a", "b"], ValueError, "targets are <U1"),
        (BCEWithLogitsLoss(), logits(), NUMBERS + 5, ValueError, "expected 0 to 1"),
    ]
    for loss, output, targets, kind, message in wrong:
        with pytest.raises(kind, match=message):
            loss(output, targets)  # type: ignore[arg-type]


def test_label_smoothing_is_checked_when_it_is_changed() -> None:
    loss = CrossEntropyLoss(label_smoothing=0.1)
    loss.label_smoothing = 2.0
    with pytest.raises(ValueError, match=r"label_smoothing is 2\.0; expected 0 to 1"):
        loss(logits(), CLASSES)

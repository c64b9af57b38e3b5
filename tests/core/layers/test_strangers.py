"""Layers that somebody else writes work from their class alone, or are refused with a reason."""

from __future__ import annotations

import os
import pickle
import random
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from inspect import signature
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.data import DataSet, Split, load_dataset
from core.errors import ShapeError
from core.formula.syntax import FormulaError
from core.inspect.cell import Cell
from core.inspect.checks.check import check_gradient, is_gradient
from core.inspect.checks.gradcheck import gradcheck
from core.inspect.explain import explain
from core.inspect.trace import StepTrace
from core.io.text import format_model, parse_model
from core.io.weights import load_state_dict, state_dict
from core.layer import LAYERS, Layer, Shape, Stages
from core.layers import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Tanh,
)
from core.losses import CrossEntropyLoss, Loss, MSELoss
from core.model import Model
from core.optim import SGD
from core.spec_item import SpecItem
from core.tensor import Array, Tensor
from core.training.history import History
from core.training.trainer import Trainer
from tests.core.formulas import check_all_cells, lines_without_array
from tests.core.runs import of_trace
from tests.core.strangers import (
    KEYWORDS,
    Branches,
    Gate,
    Keeper,
    Mixed,
    Noise,
    Same,
    Scale,
    SpatialDropout,
)
from tests.rounding import assert_close

Rng = np.random.Generator

STRANGERS: dict[str, Callable[[Rng], list[Layer]]] = {
    "scale": lambda rng: [Scale()],
    "same": lambda rng: [Same(), Tanh(), Same(), Same()],
    "gate": lambda rng: [Gate()],
    "keeper": lambda rng: [Keeper()],
    "noise": lambda rng: [Noise(rng)],
    "spatial dropout": lambda rng: [SpatialDropout(0.3, rng=rng)],
    "branches": lambda rng: [
        Branches(Tanh(), Model(Conv2d(2, 2, 1, rng=rng), Sigmoid()), Same(), Noise(rng))
    ],
    "two with one array": lambda rng: [Same(), Branches(Same(), Same())],
    "mixed": lambda rng: [Flatten(), Mixed(72, rng)],
}
each = pytest.mark.parametrize("name", STRANGERS)


def trainer_of(name: str, lr: float = 0.05) -> Trainer:
    """Strangers between a convolution and a linear layer, on two batches of the digits."""
    rng, data = np.random.default_rng(0), load_dataset("digits")
    middle = STRANGERS[name](rng)
    flatten = [] if any(isinstance(layer, Flatten) for layer in middle) else [Flatten()]
    model = Model(Conv2d(1, 2, 3, rng=rng), *middle, *flatten, Linear(72, 10, rng=rng))
    return Trainer(model, SGD(model.parameters(), lr, 0.9), data, 8, rng)


@each
def test_a_trace_stays_as_it_was(name: str) -> None:
    trainer, again = trainer_of(name), trainer_of(name)
    trace, wanted = trainer.record_step(), of_trace(again.record_step())
    for _ in range(5):
        trainer.step()
    later = trainer.record_step()
    assert of_trace(trace) == wanted
    assert of_trace(later) != wanted


@each
def test_every_gradient_can_be_checked(name: str) -> None:
    trainer = trainer_of(name)
    for _ in range(3):
        trainer.step()
    trace, rng = trainer.record_step(), np.random.default_rng(1)
    checked = 0
    for stage in trace.stages:
        for array in stage.names if stage.phase in ("loss", "backward") else []:
            if is_gradient(trace, stage.phase, stage.layer, array):
                shape = stage.array(array).shape
                index = tuple(int(rng.integers(size)) for size in shape)
                result = check_gradient(trace, Cell(stage.phase, stage.layer, array, index))
                assert result.error < 1e-2 or result.note, (name, result)
                assert not result.note.startswith("the loss"), result.note
                checked += 1
    assert checked >= 2 * len(trace.layers)


@each
def test_gradcheck_agrees_and_leaves_everything_as_it_was(name: str) -> None:
    trainer, again = trainer_of(name), trainer_of(name)
    trainer.step()
    again.step()
    x = trainer.data.train.images[:2]
    for result in gradcheck(trainer.model, x):
        assert result.error < 1e-5, (result.name, result.error)
    assert of_trace(trainer.record_step()) == of_trace(again.record_step())


@each
def test_every_number_is_explained_or_said_not_to_be(name: str) -> None:
    trace = trainer_of(name).record_step()
    check_all_cells(trace)
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            for array, values in arrays.items():
                index = tuple(size // 2 for size in values.shape)
                why = explain(trace, Cell(stage.phase, stage.layer, array, index, inner))
                assert why.stored == values[index]


@each
def test_a_run_is_replayed(name: str) -> None:
    history = History(trainer_of(name), every=4)
    wanted = [of_trace(history.advance()) for _ in range(9)]
    for iteration in (9, 3, 8, 1, 5):
        assert of_trace(history.goto(iteration)) == wanted[iteration - 1]


@each
def test_weights_come_back(name: str) -> None:
    trainer, other = trainer_of(name), trainer_of(name)
    for _ in range(3):
        trainer.step()
    load_state_dict(other.model, state_dict(trainer.model))
    x = trainer.data.test.images[:5]
    wanted = trainer.model.predict(x)
    if name not in ("noise", "branches", "mixed"):  # their own counts go on
        assert_close(other.model.predict(x), wanted)
    assert state_dict(other.model).keys() == state_dict(trainer.model).keys()


def test_a_gradient_inside_is_checked_by_the_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = trainer_of("gate").record_step()
    assert is_gradient(trace, "backward", "gatedunit", "g_s")
    assert is_gradient(trace, "backward", "gatedunit", "g_a")
    cell = Cell("backward", "gatedunit", "g_s", (1, 1, 2, 3))
    assert check_gradient(trace, cell).error < 1e-3
    # A wrong line is found out, because the number moves by it.
    wrong = str(Gate.formulas).replace("a[c] * s[n,c,*i]", "2 * a[c] * s[n,c,*i]")
    monkeypatch.setattr(Gate, "formulas", wrong)
    assert check_gradient(trace, cell).error > 0.1


def test_children_are_found_wherever_they_are_kept() -> None:
    rng = np.random.default_rng(0)
    layer = Branches(Tanh(), Model(Linear(3, 3, rng=rng)))
    assert list(layer.children()) == ["branches.0", "branches.1", "by_name.last"]
    assert [name for name, _ in layer.named_parameters()] == [
        "mix",
        "branches.1.0.weight",
        "branches.1.0.bias",
    ]
    layer.eval()
    assert not layer.by_name["last"].training
    assert list(Mixed(3, rng).children()) == ["whatever"]
    model = Model(layer)
    assert [leaf.name for leaf in model.leaves()] == [
        "branches.branches.0",
        "branches.branches.1.linear",
        "branches.by_name.last",
        "branches",
    ]


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strangers' keywords are known."""
    for keyword, kind in KEYWORDS.items():
        monkeypatch.setitem(LAYERS, keyword, kind)


@pytest.mark.usefixtures("registered")
def test_a_text_form_follows_from_a_keyword() -> None:
    rng = np.random.default_rng(0)
    model = parse_model("conv 2 k3, gatedunit, channeldropout 0.3, flatten", (1, 5, 5), rng)
    assert [type(layer) for layer in model][1:3] == [Gate, SpatialDropout]
    assert model.to_spec() == "conv 2 k3, gatedunit, channeldropout 0.3, flatten"


def test_a_subclass_does_not_take_over_its_parents_keyword() -> None:
    class Stronger(ReLU):
        pass

    assert LAYERS["relu"] is ReLU
    assert type(parse_model("relu", (2,), np.random.default_rng(0))[0]) is ReLU
    model = Model(Stronger())
    assert model[0].name == "stronger"
    assert repr(model[0]) == "<stronger: Stronger>"
    with pytest.raises(ValueError, match="stronger has no text form: give the class Stronger a"):
        model.to_spec()


@pytest.mark.parametrize("keyword", ["conv1", "MyLayer", "a b", "1d", "ähm", "conv-x", "x2"])
def test_a_keyword_that_cannot_be_read_is_refused(keyword: str) -> None:
    with pytest.raises(ValueError, match="do not end with a digit"):
        type("Stranger", (Layer,), {"keyword": keyword})
    assert keyword not in LAYERS


@pytest.mark.usefixtures("registered")
def test_a_keyword_of_another_class_is_refused() -> None:
    with pytest.raises(ValueError, match=r"belongs to core\.layers\.conv\.Conv2d already"):
        type("Stranger", (Layer,), {"keyword": "conv"})
    assert LAYERS["conv"] is Conv2d
    # The same class once more, as when a cell of a notebook is run again.
    again = type("Gate", (Layer,), {"keyword": "gatedunit", "__qualname__": "Gate"})
    assert LAYERS["gatedunit"] is again


class Returns(Layer):
    """Returns what it is told to."""

    def __init__(self, y: object = None, g: object = None) -> None:
        super().__init__()
        self.y, self.g = y, g

    def _forward(self, x: Array) -> Array:
        return x if self.y is None else self.y  # type: ignore[return-value]

    def _backward(self, g: Array) -> Array | None:
        return self.g  # type: ignore[return-value]


def backward_of(layer: Layer) -> None:
    model = Model(ReLU(), layer)
    model.forward(np.ones((2, 3)))
    model.output.grad = np.ones((2, 3), np.float32)
    model.backward()


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (Returns(), RuntimeError, r"returns: _backward returned nothing.*shape \(2, 3\)"),
        (
            Returns(g=np.ones((2, 4), np.float32)),
            ShapeError,
            r"returns must return the gradient of its input, shape \(2, 3\).*got \(2, 4\)",
        ),
        (Returns(g=np.ones((2, 3))), TypeError, "returns: _backward returned float64.*float32"),
        (
            Returns(np.ones((2, 4), np.float32)),
            ShapeError,
            r"returns must return shape \(2, 3\).*got \(2, 4\)",
        ),
        (Returns(np.ones((2, 3))), TypeError, "returns: _forward returned float64.*float32"),
        (Returns([1, 2]), TypeError, "returns: _forward returned list; expected an array"),
        (Layer(), NotImplementedError, r"Layer does not implement _forward"),
    ],
)
def test_what_a_layer_returns_is_checked(
    layer: Layer, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        backward_of(layer)


def test_a_param_of_another_dtype_is_named() -> None:
    layer = Scale()
    layer.params["w"] = Tensor(np.ones(3))
    with pytest.raises(TypeError, match="scale: the param 'w' is float64 in a layer of float32"):
        backward_of(layer)
    backward_of(layer.astype(np.float32))


def test_backward_before_forward_is_refused() -> None:
    for layer in (Scale(), Conv2d(1, 1, 1, rng=np.random.default_rng(0)), Gate()):
        with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
            layer.backward()


class Huber(Loss):
    """A loss with forward and backward alone."""

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        self.output, self.error = (
            output,
            output.value - np.eye(10, dtype=np.float32)[np.asarray(targets)],
        )
        near = np.abs(self.error) <= 1
        return float(np.where(near, self.error**2 / 2, np.abs(self.error) - 0.5).mean())

    def backward(self) -> None:
        self.output.grad = np.clip(self.error, -1, 1) / self.error.size


@pytest.mark.parametrize("loss", [Huber, MSELoss, CrossEntropyLoss])
def test_any_loss_trains_and_is_recorded(loss: Callable[[], Loss]) -> None:
    trainer = trainer_of("gate")
    trainer.loss = loss()
    first = trainer.step().loss
    for _ in range(60):
        trainer.step()
    trace = trainer.record_step()
    assert trace.loss < first
    assert ("accuracy" in trace.metrics) == (loss is not Huber)
    stage = trace.stage("loss", "loss")
    gradient = next(name for name in stage.names if name.startswith("g_"))
    result = check_gradient(trace, Cell("loss", "loss", gradient, (1, 4)))
    assert result.error < 1e-3
    assert explain(trace, Cell("loss", "loss", "loss", ())).stored == pytest.approx(trace.loss)


class Silent(Huber):
    """Returns the gradient instead of writing it."""

    def backward(self) -> object:  # type: ignore[override]
        return np.clip(self.error, -1, 1) / self.error.size


class Elsewhere(Huber):
    """Writes the gradient to a tensor of its own."""

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        loss = super().forward(output, targets)
        self.own = Tensor(output.value)
        return loss

    def backward(self) -> None:
        self.own.grad = np.clip(self.error, -1, 1) / self.error.size


@pytest.mark.parametrize("loss", [Silent, Elsewhere])
@pytest.mark.parametrize("step", [Trainer.step, Trainer.record_step])
def test_a_loss_that_writes_no_gradient_is_refused(
    loss: Callable[[], Loss], step: Callable[[Trainer], object]
) -> None:
    trainer = trainer_of("gate")
    step(trainer)
    trainer.loss = loss()
    message = f"{loss.__name__}.backward wrote no gradient.*assign g.L, output. to output.grad"
    with pytest.raises(RuntimeError, match=message):
        step(trainer)


class Weighted(Huber):
    """Weighs by a random number, and by how often it was called, and pulls a param to zero."""

    def __init__(self, param: Tensor) -> None:
        self.source, self.calls, self.param = np.random.default_rng(3), 0, param

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        self.calls += 1
        self.weight = self.source.random() + self.calls
        return self.weight * super().forward(output, targets) + float((self.param.value**2).sum())

    def backward(self) -> None:
        super().backward()
        self.output.grad *= self.weight
        self.param.accumulate_grad(2 * self.param.value)


def test_a_gradient_of_a_loss_with_a_state_is_checked_from_its_state() -> None:
    trainer = trainer_of("gate")
    trainer.loss = Weighted(trainer.model[-1].params["weight"])
    trainer.step()
    trace = trainer.record_step()
    for cell in (
        Cell("loss", "loss", "g_X_out", (1, 4)),
        Cell("backward", "linear", "g_weight", (3, 20)),
        Cell("backward", "conv", "g_bias", (1,)),
    ):
        result = check_gradient(trace, cell)
        assert not result.note
        assert result.error < 1e-3, cell


def test_real_targets_have_no_accuracy() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (40, 3)).astype(np.float32)
    split = Split(x, x @ np.array([[1.0], [2.0], [-1.0]], np.float32))
    model = Model(Linear(3, 1, rng=rng))
    data = DataSet("line", "A line", split, split)
    trainer = Trainer(model, SGD(model.parameters(), 0.2), data, 8, rng, loss=MSELoss())
    for _ in range(100):
        result = trainer.step()
    assert result.loss < 1e-3
    assert result.metrics == {}
    assert np.isnan(trainer.record_step().accuracy)


def test_params_that_the_optimiser_does_not_hold_start_at_zero_too() -> None:
    trainer = trainer_of("gate")
    trainer.optimizer = SGD(trainer.model[-1].parameters(), 0.0)
    weight = trainer.model[0].params["weight"]
    trainer.batches.set_batch_size(len(trainer.data.train))
    trainer.step()
    first = weight.grad.copy()
    trainer.step()
    assert first.any()
    assert_close(weight.grad, first, magnitude=np.abs(first).max(), roundings=1e4)


def test_after_training_everything_is_as_before() -> None:
    trainer = trainer_of("gate")
    trainer.model.eval()
    trainer.evaluate(trainer.data.test)
    assert not any(layer.training for layer in trainer.model.walk())
    trainer.step()
    model = trainer.model
    model.forward(trainer.data.test.images[:3])
    model.output.grad = np.ones(model.output.shape, np.float32)
    trainer.evaluate(trainer.data.test)
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        model.backward()
    model.forward(trainer.data.test.images[:3])
    model.output.grad = np.ones(model.output.shape, np.float32)
    model.backward()
    assert model.input.grad.any()
    assert all(result.error < 1e-4 for result in gradcheck(model, trainer.data.test.images[:2]))
    with pytest.raises(ValueError, match="the split is empty"):
        trainer.evaluate(Split(trainer.data.test.images[:0], trainer.data.test.labels[:0]))


def test_a_frozen_param_stays() -> None:
    trainer = trainer_of("gate")
    weight = trainer.model[0].params["weight"]
    weight.requires_grad = False
    before = weight.value.copy()
    trace: StepTrace = trainer.record_step()
    np.testing.assert_array_equal(weight.value, before)
    assert not weight.grad.any()
    assert {stage.layer for stage in trace.stages if stage.phase == "update"} >= {"linear"}


def test_only_what_is_updated_has_an_update() -> None:
    trainer = trainer_of("gate")
    conv, gate = trainer.model[0], trainer.model[1]
    conv.params["weight"].requires_grad = gate.params["a"].requires_grad = False
    trainer.step()
    trace = trainer.record_step()
    check_all_cells(trace)
    updates = {s.layer: [*s.inner] for s in trace.stages if s.phase == "update"}
    assert updates == {"conv": ["bias"], "linear": ["weight", "bias"]}
    assert "g_a" not in trace.stage("backward", "gatedunit").names
    # The one param that is left need not be named.
    cell = Cell("update", "conv", "gradient", (1,))
    assert explain(trace, cell).stored == trace.layers["conv"].params["bias"].grad[1]
    assert check_gradient(trace, cell).error < 1e-2
    for param in trainer.model.parameters():
        param.requires_grad = False
    trace = trainer.record_step()
    assert "update" not in {stage.phase for stage in trace.stages}
    check_all_cells(trace)


@pytest.mark.parametrize("share", [1.01, 1.0])
@pytest.mark.parametrize("array", ["step", "velocity"])
def test_an_update_that_its_lines_do_not_state_is_doubted(array: str, share: float) -> None:
    class Other(SGD):
        """Makes steps, and keeps a velocity, that differ a little from what its lines state."""

        def _step(self, param: Tensor, k: int) -> Array:
            step = super()._step(param, k) * (share if array == "step" else 1)
            self.slots["velocity"][k] *= share if array == "velocity" else 1
            return step

    trainer = trainer_of("same", lr=1e-3)
    trainer.optimizer = Other(trainer.model.parameters(), 1e-3, 0.9)
    for _ in range(3):
        trainer.step()
    trace = trainer.record_step()
    stage = trace.stage("update", "linear")
    size = np.abs(stage.inner["weight"][array])
    index = tuple(int(k) for k in np.unravel_index(size.argmax(), size.shape))
    why = explain(trace, Cell("update", "linear", array, index, "weight"))
    assert bool(why.doubt) == (share != 1)
    assert not why.doubt or "Other computes something else than it states" in why.doubt


def test_a_line_that_does_not_fit_is_doubted() -> None:
    class Doubled(Gate):
        def _forward(self, x: Array) -> Array:
            return 2 * super()._forward(x)

        def _backward(self, g: Array) -> Array:
            return super()._backward(2 * g)

    rng, data = np.random.default_rng(0), load_dataset("digits")
    model = Model(Conv2d(1, 2, 3, rng=rng), Doubled(), Flatten(), Linear(72, 10, rng=rng))
    trace = Trainer(model, SGD(model.parameters(), 0.1), data, 4, rng).record_step()
    cell = Cell("forward", "doubled", "X_out", (0, 1, 2, 2))
    assert "Doubled computes something else than it states" in explain(trace, cell).doubt
    assert not explain(trace, Cell("forward", "doubled", "s", (0, 1, 2, 2))).doubt
    assert not explain(trace, Cell("forward", "conv", "X_out", (0, 1, 2, 2))).doubt


WRONG_LINES = {
    "X_out[n,c,*i] = a[c] * Y[n,c,*i]": "there is no array 'Y' in the stages",
    "X_out[n,c,*i] = a[c] * Z": "there is no letter or constant 'Z'",
    "X_out[n] = a[n]": "X_out has 4 axes, not 1",
    "X_out = 5": "X_out has 4 axes, not 0",
    "X_out[n,c,*i] = a[c,n] * s[n,c,*i]": "a has 1 axes, not 2",
    "X_out[n,c,*i] = s[n,c]": "s has 4 axes, not 2",
    "X_out[n,c,*i] = max[n](s[n,c,*i])": "the letter 'n' has a value already",
    "X_out[n,c,*i] = a[c": "cannot be read",
}


@pytest.mark.parametrize(("line", "words"), WRONG_LINES.items(), ids=WRONG_LINES)
def test_a_wrong_line_is_named_with_its_layer(
    line: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = trainer_of("gate").record_step()
    others = [known for known in str(Gate.formulas).splitlines() if "X_out[n,c,*i] =" not in known]
    monkeypatch.setattr(Gate, "formulas", "\n".join([*others, line]))
    with pytest.raises(FormulaError, match=f"gatedunit: the line of X_out: (.|\n)*{words}"):
        explain(trace, Cell("forward", "gatedunit", "X_out", (1, 1, 2, 3)))


def test_a_line_of_no_array_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = trainer_of("gate").record_step()
    assert lines_without_array(trace) == []
    monkeypatch.setattr(Gate, "formulas", f"{Gate.formulas}\nX_outt[*i] = X_in[*i]")
    assert lines_without_array(trace) == [("gatedunit", "X_outt")]


def test_a_line_may_read_params_and_children_in_lists() -> None:
    class Weighted(Layer):
        formulas = "X_out[n,c,*i] = w[c] * inner_0.X_out[n,c,*i] + inner_1.X_out[n,c,*i]"

        def __init__(self) -> None:
            super().__init__()
            self.inner = [Tanh(), Model(ReLU(), Sigmoid())]
            self.params["w"] = Tensor(np.array([1.0, 2.0], np.float32))

        def _forward(self, x: Array) -> Array:
            first, second = (layer.forward(x).value for layer in self.inner)
            return self.params["w"].value.reshape(-1, 1, 1) * first + second

        def _backward(self, g: Array) -> Array:
            first, second = self.inner
            first.output.grad = g * self.params["w"].value.reshape(-1, 1, 1)
            second.output.grad = g
            first.backward()
            second.backward()
            self.params["w"].accumulate_grad((g * first.output.value).sum((0, 2, 3)))
            return first.input.grad + second.input.grad

    rng, data = np.random.default_rng(0), load_dataset("digits")
    model = Model(Conv2d(1, 2, 3, rng=rng), Weighted(), Flatten(), Linear(72, 10, rng=rng))
    trace = Trainer(model, SGD(model.parameters(), 0.1), data, 4, rng).record_step()
    assert ("weighted", "X_out") in check_all_cells(trace)
    why = explain(trace, Cell("forward", "weighted", "X_out", (0, 1, 2, 2)))
    cells = [factor.cell for term in why.terms for factor in term.factors]
    assert [cell.layer for cell in cells] == [
        "weighted",
        "weighted.inner.0",
        "weighted.inner.1.sigmoid",
    ]


def test_a_tensor_that_is_no_param_is_refused() -> None:
    class Forgotten(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.w = Tensor(np.ones(3, np.float32))

        def _forward(self, x: Array) -> Array:
            return x * self.w.value

    with pytest.raises(TypeError, match=r"the tensor 'w' is in no table.*self.params\['w'\]"):
        Forgotten().forward(np.ones((2, 3)))


def test_a_param_that_was_replaced_is_refused() -> None:
    layer = Linear(3, 2, rng=np.random.default_rng(0))
    layer.weight = Tensor(np.zeros((2, 3), np.float32))
    with pytest.raises(RuntimeError, match="weight is another object than params"):
        layer.forward(np.ones((1, 3)))
    layer.params["weight"] = layer.weight
    assert not layer.forward(np.ones((1, 3))).value.any()


def test_a_gradient_of_an_earlier_pass_is_not_taken() -> None:
    layer = Linear(3, 2, rng=np.random.default_rng(0))
    layer.forward(np.ones((1, 3)))
    layer.output.grad = np.ones((1, 2), np.float32)
    layer.backward()
    layer.backward()
    layer(np.ones((1, 3)))
    layer.backward()
    layer.forward(np.ones((1, 3)))
    with pytest.raises(RuntimeError, match="no gradient was written to its output"):
        layer.backward()


@pytest.mark.parametrize("how", [deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_of_a_model_computes_the_same(how: Callable[[Model], Model]) -> None:
    text = (
        "conv 4 k3 p1, bn, relu, pool 2, residual(conv 4 k3 p1, gelu), "
        "concat(conv 2 k2 | pool 2 s1), avgpool 2, groupnorm 1, flatten, linear 10"
    )
    data = load_dataset("digits")
    model = parse_model(text, data.input_shape, np.random.default_rng(0))
    x, other = data.train.images[:8], data.train.images[8:16]
    model.forward(x)
    model.output.grad = np.ones((8, 10), np.float32)
    copied = how(model)
    with pytest.raises(RuntimeError, match="needs a forward pass"):
        copied.backward()
    model.backward()
    np.testing.assert_array_equal(copied.forward(other).value, model.forward(other).value)
    assert not np.shares_memory(copied.output.value, model.output.value)


def test_shared_params_come_once() -> None:
    rng = np.random.default_rng(0)
    one, two = Linear(3, 3, rng=rng), Linear(3, 3, rng=rng)
    two.weight = two.params["weight"] = one.weight
    model = Model(one, two)
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    model.forward(np.ones((1, 3)))


def test_empty_batches_pass() -> None:
    text = "conv 2 k3, bn, relu, pool 2, groupnorm 1, layernorm, flatten, linear 10, softmax"
    model = parse_model(text, (1, 8, 8), np.random.default_rng(0))
    assert model.forward(np.zeros((0, 1, 8, 8))).shape == (0, 10)
    model.output.grad = np.zeros((0, 10), np.float32)
    model.backward()
    assert model.input.grad.shape == (0, 1, 8, 8)
    assert model(np.zeros((0, 1, 8, 8))).shape == (0, 10)


def test_what_cannot_be_recorded_is_named() -> None:
    class Open(Scale):
        def __init__(self) -> None:
            super().__init__()
            self.source = random.Random(3)
            self.counts = bytearray(4)

        def _forward(self, x: Array) -> Array:
            self.counts[0] += 1
            return x * self.source.random()

        def _backward(self, g: Array) -> Array:
            return g

    rng, data = np.random.default_rng(0), load_dataset("digits")
    layer = Open()
    model = Model(Flatten(), layer, Linear(64, 10, rng=rng))
    trainer = Trainer(model, SGD(model.parameters(), 0.1), data, 4, rng)
    trace = trainer.record_step()
    assert trace.start.layers[1].counts[0] == 0  # type: ignore[attr-defined]
    assert trace.layers["open"].counts[0] == 1  # type: ignore[attr-defined]
    layer.file = open(os.devnull)  # type: ignore[attr-defined] # noqa: SIM115
    with pytest.raises(TypeError, match=r"^open: the attribute 'file' cannot be recorded: .* Keep"):
        trainer.record_step()
    layer.file.close()  # type: ignore[attr-defined]


def test_arrays_of_objects_are_copied_with_what_they_hold() -> None:
    pair = np.dtype([("made", object), ("count", np.int64)])

    class Kept(Scale):
        """Writes into the same arrays in each step, and holds them in arrays of objects."""

        def __init__(self) -> None:
            super().__init__()
            self.row, self.one = np.empty((2, 1), object), np.empty((), object)
            self.pairs = np.zeros(1, pair)
            self.row[0, 0] = [np.zeros(64)]
            self.row[1, 0] = self.row
            self.one.fill(np.zeros(64))
            self.pairs["made"][0] = np.zeros(64)

        def held(self) -> dict[str, Array]:
            return {
                "row": self.row[1, 0][0, 0][0],
                "one": self.one.item(),
                "pairs": self.pairs["made"][0],
            }

        def _forward(self, x: Array) -> Array:
            for array in self.held().values():
                np.copyto(array, x[0])
            return super()._forward(x)

        def forward_stages(self) -> Stages:
            return {"kept": {"X_in": self.input.value, **self.held(), "X_out": self.output.value}}

    rng, data = np.random.default_rng(0), load_dataset("digits")
    model = Model(Flatten(), Kept(), Linear(64, 10, rng=rng))
    trainer = Trainer(model, SGD(model.parameters(), 0.1), data, 4, rng)
    trainer.step()
    trace = trainer.record_step()
    first = data.train.images[trace.indices[0]].reshape(-1)
    trainer.step()
    stage = trace.stage("forward", "kept")
    for name in ("row", "one", "pairs"):
        np.testing.assert_array_equal(stage.array(name), first)
        assert not np.array_equal(trace.start.layers[1].held()[name], first)  # type: ignore[attr-defined]


def test_a_handle_takes_off_its_own_hook_alone() -> None:
    layer, seen = Scale(), list[str]()
    for register in (layer.register_forward_hook, layer.register_backward_hook):
        old = register(lambda *_: seen.append("old"))
        old.remove()
        register(lambda *_: seen.append("new"))
        old.remove()
    layer.forward(np.ones((1, 2)))
    layer.output.grad = np.ones((1, 2), np.float32)
    layer.backward()
    assert seen == ["new", "new"]


def test_tensors_are_arrays_to_numpy() -> None:
    tensor = Tensor(np.array([[1.0, 3.0], [5.0, 2.0]]))
    assert np.argmax(tensor) == 2
    assert len(tensor) == 2
    tensor.grad = None
    assert not tensor.grad.any()
    with pytest.raises(TypeError, match="floating dtype, got int64"):
        Scale().astype(np.int64)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: Linear(3, 2, rng=rng),
        lambda rng: Conv2d(1, 1, 1, rng=rng),
        lambda rng: Dropout(0.5, rng=rng),
        lambda rng: parse_model("linear 3", (2,), rng),
    ],
)
def test_a_seed_is_no_generator(make: Callable[[object], Layer]) -> None:
    with pytest.raises(TypeError, match=r"rng is 0.*np.random.default_rng\(0\)"):
        make(0)
    make(None)


def test_an_index_may_be_any_numbers() -> None:
    assert Cell("forward", "conv", "X_out", [np.int64(1), 2]).index == (1, 2)  # type: ignore[arg-type]


class Holding(Layer):
    """Keeps something under one attribute, and returns twice its input."""

    def __init__(self, held: object) -> None:
        super().__init__()
        self.held = held

    def _forward(self, x: Array) -> Array:
        return x * 2

    def _backward(self, g: Array) -> Array:
        return g * 2


def linear() -> Linear:
    return Linear(2, 2, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("held", "names"),
    [
        ({"a": [linear()]}, ["held.a.0"]),
        (((linear(),), linear()), ["held.0.0", "held.1"]),
        ([{"a": (linear(), 3)}, 5, "text"], ["held.0.a.0"]),
        (OrderedDict(a=linear()), ["held.a"]),
    ],
)
def test_nested_layers_are_children(held: object, names: list[str]) -> None:
    layer = Holding(held)
    assert list(layer.children()) == names
    assert [name for name, _ in layer.named_parameters()] == [
        f"{name}.{param}" for name in names for param in ("weight", "bias")
    ]
    model = Model(layer, linear())
    assert len(state_dict(model)) == 2 * len(names) + 2
    model.eval()
    assert not any(child.training for child in layer.children().values())
    layer.forward(np.ones((1, 2)))


def test_a_layer_that_is_held_twice_is_one_child() -> None:
    layer = linear()
    holding = Holding([layer, [layer]])
    assert list(holding.children()) == ["held.0"]
    Model(holding).forward(np.ones((1, 2)))


class Bag:
    """An object of somebody's own class."""

    def __init__(self, content: object) -> None:
        self.content = content


class Slotted:
    """One without a dictionary."""

    __slots__ = ("content",)

    def __init__(self, content: object) -> None:
        self.content = content


def objects(*items: object) -> Array:
    array = np.empty(len(items), object)
    array[:] = items
    return array


HOLDERS: dict[str, tuple[Callable[[object], object], str]] = {
    "namespace": (lambda item: SimpleNamespace(l=item), "held.l"),
    "set": (lambda item: {item}, "held (a set)"),
    "deque": (lambda item: deque([1, item]), "held[1]"),
    "object": (Bag, "held.content"),
    "slots": (Slotted, "held.content"),
    "objects": (lambda item: objects(1, item), "held[1]"),
    "deep": (lambda item: [{"a": Bag((1, {item}))}], "held[0]['a'].content[1] (a set)"),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_layers_and_tensors_that_nothing_would_train_are_refused(holder: str) -> None:
    hold, where = HOLDERS[holder]
    message = re.escape(f"holding: the layer {where!r} is not among children()")
    with pytest.raises(TypeError, match=message):
        Holding(hold(linear())).forward(np.ones((1, 2)))
    message = re.escape(f"holding: the tensor {where!r} is in no table of params")
    with pytest.raises(TypeError, match=message):
        Holding(hold(Tensor(np.ones(2)))).forward(np.ones((1, 2)))


@pytest.mark.parametrize("hold", [lambda t: [t], lambda t: ((t,),), lambda t: {"a": [t]}])
def test_tensors_in_containers_are_refused(hold: Callable[[Tensor], object]) -> None:
    tensor = Tensor(np.ones(2, np.float32))
    layer = Holding(hold(tensor))
    with pytest.raises(TypeError, match=r"the tensor \"?'?held.*self.params\['held_\w+'\] = self"):
        Model(layer).forward(np.ones((1, 2)))
    layer.params["w"] = tensor
    Model(layer).forward(np.ones((1, 2)))


def test_what_is_trained_elsewhere_may_be_held_anywhere() -> None:
    inner = linear()
    layer = Holding({"layer": inner, "bag": Bag({inner}), "weight": [inner.weight, inner.output]})
    Model(layer).forward(np.ones((1, 2)))

    class Teacher(Holding):
        def children(self) -> dict[str, Layer]:
            return {}

    Teacher(Bag(linear())).forward(np.ones((1, 2)))
    Holding([Bag, len, np.random.default_rng(0), re, linear, list(range(10))]).forward(np.ones(3))


def test_a_model_with_another_layer_beside_its_row_is_refused() -> None:
    class Net(Model):
        def __init__(self) -> None:
            super().__init__(linear())
            self.extra = linear()

    with pytest.raises(TypeError, match="the layer 'extra' is not among children"):
        Net().forward(np.ones((1, 2)))


class InPlace(Layer):
    """Writes where it must not, as somebody does who wants to be fast."""

    def __init__(self, forward: Callable[[Array], object], backward: str = "copy") -> None:
        super().__init__()
        self.write, self.way = forward, backward

    def _forward(self, x: Array) -> Array:
        self.write(x)
        return x * 2

    def _backward(self, g: Array) -> Array:
        if self.way == "gradient":
            g *= 2
            return g
        if self.way == "input":
            np.multiply(self.input.value, 2, out=self.input.value)
        return g * 2


def nothing(x: Array) -> None:
    pass


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.fill(3),
        lambda x: np.maximum(x, 0, out=x),
        lambda x: np.copyto(x[::-1], 1),
        lambda x: x.reshape(-1).sort(),
        lambda x: x.__imul__(2),
        # Not a single number is below 0 in this pass.
        lambda x: x.__setitem__(x < 0, 0),
    ],
)
@pytest.mark.parametrize(
    ("wrap", "name"),
    [
        (lambda layer: layer, "inplace"),
        (lambda layer: Model(layer, Tanh()), "inplace"),
        (lambda layer: Model(Tanh(), layer), "inplace"),
        (lambda layer: Model(Branches(Tanh(), layer)), "branches.branches.1"),
    ],
)
def test_a_layer_that_writes_into_its_input_is_refused(
    write: Callable[[Array], object], wrap: Callable[[Layer], Layer], name: str
) -> None:
    layer = wrap(InPlace(write))
    x = np.array([[1.0, 0.5], [0.0, 2.0]], np.float32)
    before = x.copy()
    for run in (layer.forward, layer, layer.forward):
        with pytest.raises(ValueError, match=f"^{name}: _forward changes an array that it was giv"):
            run(x)
    np.testing.assert_array_equal(x, before)
    assert x.flags.writeable


@pytest.mark.parametrize("way", ["gradient", "input"])
def test_a_backward_pass_that_writes_into_what_it_reads_is_refused(way: str) -> None:
    model = Model(Scale(), InPlace(nothing, way))
    x, g = np.ones((2, 3), np.float32), np.ones((2, 3), np.float32)
    model.forward(x)
    model.output.grad = g
    with pytest.raises(ValueError, match="inplace: _backward changes an array that it was given"):
        model.backward()
    np.testing.assert_array_equal(g, 1)
    np.testing.assert_array_equal(model[1].input.value, 2)
    assert g.flags.writeable
    assert model[1].input.value.flags.writeable


def test_writing_in_train_mode_only_is_found_too() -> None:
    class DropInPlace(Layer):
        def _forward(self, x: Array) -> Array:
            if self.training:
                x[x > 1] = 0
            return x

    layer, x = DropInPlace().eval(), np.ones((2, 3), np.float32)
    layer.forward(x)
    layer.train()
    with pytest.raises(ValueError, match="dropinplace: _forward changes an array"):
        layer.forward(x)


class Viewing(Layer):
    """Returns a view of its input, and keeps another one."""

    def __init__(self, view: Callable[[Array], Array]) -> None:
        super().__init__()
        self.view = view

    def _forward(self, x: Array) -> Array:
        self.kept = x[:1]
        return self.view(x)

    def _backward(self, g: Array) -> Array:
        return self.view(g)


@pytest.mark.parametrize("view", [lambda x: x, lambda x: x[::-1], lambda x: x.reshape(x.shape)])
def test_views_stay_views_and_nothing_becomes_read_only(view: Callable[[Array], Array]) -> None:
    layer = Viewing(view)
    model = Model(Scale(), layer, Flatten())
    x, g = np.ones((2, 3), np.float32), np.ones((2, 3), np.float32)
    for _ in range(2):
        model.forward(x)
        model.output.grad = g
        model.backward()
        arrays = [array for each in model for array in (each.output.value, each.input.grad)]
        assert all(array.flags.writeable for array in (x, g, *arrays))


def test_the_first_pass_computes_what_all_others_do() -> None:
    class Sums(Layer):
        def _forward(self, x: Array) -> Array:
            y: Array = x + x.sum(axis=0) + x.reshape(len(x), -1).sum()
            return y

        def _backward(self, g: Array) -> Array:
            g_in: Array = g + g.sum(axis=0) * len(g)
            return g_in

    rng = np.random.default_rng(0)
    whole = rng.standard_normal((7, 40, 9), dtype=np.float32)
    for x in (whole, whole[:, 3:30:2], whole[::-1], whole.transpose(1, 2, 0), whole[:, ::-3, :5]):
        layer = Sums()
        passes = [layer.forward(x).value.copy() for _ in range(2)]
        np.testing.assert_array_equal(passes[0], passes[1])
        grads = []
        for _ in range(2):
            layer.output.grad = x
            layer.backward()
            grads.append(layer.input.grad.copy())
        np.testing.assert_array_equal(grads[0], grads[1])


@pytest.mark.parametrize("made", [[1.0], 2.0, np.float32(3), "g"])
def test_what_is_no_array_is_named(made: object) -> None:
    kind = type(made).__name__
    with pytest.raises(TypeError, match=f"returns: _backward returned {kind}; expected an array"):
        backward_of(Returns(g=made))
    with pytest.raises(TypeError, match=f"returns: _forward returned {kind}; expected an array"):
        backward_of(Returns(made))


def test_a_gradient_that_is_a_tensor_is_named() -> None:
    class Wraps(Same):
        def _backward(self, g: Array) -> Array:
            return Tensor(g)  # type: ignore[return-value]

    with pytest.raises(TypeError, match="wraps: _backward returned Tensor; expected an array"):
        backward_of(Wraps())


@pytest.mark.parametrize("shape", [None, 6, [3], (3.0,), "3"])
def test_an_output_shape_that_is_none_is_named(shape: object) -> None:
    class Shaped(Scale):
        def output_shape(self, input_shape: Shape) -> Shape:
            return shape  # type: ignore[return-value]

    message = re.escape(f"shaped: output_shape returned {shape!r}; expected a tuple of whole")
    for layer in (Shaped(), Model(Scale(), Shaped()), Model(Shaped(), Scale())):
        with pytest.raises(TypeError, match=message):
            layer.forward(np.ones((2, 3)))


def test_a_param_that_is_no_tensor_is_named() -> None:
    class Bare(Scale):
        def __init__(self) -> None:
            super().__init__()
            self.params["w"] = np.ones(3, np.float32)  # type: ignore[assignment]

    message = r"bare: params\['w'\] is of type ndarray; expected a tensor: self.params\['w'\] = Ten"
    with pytest.raises(TypeError, match=message):
        Bare()
    scale = Scale()
    scale.params["w"] = np.ones(3, np.float32)  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"scale: params\['w'\] is of type ndarray"):
        Model(scale)
    layer = linear()
    layer.forward(np.ones((2, 2)))
    layer.params["weight"] = layer.weight.value  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"linear: params\['weight'\] is of type ndarray"):
        layer.forward(np.ones((2, 2)))


@pytest.mark.parametrize(
    "use",
    [
        lambda model: model.astype(np.float32),
        lambda model: model.zero_grad(),
        lambda model: model.parameters(),
        lambda model: model.state_dict(),
        lambda model: model.load_state_dict({}),
        lambda model: model.rename("a"),
        lambda model: model.forward(np.ones((2, 3), np.float32)),
        lambda model: model.predict(np.ones((2, 3), np.float32)),
        lambda model: model.summary((3,)),
        lambda model: gradcheck(model, np.ones((2, 3), np.float32)),
        lambda model: SGD(model.parameters(), lr=0.1),
    ],
)
def test_whatever_is_done_first_with_a_param_that_is_no_tensor_names_it(
    use: Callable[[Model], object],
) -> None:
    model = Model(Scale())
    layer = model[0]
    layer.params["w"] = np.ones(3, np.float32)  # type: ignore[assignment]
    message = r"scale: params\['w'\] is of type ndarray; expected a tensor: self\.params\['w'\] = "
    with pytest.raises(TypeError, match=message):
        use(model)
    layer.params = [Tensor([1.0])]  # type: ignore[assignment]
    with pytest.raises(TypeError, match="scale: params is a list; expected a dictionary of tensor"):
        use(model)
    layer.params = {"w": Tensor(np.ones(3, np.float32))}
    model.astype(np.float32).forward(np.ones((2, 3), np.float32))


def test_a_step_names_params_and_state_of_another_kind_and_is_undone() -> None:
    rng, data = np.random.default_rng(0), load_dataset("digits")
    norm = BatchNorm2d(1)
    model = Model(norm, Flatten(), Linear(64, 10, rng=rng))
    trainer = Trainer(model, SGD(model.parameters(), 0.1), data, 8, rng)
    trainer.step()
    cases: list[tuple[dict[str, Any], object, str]] = [
        (norm.params, norm.params["weight"].value, r"params\['weight'\] is of type ndarray"),
        (
            norm.state,
            Tensor(norm.state["running_mean"]),
            r"state\['running_mean'\].*= running_mean",
        ),
        (norm.state, [0.0], r"state\['running_mean'\] is of type list; expected an array"),
    ]
    for table, wrong, message in cases:
        name = "weight" if table is norm.params else "running_mean"
        right = table[name]
        table[name] = wrong
        for step in (trainer.step, trainer.record_step):
            with pytest.raises(TypeError, match=message):
                step()
        table[name] = right
    assert trainer.step().iteration == 2


def test_what_a_layer_without_floats_is_told_to_do_helps() -> None:
    class Whole(Scale):
        def __init__(self) -> None:
            super().__init__()
            self.params["w"] = Tensor([1, 2, 3])

    layer = Whole()
    message = r"the param 'w' is int64 in a layer of float32; convert the array: array.astype\(self"
    with pytest.raises(TypeError, match=message) as told:
        layer.forward(np.ones((2, 3), np.float32))
    assert "astype(np." not in str(told.value)
    array = layer.params["w"].value
    layer.params["w"] = Tensor(array.astype(layer.dtype))
    layer.forward(np.ones((2, 3), np.float32))
    layer.params["w"].value = [1.0, 2.0, 3.0]  # type: ignore[assignment]
    with pytest.raises(TypeError, match="the param 'w' is float64 in a layer of float32"):
        layer.forward(np.ones((2, 3), np.float32))


def test_a_pass_in_the_place_of_the_one_that_checks_it_is_refused() -> None:
    for name, expected in (
        ("forward", r"_forward\(self, x\)"),
        ("backward", r"_backward\(self, g\)"),
    ):
        with pytest.raises(TypeError, match=f"Own defines {name}; expected {expected}"):
            type("Own", (Layer,), {name: lambda self, x: x})()

    class Mixin:
        def forward(self, x: Tensor) -> Tensor:
            return x

    class Mixed(Mixin, Layer):  # type: ignore[misc]
        pass

    with pytest.raises(TypeError, match="Mixed defines forward; expected _forward"):
        Mixed()

    class Base(Layer):
        def forward(self, x: Tensor | ArrayLike) -> Tensor:
            return super().forward(np.asarray(x) + 1)

    class Whole(Base):
        def _forward(self, x: Array) -> Array:
            return 2 * x

    # Only what is made has to be whole.
    assert_close(Whole().forward(np.zeros((1, 3))).value, np.full((1, 3), 2.0))

    class Wraps(Scale):
        def forward(self, x: Tensor | ArrayLike) -> Tensor:
            return super().forward(np.asarray(x) + 1)

    assert Wraps().forward(np.zeros((1, 3))).value.any()


def test_a_forgotten_call_of_the_base_class_is_named() -> None:
    class Forgets(Scale):
        def __init__(self) -> None:
            self.factor = 3.0

    class Late(Scale):
        def __init__(self, name: str) -> None:
            getattr(self, name)
            super().__init__()

    class Heir(Forgets):
        def __init__(self) -> None:
            super().__init__()
            self.other = 1

    @dataclass
    class Made(Layer):
        factor: float = 2

    call = r"__init__ must call super\(\).__init__\(\)"
    with pytest.raises(TypeError, match=f"^Forgets: {call} first"):
        Forgets()
    with pytest.raises(TypeError, match=f"^Heir: {call} first"):
        Heir()
    for name in ("params", "training", "output", "work"):
        with pytest.raises(TypeError, match=f"^Late: {call} before it uses {name}$"):
            Late(name)
    with pytest.raises(AttributeError, match="nonsense"):
        Late("nonsense")
    for run in (lambda: Made().forward(np.ones((2, 3))), lambda: Model(Made())):
        with pytest.raises(TypeError, match=f"^Made: {call} first"):
            run()


def test_a_class_keeps_the_signature_of_its_init() -> None:
    assert list(signature(Scale).parameters) == ["factor"]
    assert list(signature(Conv2d).parameters)[:3] == ["in_channels", "out_channels", "kernel_size"]
    assert Scale.__init__.__qualname__ == "Scale.__init__"


@pytest.mark.parametrize("keyword", [5, None, ["conv"], b"conv", True])
def test_a_keyword_that_is_no_text_is_refused(keyword: object) -> None:
    message = re.escape(f"the keyword of Stranger is {keyword!r}; expected lower-case")
    with pytest.raises(ValueError, match=message):
        type("Stranger", (Layer,), {"keyword": keyword})


@pytest.fixture
def no_new_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keywords of this test are forgotten after it."""
    monkeypatch.setattr("core.layer.LAYERS", LAYERS.copy())


@pytest.mark.usefixtures("no_new_layers")
def test_options_are_not_lost_in_the_text_form() -> None:
    class Times(Scale):
        keyword = "times"

    class Named(Scale):
        keyword = "named"

        def to_spec(self) -> str:
            return f"named {self.factor}"

    class Read(Scale):
        keyword = "read"

        @classmethod
        def from_spec(cls, item: SpecItem, input_shape: Shape, rng: Rng) -> Read:
            item.done()
            return cls(3.0)

    class Plain(Same):
        keyword = "plain"

        def __init__(this) -> None:  # noqa: N805
            super().__init__()

    model = Model(Flatten(), Times(5.0))
    message = "times has no text form: the class Times takes factor, which its text would lose"
    with pytest.raises(ValueError, match=message):
        format_model(model)
    assert repr(model) == "Model(flatten, Times)"
    assert repr(model[1]) == "<times: Times>"
    summary = model.summary((3,))
    assert "Times" in str(summary)
    assert [row.multiply_adds for row in summary] == [0, None]
    assert str(summary).splitlines()[-1].endswith(" 0 + ?")
    assert "<td>?</td>" in summary._repr_html_()

    class Says(Times):
        def multiply_adds(self, input_shape: Shape) -> int:
            return 7

    summary = Model(Flatten(), Says(5.0)).summary((3,))
    assert str(summary).splitlines()[-1].endswith(" 7")

    class Louder(LeakyReLU):
        keyword = "louder"

        def __init__(self, negative_slope: float = 0.1, gain: float = 2) -> None:
            super().__init__(negative_slope)
            self.gain = gain

    class Quieter(LeakyReLU):
        keyword = "quieter"

        def __init__(self, *args: float, **kwargs: float) -> None:
            super().__init__(*args, **kwargs)

    with pytest.raises(ValueError, match="the class Louder takes gain, which its text would lose"):
        format_model(Model(Louder()))
    assert repr(Louder()) == "<louder: Louder>"
    assert format_model(Model(Quieter(0.5))) == "quieter 0.5"
    assert format_model(Model(Named(2.0), Read(), Plain())) == "named 2.0, read, plain"


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ({"s": {"X_out": None}}, "None as 'X_out' of 's'; expected an array of real"),
        ({"s": {"X_out": np.array(["a"])}}, "as 'X_out' of 's'; expected an array of real numbers"),
        ({"s": {"X_out": np.array([None, 1.0])}}, "as 'X_out' of 's'; expected an array of real"),
        ({"s": {"X_out": np.ones(2, complex)}}, "as 'X_out' of 's'; expected an array of real"),
        ({"s": {"X_out": [[1.0], [1.0, 2.0]]}}, "as 'X_out' of 's'; expected an array of real"),
        ({"s": {2: np.ones(2)}}, "the name 2; expected a text, such as 'X_out'"),
        ({1: {"X_out": np.ones(2)}}, "the name 1; expected a text, such as 'X_out'"),
    ],
)
def test_stages_of_what_cannot_be_looked_at_are_refused(stages: object, said: str) -> None:
    class Odd(Scale):
        def forward_stages(self) -> Stages:
            return stages  # type: ignore[return-value]

    model = Model(Odd(), Flatten(), Linear(64, 10))
    trainer = Trainer(model, SGD(model.parameters(), 0.1), load_dataset("digits"), 8)
    with pytest.raises(TypeError, match=f"^odd: forward_stages .*{re.escape(said)}"):
        _ = trainer.record_step().stage("forward", "odd").inner


@pytest.mark.parametrize(
    ("formulas", "constants", "said"),
    [
        (None, {}, "formulas of Stated is None; expected a text with a line for each array"),
        (["X_out[*i] = X_in[*i]"], {}, "expected a text with a line for each array"),
        ("X_out[*i] = k * X_in[*i]", None, "formula_constants of Stated returned None; expected"),
        ("X_out[*i] = k * X_in[*i]", {"k": "2"}, "returned '2' as 'k'; expected one real number"),
        ("X_out[*i] = k * X_in[*i]", {"k": np.ones(2)}, "as 'k'; expected one real number"),
    ],
)
def test_formulas_and_constants_of_another_kind_are_named(
    formulas: object, constants: object, said: str
) -> None:
    class Stated(Scale):
        def formula_constants(self) -> dict[str, float]:
            return constants  # type: ignore[return-value]

    Stated.formulas = formulas  # type: ignore[assignment, method-assign]
    model = Model(Stated(), Flatten(), Linear(64, 10))
    trainer = Trainer(model, SGD(model.parameters(), 0.1), load_dataset("digits"), 8)
    trace = trainer.record_step()
    with pytest.raises(FormulaError, match=re.escape(said)):
        explain(trace, Cell("forward", "stated", "X_out", (0, 0, 1, 1)))


@pytest.mark.parametrize("method", ["multiply_adds", "kept_per_sample"])
def test_a_count_that_is_none_is_named(method: str) -> None:
    kind = type("Counted", (Scale,), {method: lambda self, input_shape: None})
    model = Model(kind(), Flatten())
    said = f"counted: {method} returned None; expected a whole number"
    with pytest.raises(TypeError, match=said):
        getattr(model, method)((1, 2, 2))
    if method == "multiply_adds":
        with pytest.raises(TypeError, match=said):
            model.summary((1, 2, 2))


def test_a_text_form_that_is_none_is_named() -> None:
    class Mute(Scale):
        keyword = "mute"

        def __init__(self) -> None:
            super().__init__()

        def to_spec(self) -> str:
            return None  # type: ignore[return-value]

    try:
        model = Model(Mute(), Flatten())
        with pytest.raises(
            ValueError, match="mute has no text form: to_spec of Mute returned None"
        ):
            format_model(model)
        assert "Mute" in str(model.summary((1, 2, 2)))
    finally:
        del LAYERS["mute"]

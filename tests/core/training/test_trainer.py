"""Training: the same run again, what may look on without disturbing it, and that it learns."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from math import nan
from statistics import median
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.data import DataSet, Split, load_dataset
from core.errors import DataError, DivergenceError, ShapeError
from core.inspect.checks.gradcheck import gradcheck
from core.inspect.flow import gradient_flow
from core.io.text import parse_model
from core.io.weights import state_dict
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.optim import SGD, Adam, Optimizer, RMSprop
from core.schedule import cosine
from core.tensor import Array, Tensor
from core.training.history import History
from core.training.results import StepResult
from core.training.trainer import Trainer
from tests.core.runs import fingerprint, future, make_trainer, of_result, of_state
from tests.rounding import assert_close

DEFAULT = "conv 8 k3 p1, bn, relu, pool 2, conv 16 k3 p1, bn, relu, pool 2, flatten, linear 10"


def test_the_same_seed_gives_the_same_run() -> None:
    assert future(make_trainer(3), 100) == future(make_trainer(3), 100)


def test_another_seed_gives_another_run() -> None:
    first, other = make_trainer(3), make_trainer(4)
    assert all(first.step().loss != other.step().loss for _ in range(5))
    assert of_state(first.model) != of_state(other.model)


@pytest.mark.parametrize(
    "make",
    [
        lambda params: SGD(params, 0.05, 0.9, nesterov=True),
        Adam,
        lambda params: RMSprop(params, 0.001, momentum=0.9),
    ],
)
def test_a_state_has_one_future(make: Callable[..., Optimizer]) -> None:
    trainer = make_trainer()
    trainer.optimizer = make(trainer.model.parameters())
    for _ in range(7):
        trainer.step()
    state = trainer.get_state()
    kept = fingerprint(state)
    # Long enough to come into another epoch.
    first = future(trainer, 120)
    assert fingerprint(state) == kept
    trainer.set_state(state)
    assert trainer.iteration == 7
    assert future(trainer, 120) == first


def test_a_state_sets_another_trainer() -> None:
    trainer, other = make_trainer(), make_trainer(9)
    for _ in range(7):
        trainer.step()
    other.set_state(trainer.get_state())
    assert future(other) == future(trainer)


def test_recording_changes_no_number() -> None:
    plain, watched, mixed = make_trainer(), make_trainer(), make_trainer()
    for k in range(100):
        result = of_result(plain.step())
        assert of_result(watched.record_step()) == result
        assert of_result(mixed.record_step() if k % 3 else mixed.step()) == result
    assert fingerprint(watched.get_state()) == fingerprint(plain.get_state())
    assert fingerprint(mixed.get_state()) == fingerprint(plain.get_state())


def test_a_result_is_the_loss_before_the_update() -> None:
    trainer = make_trainer(text="flatten, linear 10", batch_size=20)
    before = state_dict(trainer.model)
    result = trainer.step()
    images = trainer.data.train.images[result.indices].reshape(20, -1)
    labels = trainer.data.train.labels[result.indices]
    logits = images @ before["1.weight"].T + before["1.bias"]
    logits -= logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(20), labels]
    assert result.iteration == trainer.iteration == 1
    assert_close(result.loss, losses.mean(), magnitude=np.abs(logits).max())
    assert result.accuracy == (logits.argmax(axis=1) == labels).mean()


def test_the_schedule_sets_the_rate_of_each_update() -> None:
    trainer = make_trainer(schedule=cosine(0.4, total=4))
    expected = [0.4, 0.2 + 0.1 * 2**0.5, 0.2, 0.2 - 0.1 * 2**0.5, 0]
    assert_close([trainer.step().lr for _ in range(5)], expected)
    plain = make_trainer(lr=0.05)
    assert [plain.step().lr, plain.record_step().lr] == [0.05, 0.05]


def test_an_epoch_meets_every_sample_once_and_ends_with_a_short_batch() -> None:
    trainer = make_trainer(batch_size=100)
    total = len(trainer.data.train)
    assert total % 100
    orders = []
    for epoch in range(2):
        assert trainer.epoch == epoch
        batches = [trainer.step().indices for _ in range(-(-total // 100))]
        assert [len(batch) for batch in batches] == [100] * (total // 100) + [total % 100]
        orders.append(np.concatenate(batches))
        assert np.array_equal(np.sort(orders[-1]), np.arange(total))
    assert not np.array_equal(orders[0], orders[1])


def test_evaluating_leaves_training_alone() -> None:
    plain, watched = make_trainer(), make_trainer()
    for _ in range(10):
        plain.step()
        watched.step()
        before = of_state(watched.model)
        watched.evaluate(watched.data.test)
        next(watched.evaluating(watched.data.train, 7))
        assert of_state(watched.model) == before
    assert future(watched) == future(plain)


def test_evaluating_beside_training_leaves_it_alone() -> None:
    plain, watched = make_trainer(), make_trainer()
    for _ in watched.evaluating(watched.data.test, 50):
        assert of_result(watched.step()) == of_result(plain.step())
    assert future(watched) == future(plain)


def test_evaluating_tells_how_far_it_is() -> None:
    trainer = make_trainer()
    total = len(trainer.data.test)
    parts = list(trainer.evaluating(trainer.data.test, 64))
    assert [part.done for part in parts] == [*range(64, total, 64), total]
    assert {part.total for part in parts} == {total}
    whole = trainer.evaluate(trainer.data.test)
    assert whole.accuracy == parts[-1].accuracy
    # Batches of another size are rounded otherwise, in float32.
    assert_close(whole.loss, parts[-1].loss, eps=float(np.finfo(np.float32).eps))


def test_evaluating_uses_running_statistics_and_no_masks() -> None:
    trainer = make_trainer()
    trainer.step()
    one, all_ = (next(trainer.evaluating(trainer.data.test, n)) for n in (1, 40))
    alone = [next(trainer.evaluating(trainer.data.test, 1)) for _ in range(3)]
    assert {part.loss for part in alone} == {one.loss}
    assert all_.done == 40
    assert all(layer.training for layer in trainer.model.walk())


@pytest.mark.parametrize(
    ("text", "lr"),
    [
        ("flatten, linear 10", 1e38),
        ("conv 4, relu, flatten, linear 10", 1e30),
        ("conv 4 k3 p1, bn, relu, pool 2, flatten, linear 10", 1e6),
        ("conv 4 k3 p1, bn, relu, pool 2, flatten, linear 10", 1e30),
        ("conv 4, bn, relu, dropout, flatten, linear 10", 1e30),
        ("conv 4 k3 p1, residual(conv 4 k3 p1, relu), flatten, linear 10", 1e6),
        ("conv 4, bn, relu, residual(conv 4 k3 p1, bn), flatten, linear 10", 1e10),
    ],
)
def test_divergence_is_told_before_it_reaches_the_state(text: str, lr: float) -> None:
    trainer = make_trainer(text=text, lr=lr)
    params: list[object] = []

    def go_on() -> None:
        for _ in range(50):
            params.append(of_params(trainer))
            trainer.step()
            state = state_dict(trainer.model)
            bad = [name for name, array in state.items() if not np.isfinite(array).all()]
            assert bad == [], f"iteration {trainer.iteration} passed for a good one"

    with pytest.raises(DivergenceError) as caught:
        go_on()
    error = caught.value
    assert error.layer in {"loss", *(layer.name for layer in trainer.model.leaves())}
    assert error.iteration == trainer.iteration + 1
    assert f"the {error.phase} of {error.layer} in iteration {error.iteration}" in str(error)
    if error.phase != "update":
        assert of_params(trainer) == params[-1]


def of_params(trainer: Trainer) -> object:
    return fingerprint([param.value for param in trainer.model.parameters()])


def spoil_forward(trainer: Trainer) -> None:
    """The outputs of linear2 overflow."""
    weight(trainer, 3)[...] = 3e38


def spoil_backward(trainer: Trainer) -> None:
    """Only zeros pass forward, but the gradient grows by 1e30 in linear3 and again in linear2."""
    for param in trainer.optimizer.params[:4]:
        param.value *= 1 if param is trainer.model[3].params["weight"] else 0
    weight(trainer, 3)[...] *= 1e30
    weight(trainer, 4)[...] *= 1e30


def spoil_update(trainer: Trainer) -> None:
    """All classes stay equally likely; then a step of 1e37 or more leads beyond 3.4e38."""
    trainer.optimizer.params[-1].value.fill(3.4e38)
    weight(trainer, 4)[...] = 0
    trainer.optimizer.lr = 3e38


def weight(trainer: Trainer, layer: int) -> Array:
    return trainer.model[layer].params["weight"].value


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize(
    ("spoil", "layer", "phase"),
    [
        (spoil_forward, "linear2", "forward"),
        (spoil_backward, "linear2", "backward"),
        (spoil_update, "linear3", "update"),
    ],
)
def test_divergence_names_where_it_began(
    spoil: Callable[[Trainer], None], layer: str, phase: str, record: bool
) -> None:
    trainer = make_trainer(text="flatten, linear 8, tanh, linear 8, linear 10", batch_size=8)
    trainer.step()
    spoil(trainer)
    before = of_state(trainer.model)
    with pytest.raises(DivergenceError) as caught:
        trainer.record_step() if record else trainer.step()
    assert (caught.value.layer, caught.value.phase, caught.value.iteration) == (layer, phase, 2)
    assert trainer.iteration == 1
    assert phase == "update" or of_state(trainer.model) == before
    # Neither hooks nor a switch are left behind.
    hooks = [(layer._forward_hooks, layer._backward_hooks) for layer in trainer.model.walk()]
    assert hooks == [({}, {})] * len(hooks)
    assert all(layer.needs_input_grad for layer in trainer.model.walk())


# Any loss, any param, any data.


class Huber(Loss):
    """A loss with `forward` and `backward` alone, in float64, whatever the output is in."""

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        self.output = output
        self.error = output.value.astype(np.float64) - np.eye(10)[np.asarray(targets)]
        return np.where(np.abs(self.error) <= 1, self.error**2 / 2, np.abs(self.error) - 0.5).mean()  # type: ignore[no-any-return]

    def backward(self) -> None:
        self.output.grad = np.clip(self.error, -1, 1) / self.error.size


@pytest.mark.parametrize(
    "loss",
    [CrossEntropyLoss(label_smoothing=0.1), MSELoss(), L1Loss(), BCEWithLogitsLoss(), Huber()],
    ids=lambda loss: type(loss).__name__,
)
def test_any_loss_trains_and_is_recorded(loss: Loss) -> None:
    trainer = make_trainer(text="flatten, linear 10", lr=0.5, batch_size=200, loss=loss)
    first = trainer.record_step()
    stage = first.stage("loss", "loss")
    assert stage.array("loss") == pytest.approx(first.loss)
    assert any(name.startswith("g_") for name in stage.names)
    for _ in range(20):
        last = trainer.step()
    assert last.loss < first.loss
    known = not isinstance(loss, Huber)
    assert (set(last.metrics) == {"accuracy"}) == known
    assert np.isnan(last.accuracy) != known
    assert np.isnan(trainer.evaluate(trainer.data.test).accuracy) != known


def regression(targets: Array, batch_size: int = 10) -> Trainer:
    rng = np.random.default_rng(0)
    split = Split(rng.uniform(0, 1, (len(targets), 1, 2, 2)).astype(np.float32), targets)
    model = parse_model(f"flatten, linear {np.size(targets[0])}", (1, 2, 2), rng)
    data = DataSet("own", "Own", split, split)
    return Trainer(model, SGD(model.parameters(), 0.1), data, batch_size, rng, MSELoss())


@pytest.mark.parametrize("shape", [(50,), (50, 1), (50, 3)])
def test_real_targets_are_learnt(shape: tuple[int, ...]) -> None:
    trainer = regression(np.random.default_rng(1).uniform(0, 1, shape).astype(np.float32))
    first = trainer.record_step()
    assert first.metrics == {}
    assert first.targets.dtype == np.float32
    before = trainer.evaluate(trainer.data.test).loss
    trainer.fit(5, progress=False)
    assert trainer.evaluate(trainer.data.test).loss < before


def test_params_that_the_optimiser_does_not_hold_start_from_no_gradient() -> None:
    trainer, whole = make_trainer(), make_trainer()
    params = trainer.model.parameters()
    trainer.optimizer = SGD(params[-2:], 0.0)
    whole.optimizer = SGD(whole.model.parameters(), 0.0)
    for _ in range(3):
        trainer.step()
        whole.step()
        for param, other in zip(params, whole.model.parameters(), strict=True):
            np.testing.assert_array_equal(param.grad, other.grad)


def test_gradients_that_the_optimiser_does_not_hold_may_not_diverge_either() -> None:
    trainer = make_trainer(text="flatten, linear 8, tanh, linear 8, linear 10", batch_size=8)
    trainer.step()
    spoil_backward(trainer)
    trainer.optimizer = SGD(trainer.model[4].parameters(), 0.01)
    with pytest.raises(DivergenceError, match="backward of linear2"):
        trainer.step()


def test_frozen_params_stay() -> None:
    trainer = make_trainer(text="flatten, linear 8, tanh, linear 10")
    frozen = trainer.model[1].params["weight"]
    frozen.requires_grad = False
    before = frozen.value.copy()
    trainer.fit(1, progress=False)
    np.testing.assert_array_equal(frozen.value, before)
    assert not np.array_equal(trainer.record_step().stages[-1].array("step"), 0)


# Afterwards the model is a model again.


def test_after_training_a_backward_pass_gives_the_input_gradient() -> None:
    trainer = make_trainer()
    trainer.step()
    images = trainer.data.test.images[:4]
    model = trainer.model.eval()
    for record in (False, True):
        trainer.record_step() if record else trainer.step()
        output = model.eval().forward(images)
        output.grad = np.ones_like(output.value)
        model.backward()
        assert np.abs(model.input.grad).max() > 0


def test_after_training_gradients_can_be_checked() -> None:
    trainer = make_trainer(text="conv 1 k3 s3, bn, tanh, flatten, linear 10", batch_size=8)
    trainer.record_step()
    trainer.step()
    before = fingerprint(trainer.get_state())
    checks = gradcheck(trainer.model, trainer.data.test.images[:2])
    assert fingerprint(trainer.get_state()) == before
    assert max(check.error for check in checks) < 1e-6


def test_evaluating_leaves_each_layer_in_its_mode() -> None:
    trainer = make_trainer()
    trainer.model.eval()
    trainer.evaluate(trainer.data.test)
    assert not any(layer.training for layer in trainer.model.walk())
    trainer.model.train()
    trainer.model[1].eval()
    next(trainer.evaluating(trainer.data.test, 7))
    assert [layer.training for layer in trainer.model][:3] == [True, False, True]


# Fit.


def test_fit_is_so_many_epochs_of_steps() -> None:
    fitted, stepped = make_trainer(batch_size=100), make_trainer(batch_size=100)
    seen: list[StepResult] = []
    results = fitted.fit(2, fitted.data.test, seen.append, progress=False)
    steps = [stepped.step() for _ in range(2 * stepped.batches.batches_per_epoch)]
    assert [of_result(result) for result in seen] == [of_result(step) for step in steps]
    assert [result.epoch for result in results] == [1, 2]
    assert [result.steps for result in results] == [len(steps) // 2] * 2
    assert results[1].validation == fitted.evaluate(fitted.data.test)
    count = [len(step.indices) for step in steps[: len(steps) // 2]]
    mean = np.average([step.loss for step in steps[: len(count)]], weights=count)
    assert_close(results[0].loss, mean)
    assert 0 < results[0].accuracy < results[1].accuracy
    assert future(fitted) == future(stepped)


def test_fit_finishes_an_epoch_that_has_begun() -> None:
    trainer = make_trainer(batch_size=100)
    trainer.step()
    (result,) = trainer.fit(1, progress=False)
    assert (result.epoch, result.steps) == (1, trainer.batches.batches_per_epoch - 1)
    assert result.validation is None
    assert (trainer.epoch, trainer.fit(0)) == (1, [])


def test_fit_stops_where_it_is_told_to() -> None:
    trainer = make_trainer(batch_size=100)
    results = trainer.fit(3, trainer.data.test, lambda step: step.iteration < 20, progress=False)
    assert trainer.iteration == 20
    assert [result.epoch for result in results] == [1, 2]
    assert results[0].validation is not None
    assert results[1].validation is None
    # None is not False.
    trainer.fit(1, on_step=lambda step: None, progress=False)
    assert trainer.epoch == 2


def test_fit_shows_a_progress_bar_where_tqdm_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[object] = []

    class Bar:
        def __init__(self, total: int) -> None:
            shown.append(total)

        def set_postfix_str(self, s: str, refresh: bool) -> None:
            shown.append(s)

        def update(self) -> None:
            shown.append("update")

        def close(self) -> None:
            shown.append("close")

    monkeypatch.setitem(sys.modules, "tqdm", SimpleNamespace(tqdm=Bar))
    trainer = make_trainer(text="flatten, linear 10", batch_size=1000)
    trainer.fit(1)
    assert (shown[0], shown[-1], shown.count("update")) == (2, "close", 2)
    assert str(shown[1]).startswith("epoch 1, loss ")
    shown.clear()
    trainer.fit(1, progress=False)
    assert shown == []
    monkeypatch.setitem(sys.modules, "tqdm", None)
    trainer.fit(1)
    with pytest.raises(ModuleNotFoundError, match="pip install tqdm"):
        trainer.fit(1, progress=True)


# Short batches.


def test_a_last_batch_of_one_is_dropped_for_batch_norm() -> None:
    def make(drop_last: bool) -> Trainer:
        rng = np.random.default_rng(0)
        images = rng.uniform(0, 1, (9, 1, 2, 2)).astype(np.float32)
        split = Split(images, rng.integers(2, size=9))
        model = parse_model("flatten, bn1d, linear 2", (1, 2, 2), rng)
        optimizer = SGD(model.parameters(), 0.1)
        data = DataSet("own", "Own", split, split, ("a", "b"))
        return Trainer(model, optimizer, data, 4, rng, drop_last=drop_last)

    with pytest.raises(ShapeError, match="drop_last=True"):
        make(False).fit(1, progress=False)
    trainer = make(True)
    (first, second) = trainer.fit(2, progress=False)
    assert (first.steps, second.steps, trainer.epoch) == (2, 2, 2)


@pytest.mark.slow
def test_it_learns_mnist() -> None:
    data = load_dataset("mnist")
    accuracies = []
    for seed in range(3):
        for_model, for_order = np.random.default_rng(seed).spawn(2)
        model = parse_model(DEFAULT, data.input_shape, for_model)
        trainer = Trainer(model, SGD(model.parameters(), 0.02, 0.9), data, 32, for_order)
        while trainer.epoch < 10:
            trainer.step()
        accuracies.append(trainer.evaluate(data.test).accuracy)
    assert median(accuracies) >= 0.93


# Wrong arguments, settings and data.


@pytest.mark.parametrize("rate", [-1, nan, "0.1", None, [0.1]])
@pytest.mark.parametrize("record", [False, True])
def test_a_rate_out_of_range_stops_before_anything_changes(rate: object, record: bool) -> None:
    trainer = make_trainer(schedule=lambda k: 0.1 if k < 2 else rate)  # type: ignore[arg-type, return-value]
    trainer.step()
    trainer.step()
    before = fingerprint(trainer.get_state())
    with pytest.raises(ValueError, match=r"the schedule returned .* as lr of iteration 2"):
        trainer.record_step() if record else trainer.step()
    assert fingerprint(trainer.get_state()) == before


def test_a_setting_past_its_check_stops_before_anything_changes() -> None:
    trainer = make_trainer()
    trainer.step()
    vars(trainer.optimizer)["weight_decay"] = -1
    before = fingerprint(trainer.get_state())
    with pytest.raises(ValueError, match="weight_decay is -1; expected"):
        trainer.step()
    assert fingerprint(trainer.get_state()) == before
    vars(trainer.optimizer)["weight_decay"] = 0.0
    trainer.batches.batch_size = 0
    with pytest.raises(DataError, match="the batch size is 0"):
        trainer.step()


@pytest.mark.parametrize("where", ["images", "labels"])
@pytest.mark.parametrize("value", [nan, math.inf])
def test_what_is_not_finite_in_the_data_is_blamed_on_the_data(where: str, value: float) -> None:
    images = np.random.default_rng(0).uniform(0, 1, (20, 1, 2, 2)).astype(np.float32)
    targets = np.zeros((20, 1), np.float32)
    split = Split(images, targets)
    model = parse_model("conv 2 k1, bn, flatten, linear 1", (1, 2, 2), np.random.default_rng(0))
    data = DataSet("own", "Own", split, split)
    trainer = Trainer(model, SGD(model.parameters(), 0.1), data, 20, loss=MSELoss())
    # The split holds views: its owner can still change the numbers.
    {"images": images, "labels": targets}[where][7] = value
    before = of_state(model)
    with pytest.raises(DataError, match=f"the {where} to train on: sample 7 holds numbers that"):
        trainer.step()
    assert of_state(model) == before
    history = History(trainer)
    state = fingerprint(trainer.get_state())
    with pytest.raises(DataError, match="sample 7"):
        history.advance()
    assert fingerprint(trainer.get_state()) == state


def parts() -> dict[str, Any]:
    trainer = make_trainer()
    return {
        "model": trainer.model,
        "optimizer": trainer.optimizer,
        "data": trainer.data,
        "batch_size": 3,
    }


WRONG_PARTS: dict[str, tuple[str, object, str]] = {
    "text": ("model", "m", "model is 'm'; expected a Model"),
    "no optimiser": ("optimizer", None, "optimizer is None; expected an optimiser"),
    "class of an optimiser": ("optimizer", SGD, "optimizer is the class SGD; expected"),
    "split": ("data", load_dataset("digits").train, "data is a Split; expected a DataSet"),
    "name of a loss": ("loss", "mse", "loss is 'mse'; expected a loss of core, such as"),
    "class of a loss": ("loss", CrossEntropyLoss, "loss is the class CrossEntropyLoss; expected"),
    "rate": ("schedule", 0.1, "schedule is 0.1; expected a function"),
    "seed": ("rng", 0, r"rng is 0; expected a generator: pass np.random.default_rng\(0\)"),
    "old generator": ("rng", np.random.RandomState(0), "pass np.random.default_rng"),
}


@pytest.mark.parametrize(("name", "value", "message"), WRONG_PARTS.values(), ids=WRONG_PARTS)
def test_a_trainer_names_a_wrong_argument(name: str, value: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Trainer(**{**parts(), name: value})


def test_an_optimiser_of_another_model_is_refused() -> None:
    own, other = parts(), parts()
    with pytest.raises(ValueError, match="holds none of the model's params"):
        Trainer(**{**own, "optimizer": other["optimizer"]})
    # Some of them, and others beside them, are fine.
    both = SGD([*own["model"].parameters()[:1], *other["model"].parameters()], 0.1)
    Trainer(**{**own, "optimizer": both}).step()


def test_fit_and_evaluate_name_a_wrong_argument() -> None:
    trainer: Any = make_trainer(text="flatten, linear 10")
    for epochs in (-1, 1.5, "2", True):
        with pytest.raises(ValueError, match=r"epochs is .* expected a whole number"):
            trainer.fit(epochs)
    with pytest.raises(TypeError, match=r"validation is a DataSet; .* pass data\.test"):
        trainer.fit(1, validation=trainer.data)
    with pytest.raises(TypeError, match="on_step is 3"):
        trainer.fit(1, on_step=3)
    for evaluate in (trainer.evaluate, trainer.evaluating):
        with pytest.raises(TypeError, match=r"split is a DataSet; .* pass data\.test"):
            evaluate(trainer.data)
        for size in (0, -1, 2.5):
            with pytest.raises(DataError, match="the batch size is"):
                evaluate(trainer.data.test, batch_size=size)
    assert trainer.iteration == 0


@pytest.mark.parametrize(("answer", "steps"), [(np.False_, 1), (False, 1), (None, 2), (0, 2)])
def test_fit_stops_at_false_only(answer: object, steps: int) -> None:
    trainer = make_trainer(text="flatten, linear 10", batch_size=1000)
    trainer.fit(1, on_step=lambda result: answer, progress=False)
    assert trainer.iteration == steps


def test_a_schedule_may_return_numbers_of_numpy() -> None:
    trainer = make_trainer(schedule=lambda k: np.float32(0.5))  # type: ignore[arg-type, return-value]
    assert trainer.step().lr == 0.5
    assert type(trainer.optimizer.lr) is float


@pytest.mark.parametrize("loss", [CrossEntropyLoss(), MSELoss(), L1Loss()])
@pytest.mark.parametrize("rate", [1e80, 1e153, 1e160])
@pytest.mark.parametrize("bn", ["", "bn, "])
def test_all_can_be_read_on_the_way_to_divergence_without_a_warning(
    loss: Loss, rate: float, bn: str
) -> None:
    """Warnings are errors in the tests."""
    rng, data = np.random.default_rng(0), load_dataset("digits")
    model = parse_model(f"conv 2 k3, {bn}relu, flatten, linear 10", data.input_shape, rng)
    model.astype(np.float64)
    trainer = Trainer(model, SGD(model.parameters(), rate), data, 8, rng, loss)
    for _ in range(20):
        try:
            trace = trainer.record_step()
        except DivergenceError:
            break
        assert all(stage.names for stage in trace.stages)
        assert gradient_flow(trace)
        trainer.evaluate(data.test)

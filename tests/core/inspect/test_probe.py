"""A question to the network of an iteration: a picture goes through, and nothing else happens."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from core import SGD, CrossEntropyLoss, Model, MSELoss, Tensor, Trainer, load_dataset, parse_model
from core.errors import ShapeError
from core.inspect.cell import Cell
from core.inspect.checks.check import check_gradient, is_gradient
from core.inspect.explain import explain
from core.inspect.probe import asked_model, image_gradient, probe
from core.inspect.trace import StepTrace
from tests.rounding import assert_close

# All kinds of layers, on 8×8 pixels; the first ones share the image.
NETWORK = (
    "residual(conv 2 k3 p1, bn | conv 2 k1), groupnorm 2, relu, dropout 0.4, pool 2, "
    "concat(conv 2 k3 p1, bn eps0.001, leaky 0.1 | identity), avgpool 2, upsample 2, conv 3 k3, "
    "tanh, flatten, bn1d, linear 6, layernorm, gelu, sigmoid, linear {}"
)


def trace_of(
    network: str = NETWORK, steps: int = 3, loss: CrossEntropyLoss | MSELoss | None = None
) -> tuple[Trainer, StepTrace]:
    rng, data = np.random.default_rng(0), load_dataset("digits")
    model = parse_model(network.replace("{}", "10"), data.input_shape, rng)
    model.astype(np.float64)
    trainer = Trainer(model, SGD(model.parameters(), 0.1), data, 16, rng, loss)
    for _ in range(steps - 1):
        trainer.step()
    return trainer, trainer.record_step()


def asked(trace: StepTrace, number: int = 3, label: int = 5) -> StepTrace:
    return probe(trace, load_dataset("digits").test.images[number][None], np.array([label]))


def test_answer_is_that_of_the_model_before_the_update() -> None:
    trainer, _ = trace_of()
    model, data = asked_model(trainer.record_step()), load_dataset("digits")
    images, labels = data.test.images[:7], data.test.labels[:7]
    trainer, _ = trace_of()
    before = trainer.model.predict(images)
    trace = trainer.record_step()
    assert_close(model.predict(images), before)
    for k, label in enumerate(labels):
        found = probe(trace, images[k : k + 1], [label])
        logits = list(found.layers.values())[-1].output.value
        assert_close(logits, before[k : k + 1])
        assert_close(found.loss, CrossEntropyLoss()(Tensor(before[k : k + 1]), [label]))
        assert found.accuracy == float(before[k].argmax() == label)


def test_it_has_no_update_and_says_so() -> None:
    _, trace = trace_of()
    found = asked(trace)
    assert found.is_probe
    assert not trace.is_probe
    assert {stage.phase for stage in found.stages} == {"forward", "loss", "backward"}
    passes = [(s.phase, s.layer) for s in trace.stages if s.phase != "update"]
    assert [(s.phase, s.layer) for s in found.stages] == passes
    assert (found.iteration, found.lr) == (trace.iteration, trace.lr)
    assert found.targets.tolist() == [5]
    assert not any(layer.training for layer in found.layers.values())


def test_run_goes_on_as_if_nobody_had_asked() -> None:
    (one, trace), (two, _) = trace_of(), trace_of()
    kept = {name: array.copy() for name, array in cast(Model, trace.start).state_dict().items()}
    for number in range(4):
        asked(trace, number)
    for name, array in cast(Model, trace.start).state_dict().items():
        np.testing.assert_array_equal(array, kept[name])
    for _ in range(3):
        first, second = one.record_step(), two.record_step()
        assert first.loss == second.loss
    for mine, others in zip(one.model.parameters(), two.model.parameters(), strict=True):
        np.testing.assert_array_equal(mine.value, others.value)


def test_every_number_of_it_is_explained() -> None:
    """Every printed equation adds up, in eval mode too."""
    _, trace = trace_of()
    found = asked(trace)
    rng = np.random.default_rng(1)
    for stage in found.stages:
        for name in stage.names:
            array = stage.array(name)
            drawn = np.unravel_index(int(rng.integers(array.size)), array.shape)
            for index in (tuple(map(int, drawn)), (0,) * array.ndim):
                cell = Cell(stage.phase, stage.layer, name, index)
                told = explain(found, cell)
                assert told.doubt == "", cell
                scale = max(1.0, abs(told.stored), float(np.abs(told.terms.values).sum()))
                assert_close(told.total, told.stored, magnitude=scale)


def test_every_gradient_of_it_is_that_by_differences() -> None:
    _, trace = trace_of()
    found = asked(trace)
    rng, checked = np.random.default_rng(1), 0
    for stage in found.stages:
        if stage.phase == "forward":
            continue
        for name in stage.names:
            if not is_gradient(found, stage.phase, stage.layer, name):
                continue
            array = stage.array(name)
            index = np.unravel_index(int(rng.integers(array.size)), array.shape)
            check = check_gradient(
                found, Cell(stage.phase, stage.layer, name, tuple(int(k) for k in index))
            )
            assert check.note != "" or check.error < 1e-4, check
            checked += 1
    assert checked > 40


def test_gradient_of_the_image_is_that_by_differences() -> None:
    """Also where several layers read the image: their gradients add up."""
    _, trace = trace_of()
    image = load_dataset("digits").test.images[3][None].astype(np.float64)
    found = probe(trace, image, [5])
    gradient, step = image_gradient(found), 1e-5
    assert gradient.shape == image.shape
    for index in [(0, 0, 3, 3), (0, 0, 4, 2), (0, 0, 2, 5)]:
        losses = []
        for sign in (1, -1):
            moved = image.copy()
            moved[index] += sign * step
            losses.append(probe(trace, moved, [5]).loss)
        assert_close(gradient[index], (losses[0] - losses[1]) / (2 * step), magnitude=1e6)


def test_a_loss_without_classes_is_asked_too() -> None:
    _, trace = trace_of("flatten, linear 10", loss=MSELoss())
    found = asked(trace, label=2)
    output = next(iter(reversed(found.layers.values()))).output.value
    assert_close(found.loss, ((output - np.eye(10)[2]) ** 2).mean())


@pytest.mark.parametrize("shape", [(1, 8, 8), (2, 1, 8, 8), (8,)])
def test_one_sample_is_asked_at_a_time(shape: tuple[int, ...]) -> None:
    _, trace = trace_of("flatten, linear 10")
    if shape == (1, 8, 8):
        with pytest.raises((ShapeError, ValueError)):
            probe(trace, np.zeros((1, 3, 9)), [0])
    else:
        with pytest.raises(ValueError, match="one sample"):
            probe(trace, np.zeros(shape), [0])


def test_a_class_that_there_is_not_is_refused() -> None:
    _, trace = trace_of("flatten, linear 10")
    with pytest.raises(ValueError, match="expected 0 to 9"):
        probe(trace, np.zeros((1, 1, 8, 8)), [10])


def test_numbers_that_outgrow_the_network_are_refused() -> None:
    _, trace = trace_of("flatten, linear 50, linear 10")
    with pytest.raises(ValueError, match="outgrow"):
        probe(trace, np.full((1, 1, 8, 8), 1.7e308), [1])

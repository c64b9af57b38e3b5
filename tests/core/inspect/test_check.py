"""Every gradient of a trace agrees with the loss when the number that it belongs to is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.data import load_dataset
from core.inspect.checks.check import CellCheck, check_gradient, is_gradient, moved_by
from core.inspect.checks.kink import NOT_REPEATABLE
from core.inspect.explain import Cell
from core.inspect.trace import Stage, StepTrace
from core.layers import Flatten, Linear, Tanh
from core.model import Model
from core.optim import SGD
from core.tensor import Array
from core.training.trainer import Trainer
from tests.core.cases import own_layers
from tests.core.runs import MODEL, make_trainer, of_state, of_trace

# Between them all layers, both kinds of residual, branches that begin with a branch.
TEXTS = [
    MODEL,
    "conv 4 k3 p1 im2col, groupnorm 2, concat(conv 2 k1 | identity), upsample 2, layernorm, "
    "softmax, pool 3 s2 ceil, conv 4 k3 d2 g2 same, flatten, linear 10",
    "conv 2 k3 s2 p1, gelu, residual(residual(conv 2 k1, tanh), conv 3 p1 | conv 3 k1, sigmoid), "
    "avgpool 2, leaky 0.1, gap, flatten, linear 10",
    "residual(conv 3 k3 p1 s2, bn, tanh | conv 3 k1 s2 nobias), pool 3 s1 p1, "
    "residual(dropout 0.2, residual(conv 3 p1)), flatten, linear 6, bn1d, gelu, linear 10",
]
GRADIENTS = {
    *("g_X_out", "g_logits", "g_X_in", "g_weight", "g_bias", "gradient"),
    *("g_K", "g_X_col", "g_X_out_matrix"),
    *("g_gamma", "g_beta", "g_x_hat"),
    *("g_body", "g_shortcut"),
    *("g_branch0", "g_branch1"),
}


def recorded(text: str, dtype: type[np.floating] = np.float32) -> tuple[Trainer, StepTrace]:
    """A trainer some steps in, and its next step."""
    trainer = make_trainer(text=text, batch_size=4)
    trainer.model.astype(dtype)
    for name, arrays in trainer.optimizer.slots.items():
        trainer.optimizer.slots[name] = [array.astype(dtype) for array in arrays]
    for _ in range(3):
        trainer.step()
    return trainer, trainer.record_step()


def some_gradients(trace: StepTrace, rng: np.random.Generator) -> Iterator[Cell]:
    """Random cells of every gradient array of every stage, two of each."""
    for stage in trace.stages:
        seen: set[tuple[str, int]] = set()
        for inner, arrays in stage.inner.items():
            for name, array in arrays.items():
                # One array may show in several inner stages.
                key = name, array.__array_interface__["data"][0]
                if key in seen or not is_gradient(trace, stage.phase, stage.layer, name):
                    continue
                seen.add(key)
                for _ in range(2):
                    index = tuple(int(rng.integers(size)) for size in array.shape)
                    yield Cell(stage.phase, stage.layer, name, index, inner)


def largest(stage: Stage, array: str) -> tuple[int, ...]:
    """Index of the number of the largest magnitude."""
    values = np.abs(stage.array(array))
    return tuple(int(k) for k in np.unravel_index(values.argmax(), values.shape))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("dtype", "least"), [(np.float32, 1e-3), (np.float64, 1e-6)])
def test_every_gradient(text: str, dtype: type[np.floating], least: float) -> None:
    _, trace = recorded(text, dtype)
    results = [check_gradient(trace, cell) for cell in some_gradients(trace, _rng())]
    smooth = [result for result in results if not result.note]
    assert [result for result in smooth if not result.error <= least] == []
    assert len(smooth) > 0.95 * len(results)
    # Not all of them are zeros that agree with zeros.
    assert sum(abs(result.numeric) > 1e-6 for result in smooth) > 0.7 * len(smooth)


def test_the_models_have_every_layer_and_every_gradient() -> None:
    traces = [recorded(text)[1] for text in TEXTS]
    kinds = {stage.kind for trace in traces for stage in trace.stages}
    # ReLU is in the first.
    assert kinds - {"loss"} == own_layers()
    cells = [cell for trace in traces for cell in some_gradients(trace, _rng())]
    assert {cell.array for cell in cells} == GRADIENTS
    made = {
        name
        for trace in traces
        for stage in trace.stages
        for arrays in stage.inner.values()
        for name in arrays
    }
    assert {name for name in made if name.startswith("g_")} <= GRADIENTS


def test_a_wrong_gradient_is_caught() -> None:
    _, trace = recorded(MODEL)
    grad = trace.layers["linear"].params["weight"].grad
    index = largest(trace.stage("backward", "linear"), "g_weight")
    grad.setflags(write=True)
    grad[index] *= 1.01
    result = check_gradient(trace, Cell("backward", "linear", "g_weight", index))
    assert 0.009 < result.error < 0.011
    assert not result.note


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_changes(text: str) -> None:
    trainer, trace = recorded(text)
    before = of_trace(trace), of_state(trainer.model)
    for cell in list(some_gradients(trace, _rng()))[::7]:
        check_gradient(trace, cell)
    assert (of_trace(trace), of_state(trainer.model)) == before
    # The trainer may go on meanwhile.
    cell = Cell("backward", next(iter(trace.layers)), "g_X_in", (0, 0, 3, 3))
    first = check_gradient(trace, cell)
    trainer.step()
    assert check_gradient(trace, cell) == first


@pytest.mark.parametrize("text", TEXTS)
def test_the_loss_is_that_of_the_trace(text: str) -> None:
    _, trace = recorded(text)
    cell = Cell("loss", "loss", "g_logits", (0, 0))
    result = check_gradient(trace, cell)
    assert result.centre == pytest.approx(trace.loss, rel=1e-5)
    assert result.cell == cell
    assert result.numeric == (result.above - result.below) / (2 * result.step)
    assert result.analytic == trace.stage("loss", "loss").array("g_logits")[0, 0]


def kinked() -> tuple[StepTrace, CellCheck]:
    """A nudge of a ReLU's input that is exactly 0: the image is 0 there, and the bias too."""
    trainer = make_trainer(text="conv 4 k1, relu, flatten, linear 10", batch_size=4)
    trace = trainer.record_step()
    x = trace.stage("forward", "relu").array("X_in")
    g = np.where(x == 0, np.abs(trace.stage("backward", "relu").array("g_X_out")), 0)
    index = tuple(int(k) for k in np.unravel_index(g.argmax(), g.shape))
    return trace, check_gradient(trace, Cell("backward", "relu", "g_X_in", index))


def test_a_kink_is_told() -> None:
    trace, result = kinked()
    assert result.note.startswith("a kink lies within the step")
    assert result.analytic == 0
    assert result.error == pytest.approx(1, abs=1e-6)
    g = trace.stage("backward", "relu").array("g_X_out")[result.cell.index]
    assert result.numeric == pytest.approx(g / 2, rel=1e-4)


def test_a_kink_off_the_centre_is_told() -> None:
    """The step reaches over a ReLU's zero wherever that lies in it."""
    trainer = make_trainer(text="conv 4 k1, relu, flatten, linear 10", batch_size=4)
    trace = trainer.record_step()
    x = trace.stage("forward", "relu").array("X_in")
    g = np.abs(trace.stage("backward", "relu").array("g_X_out"))
    index = tuple(int(k) for k in np.unravel_index((g * (x > 0.1)).argmax(), x.shape))
    cell = Cell("backward", "relu", "g_X_in", index)
    assert not check_gradient(trace, cell).note
    for share in (0.01, 0.2, 1 / 3, 0.5, 0.7, 0.9):
        assert check_gradient(trace, cell, float(x[index]) / share).note, share
    assert not check_gradient(trace, cell, float(x[index]) * 0.999e-3).note


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Cell("forward", "conv", "X_out", (0, 0, 0, 0)), "choose one of a backward stage"),
        (Cell("backward", "conv", "X_col", (0, 0)), "g_X_out, g_X_out_matrix, g_K, g_weight"),
        (Cell("backward", "relu", "gate", (0, 0, 0, 0)), "gate of backward relu is no gradient"),
        (Cell("backward", "bn", "term_mean", (0, 0, 0, 0)), "g_gamma, g_x_hat, g_X_in"),
        (Cell("backward", "linear", "weight", (0, 0)), "g_X_out, g_weight, g_bias, g_X_in"),
        (Cell("update", "conv", "step", (0, 0, 0, 0), "weight"), "its gradients are gradient"),
        (Cell("loss", "loss", "probabilities", (0, 0)), "its gradients are g_logits"),
    ],
)
def test_what_is_no_gradient_is_refused(cell: Cell, words: str) -> None:
    _, trace = recorded(MODEL)
    with pytest.raises(ValueError, match=words):
        check_gradient(trace, cell)


def test_what_is_not_there_is_refused() -> None:
    _, trace = recorded(MODEL)
    with pytest.raises(KeyError, match="no stage backward conv7"):
        check_gradient(trace, Cell("backward", "conv7", "g_X_out", (0,)))
    with pytest.raises(IndexError, match="there is no index"):
        check_gradient(trace, Cell("backward", "conv", "g_bias", (3,)))
    with pytest.raises(ValueError, match="step is 0"):
        check_gradient(trace, Cell("backward", "conv", "g_bias", (0,)), 0)


def test_branches_are_moved_apart() -> None:
    """What one branch reads of a shared input is moved for that branch alone."""
    _, trace = recorded("residual(conv 4 k1, tanh | conv 4 k1), flatten, linear 10", np.float64)
    at = (0, 0, 3, 4)
    block = trace.stage("backward", "residual").inner["sum"]
    first, second = (
        check_gradient(trace, Cell("backward", f"residual.{branch}.conv", "g_X_in", at)).numeric
        for branch in ("body", "shortcut")
    )
    both = check_gradient(trace, Cell("backward", "residual", "g_X_in", at)).numeric
    assert first == pytest.approx(block["g_body"][at], abs=1e-9)
    assert second == pytest.approx(block["g_shortcut"][at], abs=1e-9)
    assert both == pytest.approx(first + second, abs=1e-9)


def test_a_gradient_on_another_place_moves_its_own_number() -> None:
    _, trace = recorded(MODEL)
    cell = Cell("backward", "conv", "g_X_out_matrix", (1, 70))
    assert moved_by(trace, cell) == Cell("forward", "conv", "X_out", (1, 1, 0, 6))
    cell = Cell("backward", "conv", "g_weight", (1, 0, 2, 0))
    assert moved_by(trace, cell) == Cell("forward", "conv", "weight", (1, 0, 2, 0), "param")
    cell = Cell("backward", "residual", "g_shortcut", (1, 0, 2, 0))
    assert moved_by(trace, cell) == Cell("forward", "residual", "X_out", (1, 0, 2, 0))


def test_a_loss_that_comes_out_otherwise_is_said() -> None:
    _, trace = recorded(MODEL)
    trace = replace(trace, loss=trace.loss + 1)
    result = check_gradient(trace, Cell("loss", "loss", "g_logits", (0, 0)))
    assert result.note.startswith("the loss computed again is")


def test_a_loss_that_is_not_repeatable_is_said_to_be() -> None:
    rng, data = np.random.default_rng(0), load_dataset("digits")

    class Unseeded(Tanh):
        """Draws from a generator that no layer holds."""

        def _forward(self, x: Array) -> Array:
            return super()._forward(x + (rng.random(x.shape) * 1e-3).astype(x.dtype))

    model = Model(Flatten(), Unseeded(), Linear(64, 10, rng=np.random.default_rng(0)))
    trainer = Trainer(model, SGD(model.parameters(), 0.1), data, 4, np.random.default_rng(0))
    trace = trainer.record_step()
    result = check_gradient(trace, Cell("backward", "linear", "g_bias", (1,)))
    assert result.note == NOT_REPEATABLE


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)

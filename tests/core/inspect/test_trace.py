"""Traces: complete, in order, and as they were however long training goes on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.inspect.trace import StagePhase, StepTrace
from core.layers import Identity
from core.optim import SGD, Adam, Optimizer, RMSprop
from tests.core.cases import own_layers
from tests.core.runs import MODEL, make_trainer, of_trace
from tests.rounding import assert_close

DEFAULT = "conv 8 k3 p1, bn, relu, pool 2, conv 16 k3 p1, bn, relu, pool 2, flatten, linear 10"
# Every kind of layer, and branches of every kind.
EVERYTHING = (
    "conv 4 k3 p1, bn, leaky, residual(residual(conv 4 k3 p1, sigmoid), bn), avgpool 2, "
    "residual(tanh, conv 6 k3 s2 p1, bn | pool 2, conv 6 k1 nobias), gelu, gap, flatten, "
    "bn1d, residual(linear 6 nobias | linear 6, dropout), relu, linear 10"
)
# The layers that came later.
MORE = (
    "conv 4 k3 same d2, groupnorm 2, concat(conv 2 k1 g2 im2col | identity), layernorm, "
    "upsample 2, softmax, pool 3 s2 ceil, flatten, linear 10"
)
TEXTS = [DEFAULT, MODEL, EVERYTHING, MORE]


def all_arrays(trace: StepTrace) -> dict[str, np.ndarray]:
    return {
        f"{stage.phase} {stage.layer}/{inner}/{name}": array
        for stage in trace.stages
        for inner, arrays in stage.inner.items()
        for name, array in arrays.items()
    }


def test_the_models_here_hold_every_layer() -> None:
    trainers = [make_trainer(text=text) for text in TEXTS]
    kinds = {layer.keyword for trainer in trainers for layer in trainer.model.leaves()}
    assert kinds == own_layers()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("looked_at", [True, False])
def test_later_steps_change_no_trace(text: str, looked_at: bool) -> None:
    """`looked_at`: whether the inner arrays are made before the later steps, or only after."""
    trainer, again = make_trainer(text=text), make_trainer(text=text)
    traces, wanted = [], []
    for _ in range(3):
        traces.append(trainer.record_step())
        wanted.append(of_trace(again.record_step()))
        if looked_at:
            assert of_trace(traces[-1]) == wanted[-1]
    for _ in range(20):
        trainer.step()
    trainer.record_step()
    trainer.evaluate(trainer.data.test)
    trainer.model.zero_grad()
    for param in trainer.model.parameters():
        param.value.fill(7)
    assert [of_trace(trace) for trace in traces] == wanted


@pytest.mark.parametrize("text", TEXTS)
def test_stages_are_in_order(text: str) -> None:
    trainer = make_trainer(text=text)
    trace = trainer.record_step()
    names = [layer.name for layer in trainer.model.leaves()]
    by_phase = {
        phase: [stage.layer for stage in trace.stages if stage.phase == phase]
        for phase in ("forward", "loss", "backward", "update")
    }
    assert [stage.phase for stage in trace.stages] == [
        phase for phase, layers in by_phase.items() for _ in layers
    ]
    assert by_phase["forward"] == names
    assert by_phase["loss"] == ["loss"]
    assert sorted(by_phase["backward"]) == sorted(names)
    assert by_phase["update"] == [layer.name for layer in trainer.model.leaves() if layer.params]


def test_the_default_model_has_26_stages() -> None:
    trace = make_trainer(text=DEFAULT).record_step()
    assert len(trace.stages) == 26
    names = [stage.layer for stage in trace.stages]
    assert " ".join(names[:10]) == "conv1 bn1 relu1 pool1 conv2 bn2 relu2 pool2 flatten linear"
    assert names[11:21] == names[9::-1]
    assert names[21:] == ["conv1", "bn1", "conv2", "bn2", "linear"]
    assert [stage.kind for stage in trace.stages[:2]] == ["conv", "bn"]


@pytest.mark.parametrize("text", TEXTS)
def test_arrays_are_read_only(text: str) -> None:
    trace = make_trainer(text=text).record_step()
    assert [name for name, array in all_arrays(trace).items() if array.flags.writeable] == []


@pytest.mark.parametrize("text", TEXTS)
def test_the_output_of_a_layer_is_the_input_of_the_next(text: str) -> None:
    trainer = make_trainer(text=text)
    trace = trainer.record_step()
    for before, after in pairwise(trainer.model):
        made = trace.stage("forward", before.name).array("X_out")
        np.testing.assert_array_equal(made, trace.stage("forward", after.name).array("X_in"))
        made = trace.stage("backward", after.name).array("g_X_in")
        np.testing.assert_array_equal(made, trace.stage("backward", before.name).array("g_X_out"))


@pytest.mark.parametrize("optimizer", [SGD, Adam, RMSprop, "momentum"])
def test_an_update_holds_all_of_the_step(optimizer: type[Optimizer] | str) -> None:
    trainer = make_trainer(text=EVERYTHING)
    if not isinstance(optimizer, str):
        trainer.optimizer = optimizer(trainer.model.parameters(), 0.01)
    trainer.step()
    before = {p.name: p.value.copy() for p in trainer.model.parameters()}
    trace = trainer.record_step()
    seen = set()
    for stage in trace.stages:
        if stage.phase != "update":
            continue
        for name, arrays in stage.inner.items():
            full = f"{stage.layer}.{name}"
            seen.add(full)
            slots = trainer.optimizer.slots
            kept_before = {f"{slot}_before" for slot in slots}
            between = set(trainer.optimizer.update_arrays(arrays))
            wanted = {
                "before",
                "gradient",
                *slots,
                *kept_before,
                *between,
                "step",
                "ratio",
                "after",
            }
            assert set(arrays) == wanted
            param = next(p for p in trainer.model.parameters() if p.name == full)
            place = trainer.optimizer.params.index(param)
            np.testing.assert_array_equal(arrays["before"], before[full])
            np.testing.assert_array_equal(arrays["gradient"], param.grad)
            np.testing.assert_array_equal(arrays["after"], param.value)
            np.testing.assert_array_equal(arrays["after"] - arrays["before"], arrays["step"])
            for slot, kept in slots.items():
                np.testing.assert_array_equal(arrays[slot], kept[place])
    assert seen == set(before)


def test_branches_add_up() -> None:
    trainer = make_trainer(text=EVERYTHING)
    trace = trainer.record_step()
    names = [layer.name for layer in trainer.model.leaves() if layer.keyword == "residual"]
    assert len(names) == 4
    for name in names:
        forward, backward = trace.stage("forward", name), trace.stage("backward", name)
        np.testing.assert_array_equal(
            forward.array("body") + forward.array("shortcut"), forward.array("X_out")
        )
        np.testing.assert_array_equal(
            backward.array("g_body") + backward.array("g_shortcut"), backward.array("g_X_in")
        )
    # What the branches themselves say is what the sum says of them.
    first, last = f"{names[-1]}.body.linear", f"{names[-1]}.shortcut.linear"
    sums = trace.stage("backward", names[-1])
    np.testing.assert_array_equal(
        trace.stage("backward", first).array("g_X_in"), sums.array("g_body")
    )
    np.testing.assert_array_equal(
        trace.stage("backward", last).array("g_X_in"), sums.array("g_shortcut")
    )


def test_a_trace_knows_its_batch() -> None:
    trainer = make_trainer()
    trace = trainer.record_step()
    split = trainer.data.train
    np.testing.assert_array_equal(trace.targets, split.labels[trace.indices])
    first = trace.stage("forward", "conv")
    np.testing.assert_array_equal(first.array("X_in"), split.images[trace.indices])
    assert_close(trace.loss, trace.stage("loss", "loss").array("sample_losses").mean())
    # The gradient at the image is shown although training does without it.
    assert trace.stage("backward", "conv").array("g_X_in").any()
    assert trainer.model.needs_input_grad


def test_traces_of_equal_runs_can_be_compared() -> None:
    first, second = (make_trainer().record_step() for _ in range(2))
    assert of_trace(first) == of_trace(second)
    assert first != second


def test_what_is_not_there_is_named() -> None:
    trace = make_trainer().record_step()
    with pytest.raises(KeyError, match="no stage update pool"):
        trace.stage("update", "pool")
    with pytest.raises(KeyError, match=r"forward relu has no 'mask'; it has X_in, X_out"):
        trace.stage("forward", "relu").array("mask")


def test_recording_leaves_hooks_of_others_alone() -> None:
    trainer, seen = make_trainer(), list[str]()
    trainer.model[0].register_backward_hook(lambda layer, g_in, g_out: seen.append(layer.name))
    trainer.record_step()
    assert seen == ["conv"]
    trainer.step()
    assert seen == ["conv", "conv"]
    hooks = [(layer._forward_hooks, layer._backward_hooks) for layer in trainer.model.leaves()]
    assert sum(len(forward) + len(backward) for forward, backward in hooks) == 1


@pytest.mark.parametrize(
    ("made", "given"),
    [
        ({"output": np.zeros(3), "sum": {}}, "a ndarray as 'output'"),
        ([np.zeros(3)], "a list"),
        (None, "a NoneType"),
    ],
)
@pytest.mark.parametrize("phase", ["forward", "backward"])
def test_stages_that_are_none_are_named(
    made: object, given: str, phase: StagePhase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Identity, f"{phase}_stages", lambda layer: made)
    trace = make_trainer(text="identity, flatten, linear 10").record_step()
    expected = f"identity: {phase}_stages returned {given}; expected inner stages by name"
    with pytest.raises(TypeError, match=expected):
        _ = trace.stage(phase, "identity").inner

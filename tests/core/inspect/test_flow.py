"""Gradient flow: how gradients are distributed, what is wrong with them, and the log of medians."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.inspect.flow import (
    DEAD,
    EXPLODING,
    LARGEST_NORM,
    QUANTILES,
    VANISHING,
    LayerFlow,
    Spread,
    diagnose,
    gradient_flow,
)
from core.tensor import Array
from core.training.flow_log import FlowLog
from tests.core.runs import MODEL, make_trainer
from tests.rounding import assert_close

DEEP = ", ".join(["flatten", *(["linear 16, sigmoid"] * 8), "linear 10"])


def flows_of(text: str, steps: int = 3) -> list[LayerFlow]:
    trainer = make_trainer(text=text)
    for _ in range(steps):
        trainer.step()
    return gradient_flow(trainer.record_step())


def check_spread(spread: Spread, norm: float, array: Array) -> None:
    sizes = np.abs(array.astype(np.float64)).ravel()
    assert_close(norm, np.linalg.norm(sizes), roundings=sizes.size)
    assert spread.zeros == np.mean(sizes == 0)
    wanted = np.quantile(sizes[sizes > 0], QUANTILES)
    assert_close(spread.quantiles, wanted, magnitude=wanted)
    assert spread.median == spread.quantiles[QUANTILES.index(0.5)]


@pytest.mark.parametrize("text", [MODEL, DEEP, "conv 2 k3 s2, relu, gap, flatten, linear 10"])
def test_the_numbers_are_those_of_numpy(text: str) -> None:
    trace = make_trainer(text=text).record_step()
    flows = gradient_flow(trace)
    assert [flow.layer for flow in flows] == list(trace.layers)
    for flow in flows:
        layer = trace.layers[flow.layer]
        check_spread(flow.output_spread, flow.output, layer.output.grad)
        if not layer.params:
            assert flow.params is None
            assert flow.params_spread is None
            continue
        assert flow.params is not None
        assert flow.params_spread is not None
        grads = np.concatenate([param.grad.ravel() for param in layer.params.values()])
        check_spread(flow.params_spread, flow.params, grads)


def test_a_layer_without_any_gradient() -> None:
    trainer = make_trainer(text="conv 4, relu, flatten, linear 10")
    trainer.model.parameters()[1].value[...] = -100
    flow = gradient_flow(trainer.record_step())[0]
    assert flow.output == flow.params == 0
    assert flow.output_spread.zeros == 1
    assert np.isnan(flow.output_spread.quantiles).all()


def test_the_norm_of_large_float32_numbers_is_finite() -> None:
    trace = make_trainer().record_step()
    layer = trace.layers["conv"]
    layer.output.grad = np.full_like(layer.output.grad, 1e30)
    wanted = 1e30 * layer.output.grad.size**0.5
    # The numbers themselves are rounded to float32.
    assert_close(gradient_flow(trace)[0].output, wanted, eps=float(np.finfo(np.float32).eps))


def test_dead_units_are_channels_and_features() -> None:
    trainer = make_trainer(text="conv 4, relu, flatten, linear 8, relu, linear 10")
    conv, linear = (layer for layer in trainer.model.leaves() if layer.name in ("conv", "linear1"))
    conv.params["bias"].value[:3] = -100
    linear.params["bias"].value[:] = 100
    linear.params["bias"].value[0] = -100
    flows = {flow.layer: flow for flow in gradient_flow(trainer.record_step())}
    assert flows["relu1"].dead == 0.75
    assert flows["relu2"].dead == 0.125
    assert flows["conv"].dead is None
    (finding,) = diagnose(list(flows.values()))
    assert (finding.layer, finding.kind, finding.threshold) == ("relu1", "dead", DEAD)
    assert "75% of its units are zero for the whole batch, at least 50%" in finding.text


@pytest.mark.parametrize("text", [MODEL, "conv 8 p1, bn, relu, pool 2, gap, flatten, linear 10"])
def test_a_sound_network_has_no_finding(text: str) -> None:
    for steps in (0, 20):
        assert diagnose(flows_of(text, steps)) == []


def test_gradients_vanish_in_a_deep_network_of_sigmoids() -> None:
    (finding,) = diagnose(flows_of(DEEP))
    assert finding.kind == "vanishing"
    # As far as the image, without a gap, but not from the loss on.
    names = [flow.layer for flow in flows_of(DEEP)]
    wrong = [finding.layer, *finding.follows]
    assert wrong == names[: len(wrong)][::-1]
    assert len(wrong) < len(names) - 2
    assert "× the last layer's, below 0.001" in finding.text
    assert finding.text.endswith(
        f"; so is it with the {len(wrong) - 1} layers before it, as far as {names[0]}"
    )


def test_only_layers_in_a_row_are_one_finding() -> None:
    small = 0.5 * VANISHING
    flows = [flow("a", small), flow("b", 1), flow("c", 0), flow("d", small), flow("last", 1)]
    first, second = diagnose(flows)
    assert (first.layer, first.follows) == ("d", ("c",))
    assert first.text.endswith("; so is it with c before it")
    assert (second.layer, second.follows) == ("a", ())
    flows[2] = flow("c", EXPLODING * 2)
    assert [finding.layer for finding in diagnose(flows)] == ["d", "c", "a"]


def test_gradients_explode_under_large_weights() -> None:
    trainer = make_trainer(text=DEEP.replace("sigmoid", "leaky 0.9"))
    for param in trainer.model.parameters():
        if param.value.ndim == 2:
            param.value *= 20
    findings = diagnose(gradient_flow(trainer.record_step()))
    assert {finding.kind for finding in findings} == {"exploding"}
    assert findings[0].threshold == EXPLODING


def flow(layer: str, output: float, params: float | None = None) -> LayerFlow:
    spread = Spread((output,) * len(QUANTILES), 0.0)
    return LayerFlow(layer, output, params, spread, None if params is None else spread, None)


def test_the_thresholds_are_where_they_are_said_to_be() -> None:
    last = flow("last", 0.5)

    def kinds(first: LayerFlow) -> list[str]:
        return [finding.kind for finding in diagnose([first, last])]

    assert kinds(flow("first", 0.5 * VANISHING * 0.99)) == ["vanishing"]
    assert kinds(flow("first", 0.5 * VANISHING * 1.01)) == []
    assert kinds(flow("first", 0.5 * EXPLODING * 1.01)) == ["exploding"]
    assert kinds(flow("first", 0.5 * EXPLODING * 0.99)) == []
    assert kinds(flow("first", 1, LARGEST_NORM * 1.01)) == ["exploding"]
    assert kinds(flow("first", 1, LARGEST_NORM)) == []
    assert kinds(flow("first", 0)) == ["vanishing"]
    assert kinds(replace(flow("first", 1), dead=DEAD)) == ["dead"]
    assert kinds(replace(flow("first", 1), dead=DEAD - 0.01)) == []


def test_a_dead_layer_is_named_before_and_instead_of_what_it_cuts_off() -> None:
    trainer = make_trainer(text="conv 4, relu, conv 4, relu, flatten, linear 10")
    conv2 = next(layer for layer in trainer.model.leaves() if layer.name == "conv2")
    conv2.params["bias"].value[:] = -100
    flows = gradient_flow(trainer.record_step())
    (finding,) = diagnose(flows)
    assert (finding.layer, finding.kind) == ("relu2", "dead")
    assert finding.text.endswith(
        "all its units are zero for the whole batch: nothing before it learns"
    )
    assert [flow.layer for flow in flows if flow.params == 0] == ["conv1", "conv2"]


def test_a_dead_branch_cuts_nothing_off() -> None:
    text = "conv 4, residual(conv 4 p1, relu), flatten, linear 10"
    trainer = make_trainer(text=text)
    inner = [layer for layer in trainer.model.leaves() if layer.keyword == "conv"][1]
    inner.params["bias"].value[:] = -100
    findings = diagnose(gradient_flow(trainer.record_step()))
    assert [finding.kind for finding in findings] == ["dead", "vanishing"]
    assert "100% of its units are zero" in findings[0].text
    assert findings[1].layer == inner.name
    assert "no gradient reaches it" in findings[1].text


def test_a_dead_layer_says_nothing_of_what_lies_behind_it() -> None:
    flows = [flow("a", 0, 0), flow("relu", 0), flow("b", 0), flow("last", 1)]
    flows[1] = replace(flows[1], dead=1.0)
    found = [(finding.layer, finding.kind) for finding in diagnose(flows)]
    assert found == [("b", "vanishing"), ("relu", "dead")]
    flows[0], flows[1] = replace(flows[0], dead=0.6), replace(flows[1], output=1)
    found = [(finding.layer, finding.kind) for finding in diagnose(flows)]
    assert found == [("b", "vanishing"), ("relu", "dead"), ("a", "dead")]


@pytest.mark.parametrize("size", [np.inf, np.nan])
def test_what_is_not_finite_is_said(size: float) -> None:
    for flows in ([flow("a", size), flow("last", 1)], [flow("a", 1, size), flow("last", 1)]):
        (finding,) = diagnose(flows)
        assert finding.kind == "exploding"
        assert finding.text.startswith("a: the norm of its gradient is not finite")
    assert [f.layer for f in diagnose([flow("a", 1), flow("last", size)])] == ["last"]


def test_nothing_is_said_of_nothing() -> None:
    assert diagnose([]) == []
    assert diagnose([flow("first", 0), flow("last", 0)]) == []


def test_the_log_keeps_medians() -> None:
    log = FlowLog(["a", "b"])
    assert log.medians.shape == (2, 0)
    for k in range(1, 301):
        log.add(k, [flow("a", k), flow("b", 2 * k)])
    np.testing.assert_array_equal(log.medians, [np.arange(1, 301), np.arange(2, 601, 2)])
    log.add(7, [flow("a", 0.5), flow("b", 0.25)])
    np.testing.assert_array_equal(log.medians[:, 6], [0.5, 0.25])
    log.cut(10)
    assert log.medians.shape == (2, 10)
    log.add(12, [flow("a", 1), flow("b", 1)])
    assert np.isnan(log.medians[:, 10]).all()
    with pytest.raises(ValueError, match=r"layers are \('a',\); expected \('a', 'b'\)"):
        log.add(13, [flow("a", 1)])


def test_the_log_of_ten_thousand_iterations_is_small() -> None:
    names = [f"layer{k}" for k in range(10)]
    log, flows = FlowLog(names), [flow(name, 1) for name in names]
    for k in range(1, 10_001):
        log.add(k, flows)
    assert log.medians.shape == (10, 10_000)
    assert log.nbytes < 2_000_000

"""Every inner stage of every layer, loss and optimiser has a sentence and an equation."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

import viz_app.layer_views  # noqa: F401  registers the words
from core.inspect.trace import StepTrace
from core.layers import ReLU
from core.losses import Loss
from core.model import Model
from tests.core.cases import OTHERS, Case
from tests.viz_app.recorded import OPTIMIZERS, of_case, trace_of, trained
from tests.viz_app.test_explanation import LOSSES, SHOWN
from tests.viz_app.test_typeset import parsed, written
from viz_app.scene.words import caption, words_of


def check(trace: StepTrace) -> None:
    for stage in trace.stages:
        for inner in stage.inner:
            assert words_of(stage, inner), (stage.phase, stage.layer, inner)
            shown = caption(trace, stage, inner)
            assert shown.text.endswith("."), shown.text
            (equation,) = parsed(shown.mathml)
            assert equation.tag == "math"
            assert "\\" not in written(equation), written(equation)


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.id)
def test_layers(case: Case) -> None:
    check(of_case(case))


@pytest.mark.parametrize(("loss", "targets"), LOSSES.values(), ids=LOSSES)
def test_losses(loss: Loss, targets: ArrayLike) -> None:
    (case,) = (case for case in OTHERS if case.id == "linear-4x3")
    model = Model(case.layer()).astype(np.float64)
    check(trace_of(model, case.input(batch=3), loss, np.asarray(targets)))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer: str) -> None:
    check(trained(optimizer))


def test_words_depend_on_options() -> None:
    trace = trained("clipped")
    stage = trace.stage("update", "conv")
    assert "a norm of at most 0.01" in caption(trace, stage, "weight").text
    trace = trained(text="conv 2 k3 d2, conv 4 k1 g2, gap, flatten, linear 10")
    dilated, grouped = (trace.stage("forward", f"conv{k}") for k in (1, 2))
    assert "some steps apart" in caption(trace, dilated, "windows").text
    assert "Each group" in caption(trace, grouped, "product").text
    assert "some steps apart" not in caption(trace, grouped, "windows").text


class Doubled(ReLU):
    """Has no keyword; computes the same."""


class Shifted(ReLU):
    """Computes something else."""

    def function(self, x: np.ndarray, out: np.ndarray) -> None:
        np.maximum(x, 1, out=out)


def test_a_subclass_without_a_keyword_has_the_words_of_its_base() -> None:
    x = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)
    texts = []
    for kind in (ReLU, Doubled, Shifted):
        trace = trace_of(Model(kind()), x, LOSSES["squares"][0], x)
        shown = caption(trace, trace.stages[0], "output")
        texts.append(shown.text)
        # Nobody says how the third computes its output.
        assert bool(shown.mathml) == (kind is not Shifted)
    assert texts[0] == texts[1] == "Positive numbers pass as they are, all others become 0."
    # The function of its own is no longer what the words say.
    assert texts[2] == "Every number goes through the same function f."

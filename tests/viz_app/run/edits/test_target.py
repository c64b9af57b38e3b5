"""Every number of every layer can be edited wherever it is shown, and no other one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from core.inspect.cell import Cell, cell_value
from core.inspect.trace import StepTrace
from tests.core.cases import OTHERS, Case, conv_options
from tests.viz_app.recorded import of_case
from viz_app.run.edits.target import Target, target_of
from viz_app.run.past.undo import undo
from viz_app.run.presets import PRESETS
from viz_app.run.recipe import Recipe
from viz_app.run.run import Run

CASES = [case for case in [*conv_options(), *OTHERS] if list(case.layer().named_parameters())]
# Every kind of layer that has params.
NETWORK = (
    "conv 4 k3 p1 g1, bn, groupnorm 2, relu, conv 4 k3 p1 nobias, layernorm, pool 2, "
    "residual(conv 4 k3 p1, bn), flatten, linear 8, bn1d, linear {classes}"
)


def cells(trace: StepTrace) -> Iterator[Cell]:
    """The last cell of every array of an iteration."""
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            for name, array in arrays.items():
                if array.size:
                    index = tuple(size - 1 for size in array.shape)
                    within = inner if stage.phase == "update" else None
                    yield Cell(stage.phase, stage.layer, name, index, within)


def targets(trace: StepTrace) -> Iterator[tuple[Cell, Target]]:
    for cell in cells(trace):
        try:
            yield cell, target_of(trace, cell)
        except ValueError:
            continue


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_params_and_the_state_of_a_layer_can_be_edited(case: Case) -> None:
    trace = of_case(case)
    found = set()
    for cell, target in targets(trace):
        found.add((target.layer, target.array))
        assert str(target.shown[target.index]) == target.number
        assert cell_value(trace, cell) == float(target.number)
    for layer in trace.layers.values():
        for name in layer.params:
            assert (layer.name, name) in found
        for name, array in layer.state.items():
            assert ((layer.name, name) in found) == (array.dtype.kind == "f")


def test_an_edit_is_what_the_forward_pass_then_uses() -> None:
    """Of every number, from every stage that shows it."""
    recipe: Recipe = PRESETS["digits"].recipe("digits").with_(network=NETWORK, preset="")
    run = Run(recipe)
    run.advance()
    losses, changed = list(run.history.losses), 0
    trace = run.trace
    for cell, target in list(targets(trace)):
        value = float(target.number) + 0.25
        run.edit(target.edit(value), behind=target.behind)
        layer = next(x for x in run.history.trainer.model.walk() if x.name == target.layer)
        if target.behind:
            assert run.trace is trace
            held = {name: param.value for name, param in layer.params.items()} | layer.state
            assert held[target.array][target.index] == value
        else:
            changed += 1
            assert cell_value(run.trace, cell) == value
            found = run.trace.start
            start = next(x for x in found.walk() if x.name == target.layer)
            held = {name: param.value for name, param in start.params.items()} | start.state
            assert held[target.array][target.index] == value
        undo(run)
        assert run.trace is trace
        assert run.history.losses == losses
    assert changed > 2 * len(list(run.trace.start.named_parameters()))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (Cell("forward", "conv", "X_in", (0, 0, 2, 3)), "a pixel of a training image"),
        (Cell("forward", "conv", "X_out", (0, 0, 1, 1)), "from K, X^(col) and b: change K or b"),
        (Cell("forward", "relu", "X_out", (0, 0, 1, 1)), "from X^(in): change a weight in front"),
        (Cell("backward", "conv", "g_weight", (0, 0, 0, 0)), "is a gradient"),
        (Cell("update", "conv", "step", (0, 0, 0, 0), "weight"), "is computed"),
        (Cell("update", "conv", "gradient", (0, 0, 0, 0), "weight"), "is a gradient"),
        (Cell("loss", "loss", "targets", (0,)), "a label: it belongs to the data"),
        (Cell("loss", "loss", "loss", ()), "is computed"),
    ],
)
def test_what_has_no_meaning_to_edit_says_so(cell: Cell, said: str) -> None:
    trace = Run(PRESETS["one"].recipe("one")).trace
    with pytest.raises(ValueError, match=re.escape(said)):
        target_of(trace, cell)


def test_a_step_is_a_hundredth_of_the_range() -> None:
    trace = Run(PRESETS["residual"].recipe("residual")).trace
    kernels = target_of(trace, Cell("forward", "conv", "kernels", (0, 0, 0, 0)))
    assert kernels.step == float(np.ptp(kernels.shown)) / 100
    gamma = target_of(trace, Cell("forward", "bn", "gamma", (0,)))
    assert gamma.step == 0.01

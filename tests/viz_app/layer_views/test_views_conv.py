"""Convolution as it is drawn: for every option, as it was recorded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.inspect.trace import StepTrace
from core.layers import Conv2d
from core.losses import MSELoss
from core.model import Model
from tests.core.cases import CASES, Case
from tests.viz_app.layer_views import test_views_norm_pool, test_views_rest
from tests.viz_app.recorded import of_case, scene_with_all, shown_indices, trace_of, trained
from tests.viz_app.viewers import viewer_of
from viz_app.place.place import Place
from viz_app.scene.registry import Look, view_of
from viz_app.scene.scene import Scene

SHOWN = [case for case in CASES if isinstance(case.layer(), Conv2d)]


def drawn(trace: StepTrace, where: int = 1) -> list[tuple[Look, Scene]]:
    looks = [
        Look(
            trace, Place(number, inner, "Inside", min(where, len(trace.indices) - 1), where, where)
        )
        for number, stage in enumerate(trace.stages)
        if isinstance(stage.maker, Conv2d)
        for inner in range(len(stage.inner))
    ]
    return [(look, scene_with_all(look)) for look in looks]


def test_every_layer_of_the_contract_is_drawn_here_or_next_door() -> None:
    # A model is not a stage; its layers are.
    kinds = (Conv2d, *test_views_norm_pool.KINDS, *test_views_rest.KINDS, Model)
    assert [case.id for case in CASES if not isinstance(case.layer(), kinds)] == []
    assert SHOWN


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.id)
@pytest.mark.parametrize("where", [0, 99])
def test_every_array_is_drawn_as_it_was_recorded(case: Case, where: int) -> None:
    seen: dict[str, set[str]] = {}
    wanted: dict[str, set[str]] = {}
    for look, scene in drawn(of_case(case), where):
        scene.message()
        phase = look.stage.phase
        seen.setdefault(phase, set()).update(panel.array for panel in scene.panels.values())
        wanted.setdefault(phase, set()).update(*look.stage.inner.values())
        for panel in scene.panels.values():
            for index, value in shown_indices(panel):
                assert look.arrays[panel.array][index] == value, (phase, panel.key, index)
    assert seen == wanted
    assert set(wanted) == {"forward", "backward"}


@pytest.mark.parametrize("frozen", [("weight",), ("bias",), ("weight", "bias")])
def test_the_gradient_of_a_frozen_param_is_left_out(frozen: tuple[str, ...]) -> None:
    layer = Conv2d(1, 2, 3, rng=np.random.default_rng(0))
    for name in frozen:
        layer.params[name].requires_grad = False
    x = np.random.default_rng(1).normal(size=(2, 1, 5, 5))
    model = Model(layer).astype(np.float64)
    trace = trace_of(model, x, MSELoss(), np.zeros_like(model(x).value))
    shown = {panel.array for _, scene in drawn(trace) for panel in scene.panels.values()}
    left = {f"g_{name}" for name in layer.params if name not in frozen}
    assert shown & {"g_weight", "g_bias"} == left
    assert "g_K" in shown


def test_the_same_quantity_has_one_scale() -> None:
    for look, scene in drawn(trained()):
        panels = {panel.array: panel for panel in scene.panels.values()}
        for one, other in (("kernels", "K"), ("g_weight", "g_K")):
            if one in panels:
                assert panels[one].limits == panels[other].limits, look.stage.phase


def test_backward_keeps_every_place() -> None:
    """X^(col) stands where it stood, the gradients in the places of K and of K X^(col)."""
    look = viewer_of("one").look
    last = len(look.trace.layers) * 2
    places = []
    for stage, inner in ((0, 2), (last, 0)):
        there = replace(look, place=Place(stage, inner))
        assert there.stage.kind == "conv"
        places.append(view_of(there)(there).layout[0]["grid"])
    (top, product), (above, gradient) = places
    assert (top[-1], above[-1]) == ("X_col", "X_col")
    assert (product[0], gradient[0]) == ("K", "g_K")
    assert (product[-1], gradient[-1]) == ("K_X_col", "g_X_out_matrix")


def test_padding_is_a_ring_of_zeros_as_wide_as_windows_reach() -> None:
    model = Model(Conv2d(1, 1, (3, 2), stride=2, padding=(1, 0), rng=np.random.default_rng(0)))
    x = np.random.default_rng(1).normal(size=(1, 1, 5, 5))
    model = model.astype(np.float64)
    trace = trace_of(model, x, MSELoss(), np.zeros_like(model(x).value))
    tile = view_of(Look(trace))(Look(trace)).panels["X_in"].tiles[0]
    # The last column is read by no window; rows reach one above and one below.
    assert tile.ring == (1, 1, 0, 0)
    assert (tile.row_start, tile.column_start) == (-1, 0)
    np.testing.assert_array_equal(tile.values[1:-1], x[0, 0])
    assert not tile.values[[0, -1]].any()


def test_columns_begin_where_there_is_something_to_see() -> None:
    for preset, starts in (("digits", False), ("mnist", True)):
        viewer = viewer_of(preset)
        viewer.go_to_stage(0, 1)
        look = viewer.look
        scene = view_of(look)(look)
        assert (scene.start.get("n,i,j", 0) > 0) is starts
        columns = scene.panels["X_col"].tiles[0].values.any(axis=0)
        first = int(np.flatnonzero(columns)[0])
        assert scene.start.get("n,i,j", 0) <= first < scene.start.get("n,i,j", 0) + 16


def test_kernels_of_several_groups_are_linked_to_their_own_channels() -> None:
    trace = trained(text="conv 4 k1, conv 4 k3 g2 d2, gap, flatten, linear 10")
    scenes = [(look, scene) for look, scene in drawn(trace) if look.stage.layer == "conv2"]
    for look, scene in scenes:
        geometry = scene.geometry
        assert geometry is not None
        assert (geometry.groups, geometry.dilation) == ((2, 2), (2, 2))
        if "K" in scene.panels:
            # Output channel 3, second channel of its group, weight (1, 2).
            at = scene.panels["K"].coordinates((3, 9 + 5))
            assert at == {"o": 3, "q": 1, "s": 1, "t": 2}
            value = look.arrays["K"][3, 14]
            assert value == trace.layers["conv2"].params["weight"].value[3, 1, 1, 2]

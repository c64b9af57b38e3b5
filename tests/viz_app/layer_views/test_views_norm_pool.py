"""Batch norm, pooling and activations as they are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.inspect.trace import StepTrace
from core.layers import (
    Activation,
    BatchNorm1d,
    BatchNorm2d,
    GlobalAvgPool2d,
    MaxPool2d,
)
from core.layers.pool import Pool2d
from tests.core.cases import CASES, Case
from tests.viz_app.recorded import of_case, scene_with_all, shown_indices, trained
from tests.viz_app.style.test_typeset import text_of
from viz_app.layer_views.pool import MAX
from viz_app.place.place import Place
from viz_app.scene.registry import Look
from viz_app.scene.scene import Scene
from viz_app.scene.tables import bins

KINDS = (BatchNorm2d, BatchNorm1d, Pool2d, GlobalAvgPool2d, Activation)
SHOWN = [case for case in CASES if isinstance(case.layer(), KINDS)]
NETWORK = "conv 3 k3, bn, relu, pool 3 s2, leaky, avgpool 2 s1, gelu, gap, flatten, linear 10"


def drawn(trace: StepTrace, sample: int = 1, channel: int = 1) -> list[tuple[Look, Scene]]:
    looks = [
        Look(trace, Place(number, inner, "Inside", sample, channel, channel))
        for number, stage in enumerate(trace.stages)
        if isinstance(stage.maker, KINDS)
        for inner in range(len(stage.inner))
    ]
    return [(look, scene_with_all(look)) for look in looks]


def check(trace: StepTrace, **where: int) -> None:
    """Every array of every stage is drawn, and every cell says what the trace holds."""
    seen: dict[str, set[str]] = {}
    wanted: dict[str, set[str]] = {}
    for look, scene in drawn(trace, **where):
        scene.message()
        phase = look.stage.phase
        seen.setdefault(phase, set()).update(panel.array for panel in scene.panels.values())
        wanted.setdefault(phase, set()).update(*look.stage.inner.values())
        for panel in scene.panels.values():
            if panel.tiles[0].bins is None:
                for index, value in shown_indices(panel):
                    assert look.arrays[panel.array][index] == value, (phase, panel.key, index)
    assert seen == wanted
    assert set(wanted) == {"forward", "backward"}


def scenes(trace: StepTrace, phase: str, kind: str) -> list[tuple[Look, Scene]]:
    return [
        (look, scene)
        for look, scene in drawn(trace)
        if (look.stage.phase, look.stage.kind) == (phase, kind)
    ]


@pytest.fixture(scope="module")
def trace() -> StepTrace:
    return trained(text=NETWORK)


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.id)
def test_every_array_is_drawn_as_it_was_recorded(case: Case) -> None:
    check(of_case(case))


@pytest.mark.parametrize("where", [0, 99])
def test_any_channel_and_sample_can_be_looked_at(where: int) -> None:
    for case in SHOWN[::7]:
        check(of_case(case), sample=where, channel=where)


def test_every_inner_stage_marks_what_it_made(trace: StepTrace) -> None:
    for look, scene in drawn(trace):
        marked = {panel.array for panel in scene.panels.values() if panel.now}
        assert marked <= look.fresh
        started = (look.stage.kind, list(look.stage.inner)[look.inner]) == ("pool", "windows")
        assert marked or started, (look.stage, look.inner)


def test_a_caption_says_what_matters_most_where_there_is_little_room(trace: StepTrace) -> None:
    panel = scenes(trace, "forward", "bn")[2][1].panels["x_hat"]
    assert panel.notes == ["channel 1 of 3, 6×6", "channel 1 of 3", "channel 1"]
    # What stands in brackets belongs together.
    assert replace(panel, note="(c, s, t) × (n, i, j)").notes == ["(c, s, t) × (n, i, j)"]


def test_what_heads_a_row_of_a_table_is_short(trace: StepTrace) -> None:
    """There is room for the symbol and one word."""
    rows = {
        name: text_of(scene.panels[name].title)
        for _, scene in drawn(trace)
        for name in ("inv_std", "inv_std_eval", "running_mean", "running_var_before", "dead")
        if name in scene.panels
    }
    assert rows["inv_std_eval"] == "σ−1(run) inverse"
    assert rows["running_mean"] == "μ(run) running"
    assert max(map(len, rows.values())) <= len("σ2(before) running"), rows


def test_the_numbers_of_many_channels_stand_below_their_images() -> None:
    many = trained(text="conv 9 k3, bn, relu, flatten, linear 10")
    for phase, parts in (("forward", (2, 3, 4)), ("backward", (0, 1))):
        found = scenes(many, phase, "bn")
        for part in parts:
            _, scene = found[part]
            # A row of images, and tables as wide as the board.
            images, *tables = scene.layout[0]
            assert len([key for key in images["grid"][0] if key in scene.panels]) >= 2
            assert tables


def test_a_histogram_counts_every_number_of_the_channel_once(trace: StepTrace) -> None:
    for look, scene in scenes(trace, "forward", "bn"):
        for panel in scene.panels.values():
            if panel.key.endswith("@histogram"):
                numbers = look.arrays[panel.array][:, 1]
                (tile,) = panel.tiles
                assert tile.bins is not None
                assert int(tile.values.sum()) == numbers.size
                start, step = tile.bins
                bar = int((float(numbers.max()) - start) // step)
                assert tile.values[0, bar] > 0
                assert f"bin width {step:g}" in panel.note


@pytest.mark.parametrize(
    ("low", "high"), [(-1.8, 2.55), (0.0, 0.0), (3.0, 3.0), (1e-7, 2e-7), (-5e4, 1.0), (0.0, 22.0)]
)
def test_bins_hold_all_numbers_and_meet_at_zero(low: float, high: float) -> None:
    start, step, count = bins(low, high, 22)
    assert 1 <= count <= 22
    assert start <= low
    assert high < start + count * step
    assert abs(start / step - round(start / step)) < 1e-6


def test_eval_mode_is_compared_on_one_colour_range(trace: StepTrace) -> None:
    *_, (_, scene) = scenes(trace, "forward", "bn")
    batch, in_eval = scene.panels["X_out"], scene.panels["X_out_eval"]
    assert batch.limits == in_eval.limits
    assert scene.panels["eval_change"].now


def test_the_three_terms_and_their_sum_have_one_colour_range(trace: StepTrace) -> None:
    _, scene = scenes(trace, "backward", "bn")[-1]
    keys = ("term_direct", "term_mean", "term_var", "g_X_in")
    assert len({scene.panels[key].limits for key in keys}) == 1
    signs = [item for item in scene.layout if isinstance(item, str) and item not in scene.panels]
    assert signs == ["+", "+", "="]


def test_winners_are_ringed_and_only_they_have_a_gradient(trace: StepTrace) -> None:
    for phase, key in (("forward", "X_in"), ("backward", "g_X_in")):
        look, scene = scenes(trace, phase, "pool")[-1]
        tile = scene.panels[key].tiles[0]
        assert tile.marks is not None
        np.testing.assert_array_equal(tile.marks, look.arrays["mask"][1, 1] > 0)
        if phase == "backward":
            assert not tile.values[~tile.marks.astype(bool)].any()


def test_a_window_and_its_output_are_linked(trace: StepTrace) -> None:
    for kind in ("pool", "avgpool"):
        for look, scene in scenes(trace, "forward", kind):
            layer, geometry = look.layer, scene.geometry
            assert isinstance(layer, Pool2d)
            assert geometry is not None
            assert (geometry.kernel, geometry.stride) == (layer.kernel_size, layer.stride)
            assert geometry.output == layer.output.shape[2:]


def test_the_gate_says_how_many_units_are_closed_and_dead(trace: StepTrace) -> None:
    look, scene = scenes(trace, "forward", "relu")[-1]
    gate = look.arrays["gate"]
    assert f"closed: {(gate[1] == 0).mean():.0%} here" in scene.panels["gate"].note
    assert f"dead: {(gate == 0).all(axis=0).mean():.0%}" in scene.panels["gate"].note


def test_ties_are_won_by_the_first_and_said_to_be() -> None:
    layer = MaxPool2d(2)
    layer.forward(np.ones((1, 1, 2, 2)))
    assert layer.winner().item() == 0
    text, _ = MAX["forward", "winner"]
    assert "the first in row-major order wins a tie" in text

"""What is seen of two runs: the same cells of both and their difference, and what only one has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.inspect.cell import cell_value
from tests.viz_app.compare.test_comparison import FASTER, compared, second
from tests.viz_app.viewers import arrive, viewer_of
from viz_app.compare.choices import choices, without_norm
from viz_app.compare.difference import NETWORK, Difference
from viz_app.compare.numbers import numbers_of
from viz_app.compare.traces import matched, subtracted
from viz_app.dashboard import Dashboard
from viz_app.place.place import COMPARE, THEN
from viz_app.run.presets import PRESETS, WITHOUT_NORM
from viz_app.scene.scene import Panel, Scene
from viz_app.style.sheets import AWAY_CLASS
from viz_app.viewer import Viewer

WITHOUT = Difference(NETWORK, WITHOUT_NORM)


def rows(scene: Scene) -> list[tuple[Panel, Panel, Panel]]:
    """The panels of run A that stand beside those of run B and of the difference."""
    panels = scene.panels
    return [
        (panel, panels[f"{key}@second"], panels[f"{key}@less"])
        for key, panel in panels.items()
        if f"{key}@less" in panels
    ]


def at(viewer: Viewer, phase: str, layer: str, inner: int = 0) -> Scene:
    trace = viewer.trace
    stage = next(k for k, s in enumerate(trace.stages) if (s.phase, s.layer) == (phase, layer))
    viewer.go_to_stage(stage, inner)
    return viewer.scene(viewer.look)


@pytest.mark.parametrize(
    ("preset", "difference"),
    [
        ("digits", FASTER),
        ("digits", WITHOUT),
        ("residual", FASTER),
        ("deep-relu", Difference("preset", "deep-sigmoid")),
        ("average", Difference("preset", "digits")),
        ("one", Difference("seed", 4)),
    ],
)
def test_every_stage_draws_both_and_their_difference(preset: str, difference: Difference) -> None:
    viewer = compared(preset, difference, 3)
    drawn = 0
    for k, stage in enumerate(viewer.trace.stages):
        for inner in range(len(stage.inner)):
            viewer.go_to_stage(k, inner)
            assert viewer.message == ""
            scene = viewer.scene(viewer.look)
            beside = viewer.look.beside
            assert beside is not None
            assert bool(beside.said) != (beside.other is not None)
            for mine, other, less in rows(scene):
                drawn += 1
                assert mine.limits == other.limits
                assert less.colours == "diverging"
                assert less.limits[0] == -less.limits[1]
                for one, two, both in zip(mine.tiles, other.tiles, less.tiles, strict=True):
                    a, b = np.asarray(one.values, float), np.asarray(two.values, float)
                    np.testing.assert_array_equal(both.values, b - a)
                    assert (one.prefix, one.fixed) == (two.prefix, two.fixed)
                    assert (one.prefix, one.fixed) == (both.prefix, both.fixed)
    assert drawn > 10


def test_arrays_stand_side_by_side_and_more_are_a_press_away() -> None:
    viewer = compared("one", FASTER, 4)
    scene = at(viewer, "forward", "conv", 3)
    keys = ["X_out", "X_out@second", "X_out@less"]
    assert scene.layout == [{"grid": [keys], "heads": ["A", "B", "B − A"]}]
    titles = [panel.title for panel in scene.panels.values()]
    assert [title[: title.index(":")] for title in titles] == ["A", "B", "B − A"]
    assert scene.offered["kernels"][1] is False
    viewer.pin("kernels")
    scene = viewer.scene(viewer.look)
    assert scene.offered["kernels"][1] is True
    assert len(rows(scene)) == 2
    # Long rows stand below each other.
    layout = at(viewer, "update", "conv", 1).layout
    assert layout
    # What is compared is another run, not another moment.
    assert THEN not in viewer.scene(viewer.look).offered
    viewer.compare(None)
    assert THEN in viewer.scene(viewer.look).offered


def test_a_title_tells_the_setting_of_its_own_run() -> None:
    viewer = compared("digits", FASTER, 2)
    scene = at(viewer, "update", "conv1")
    titles = [panel.title for panel in scene.panels.values() if panel.array == "step"]
    assert "0.02" in titles[0]
    assert "0.2" in titles[1]
    assert "λ" not in titles[2]


def test_a_stage_that_only_one_run_has_is_shown_alone_and_says_so() -> None:
    viewer = compared("digits", WITHOUT, 2)
    scene = at(viewer, "forward", "bn1")
    assert viewer.look.beside is not None
    assert viewer.look.beside.said == "Run B has no layer bn1: run A is shown alone."
    assert rows(scene) == []
    assert "X_in" in scene.panels
    # The others are compared by their names.
    assert rows(at(viewer, "forward", "conv2", 3))
    viewer = compared("no-norm", Difference("preset", "digits"), 2)
    at(viewer, "update", "conv1", 1)
    assert viewer.look.beside is not None
    assert viewer.look.beside.said == "Only run A has “bias” here; run B has weight."


def test_arrays_of_other_shapes_have_no_difference() -> None:
    viewer = compared("one", Difference("batch_size", 4), 2)
    scene = at(viewer, "forward", "conv", 3)
    assert rows(scene) == []
    assert scene.panels["X_out@second"].note == "no difference: 1×1×4×4 in A, 4×1×4×4 in B"
    viewer.select("X_out", (0, 0, 1, 2), {})
    found = numbers_of(viewer.look)
    assert found["less"] is None
    assert found["b"] == second(viewer).trace.layers["conv"].output.value[0, 0, 1, 2]
    assert np.isnan(subtracted(np.zeros(2), np.zeros(3))).all()


def test_layers_belong_together_by_name_or_by_kind_and_order() -> None:
    viewer = compared("residual", Difference("preset", "digits"))
    found = matched(viewer.trace, second(viewer).trace)
    assert found["conv"] == "conv1"
    assert found["bn"] == "bn1"
    assert found["linear"] == "linear"
    assert found["loss"] == "loss"
    assert "dropout" not in found


def explanation(dashboard: Dashboard) -> dict[str, Any]:
    content: dict[str, Any] = dashboard.explaining.panel.content
    return content


def test_the_number_of_both_is_told_and_either_is_explained() -> None:
    viewer = compared("one", FASTER, 5)
    dashboard = Dashboard(viewer)
    at(viewer, "forward", "conv", 3)
    viewer.select("X_out", (0, 0, 1, 2), {})
    cell = viewer.cell
    assert cell is not None
    a, b = cell_value(viewer.trace, cell), cell_value(second(viewer).trace, cell)
    content = explanation(dashboard)
    assert content["beside"] == {"run": "a", "a": a, "b": b, "less": b - a}
    assert content["stored"] == a
    dashboard.explaining.hear("run", content["number"])
    content = explanation(dashboard)
    assert content["beside"]["run"] == "b"
    assert content["stored"] == b
    assert "explained=b" in dashboard.header.address
    # It leads along the run that is drawn, and stays with the run that is explained.
    dashboard.explaining.hear("onward", content["number"])
    assert viewer.cell is not None
    assert (viewer.cell.layer, viewer.cell.array) == ("relu", "X_in")
    assert explanation(dashboard)["stored"] == b
    viewer.step()
    assert explanation(dashboard)["beside"]["run"] == "b"
    viewer.compare(None)
    assert "beside" not in explanation(dashboard)


def test_a_gradient_of_the_second_run_is_checked_there() -> None:
    viewer = compared("one", FASTER, 3)
    dashboard = Dashboard(viewer)
    at(viewer, "backward", "conv")
    viewer.select("g_K", (0, 4), {})
    viewer.change(run="b")
    content = explanation(dashboard)
    assert content["gradient"]
    dashboard.explaining.hear("check", content["number"])
    check = explanation(dashboard)["check"]
    assert check["good"]
    assert check["analytic"] == explanation(dashboard)["beside"]["b"]


def test_what_can_be_compared_at_one_press() -> None:
    found = choices(viewer_of("digits").run)
    assert found["without batch norm"] == WITHOUT
    assert found["learning rate × 10 (0.2)"] == FASTER
    assert choices(viewer_of("deep-relu").run)["“Deep sigmoid”"].value == "deep-sigmoid"
    for preset in PRESETS:
        viewer = viewer_of(preset)
        for difference in choices(viewer.run).values():
            viewer.compare(difference)
            assert viewer.run.companion.failure == "", (preset, difference)


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("conv 8 k3 p1 nobias, bn, relu", "conv 8 k3 p1, relu"),
        ("bn, conv 8, bn eps1e-3 m0.2, relu", "conv 8, relu"),
        ("linear 16, bn1d, relu", "linear 16, relu"),
        ("residual(conv 8 p1, bn | conv 8 k1), relu", "residual(conv 8 p1 | conv 8 k1), relu"),
        ("residual(bn, conv 8 p1), relu", "residual(conv 8 p1), relu"),
        ("flatten, linear 10", "flatten, linear 10"),
    ],
)
def test_a_network_without_batch_norm(network: str, expected: str) -> None:
    assert without_norm(network) == expected


def test_the_panel_begins_and_ends_it() -> None:
    viewer = viewer_of("digits")
    dashboard = Dashboard(viewer)
    assert not dashboard.comparing.panel.objects
    viewer.change(side=COMPARE)
    panel = dashboard.comparing
    assert [button.label for button in panel.quick.objects] == [
        "Without batch norm", "Learning rate × 10 (0.2)", "Optimiser adam", "Another seed (1)",
    ]  # fmt: skip
    panel.start.clicks += 1
    assert viewer.message == "Run B would be the same run: choose another learning rate."
    panel.value.value = "many"
    panel.start.clicks += 1
    assert "Learning rate is many" in viewer.message
    assert viewer.run.companion is None
    panel.value.value = "0,1"
    panel.start.clicks += 1
    assert viewer.against == Difference("learning_rate", 0.1)
    assert not panel.start.visible
    assert AWAY_CLASS in panel.quick.css_classes
    told = [line["html"] for line in panel.said.lines]
    a, b = viewer.trace.loss, second(viewer).trace.loss
    assert told[:2] == ["Run B: learning rate 0.1.", "Iteration 1"]
    assert told[2].startswith(f"A: loss {a:.4f}")
    assert told[3].startswith(f"B: loss {b:.4f}")
    viewer.step()
    assert panel.said.lines[1]["html"] == "Iteration 2"
    panel.explain.clicks += 1
    assert viewer.place.run == "b"
    assert panel.explain.label == "Explain run A"
    panel.end.clicks += 1
    assert viewer.run.companion is None
    assert panel.start.visible


def test_curves_of_both_are_in_the_chart_and_beside_the_player() -> None:
    viewer = compared("digits", FASTER, 4)
    dashboard = Dashboard(viewer)
    viewer.change(side="loss")
    plot, first, other = dashboard.charts.run, viewer.run.history, second(viewer).history
    assert list(plot.source.data["loss"]) == first.losses
    assert list(plot.second.data["loss"]) == other.losses
    assert [item.visible for item in (*plot.alone, *plot.compared)] == [False] * 2 + [True] * 4
    viewer.step()
    assert list(plot.second.data["loss"]) == other.losses
    assert len(other.losses) == 5
    viewer.compare(None)
    assert list(plot.second.data["loss"]) == []
    assert [item.visible for item in (*plot.alone, *plot.compared)] == [True] * 2 + [False] * 4


def test_a_replay_of_both_is_shown_on_the_page() -> None:
    viewer = compared("one", FASTER)
    dashboard = Dashboard(viewer)
    viewer.run.replay(viewer.run.recipe, 300)
    told = dashboard.player.told["progress"]
    assert told["text"].startswith("Replaying both runs to iteration 300")
    arrive(viewer)
    assert "loss A" in dashboard.player.told["status"]

"""The charts over a run: in place, true to the traces, and whole with zeros and branches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from bokeh.events import Tap
from bokeh.models import ColumnDataSource
from panel.models.esm import DataEvent

from core.inspect.flow import QUANTILES, LayerFlow, Spread, gradient_flow
from core.training.flow_log import FlowLog
from tests.rounding import assert_close
from tests.viz_app.viewers import arrive, viewer_of
from viz_app.charts import FlowPlot, HeatPlot, RunPlot
from viz_app.charts.chart import Chart
from viz_app.charts.decades import Decades, power_of_ten, short
from viz_app.charts.flow import KINDS
from viz_app.charts.heat import COLUMNS, caption, columns_hold, picture
from viz_app.dashboard import Dashboard
from viz_app.place.address import Moment
from viz_app.style import theme

# Medians of the run so far are kept in single precision.
FLOAT32 = float(np.finfo(np.float64).eps)

# Panel announces that its buttons will call `button_type` otherwise from version 2 on.
pytestmark = pytest.mark.filterwarnings("ignore:button_type:PendingDeprecationWarning")


@pytest.fixture
def board() -> Dashboard:
    board = Dashboard(viewer_of())
    bring_to_front(board)
    bring_to_front(board, "flow")
    return board


def bring_to_front(board: Dashboard, *sides: str) -> None:
    """Choose charts one after the other, all of them if none is named; the last one stays."""
    for side in sides or ("flow", "heat", "loss"):
        board.viewer.change(side=side)


def ids(board: Dashboard) -> set[str]:
    return {
        model.id
        for chart in (board.charts.flow, board.charts.heat, board.charts.run)
        for model in chart.figure.references()
    }


def flow(layer: str, size: float, params: float | None = None) -> LayerFlow:
    def spread(x: float) -> Spread:
        return Spread((x or nan,) * len(QUANTILES), float(x == 0))

    return LayerFlow(
        layer, size, params, spread(size), None if params is None else spread(params), None
    )


def test_charts_are_patched_in_place(board: Dashboard) -> None:
    before = ids(board)
    for _ in range(12):
        board.viewer.step()
        bring_to_front(board)
    board.viewer.goto(5)
    bring_to_front(board)
    # A ticker may be replaced: it is not part of what is drawn.
    kept = {
        model.id
        for chart in (board.charts.flow, board.charts.heat, board.charts.run)
        for model in (chart.figure, *chart.figure.renderers, *chart.figure.tools)
    }
    assert kept <= before
    assert {
        s.id for s in (board.charts.flow.source, board.charts.heat.source, board.charts.run.source)
    } <= before


def test_the_flow_is_that_of_the_trace(board: Dashboard) -> None:
    board.viewer.step()
    flows = gradient_flow(board.viewer.trace)
    data = board.charts.flow.source.data
    assert data["layer"] == [flow.layer for flow in flows]
    for k, quantile in enumerate(QUANTILES):
        for kind, spreads in (
            ("output", [flow.output_spread for flow in flows]),
            ("params", [flow.params_spread for flow in flows]),
        ):
            wanted = [spread.quantiles[k] if spread else nan for spread in spreads]
            np.testing.assert_array_equal(data[f"{kind}_{quantile:.0%}"], wanted)


@pytest.mark.parametrize("iteration", [2, 3, 5])
def test_the_flow_is_compared_with_the_first_iteration_however_one_came(iteration: int) -> None:
    def compared(board: Dashboard) -> list[object]:
        data = board.charts.flow.source.data
        return [data[f"{kind}_{what}"] for kind in KINDS for what in ("first", "first_told")]

    stepped, there = (Dashboard(viewer_of()) for _ in range(2))
    for board in (stepped, there):
        bring_to_front(board, "flow")
    for _ in range(6):
        stepped.viewer.step()
    stepped.viewer.goto(iteration)
    there.viewer.open(Moment(there.viewer.run.recipe, iteration, (), there.viewer.place, ()))
    arrive(there.viewer)
    assert compared(stepped) == compared(there)
    first = gradient_flow(there.viewer.run.history.goto(1))
    wanted = [[f.output_spread.median for f in first], [_median(f.params_spread) for f in first]]
    for kind, medians in zip(KINDS, wanted, strict=True):
        np.testing.assert_array_equal(there.charts.flow.source.data[f"{kind}_first"], medians)


def _median(spread: Spread | None) -> float:
    return spread.median if spread else nan


def test_only_the_chart_in_front_is_drawn_and_the_others_when_they_come_there(
    board: Dashboard,
) -> None:
    viewer, charts = board.viewer, board.charts

    def shown() -> list[object]:
        """The median of the flow, and the iterations that the other charts mark."""
        median = charts.flow.source.data["output_50%"][0]
        return [median, charts.heat.marks[0].location, charts.run.here.location]

    def newest() -> float:
        spread = viewer.run.flows[0].output_spread
        assert spread is not None
        return spread.median

    assert shown() == [newest(), 1, 1]
    assert len(charts.run.source.data["loss"]) == 1
    first = newest()
    viewer.step()
    assert newest() != first
    assert shown() == [newest(), 1, 1]
    bring_to_front(board, "loss")
    assert list(charts.run.source.data["loss"]) == viewer.run.history.losses
    second = newest()
    viewer.step()
    assert shown() == [second, 1, 3]
    bring_to_front(board, "heat")
    assert shown() == [second, 3, 3]
    bring_to_front(board, "flow")
    assert shown() == [newest(), 3, 3]


def test_a_chart_that_is_up_to_date_is_not_drawn_again(
    board: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(board.charts.run, "update", lambda *_: drawn.append(1))
    bring_to_front(board)
    assert drawn == []
    board.viewer.step()
    bring_to_front(board, "flow", "loss")
    assert drawn == [1]


def test_the_log_and_its_picture_are_those_of_the_traces(board: Dashboard) -> None:
    bring_to_front(board, "heat")
    for _ in range(3):
        board.viewer.step()
    image = board.charts.heat.source.data["image"][0]
    for k in range(1, 5):
        flows = gradient_flow(board.viewer.run.history.goto(k))
        medians = [flow.output_spread.median for flow in flows]
        assert_close(image[:, k - 1], medians, magnitude=medians, eps=FLOAT32)
    assert np.isnan(image[:, 4:]).all()


def test_a_step_sends_one_column(board: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_to_front(board, "heat")
    board.viewer.step()
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(ColumnDataSource, "patch", lambda _, patches: sent.append(patches))
    board.viewer.step()
    (patch,) = sent
    ((place, numbers),) = patch["image"]
    assert place == (0, slice(None), slice(2, 3))
    assert len(numbers) == len(board.viewer.run.flows)


def test_a_branch_shows_the_old_run_and_cuts_the_log(board: Dashboard) -> None:
    viewer = board.viewer
    for _ in range(5):
        viewer.step()
    losses = list(viewer.run.history.losses)
    viewer.goto(3)
    bring_to_front(board)
    assert not board.charts.run.before.visible
    viewer.set("learning_rate", 0.5)
    bring_to_front(board)
    assert board.charts.run.before.visible
    assert board.charts.run.old.data["loss"][:-1] == losses
    assert list(board.charts.run.source.data["loss"]) == losses[:3]
    assert np.isnan(board.charts.heat.source.data["image"][0][:, 3:]).all()
    viewer.step()
    bring_to_front(board)
    assert list(board.charts.run.source.data["loss"]) == viewer.run.history.losses
    assert not np.isnan(board.charts.heat.source.data["image"][0][:, 3]).any()
    viewer.reset()
    bring_to_front(board)
    assert not board.charts.run.before.visible
    assert viewer.run.history.flow.medians.shape[1] == 1
    assert list(board.charts.run.source.data["loss"]) == viewer.run.history.losses


def test_another_network_has_its_own_layers(board: Dashboard) -> None:
    board.viewer.set("preset", "one")
    names = [flow.layer for flow in board.viewer.run.flows]
    bring_to_front(board)
    assert board.charts.flow.source.data["layer"] == names
    assert board.charts.heat.source.data["image"][0].shape == (len(names), COLUMNS)
    assert board.charts.heat.words.args["layers"] == names


def test_iterations_that_were_not_recorded_are_said(board: Dashboard) -> None:
    bring_to_front(board, "heat")
    viewer = board.viewer
    for _ in range(3):
        viewer.run.history.skip()
    viewer.step()
    assert viewer.trace.iteration == 5
    assert np.isnan(board.charts.heat.source.data["image"][0][:, 1:4]).all()
    assert "3 of 5 iterations" in said(board.charts.heat)
    viewer.goto(3)
    assert "2 of 5 iterations" in said(board.charts.heat)


def test_long_runs_share_columns() -> None:
    assert [columns_hold(n) for n in (1, COLUMNS, COLUMNS + 1, 4 * COLUMNS + 1)] == [1, 1, 2, 8]
    medians = np.arange(1, COLUMNS + 2, dtype=np.float64)[None]
    medians[0, 4:6] = nan
    image = picture(medians, 2)
    assert image.shape == (1, COLUMNS)
    assert image[0, 0] == 2
    assert np.isnan(image[0, 2])
    assert image[0, COLUMNS // 2] == COLUMNS + 1
    assert "largest of 2 iterations" in caption(medians, 2, COLUMNS + 1)


@pytest.mark.parametrize("tapped", [(0.2, None), (2.4, 2), (3.4, 3), (9.0, None), (None, None)])
def test_a_click_goes_to_an_iteration(tapped: tuple[float | None, int | None]) -> None:
    x, wanted = tapped
    gone: list[int] = []
    plot = RunPlot(gone.append)
    plot.update([3.0, 2.0, 1.0], [0.1, 0.2, 0.3], [], 1)
    plot.figure._trigger_event(Tap(plot.figure, x=x))
    assert gone == ([] if wanted is None else [wanted])


def test_a_click_moves_the_viewer(board: Dashboard) -> None:
    bring_to_front(board, "heat")
    for _ in range(3):
        board.viewer.step()
    board.viewer.playing = True
    board.charts.heat.figure._trigger_event(Tap(board.charts.heat.figure, x=2.0))
    assert board.viewer.trace.iteration == 2
    assert not board.viewer.playing
    bring_to_front(board)
    assert board.charts.run.here.location == board.charts.heat.marks[0].location == 2


def test_the_scale_of_the_heat_map_holds_what_was_drawn_while_it_was_behind() -> None:
    log, heat = FlowLog(["a"]), HeatPlot(lambda _: None)
    for k in range(1, 41):
        log.add(k, [flow("a", 1e-6 if k == 5 else 1.0)])
    heat.update(log, 40, 40)
    assert heat._decades.limits[0] <= 1e-6


def test_zeros_and_what_is_not_finite_do_no_harm() -> None:
    log = FlowLog(["a", "b", "c"])
    wild = replace(flow("b", 1.0), output_spread=Spread((nan, 1e-30, inf, inf, inf), 0.0))
    flows = [flow("a", 0.0, 0.0), wild, flow("c", 0.1, 2.0)]
    flow_plot, heat = FlowPlot(lambda _: None), HeatPlot(lambda _: None)
    for k in (1, 2):
        log.add(k, flows)
        flow_plot.update(flows, flows)
        heat.update(log, k, k)
    data = flow_plot.source.data
    assert np.isfinite(data["output_none"]).tolist() == [True, False, False]
    assert data["output_zeros_told"] == ["100%", "0%", "0%"]
    assert data["params_median_told"] == ["–", "–", "2"]
    assert heat.source.data["image"][0][0, 0] == 0
    assert "not recorded" not in said(heat)


def said(chart: Chart) -> str:
    return "\n".join(f"{line['html']} {line.get('title', '')}" for line in chart.caption.lines)


def test_findings_are_told_with_their_threshold(board: Dashboard) -> None:
    assert "No layer vanishes, explodes or dies" in said(board.charts.flow)
    assert "0.001" in said(board.charts.flow)
    flows = [flow("first", 1e-9), flow("last", 1.0)]
    board.charts.flow.update(flows, flows)
    assert "first: " in said(board.charts.flow)
    assert "below 0.001" in said(board.charts.flow)
    flows = [flow("first", 0.0), flow("last", 0.0)]
    board.charts.flow.update(flows, flows)
    assert "All gradients are zero" in said(board.charts.flow)


def test_a_finding_leads_to_where_it_happens(board: Dashboard) -> None:
    viewer = board.viewer
    flows = [
        replace(flow, output=1e9) if flow.layer == "conv2" else flow for flow in viewer.run.flows
    ]
    board.charts.flow.update(flows, flows)
    (line,) = board.charts.flow.caption.lines
    board.charts.flow.caption._process_event(DataEvent(None, line["layer"]))
    assert (viewer.stage.phase, viewer.stage.layer) == ("backward", "conv2")
    # The chart stays in front; what is no layer leads nowhere.
    assert viewer.place.side == "flow"
    board.charts.flow.caption._process_event(DataEvent(None, "nothing"))
    assert (viewer.stage.phase, viewer.stage.layer) == ("backward", "conv2")
    assert viewer.message == ""


def colours(chart: FlowPlot | HeatPlot | RunPlot) -> Iterator[tuple[str, str]]:
    for model, attribute, colour in chart._coloured:
        yield getattr(model, attribute), colour


def test_all_colours_follow_light_and_dark(board: Dashboard) -> None:
    for names in (theme.DARK, theme.LIGHT):
        for chart in (board.charts.flow, board.charts.heat, board.charts.run):
            chart.paint(names, 1.0)
            assert all(shown == names[colour] for shown, colour in colours(chart))


def test_decades_only_widen() -> None:
    decades = Decades()
    assert decades.limits == (1, 10)
    decades.widen([nan, 0, inf])
    assert decades.exponents == (0, 1)
    decades.widen([1e-3])
    assert decades.exponents == (-3, -2)
    decades.widen([2e-2])
    decades.widen([1e-2])
    assert decades.exponents == (-3, -1)
    decades.widen([1e-30])
    assert len(decades.label().ticks) <= 5
    decades.forget()
    assert decades.exponents == (0, 1)


def test_decades_hold_the_largest_and_smallest_numbers() -> None:
    for sizes in ([1.7e308], [5e-324], [5e-324, 1.7e308], [1e308, 1.7e308]):
        decades = Decades()
        decades.widen(sizes)
        low, high = decades.limits
        assert 0 < low < high < inf
        assert len(decades.label().ticks) <= 5


@pytest.mark.parametrize("size", [0.0, 1e-320, 1e307, inf, nan])
def test_all_charts_draw_a_run_of_any_size(size: float) -> None:
    log, flows = FlowLog(["a", "b"]), [flow("a", size, size), flow("b", size)]
    flow_plot, heat, run = FlowPlot(lambda _: None), HeatPlot(print), RunPlot(print)
    for k in (1, 2):
        log.add(k, flows)
        flow_plot.update(flows, flows)
        heat.update(log, k, k)
        run.update([size] * k, [0.0] * k, [], k)
    for decades in (flow_plot._decades, heat._decades):
        low, high = decades.limits
        assert 0 < low < high < inf
    assert len(flow_plot.caption.lines) >= 1


def test_numbers_are_short() -> None:
    assert power_of_ten(-12) == "10⁻¹²"
    assert [short(x) for x in (0, 0.0213, 3.54e-5, 12345, 250, nan)] == [
        "0", "0.021", "3.5·10⁻⁵", "1.2·10⁴", "250", "–",
    ]  # fmt: skip

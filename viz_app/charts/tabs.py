"""The charts over the run, each under a tab; only the one in front is made and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeVar

import panel as pn

from viz_app.charts import FlowPlot, HeatPlot, RunPlot
from viz_app.charts.chart import Chart
from viz_app.style import sheets
from viz_app.viewer import DRAWING, Viewer

Made = TypeVar("Made", bound=Chart)
# Title of a tab -> attribute of `Charts`.
TABS = {"Gradient flow": "flow", "Heat map": "heat", "Loss": "run"}


class Charts:
    """Draws the run that a viewer looks at; a click goes to its iteration."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._colours: Mapping[str, str] | None = None
        self._made: dict[str, Chart] = {}
        self._draw: dict[str, Callable[[], None]] = {
            "flow": self._draw_flow, "heat": self._draw_heat, "run": self._draw_run,
        }  # fmt: skip
        self._stale = set(self._draw)
        whole = {"sizing_mode": "stretch_both", "margin": 0}
        self._rooms = {name: pn.Column(**whole) for name in TABS.values()}
        self.tabs = pn.Tabs(
            *((title, self._rooms[name]) for title, name in TABS.items()),
            stylesheets=[sheets.TABS],
            **whole,
        )
        # A tab may be chosen while somebody else changes the document.
        self.tabs.param.watch(lambda _: pn.state.execute(self._try_front), "active")

    @cached_property
    def flow(self) -> FlowPlot:
        """How large the gradients of each layer are."""
        return self._enter("flow", FlowPlot())

    @cached_property
    def heat(self) -> HeatPlot:
        """The same over the run."""
        return self._enter("heat", HeatPlot(self.viewer.goto))

    @cached_property
    def run(self) -> RunPlot:
        """Loss and accuracy over the run."""
        return self._enter("run", RunPlot(self.viewer.goto))

    def draw(self) -> None:
        """Draw the run so far: the chart in front now, the others when they come there."""
        self._stale.update(self._draw)
        self._draw_front()

    def draw_behind(self) -> None:
        """Draw the others too: where nobody answers yet, none of them shall be empty."""
        while self._stale:
            self._draw_one(self._stale.pop())

    def paint(self, colours: Mapping[str, str]) -> None:
        """Take on the colours of light or dark."""
        self._colours = colours
        for chart in self._made.values():
            chart.paint(colours)

    def _enter(self, name: str, chart: Made) -> Made:
        """Take a new chart in: most people look at one or two of them only."""
        self._made[name] = chart
        if self._colours is not None:
            chart.paint(self._colours)
        return chart

    def _try_front(self) -> None:
        self.viewer.attempt(DRAWING, self._draw_front)

    def _draw_front(self) -> None:
        front = list(TABS.values())[self.tabs.active]
        if front in self._stale:
            self._stale.remove(front)
            with pn.io.hold():
                self._draw_one(front)

    def _draw_one(self, name: str) -> None:
        self._draw[name]()
        if not self._rooms[name].objects:
            # Only now: what is streamed to a source that is still to be sent would come twice.
            self._rooms[name].append(self._made[name].panel())

    def _draw_flow(self) -> None:
        run = self.viewer.run
        self.flow.update(run.flows, run.history.flow, run.trace.iteration)

    def _draw_heat(self) -> None:
        history = self.viewer.run.history
        self.heat.update(history.flow, history.length, self.viewer.trace.iteration)

    def _draw_run(self) -> None:
        history, here = self.viewer.run.history, self.viewer.trace.iteration
        self.run.update(history.losses, history.accuracies, history.old_losses, here)

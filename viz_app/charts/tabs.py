"""The charts over the run, each under a tab; only the one in front is drawn."""

from __future__ import annotations

from collections.abc import Mapping

import panel as pn

from viz_app.charts import FlowPlot, HeatPlot, RunPlot
from viz_app.style import sheets
from viz_app.viewer import DRAWING, Viewer


class Charts:
    """Draws the run that a viewer looks at; a click goes to its iteration."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.flow, self.heat = FlowPlot(), HeatPlot(viewer.goto)
        self.run = RunPlot(viewer.goto)
        # In the order of the tabs.
        self._draw = (self._draw_flow, self._draw_heat, self._draw_run)
        self._stale: set[int] = set()
        self.tabs = pn.Tabs(
            ("Gradient flow", self.flow.panel()),
            ("Heat map", self.heat.panel()),
            ("Loss", self.run.panel()),
            sizing_mode="stretch_both",
            stylesheets=[sheets.TABS],
            margin=0,
        )
        # A tab may be chosen while somebody else changes the document.
        self.tabs.param.watch(lambda _: pn.state.execute(self._try_front), "active")

    def draw(self) -> None:
        """Draw the run so far: the chart in front now, the others when they come there."""
        self._stale.update(range(len(self._draw)))
        self._draw_front()

    def draw_behind(self) -> None:
        """Draw the others too, so that none of them is empty at first sight."""
        while self._stale:
            self._draw[self._stale.pop()]()

    def paint(self, colours: Mapping[str, str]) -> None:
        """Take on the colours of light or dark."""
        for plot in (self.flow, self.heat, self.run):
            plot.paint(colours)

    def _try_front(self) -> None:
        self.viewer.attempt(DRAWING, self._draw_front)

    def _draw_front(self) -> None:
        front = self.tabs.active
        if front in self._stale:
            self._stale.remove(front)
            with pn.io.hold():
                self._draw[front]()

    def _draw_flow(self) -> None:
        run = self.viewer.run
        self.flow.update(run.flows, run.history.flow, run.trace.iteration)

    def _draw_heat(self) -> None:
        history = self.viewer.run.history
        self.heat.update(history.flow, history.length, self.viewer.trace.iteration)

    def _draw_run(self) -> None:
        history, here = self.viewer.run.history, self.viewer.trace.iteration
        self.run.update(history.losses, history.accuracies, history.old_losses, here)

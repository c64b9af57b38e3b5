"""The charts over the run, each under a tab; only the one in front is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import panel as pn

from viz_app.charts import FlowPlot, HeatPlot, RunPlot
from viz_app.session import Session
from viz_app.style import sheets


class Charts:
    """Draws the run of one session.

    Args:
        session: whose run it is.
        goto: called with the iteration that was clicked.
    """

    def __init__(self, session: Session, goto: Callable[[int], None]) -> None:
        self.session = session
        self.flow, self.heat, self.run = FlowPlot(), HeatPlot(goto), RunPlot(goto)
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
        self.tabs.param.watch(lambda _: pn.state.execute(self._draw_front), "active")

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

    def _draw_front(self) -> None:
        front = self.tabs.active
        if front in self._stale:
            self._stale.remove(front)
            with pn.io.hold():
                self._draw[front]()

    def _draw_flow(self) -> None:
        session = self.session
        self.flow.update(session.flows, session.history.flow, session.trace.iteration)

    def _draw_heat(self) -> None:
        history = self.session.history
        self.heat.update(history.flow, history.length, self.session.trace.iteration)

    def _draw_run(self) -> None:
        history, here = self.session.history, self.session.trace.iteration
        self.run.update(history.losses, history.accuracies, history.old_losses, here)

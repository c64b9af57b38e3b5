"""The charts over the run; only the one in front is made and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TypeVar

import panel as pn

from viz_app.charts import FlowPlot, HeatPlot, RunPlot
from viz_app.charts.chart import Chart
from viz_app.compare.comparison import second_curves
from viz_app.components.caption.caption import Caption
from viz_app.components.component import Component
from viz_app.cover.covered import ANSWER_FIRST
from viz_app.viewer import Viewer

Made = TypeVar("Made", bound=Chart)
OF_TRAINING = "Of the training batches: the probe is no part of this chart."


class Charts:
    """Draws the run that a viewer looks at; a click goes to its iteration.

    Args:
        viewer: who looks.
        prepare: called with each new component.

    Attributes:
        room: where the chart in front stands.
    """

    def __init__(self, viewer: Viewer, prepare: Callable[[Component], None]) -> None:
        self.viewer, self._prepare = viewer, prepare
        self.room = pn.Column(sizing_mode="stretch_both", margin=0, visible=False)
        self._painted: tuple[Mapping[str, str], float] | None = None
        self._made: dict[str, Chart] = {}
        # By `Place.side`.
        self._draw: dict[str, Callable[[], None]] = {
            "flow": self._draw_flow, "heat": self._draw_heat, "loss": self._draw_run,
        }  # fmt: skip
        self._rooms: dict[str, pn.Column] = {}
        self._stale = set(self._draw)
        # Made where something is to be said of all charts.
        self._note: Caption | None = None

    @cached_property
    def flow(self) -> FlowPlot:
        """How large the gradients of each layer are."""
        return self._enter("flow", FlowPlot(partial(self.viewer.go_to_layer, phase="backward")))

    @cached_property
    def heat(self) -> HeatPlot:
        """The same over the run."""
        return self._enter("heat", HeatPlot(self.viewer.goto))

    @cached_property
    def run(self) -> RunPlot:
        """Loss and accuracy over the run."""
        return self._enter("loss", RunPlot(self.viewer.goto))

    def change(self) -> None:
        """Hear that the run has changed, and draw it."""
        self._stale.update(self._draw)
        self.draw()

    def draw(self) -> None:
        """Bring the chart that the viewer looks at to the front, as it is now."""
        front, covered = self.viewer.place.side, bool(self.viewer.covered.masks)
        self.room.visible = front in self._draw
        for name, room in self._rooms.items():
            room.visible = name == front and not covered
        asked = self.viewer.probe is not None
        # Charts tell sizes of gradients, and losses.
        self._say(ANSWER_FIRST if covered else OF_TRAINING if asked else "")
        if front in self._stale and not covered:
            self._stale.remove(front)
            self._draw[front]()
            if front not in self._rooms:
                # Only now: what is streamed to a source that is still to be sent would come twice.
                self._rooms[front] = self._made[front].panel()
                self.room.append(self._rooms[front])

    def _say(self, what: str) -> None:
        """Say something above the chart, or in its place."""
        if what and self._note is None:
            self._note = Caption(margin=0)
            self.room.insert(0, self._note)
        if self._note is not None:
            self._note.lines = [{"html": what}] if what else []
            self._note.visible = bool(what)

    def paint(self, colours: Mapping[str, str], scale: float) -> None:
        """Take on the colours of light or dark, and the size of type; see `theme.SIZES`."""
        self._painted = colours, scale
        for chart in self._made.values():
            chart.paint(colours, scale)

    def _enter(self, name: str, chart: Made) -> Made:
        """Take a new chart in: most people look at one or two of them only."""
        self._made[name] = chart
        self._prepare(chart.caption)
        if self._painted is not None:
            chart.paint(*self._painted)
        return chart

    def _draw_flow(self) -> None:
        run = self.viewer.run
        self.flow.name(self.viewer.place.notation)
        self.flow.update(run.flows, run.first_flows)

    def _draw_heat(self) -> None:
        history = self.viewer.run.history
        self.heat.name(self.viewer.place.notation)
        self.heat.update(history.flow, history.length, self.viewer.trace.iteration)

    def _draw_run(self) -> None:
        history, here = self.viewer.run.history, self.viewer.trace.iteration
        second = second_curves(self.viewer.run)
        self.run.update(history.losses, history.accuracies, history.old_losses, here, second)

"""Loss and accuracy over a run, and the runs that branches have replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

from bokeh.core.properties import value
from bokeh.models import (
    ColumnDataSource,
    CustomJSHover,
    DataRange1d,
    HoverTool,
    Line,
    LinearAxis,
    Quad,
    Range1d,
    Scatter,
)
from bokeh.models.annotations import Span

from viz_app.charts.chart import IterationChart, tooltip

MOST_ACCURATE = 1.02  # end of the axis: a mark at 1 is seen whole
# What the tooltip says of the iteration nearest to the pointer, by the format that is asked for.
WORDS = """
  const iteration = Math.max(1, Math.min(Math.round(special_vars.x), source.get_length()));
  if (format === "iteration") return iteration;
  const number = source.get(format)[iteration - 1];
  if (!Number.isFinite(number)) return "–";
  if (format === "accuracy") return number.toFixed(2);
  const isPlain = number === 0 || (number >= 1e-4 && number < 1e4);
  return isPlain ? number.toFixed(4) : number.toExponential(2);
"""


class RunPlot(IterationChart):
    """Loss and accuracy of every iteration of the run, with a mark where we are.

    Args:
        goto: called with the iteration that was clicked.
    """

    def __init__(self, goto: Callable[[int], None]) -> None:
        losses = DataRange1d(start=0, range_padding=0.05)
        super().__init__(goto, y_range=losses, y_axis_label="loss")
        self.source = ColumnDataSource({"iteration": [], "loss": [], "accuracy": []})
        self.old = ColumnDataSource({"iteration": [], "loss": []})
        self.figure.extra_y_ranges = {"accuracy": Range1d(start=0, end=MOST_ACCURATE)}
        right = LinearAxis(y_range_name="accuracy", axis_label="accuracy")
        self.style_axis(right)
        self.figure.add_layout(right, "right")
        # Answers the pointer wherever the run is: a mark under it would be many in a long run.
        self.under = Quad(
            left=0.5, right=0.5, bottom=0, top=MOST_ACCURATE, fill_alpha=0, line_alpha=0
        )
        under = self.add(ColumnDataSource({"row": [0]}), self.under, y_range_name="accuracy")
        before = self.add(self.old, Line(x="iteration", y="loss", line_width=1.5, line_alpha=0.45))
        # A run of one iteration has no line yet.
        dots = self.add(self.source, Scatter(x="iteration", y="loss", size=4))
        line = self.add(self.source, Line(x="iteration", y="loss", line_width=2))
        accuracy = self.add(
            self.source,
            Scatter(x="iteration", y="accuracy", size=5, marker=value("diamond")),
            y_range_name="accuracy",
        )
        for renderer in (before, line):
            self.colour(renderer.glyph, "loss", "line_color")
        self.colour(dots.glyph, "loss", "line_color", "fill_color")
        self.colour(accuracy.glyph, "update", "line_color", "fill_color")
        # Only the run itself sets the scale together with what it replaced: not the accuracy.
        losses.renderers = [line, before]
        self.here = Span(dimension="height", line_dash="dotted")
        self.colour(self.here, "ink", "line_color")
        self.figure.add_layout(self.here)
        self.before = self.legend_above(
            {"loss": [line], "accuracy": [accuracy], "before the branch": [before]}
        )[2]
        self.before.visible = False
        self.figure.add_tools(
            HoverTool(
                renderers=[under],
                formatters={"$x": CustomJSHover(args={"source": self.source}, code=WORDS)},
                tooltips=tooltip(
                    '<tr><th colspan="2">iteration $x{iteration}</th></tr>'
                    "<tr><td>loss</td><td>$x{loss}</td></tr>"
                    "<tr><td>accuracy</td><td>$x{accuracy}</td></tr>"
                    '<tr><td colspan="2">click to go there</td></tr>'
                ),
            )
        )

    def update(
        self,
        losses: Sequence[float],
        accuracies: Sequence[float],
        old: Sequence[Sequence[float]],
        here: int,
    ) -> None:
        """Draw the run so far, and the losses of old ones; only what is new is sent."""
        self.set_length(max([len(losses), *map(len, old)]))
        self.length = len(losses)
        self.under.right = self.length + 0.5
        known = len(self.source.data["iteration"])
        if list(self.source.data["loss"]) == list(losses[:known]):
            first = known
            if first < len(losses):
                self.source.stream(_columns(losses, accuracies, first))
        else:
            self.source.data = _columns(losses, accuracies, 0)
        count = sum(len(run) + 1 for run in old)
        if len(self.old.data["loss"]) != count:
            # A gap behind each: they are one line.
            self.old.data = {
                "iteration": [k for run in old for k in range(1, len(run) + 2)],
                "loss": [loss for run in old for loss in (*run, nan)],
            }
            self.before.visible = count > 0
        self.here.location = here


def _columns(losses: Sequence[float], accuracies: Sequence[float], first: int) -> dict[str, Any]:
    return {
        "iteration": list(range(first + 1, len(losses) + 1)),
        "loss": list(losses[first:]),
        "accuracy": list(accuracies[first:]),
    }

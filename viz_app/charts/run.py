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
from bokeh.models.renderers import GlyphRenderer

from viz_app.charts.chart import IterationChart, tooltip

MOST_ACCURATE = 1.02  # end of the axis: a mark at 1 is seen whole
# What the tooltip says of the iteration nearest to the pointer, by the format that is asked for.
WORDS = """
  const iteration = Math.max(1, Math.min(Math.round(special_vars.x), source.get_length()));
  if (format === "iteration") return iteration;
  const [name, run] = format.split(" ");
  const number = (run === "B" ? second : source).get(name)[iteration - 1];
  if (!Number.isFinite(number)) return "–";
  if (name === "accuracy") return number.toFixed(2);
  const isPlain = number === 0 || (number >= 1e-4 && number < 1e4);
  return isPlain ? number.toFixed(4) : number.toExponential(2);
"""


# How the curves are called, alone and beside those of a second run.
ALONE, FIRST, SECOND = ("loss", "accuracy"), ("loss A", "accuracy A"), ("loss B", "accuracy B")
COLUMNS = 2  # of the legend of two runs


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
        self.second = ColumnDataSource({"iteration": [], "loss": [], "accuracy": []}, name="second")
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
        # Told from the first by more than its colour.
        other = self.add(self.second, Line(x="iteration", y="loss", line_width=2, line_dash=[6, 3]))
        accuracies = self.add(
            self.second,
            Scatter(x="iteration", y="accuracy", size=6, marker=value("x")),
            y_range_name="accuracy",
        )
        for renderer in (other, accuracies):
            self.colour(renderer.glyph, "second", "line_color")
        for renderer in (before, line):
            self.colour(renderer.glyph, "loss", "line_color")
        self.colour(dots.glyph, "loss", "line_color", "fill_color")
        self.colour(accuracy.glyph, "update", "line_color", "fill_color")
        # Beside a second run each has one colour.
        accuracy_a = self.add(
            self.source,
            Scatter(x="iteration", y="accuracy", size=5, marker=value("diamond")),
            y_range_name="accuracy",
            visible=False,
        )
        self.colour(accuracy_a.glyph, "loss", "line_color", "fill_color")
        self.accuracies = accuracy, accuracy_a
        # Only the run itself sets the scale together with what it replaced: not the accuracy.
        losses.renderers = [line, before, other]
        self.here = Span(dimension="height", line_dash="dotted")
        self.colour(self.here, "ink", "line_color")
        self.figure.add_layout(self.here)
        shown: dict[str, list[GlyphRenderer[Any]]] = {
            "loss": [line],
            "accuracy": [accuracy],
            "before the branch": [before],
        }
        beside = [line], [accuracy_a], [other], [accuracies]
        shown |= dict(zip((*FIRST, *SECOND), beside, strict=True))
        *alone, self.before, a, accuracy_of_a, b, accuracy_of_b = self.legend_above(shown)
        self.alone, self.compared = alone, (a, accuracy_of_a, b, accuracy_of_b)
        for item in (self.before, *self.compared):
            item.visible = False
        sources = {"source": self.source, "second": self.second}
        self.hover = HoverTool(
            renderers=[under],
            formatters={"$x": CustomJSHover(args=sources, code=WORDS)},
            tooltips=_tooltip(ALONE),
        )
        self.figure.add_tools(self.hover)

    def update(
        self,
        losses: Sequence[float],
        accuracies: Sequence[float],
        old: Sequence[Sequence[float]],
        here: int,
        second: tuple[Sequence[float], Sequence[float]] = ((), ()),
    ) -> None:
        """Draw the run so far, and the losses of old ones; only what is new is sent.

        Args:
            losses: of each iteration.
            accuracies: of each iteration.
            old: losses of each run that a branch has replaced.
            here: the iteration in sight.
            second: losses and accuracies of the run that it is compared with.
        """
        self.set_length(max([len(losses), len(second[0]), *map(len, old)]))
        self.length = len(losses)
        self.under.right = self.length + 0.5
        _bring(self.source, losses, accuracies)
        _bring(self.second, *second)
        self._name_runs(bool(second[0]))
        count = sum(len(run) + 1 for run in old)
        if len(self.old.data["loss"]) != count:
            # A gap behind each: they are one line.
            self.old.data = {
                "iteration": [k for run in old for k in range(1, len(run) + 2)],
                "loss": [loss for run in old for loss in (*run, nan)],
            }
            self.before.visible = count > 0
        self.here.location = here

    def _name_runs(self, is_compared: bool) -> None:
        """Call the curves by their run while there are two."""
        if self.compared[0].visible == is_compared:
            return
        alone, both = self.accuracies
        alone.visible, both.visible = not is_compared, is_compared
        for item in self.alone:
            item.visible = not is_compared
        for item in self.compared:
            item.visible = is_compared
        self.legend.ncols = COLUMNS if is_compared else "auto"
        self.hover.tooltips = _tooltip((*FIRST, *SECOND) if is_compared else ALONE)


def _tooltip(names: Sequence[str]) -> str:
    rows = "".join(f"<tr><td>{name}</td><td>$x{{{name}}}</td></tr>" for name in names)
    head = '<tr><th colspan="2">iteration $x{iteration}</th></tr>'
    return tooltip(f'{head}{rows}<tr><td colspan="2">click to go there</td></tr>')


def _bring(source: ColumnDataSource, losses: Sequence[float], accuracies: Sequence[float]) -> None:
    """Bring a source up to date; only what is new is sent."""
    known = len(source.data["iteration"])
    if list(source.data["loss"]) != list(losses[:known]):
        source.data = _columns(losses, accuracies, 0)
    elif known < len(losses):
        source.stream(_columns(losses, accuracies, known))


def _columns(losses: Sequence[float], accuracies: Sequence[float], first: int) -> dict[str, Any]:
    return {
        "iteration": list(range(first + 1, len(losses) + 1)),
        "loss": list(losses[first:]),
        "accuracy": list(accuracies[first:]),
    }

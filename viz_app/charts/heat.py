"""How large the gradient of each layer was in every iteration of a run."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    CustomJSHover,
    FixedTicker,
    HoverTool,
    Image,
    LogColorMapper,
    NoOverlap,
    Quad,
    Range1d,
)
from bokeh.models.annotations import Span
from bokeh.models.renderers import GlyphRenderer
from bokeh.palettes import interp_palette
from numpy.typing import NDArray

from core.training.flow_log import FlowLog
from viz_app.charts.chart import IterationChart, labels, tooltip
from viz_app.charts.decades import Decades, power_of_ten
from viz_app.style import theme
from viz_app.style.gradients import G
from viz_app.style.notation import markup, plain

# Columns of the picture; from there on, one holds two iterations, then four and so on.
COLUMNS = 128
# More new columns than these are sent as a whole picture.
FEW = 8

SYMBOL = "g(L, X^(out))"
# One line, or it would take its second from the picture.
MEDIAN = "<u title='of all numbers of {} of a layer, in size'>median |{}|</u>"
STOPS = ",".join(theme.SEQUENTIAL)
BAR = f"<span class=cs-bar style='background:linear-gradient(90deg,{STOPS})'></span>"
# What a tooltip says of the place under the mouse, by the format that is asked for.
WORDS = """
  const { x, y } = special_vars, layer = Math.round(y), iteration = Math.round(x);
  const made = iteration <= under.right.value;
  if (format === "layer") return layers[layer] ?? "";
  if (format === "iteration") return iteration;
  if (format === "hint") return made ? "click to go there" : "";
  const [image] = source.get("image");
  const columns = image.length / layers.length;
  const column = Math.floor((x - 0.5) / source.get("width")[0] * columns);
  const size = image[layer * columns + column];
  if (!made) return "not made yet";
  if (size === undefined || Number.isNaN(size)) return "not recorded";
  return size === 0 ? "all zero" : size.toExponential(1);
"""


class HeatPlot(IterationChart):
    """The median |g(L, X^(out))| by layer and iteration, with a mark where we are.

    Args:
        goto: called with the iteration that was clicked.
    """

    def __init__(self, goto: Callable[[int], None]) -> None:
        self.layers = Range1d(start=0.5, end=-0.5)
        super().__init__(goto, y_range=self.layers)
        self.figure.xaxis.axis_label = None
        self.figure.grid.visible = False
        # Names stand close; on a low plot every second one must go.
        self.figure.yaxis.major_label_policy = NoOverlap(min_distance=-3)
        self.source = ColumnDataSource({"image": [], "height": [], "width": []})
        self.mapper = LogColorMapper(
            palette=interp_palette(tuple(theme.SEQUENTIAL), 64),
            low=1,
            high=10,
            nan_color=(0, 0, 0, 0),
        )
        self._decades = Decades()
        self._log: FlowLog | None = None
        # What lies under the picture shows where nothing was recorded.
        self.under = Quad(
            left=0.5, right=1.5, bottom=-0.5, top=1, fill_alpha=0, line_alpha=0,
            hatch_pattern="right_diagonal_line", hatch_scale=6, hatch_weight=1, hatch_alpha=0.35,
        )  # fmt: skip
        self.add(ColumnDataSource({"row": [0]}), self.under)
        self.colour(self.under, "soft", "hatch_color")
        picture = self.add(
            self.source,
            Image(
                image="image", x=0.5, y=-0.5, dw="width", dh="height",
                color_mapper=self.mapper, origin="bottom_left",
            ),
        )  # fmt: skip
        self.marks = [
            Span(dimension="height", line_width=3, line_alpha=0.8),
            Span(dimension="height", line_width=1),
        ]
        for mark, colour in zip(self.marks, ("halo", "select"), strict=True):
            self.colour(mark, colour, "line_color")
            self.figure.add_layout(mark)
        self._hover(picture)

    def _hover(self, picture: GlyphRenderer[Image]) -> None:
        self.words = CustomJSHover(
            args={"source": self.source, "under": self.under, "layers": []}, code=WORDS
        )
        self.hover = HoverTool(renderers=[picture], formatters={"$x": self.words})
        self.figure.add_tools(self.hover)
        self.name(G)

    def _write(self, notation: str) -> None:
        self.hover.tooltips = tooltip(
            "<tr><th>$x{layer}</th><th>iteration $x{iteration}</th></tr>"
            f"<tr><td>median |{markup(SYMBOL, notation)}|</td><td>$x{{size}}</td></tr>"
            '<tr><td colspan="2">$x{hint}</td></tr>'
        )

    def update(self, log: FlowLog, length: int, here: int) -> None:
        """Draw the run so far, of which the log knows a part; only new columns are sent."""
        if log is not self._log:
            self._log = log
            self._decades.forget()
            self._name(list(log.layers))
        self.set_length(length)
        self.under.right = length + 0.5
        for mark in self.marks:
            mark.location = here
        medians = log.medians
        every = columns_hold(length)
        self._send(picture(medians, every), every)
        # All of them: many iterations may have passed since it was in front.
        sizes = medians[np.isfinite(medians) & (medians > 0)]
        self._decades.widen([float(sizes.min()), float(sizes.max())] if sizes.size else [])
        if (self.mapper.low, self.mapper.high) != self._decades.limits:
            self.mapper.low, self.mapper.high = self._decades.limits
        scale = BAR.join(power_of_ten(k) for k in self._decades.exponents)
        self.caption.lines = [
            {"html": f"{self._median()} {scale}{caption(medians, every, length)}"}
        ]

    def _median(self) -> str:
        symbol = self.notation
        return MEDIAN.format(plain(SYMBOL, self.notation), markup("g(L, X)", symbol))

    def _send(self, image: NDArray[np.float64], every: int) -> None:
        """Patch the columns that differ from those on the screen."""
        size = {"height": [len(image)], "width": [COLUMNS * every]}
        images = self.source.data["image"]
        same = len(images) and images[0].shape == image.shape
        if same and self.source.data["width"][0] == COLUMNS * every:
            shown = images[0]
            differs = ~((shown == image) | (np.isnan(shown) & np.isnan(image))).all(axis=0)
            new = np.flatnonzero(differs).tolist()
            if len(new) <= FEW:
                patches = [((0, slice(None), slice(k, k + 1)), image[:, k].tolist()) for k in new]
                if patches:
                    self.source.patch({"image": patches})
                return
        self.source.data = {"image": [image], **size}

    def _name(self, layers: list[str]) -> None:
        self.layers.start = len(layers) - 0.5
        self.under.top = len(layers) - 0.5
        self.figure.yaxis.ticker = FixedTicker(ticks=list(range(len(layers))), minor_ticks=[])
        self.figure.yaxis.major_label_overrides = labels(layers)
        self.words.args = {**self.words.args, "layers": layers}


def columns_hold(length: int) -> int:
    """Return how many iterations share a column, so that a run fits into the picture."""
    every = 1
    while length > COLUMNS * every:
        every *= 2
    return every


def picture(medians: NDArray[np.float64], every: int) -> NDArray[np.float64]:
    """Return the largest median of the iterations that share a column, shape (layers, COLUMNS).

    NaN where none of them was recorded.
    """
    image = np.full((len(medians), COLUMNS * every), nan, np.float64)
    image[:, : medians.shape[1]] = medians
    columns: NDArray[np.float64] = np.fmax.reduce(
        image.reshape(len(medians), COLUMNS, every), axis=2
    )
    return columns


def caption(medians: NDArray[np.float64], every: int, length: int) -> str:
    """Say how iterations are drawn together, and which are not drawn."""
    words = ""
    if every > 1:
        words += f" · <u title='Each column shows the largest of {every} iterations.'>"
        words += f"{every} a column</u>"
    missing = length - int(np.count_nonzero(~np.isnan(medians[:1])))
    if missing:
        words += f" · <u title='{missing} of {length} iterations'>▨ not recorded</u>"
    return words

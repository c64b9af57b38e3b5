"""What our charts share: a small Bokeh figure that follows light and dark, and words above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import panel as pn
from bokeh.events import Event, Tap
from bokeh.model import Model
from bokeh.models import Axis, BasicTicker, ColumnDataSource, Range1d
from bokeh.models.annotations import Legend, LegendItem
from bokeh.models.glyph import Glyph
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.text import BaseText
from bokeh.plotting import figure

from viz_app.components.caption.caption import Caption
from viz_app.style import sheets, theme

Marks = TypeVar("Marks", bound=Glyph)
# A run of one iteration is not as wide as the plot.
FEWEST_ITERATIONS = 10
LOWEST = 180  # px: a lower figure tells nothing
POINTER = ".bk-events { cursor: pointer !important; }"


class Chart:
    """A figure, its caption, and which of its colours change between light and dark."""

    def __init__(self, **options: Any) -> None:
        self.caption = Caption(margin=0)
        self.figure = figure(
            sizing_mode="stretch_both",
            min_height=LOWEST,
            toolbar_location=None,
            tools="",
            background_fill_alpha=0,
            border_fill_alpha=0,
            outline_line_color=None,
            min_border=2,
            **options,
        )
        self._coloured: list[tuple[Model, str, str]] = []
        self._worded: list[tuple[Model, str]] = []
        self.notation = ""
        for axis in self.figure.axis:
            self.style_axis(axis)
        for grid in self.figure.grid:
            self.colour(grid, "line", "grid_line_color")

    def add(self, source: ColumnDataSource, glyph: Marks, **options: Any) -> GlyphRenderer[Marks]:
        """Draw a glyph for each row of a source; nothing of it can be selected.

        `figure.scatter` and its like make three further glyphs for what is selected and what is
        not.
        """
        return self.figure.add_glyph(
            source, glyph, selection_glyph=None, nonselection_glyph=None, muted_glyph=None,
            **options,
        )  # fmt: skip

    def colour(self, model: Model, colour: str, *attributes: str) -> None:
        """Give attributes a colour of the theme, in light and in dark."""
        for attribute in attributes:
            self._coloured.append((model, attribute, colour))
            setattr(model, attribute, theme.LIGHT[colour])

    def word(self, model: Model, *attributes: str) -> None:
        """Give attributes the size of our type."""
        for attribute in attributes:
            self._worded.append((model, attribute))
            setattr(model, attribute, f"{theme.SMALL}px")

    def paint(self, colours: Mapping[str, str], scale: float) -> None:
        """Take on the colours of light or dark, and the size of type; see `theme.SIZES`."""
        for model, attribute in self._worded:
            setattr(model, attribute, f"{round(scale * theme.SMALL)}px")
        for model, attribute, colour in self._coloured:
            setattr(model, attribute, colours[colour])

    def name(self, notation: str) -> None:
        """Write gradients in a notation from now on; see `viz_app.style.gradients`."""
        if notation != self.notation:
            self.notation = notation
            self._write(notation)

    def _write(self, notation: str) -> None:
        """Write them, in a chart that has any."""

    def style_axis(self, axis: Axis) -> None:
        """Give an axis our type and colours."""
        axis.update(
            major_label_text_font=theme.FONT,
            axis_label_text_font=theme.FONT,
            axis_label_text_font_style="normal",
            axis_label_standoff=2,
            major_label_standoff=3,
            major_tick_in=0,
            major_tick_out=3,
            minor_tick_line_color=None,
        )
        self.word(axis, "major_label_text_font_size", "axis_label_text_font_size")
        self.colour(axis, "soft", "major_label_text_color", "axis_label_text_color")
        self.colour(axis, "line", "axis_line_color", "major_tick_line_color")

    def legend_above(self, items: Mapping[str, Sequence[GlyphRenderer[Any]]]) -> list[LegendItem]:
        """Put a legend above the data, out of its way; return its items."""
        entries = [LegendItem(label=text, renderers=list(shown)) for text, shown in items.items()]
        legend = Legend(
            items=entries,
            orientation="horizontal",
            border_line_color=None,
            background_fill_alpha=0,
            margin=2,
            spacing=8,
            glyph_width=16,
            glyph_height=14,
            label_height=14,
            label_standoff=3,
            label_text_font=theme.FONT,
        )
        legend.update(padding=0)
        self.legend = legend
        self.word(legend, "label_text_font_size")
        self.colour(legend, "soft", "label_text_color")
        self.figure.add_layout(legend, "above")
        return entries

    def panel(self) -> pn.Column:
        """Return the caption and the figure below it."""
        return pn.Column(
            self.caption,
            pn.pane.Bokeh(self.figure, sizing_mode="stretch_both", min_height=LOWEST, margin=0),
            stylesheets=[sheets.CHART],
            sizing_mode="stretch_both",
            margin=0,
        )


class IterationChart(Chart):
    """A chart along the iterations of the run; a click on one goes there.

    Args:
        goto: called with the iteration that was clicked.
    """

    def __init__(self, goto: Callable[[int], None], **options: Any) -> None:
        self.iterations = Range1d(start=0.5, end=FEWEST_ITERATIONS + 0.5)
        super().__init__(x_range=self.iterations, x_axis_label="iteration", **options)
        ticker = BasicTicker(min_interval=1, num_minor_ticks=0, desired_num_ticks=5)
        self.figure.xaxis.ticker = ticker
        self.figure.xgrid.ticker = ticker
        self.figure.stylesheets = [POINTER]
        self.length = 0

        def tapped(event: Event) -> None:
            if (
                isinstance(event, Tap)
                and event.x is not None
                and 1 <= (iteration := round(event.x)) <= self.length
            ):
                goto(iteration)

        self.figure.on_event(Tap, tapped)

    def set_length(self, length: int) -> None:
        """Make room for the iterations that were made."""
        self.length = length
        self.iterations.end = max(length, FEWEST_ITERATIONS) + 0.5


def tooltip(rows: str) -> str:
    """Return the template of a tooltip that holds a table."""
    return f"<div><style>{sheets.TOOLTIP}</style><table>{rows}</table></div>"


def labels(names: Sequence[str]) -> dict[float | str, str | BaseText]:
    """Return the labels of an axis of layers: as on the cards, a nested layer's own name."""
    return {k: name.split(".")[-1] for k, name in enumerate(names)}

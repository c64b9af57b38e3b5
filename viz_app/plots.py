"""Bokeh figures: made once, then patched in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from bokeh.models import (
    ColumnDataSource,
    DataRange1d,
    FactorRange,
    HoverTool,
    LinearAxis,
    Range1d,
)
from bokeh.models.annotations import Span, Title
from bokeh.plotting import figure

from core.flow import LayerFlow
from viz_app import theme

COLOURS = theme.LIGHT


class RunPlot:
    """Loss and accuracy of every iteration of the run, with a mark where we are."""

    def __init__(self) -> None:
        self.source = ColumnDataSource({"iteration": [], "loss": [], "accuracy": []})
        self.figure = _figure(
            "loss and accuracy of each iteration", "iteration", "loss", y_range=DataRange1d(start=0)
        )
        self.figure.extra_y_ranges = {"accuracy": Range1d(start=0, end=1.02)}
        self.figure.add_layout(
            LinearAxis(y_range_name="accuracy", axis_label="accuracy", **_axis_style()), "right"
        )
        # A run of one iteration has no line yet.
        self.figure.scatter("iteration", "loss", source=self.source, color=COLOURS["loss"], size=4)
        self.figure.line(
            "iteration", "loss", source=self.source, color=COLOURS["loss"], legend_label="loss",
            line_width=2,
        )  # fmt: skip
        self.figure.scatter(
            "iteration", "accuracy", source=self.source, color=COLOURS["update"], size=5,
            y_range_name="accuracy", legend_label="accuracy",
        )  # fmt: skip
        self.here = Span(dimension="height", line_color=COLOURS["ink"], line_dash="dotted")
        self.figure.add_layout(self.here)
        self.figure.add_tools(
            HoverTool(
                tooltips=[("iteration", "@iteration"), ("loss", "@loss"), ("accuracy", "@accuracy")]
            )
        )
        _legend_above(self.figure)

    def paint(self, colours: Mapping[str, str]) -> None:
        """Take on the colours of light or dark."""
        _paint(self.figure, colours)
        self.here.line_color = colours["ink"]

    def update(self, losses: Sequence[float], accuracies: Sequence[float], here: int) -> None:
        """Draw the run so far; only iterations that are new are sent."""
        known = len(self.source.data["iteration"])
        fresh = {
            "iteration": list(range(known + 1, len(losses) + 1)),
            "loss": list(losses[known:]),
            "accuracy": list(accuracies[known:]),
        }
        if known > len(losses) or (
            known and self.source.data["loss"][known - 1] != losses[known - 1]
        ):
            numbers = list(range(1, len(losses) + 1))
            self.source.data = {
                "iteration": numbers, "loss": list(losses), "accuracy": list(accuracies)
            }  # fmt: skip
        elif fresh["iteration"]:
            self.source.stream(fresh)
        self.here.location = here


class FlowPlot:
    """The gradient norm of each layer, on a logarithmic scale."""

    def __init__(self) -> None:
        self.source = ColumnDataSource({"layer": [], "output": [], "params": []})
        self.layers = FactorRange()
        self.figure = _figure(
            "gradient norm of each layer", "", "‖g‖", x_range=self.layers, y_axis_type="log"
        )
        self.figure.scatter(
            "layer", "output", source=self.source, color=COLOURS["backward"], size=9,
            legend_label="g(L, output)",
        )  # fmt: skip
        self.figure.scatter(
            "layer", "params", source=self.source, color=COLOURS["update"], size=10,
            marker="diamond", legend_label="g(L, params)",
        )  # fmt: skip
        self.figure.add_tools(
            HoverTool(
                tooltips=[
                    ("layer", "@layer"),
                    ("‖g(L, output)‖", "@output{0.000e+0}"),
                    ("‖g(L, params)‖", "@params{0.000e+0}"),
                ]
            )
        )
        self.figure.xaxis.major_label_orientation = 0.6
        _legend_above(self.figure)

    def paint(self, colours: Mapping[str, str]) -> None:
        """Take on the colours of light or dark."""
        _paint(self.figure, colours)

    def update(self, flows: Sequence[LayerFlow]) -> None:
        """Draw the norms of one iteration."""
        names = [flow.layer for flow in flows]
        if self.layers.factors != names:
            self.layers.factors = names
        # A logarithmic axis has no place for zero: such a point is left out.
        self.source.data = {
            "layer": names,
            "output": [flow.output or float("nan") for flow in flows],
            "params": [flow.params or float("nan") for flow in flows],
        }


def _paint(plot: figure, colours: Mapping[str, str]) -> None:
    cast(Title, plot.title).text_color = colours["ink"]
    plot.grid.grid_line_color = colours["line"]
    plot.legend.label_text_color = colours["soft"]
    for axis in plot.axis:
        axis.update(
            major_label_text_color=colours["soft"],
            axis_label_text_color=colours["soft"],
            axis_line_color=colours["line"],
            major_tick_line_color=colours["line"],
        )


def _figure(title: str, x_label: str, y_label: str, **options: Any) -> figure:
    plot = figure(
        title=Title(text=title, text_font_size=f"{theme.BODY}px", text_color=COLOURS["ink"]),
        sizing_mode="stretch_both",
        min_height=160,
        toolbar_location=None,
        tools="",
        background_fill_alpha=0,
        border_fill_alpha=0,
        outline_line_color=None,
        x_axis_label=x_label,
        y_axis_label=y_label,
        **options,
    )
    for axis in plot.axis:
        axis.update(**_axis_style())
    plot.grid.grid_line_color = COLOURS["line"]
    return plot


def _legend_above(plot: figure) -> None:
    """Move the legend out of the data's way."""
    legend = plot.legend[0]
    plot.center.remove(legend)
    plot.add_layout(legend, "above")
    legend.update(
        orientation="horizontal",
        border_line_color=None,
        background_fill_alpha=0,
        padding=0,
        margin=4,
        label_text_font_size=f"{theme.SMALL}px",
        label_text_color=COLOURS["soft"],
    )


def _axis_style() -> dict[str, Any]:
    return {
        "major_label_text_font_size": f"{theme.SMALL}px",
        "axis_label_text_font_size": f"{theme.SMALL}px",
        "axis_label_text_font_style": "normal",
        "major_label_text_color": COLOURS["soft"],
        "axis_label_text_color": COLOURS["soft"],
        "axis_line_color": COLOURS["line"],
        "major_tick_line_color": COLOURS["line"],
        "minor_tick_line_color": None,
    }

"""How the gradients of each layer are distributed in one iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, nan
from typing import Any, TypeAlias

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d, Scatter, VBar
from bokeh.models.renderers import GlyphRenderer
from bokeh.transform import dodge

from core.inspect.flow import (
    DEAD,
    EXPLODING,
    LARGEST_NORM,
    QUANTILES,
    VANISHING,
    Finding,
    LayerFlow,
    Spread,
    diagnose,
)
from viz_app.charts.chart import Chart, labels, tooltip
from viz_app.charts.decades import Decades, short
from viz_app.style.gradients import G
from viz_app.style.notation import markup, plain

THRESHOLDS = (
    f"Vanishing: the norm of g(L, X^(out)) is below {VANISHING:g} of the last layer's. Exploding: "
    f"above {EXPLODING:g} times that, or a norm above {LARGEST_NORM:g}. Dead: a ReLU with at least "
    f"{DEAD:.0%} of its units zero for the whole batch."
)
SOUND = "<u>No layer vanishes, explodes or dies.</u>"
SILENT = {"html": "All gradients are zero: nothing learns."}
Drawn: TypeAlias = "GlyphRenderer[Any]"
# What gradients are compared with: the one iteration that every run has recorded.
FIRST = "in iteration 1"
# Quantiles as columns of the source, and the rows of the tooltip.
COLUMNS = [f"{quantile:.0%}" for quantile in QUANTILES]
NORM = "|g(L, ·)|"
KINDS = {"output": "g(L, X^(out))", "params": "g(L, params)"}
TOLD = {
    "norm": "norm",
    "median": "median",
    "band": "10–90 %",
    "wide": "5–95 %",
    "zeros": "exact zeros",
    "first": FIRST,
}


class FlowPlot(Chart):
    """|g(L, X^(out))| and |g(L, params)| of each layer side by side, on a logarithmic scale.

    Args:
        go_to: called with the layer of a finding that was pressed.
    """

    def __init__(self, go_to: Callable[[str], None]) -> None:
        self.layers, self.sizes = Range1d(start=-0.5, end=0.5), Range1d(start=1, end=10)
        super().__init__(x_range=self.layers, y_range=self.sizes, y_axis_type="log")
        self.source = ColumnDataSource(_columns([], []))
        self.caption.answer(go_to)
        self._decades = Decades()
        self._first: Sequence[LayerFlow] = ()
        self.figure.xgrid.visible = False
        self.figure.xaxis.major_label_orientation = 0.7
        pointed = VBar(
            x="place", width=0.96, bottom="floor", top="top", fill_alpha=0.5, line_alpha=0
        )
        whole = self.add(self.source, pointed.clone(fill_alpha=0), hover_glyph=pointed)
        self.colour(pointed, "fill", "fill_color")
        output = self._draw("output", -0.21, "backward", "dash")
        params = self._draw("params", 0.21, "update", "diamond")
        self.legend_above({"outputs": output[:2], "params": params[:2], FIRST: output[2:3]})
        self.hover = HoverTool(renderers=[whole], attachment="above")
        self.figure.add_tools(self.hover)
        self.name(G)

    def _write(self, notation: str) -> None:
        self.figure.yaxis.axis_label = plain(NORM, notation)
        self.hover.tooltips = _tooltip(notation)

    def _draw(self, kind: str, aside: float, colour: str, mark: str) -> list[Drawn]:
        """Draw bands and medians of one kind; return band, median, first median, and the rest."""
        x = dodge("place", aside)

        def band(width: float, low: str, high: str, alpha: float) -> Drawn:
            bottom, top = f"{kind}_{low}", f"{kind}_{high}"
            bar = VBar(x=x, width=width, bottom=bottom, top=top, fill_alpha=alpha, line_alpha=0)
            self.colour(bar, colour, "fill_color")
            return self.add(self.source, bar)

        def dots(column: str, marker: str, size: float, line_width: float = 1) -> Drawn:
            return self.add(
                self.source,
                Scatter(
                    x=x,
                    y=f"{kind}_{column}",
                    marker=value(marker),
                    size=size,
                    line_width=line_width,
                ),
            )

        faint, strong = band(0.14, "5%", "95%", 0.25), band(0.36, "10%", "90%", 0.3)
        if kind == "params":
            strong.glyph.update(
                hatch_pattern="right_diagonal_line", hatch_scale=6, hatch_weight=0.7
            )
            self.colour(strong.glyph, colour, "hatch_color")
        first = dots("first", "dash", 15, 1.5)
        self.colour(first.glyph, "ink", "line_color")
        median = dots("50%", mark, 10, 3 if mark == "dash" else 1)
        # Where all is zero, there is no place on the scale: a cross at its end says so.
        none = dots("none", "x", 7)
        self.colour(none.glyph, colour, "line_color")
        self.colour(median.glyph, colour, "fill_color")
        self.colour(median.glyph, colour if mark == "dash" else "card", "line_color")
        return [strong, median, first, faint, none]

    def update(self, flows: Sequence[LayerFlow], first: Sequence[LayerFlow]) -> None:
        """Draw the gradients of one iteration of a run, and where those of its first one were."""
        if first is not self._first:
            self._first = first
            self._decades.forget()
            self._name([flow.layer for flow in first])
        spreads = [
            spread
            for flow in (*first, *flows)
            for spread in (flow.output_spread, flow.params_spread)
        ]
        self._decades.widen(size for spread in spreads if spread for size in spread.quantiles)
        if (self.sizes.start, self.sizes.end) != self._decades.limits:
            self.sizes.start, self.sizes.end = self._decades.limits
            self.figure.ygrid.ticker = self._decades.label(*self.figure.yaxis)
        columns = _columns(flows, first)
        columns["floor"], columns["top"] = ([limit] * len(flows) for limit in self._decades.limits)
        for kind, zero in (
            ("output", [flow.output == 0 for flow in flows]),
            ("params", [flow.params == 0 for flow in flows]),
        ):
            columns[f"{kind}_none"] = [self._decades.limits[0] if none else nan for none in zero]
        self.source.data = columns
        is_silent = not any(flow.output for flow in flows)
        self.caption.lines = [_line(finding, self.notation) for finding in diagnose(flows)] or [
            SILENT if is_silent else {"html": SOUND, "title": plain(THRESHOLDS, self.notation)}
        ]

    def _name(self, layers: list[str]) -> None:
        self.layers.end = len(layers) - 0.5
        self.figure.xaxis.ticker = FixedTicker(ticks=list(range(len(layers))), minor_ticks=[])
        self.figure.xaxis.major_label_overrides = labels(layers)


def _line(finding: Finding, notation: str) -> dict[str, str]:
    """Return a finding as a line of the caption that leads to where it happens."""
    title = f"Go to the backward pass of {finding.layer}"
    return {"html": markup(finding.text, notation), "title": title, "layer": finding.layer}


def _columns(flows: Sequence[LayerFlow], first: Sequence[LayerFlow]) -> dict[str, object]:
    """Return the columns of the source: a row for each layer.

    Lists, for each array would travel in frames of its own.
    """
    columns: dict[str, object] = {
        "place": list(range(len(flows))),
        "layer": [flow.layer for flow in flows],
        "floor": [], "top": [], "output_none": [], "params_none": [],
    }  # fmt: skip
    spreads: Mapping[str, list[Spread | None]] = {
        "output": [flow.output_spread for flow in flows],
        "params": [flow.params_spread for flow in flows],
    }
    medians = {
        "output": [flow.output_spread.median for flow in first],
        "params": [flow.params_spread.median if flow.params_spread else nan for flow in first],
    }
    for kind in KINDS:
        rows = [spread.quantiles if spread else (nan,) * len(QUANTILES) for spread in spreads[kind]]
        table = np.array(rows).reshape(-1, len(QUANTILES))
        # Infinity has no place on an axis.
        table[~np.isfinite(table)] = nan
        columns |= {f"{kind}_{name}": table[:, k].tolist() for k, name in enumerate(COLUMNS)}
        columns[f"{kind}_first"] = [size if isfinite(size) else nan for size in medians[kind]]
        sizes = [flow.output if kind == "output" else flow.params for flow in flows]
        columns[f"{kind}_norm_told"] = [short(nan if size is None else size) for size in sizes]
        columns[f"{kind}_median_told"] = [short(row[2]) for row in rows]
        columns[f"{kind}_band_told"] = [_span(row[1], row[3]) for row in rows]
        columns[f"{kind}_wide_told"] = [_span(row[0], row[4]) for row in rows]
        columns[f"{kind}_zeros_told"] = [f"{s.zeros:.0%}" if s else "–" for s in spreads[kind]]
        columns[f"{kind}_first_told"] = [short(size) for size in medians[kind]]
    return columns


def _span(low: float, high: float) -> str:
    return f"{short(low)} … {short(high)}" if np.isfinite(low) else "–"


def _tooltip(notation: str) -> str:
    head = "".join(f"<th>{markup(symbol, notation)}</th>" for symbol in KINDS.values())
    rows = ""
    for key, words in TOLD.items():
        numbers = "".join(f"<td>@{kind}_{key}_told</td>" for kind in KINDS)
        rows += f"<tr><td>{words}</td>{numbers}</tr>"
    return tooltip(f"<tr><th>@layer</th>{head}</tr>{rows}")

"""The charts over a run: made once, then patched in place."""

from viz_app.charts.flow import FlowPlot
from viz_app.charts.heat import HeatPlot
from viz_app.charts.run import RunPlot

__all__ = ["FlowPlot", "HeatPlot", "RunPlot"]

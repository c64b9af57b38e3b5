"""The charts over a run: made once, then patched in place."""

from viz_app.plots.flow import FlowPlot
from viz_app.plots.heat import HeatPlot
from viz_app.plots.run import RunPlot

__all__ = ["FlowPlot", "HeatPlot", "RunPlot"]

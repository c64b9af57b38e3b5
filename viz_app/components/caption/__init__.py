"""Words above a chart."""

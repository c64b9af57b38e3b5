"""The dashboard: one training iteration of a network, seen from the inside."""

from viz_app.explore import explore

__all__ = ["explore"]

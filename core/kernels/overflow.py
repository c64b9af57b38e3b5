"""Lets numbers overflow without a warning: on the way to divergence they are what they are."""

from __future__ import annotations

import numpy as np


def unwarned() -> np.errstate:
    """Return a context, or a decorator, in which NumPy warns of no inf and no NaN that it computes.

    What is not finite is told where somebody reads it: training that diverged names the layer.
    """
    return np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")

"""Detects losses of which a central difference need not be the gradient.

They have a kink, or do not come out the same when they are computed again.
"""

from __future__ import annotations

import numpy as np

# Shares of the step at which the loss is computed.
STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)
# Slopes that differ by more than this share show a kink.
BENT = 1e-5
KINK = "a kink lies within the step (a ReLU at 0, a tie in max pooling): the slope differs by side"
# Two evaluations of one loss may differ by this share, by the rounding of sums in another order.
SAME = 1e-9
NOT_REPEATABLE = (
    "the loss is not repeatable: computed twice from the same state it comes out as two numbers; "
    "random numbers must come from a generator that the layer or the loss holds"
)


def is_repeatable(first: float, again: float) -> bool:
    """Return whether two evaluations of one loss gave the same."""
    return first == again or abs(first - again) <= SAME * max(abs(first), 1.0)


def has_kink(losses: dict[float, float], step: float, least: float) -> bool:
    """Return whether the loss has a kink between the outer two of five points.

    Where it is smooth, the two one-sided slopes come twice as close when the step is halved, and
    the central slope stays as it is.

    Args:
        losses: the loss at each of `STEPS`.
        step: how far the outer points lie from the centre.
        least: a slope below which differences do not count.
    """
    right, near_right = ((losses[k] - losses[0]) / (k * step) for k in (1, 0.5))
    left, near_left = ((losses[k] - losses[0]) / (k * step) for k in (-1, -0.5))
    bend = abs((near_right - near_left) - (right - left) / 2)
    drift = abs((near_right + near_left) - (right + left)) / 2
    noise = 16 * np.finfo(np.float64).eps * max(1.0, abs(losses[0])) / step
    tolerance = BENT * max(abs(right), abs(left), abs(near_right), abs(near_left), least)
    return bool(max(bend, drift) > tolerance + noise)

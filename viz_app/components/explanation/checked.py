"""How a check of a gradient ended, and how its numeric value was obtained."""

from __future__ import annotations

from typing import Any

from core.inspect.checks.check import ROUNDING, CellCheck, moved_by
from core.inspect.checks.kink import KINK
from core.inspect.trace import StepTrace
from viz_app.components.explanation.trail import indexed
from viz_app.style.typeset import mathml

# A check passes below this relative error: recorded numbers are float32.
PASSES = 1e-3


def checked(trace: StepTrace, check: CellCheck, notation: str) -> dict[str, Any]:
    """Return what the browser shows of a check."""
    size = max(abs(check.analytic), abs(check.numeric))
    difference = abs(check.analytic - check.numeric)
    # What the error is relative to: more than the gradient's own size where that is small.
    least = difference / check.error if check.error else size
    is_zero = size <= max(ROUNDING, PASSES * least)
    moved = moved_by(trace, check.cell)
    return {
        "analytic": check.analytic,
        "numeric": check.numeric,
        "error": check.error,
        "note": check.note,
        "kink": check.note == KINK,
        "zero": is_zero,
        "small": least > size * (1 + 1e-6),
        "good": is_zero or check.error < PASSES,
        "moved": "" if moved is None else mathml(indexed(moved), notation, is_inline=True),
        "step": check.step,
        "below": check.below,
        "above": check.above,
    }

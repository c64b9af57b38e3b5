"""The explanation panel: the arithmetic behind the selected number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import param

from core.inspect.check import ROUNDING, CellCheck, is_gradient
from core.inspect.explain import Cell, Explanation, Factor, Term, explain
from core.inspect.trace import StepTrace
from core.losses import CrossEntropyLoss
from core.symbols import symbol
from viz_app.components.component import Component, script, source
from viz_app.scene.kinds import kinds_of
from viz_app.style import sheets
from viz_app.style.gradients import G
from viz_app.style.notation import markup, plain
from viz_app.style.typeset import mathml, mathml_lines

# A check passes below this relative error: recorded numbers are float32.
PASSES = 1e-3
# More terms than anybody reads are sent as their sum.
MOST_TERMS = 64
# Reasons of one term that are listed.
MOST_REASONS = 3

ONE_HOT = (
    "One number a sample: the class, here {:g}. The column shows it as [k = t], which is 1 in the "
    "row of class {:g} and 0 in all others."
)


class ExplanationPanel(Component):
    """Shows `content`, and sends its `number` with what is pressed.

    That is the term and the place of a number, or "check" or "close" of a button.
    """

    content = param.Dict(default={})

    _esm = script("explanation.js")
    _stylesheets: ClassVar = [source("explanation.css"), sheets.FORMULA]


@dataclass(frozen=True)
class Explained:
    """An explanation of a number of a trace as the panel shows it, largest terms first."""

    trace: StepTrace
    explanation: Explanation
    order: tuple[int, ...]

    def linked_cell(self, term: int, place: int) -> Cell | None:
        """Return the cell of a number of a term: of its factors, then of its reasons."""
        cell: Cell | None = _numbers(self.explanation.terms[term])[place].cell
        return cell

    def message(self, check: CellCheck | None = None, notation: str = G) -> dict[str, Any]:
        """Return what the browser shows, with gradients in a notation."""
        why, cell = self.explanation, self.explanation.cell
        return {
            "name": markup(why.name, notation),
            "aside": why.doubt or _aside(self.trace, why),
            "formula": mathml_lines(why.formula, notation),
            # Without indices both are the same.
            "own": "" if why.own == why.formula else mathml_lines(why.own, notation),
            "terms": [_term(why, k, notation) for k in self.order[:MOST_TERMS]],
            "rest": {
                "count": len(self.order[MOST_TERMS:]),
                "value": float(sum(why.terms.values[k] for k in self.order[MOST_TERMS:])),
            },
            "sum": float(np.sum(why.terms.values, dtype=np.float64)),
            "total": why.total,
            "stored": why.stored,
            "operation": why.operation,
            "function": mathml(why.function, notation) if why.function else "",
            "gradient": is_gradient(self.trace, cell.phase, cell.layer, cell.array),
            "check": None if check is None else _checked(check),
        }


def explained(trace: StepTrace, cell: Cell) -> Explained:
    """Explain a cell; its terms are put in order of size."""
    why = explain(trace, cell)
    values = np.asarray(why.terms.values, float)
    # The largest of them is the answer, where it is asked for.
    sizes = values if why.operation in ("max", "argmax") else np.abs(values)
    return Explained(trace, why, tuple(np.argsort(-sizes, kind="stable").tolist()))


def _aside(trace: StepTrace, why: Explanation) -> str:
    """Return what to say of a number that its view does not show as it is; empty as a rule."""
    if why.cell.array != "targets":
        return ""
    stage = trace.stage(why.cell.phase, why.cell.layer)
    inner = next(name for name, arrays in stage.inner.items() if "targets" in arrays)
    is_class = CrossEntropyLoss in kinds_of(stage, inner)
    return ONE_HOT.format(why.stored, why.stored) if is_class else ""


def _checked(check: CellCheck) -> dict[str, Any]:
    """Return what the browser shows of a check."""
    size = max(abs(check.analytic), abs(check.numeric))
    difference = abs(check.analytic - check.numeric)
    # What the error is relative to: more than the gradient's own size where that is small.
    least = difference / check.error if check.error else size
    is_zero = size <= max(ROUNDING, PASSES * least)
    return {
        "analytic": check.analytic,
        "numeric": check.numeric,
        "error": check.error,
        "note": check.note,
        "zero": is_zero,
        "small": least > size * (1 + 1e-6),
        "good": is_zero or check.error < PASSES,
    }


def _numbers(term: Term) -> tuple[Factor, ...]:
    return (*term.factors, *(factor for factor in term.because if factor not in term.factors))


def _term(why: Explanation, k: int, notation: str) -> dict[str, Any]:
    term = why.terms[k]
    # A number that is multiplied stands there already.
    because = [factor for factor in term.because if factor not in term.factors]
    return {
        "place": k,
        "note": markup(term.note, notation),
        "value": term.value,
        "factors": [_number(factor, notation) for factor in term.factors],
        "because": [_number(factor, notation) for factor in because[:MOST_REASONS]],
        "reasons": len(because),
    }


def _number(factor: Factor, notation: str) -> dict[str, Any]:
    """Return a number of a term; where it lies in a cell, with the array's symbol and words."""
    cell = factor.cell
    return {
        "value": factor.value,
        "linked": cell is not None,
        "symbol": "" if cell is None else _name(cell, notation),
        "title": "" if cell is None else plain(cell.words, notation),
    }


def _name(cell: Cell, notation: str) -> str:
    return mathml(symbol(cell.array, len(cell.index)).latex, notation, is_inline=True)

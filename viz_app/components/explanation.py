"""The explanation panel: the arithmetic behind the selected number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import param

from core.inspect.check import CellCheck, is_gradient
from core.inspect.explain import Cell, Explanation, Factor, Term, explain
from core.inspect.trace import StepTrace
from core.symbols import symbol
from viz_app.components.component import Component, script, source
from viz_app.style import sheets
from viz_app.style.notation import markup
from viz_app.style.typeset import mathml, mathml_lines

# A check passes below this relative error: recorded numbers are float32.
PASSES = 1e-3
# More terms than anybody reads are sent as their sum.
MOST_TERMS = 64


class ExplanationPanel(Component):
    """Shows `content`; a click on a number sends its term and place, buttons "check" or "close"."""

    content = param.Dict(default={})

    _esm = script("explanation.js")
    _stylesheets: ClassVar = [source("explanation.css"), sheets.FORMULA]


@dataclass(frozen=True)
class Explained:
    """An explanation as the panel shows it, largest terms first."""

    explanation: Explanation
    order: tuple[int, ...]

    def linked_cell(self, term: int, place: int) -> Cell | None:
        """Return the cell of a number of a term: of its factors, then of its reasons."""
        cell: Cell | None = _numbers(self.explanation.terms[term])[place].cell
        return cell

    def message(self, trace: StepTrace, check: CellCheck | None) -> dict[str, Any]:
        """Return what the browser shows."""
        why, cell = self.explanation, self.explanation.cell
        return {
            "name": markup(why.name),
            "formula": mathml_lines(why.formula),
            "own": mathml_lines(why.own),
            "terms": [_term(why, k) for k in self.order[:MOST_TERMS]],
            "rest": {
                "count": len(self.order[MOST_TERMS:]),
                "value": float(sum(why.terms.values[k] for k in self.order[MOST_TERMS:])),
            },
            "sum": float(np.sum(why.terms.values, dtype=np.float64)),
            "total": why.total,
            "stored": why.stored,
            "operation": why.operation,
            "function": mathml(why.function) if why.function else "",
            "gradient": is_gradient(trace, cell.phase, cell.layer, cell.array),
            "check": None
            if check is None
            else {
                "analytic": check.analytic,
                "numeric": check.numeric,
                "error": check.error,
                "note": check.note,
                "good": check.error < PASSES,
            },
        }


def explained(trace: StepTrace, cell: Cell) -> Explained:
    """Explain a cell; its terms are put in order of size."""
    why = explain(trace, cell)
    values = np.asarray(why.terms.values, float)
    # The largest of them is the answer, where it is asked for.
    sizes = values if why.operation in ("max", "argmax") else np.abs(values)
    return Explained(why, tuple(np.argsort(-sizes, kind="stable").tolist()))


def _numbers(term: Term) -> tuple[Factor, ...]:
    return (*term.factors, *(factor for factor in term.because if factor not in term.factors))


def _term(why: Explanation, k: int) -> dict[str, Any]:
    term = why.terms[k]
    return {
        "place": k,
        "note": markup(term.note),
        "value": term.value,
        "factors": [_number(factor) for factor in term.factors],
        # A number that is multiplied stands there already.
        "because": [_number(factor) for factor in term.because if factor not in term.factors],
    }


def _number(factor: Factor) -> dict[str, Any]:
    """Return a number of a term; where it lies in a cell, with the array's symbol and words."""
    cell = factor.cell
    return {
        "value": factor.value,
        "linked": cell is not None,
        "symbol": "" if cell is None else mathml(symbol(cell.array, len(cell.index)).latex),
        "title": "" if cell is None else cell.words,
    }

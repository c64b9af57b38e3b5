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
from viz_app import styles
from viz_app.component import Component, script
from viz_app.notation import markup
from viz_app.typeset import mathml, mathml_lines

# A check passes below this relative error: recorded numbers are float32.
PASSES = 1e-3
# More terms than anybody reads are sent as their sum.
MOST_TERMS = 64

STYLE = """
:host { display: block; min-width: 0; min-height: 0; height: 100%; overflow: auto; }
.why { font: var(--cs-small)/1.35 var(--cs-font); color: var(--cs-ink); padding: 6px 12px; }
h3 { margin: 0 0 4px; font-size: var(--cs-small); line-height: 1.25; }
sup, sub { line-height: 0; font-size: max(0.8em, var(--cs-small)); }
p { margin: 6px 0 0; }
.hint { color: var(--cs-soft); }
.formula {
  background: var(--cs-fill); border-left: 3px solid var(--cs-backward); border-radius: 0 6px 6px 0;
  padding: 2px 8px; overflow-x: auto; font-size: var(--cs-small);
}
.formula div + div { margin-top: 4px; }
.terms { overflow-x: auto; }
table {
  border-collapse: collapse; width: 100%; margin-top: 6px; font-variant-numeric: tabular-nums;
}
td { padding: 2px 4px 2px 0; border-bottom: 1px solid var(--cs-line); vertical-align: baseline; }
.product { white-space: nowrap; }
.because { color: var(--cs-soft); }
.because math { color: var(--cs-ink); }
.number { text-align: right; white-space: nowrap; }
.total td { font-weight: 700; border-top: 2px solid var(--cs-ink); border-bottom: 0; }
.line { display: flex; justify-content: space-between; align-items: center; gap: 8px; }
button { font: inherit; cursor: pointer; }
.link {
  border: 0; padding: 0; background: none; color: inherit; text-decoration: underline dotted;
  text-underline-offset: 3px;
}
.link:hover, .link:focus-visible { text-decoration: underline solid; }
.check {
  border: 1px solid var(--cs-line); border-radius: 6px; padding: 4px 10px; color: var(--cs-ink);
  background: var(--cs-card);
}
@media (pointer: coarse) {
  .check { min-height: var(--cs-control); }
  .link { padding: 8px 4px; }
}
.close {
  float: right; border: 0; background: none; color: var(--cs-soft); font-size: var(--cs-large);
  line-height: 1; padding: 2px 4px; margin: -2px -6px 0 6px;
}
@media (pointer: coarse) { .close { padding: 8px 12px; margin: -8px -12px 0 6px; } }
/* Where it would stand far below the board, a sheet: what was chosen stays in sight. */
@media (max-width: 1279px) {
  .why { background: var(--cs-card); border: 1px solid var(--cs-line); border-radius: 8px; }
  .why.told {
    position: fixed; z-index: 8; right: 12px; bottom: 12px; width: 360px; max-height: 60vh;
    box-sizing: border-box; overflow-y: auto; box-shadow: 0 0 16px var(--cs-shadow);
  }
}
/* On a telephone above the moves. */
@media (max-width: 700px) {
  .why.told {
    left: 0; right: 0; bottom: 52px; width: auto; max-height: 42vh; border-radius: 12px 12px 0 0;
  }
}
.good { color: var(--cs-good); font-weight: 600; }
.bad { color: var(--cs-bad); font-weight: 600; }
"""


class ExplanationPanel(Component):
    """Shows `told`; a click on a number sends its term and place, buttons "check" or "close"."""

    told = param.Dict(default={})

    _esm = script("explain.js")
    _stylesheets: ClassVar = [STYLE, styles.FORMULA]


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

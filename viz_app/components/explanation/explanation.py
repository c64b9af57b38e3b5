"""The explanation panel: the arithmetic behind the selected number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan, nan
from typing import Any, ClassVar

import numpy as np
import param

from core.inspect.checks.check import CellCheck, is_gradient
from core.inspect.coordinates import coordinates, with_coordinates
from core.inspect.explain import Cell, Explanation, Factor, explain, is_rounding
from core.inspect.trace import StepTrace
from core.losses import CrossEntropyLoss
from viz_app.components.component import Component, script, source
from viz_app.components.explanation.checked import checked
from viz_app.components.explanation.terms import hides, reasons, rows
from viz_app.components.explanation.trail import indexed
from viz_app.components.lesson.spotlight import SPOTLIGHT
from viz_app.cover.covered import NOTHING, Covered
from viz_app.place.onward import onward
from viz_app.scene.kinds import kinds_of
from viz_app.scene.sayings import saying_of
from viz_app.style import sheets
from viz_app.style.gradients import G
from viz_app.style.notation import markup, plain
from viz_app.style.typeset import mathml, mathml_lines

# In front of where a param has its number from.
LEARNED = "learned: "
# More terms than anybody reads are sent as their sum.
MOST_TERMS = 64
# Of so many terms the factors are looked at, whether they are nothing but rounding.
FEW = 12
# Only a number below this share of the largest one of its stage may be nothing but rounding.
SUSPECT = 1e-3

ONE_HOT = (
    "One number a sample: the class, here {:g}. The column shows it as [k = t], which is 1 in the "
    "row of class {:g} and 0 in all others."
)


class ExplanationPanel(Component):
    """Shows `content` and `trail`, and sends the content's `number` with what is pressed.

    That is the term and the place of a number, "onward" for the number that it goes into, or
    "check", "order" or "close" of a button.
    """

    content = param.Dict(default={})
    trail = param.Dict(default={}, doc="See `Trail.message`.")
    whole = param.Boolean(default=True, doc="Whether the page has a history to go back in.")
    look_for = param.String(default="", doc="What to look for in the network; or nothing.")
    offer = param.Dict(default={}, doc="The lesson to begin with, see `entries`; or none.")

    _esm = script("explanation/explanation.js")
    _stylesheets: ClassVar = [
        source("explanation/explanation.css"),
        source("explanation/terms.css"),
        source("common/heard.css"),
        sheets.FORMULA,
        SPOTLIGHT,
    ]


@dataclass(frozen=True)
class Explained:
    """An explanation of a number of a trace as the panel shows it.

    Attributes:
        trace: the iteration.
        explanation: of the number.
        by_size: whether the largest terms come first, not those that the formula has first.
        covered: of which cells the trace does not have the numbers.
        origin: words for where a number without a formula comes from, in place of those of the
            explanation; empty for these.
    """

    trace: StepTrace
    explanation: Explanation
    by_size: bool = False
    covered: Covered = NOTHING
    origin: str = ""

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The terms that are shown, by their numbers."""
        count = len(self.explanation.terms)
        if not self.by_size:
            return tuple(range(min(count, MOST_TERMS)))
        sizes = np.abs(np.asarray(self.explanation.terms.values, float))
        return tuple(np.argsort(-sizes, kind="stable")[:MOST_TERMS].tolist())

    @cached_property
    def onward(self) -> Cell | None:
        """The cell that the number goes into next; None if it is not known."""
        cell = self.explanation.cell
        onto = saying_of(self.trace, cell).onto
        if not onto:
            return onward(self.trace, cell)
        axes = self.trace.stage(cell.phase, cell.layer).array(onto).ndim
        there = Cell(cell.phase, cell.layer, onto, (0,) * axes)
        return with_coordinates(self.trace, there, **coordinates(self.trace, cell))

    def linked_cell(self, term: int, place: int) -> Cell | None:
        """Return the cell of a number of a term: of its factors, then of its reasons."""
        found = self.explanation.terms[term]
        cell: Cell | None = (*found.factors, *reasons(found))[place].cell
        return cell

    def message(self, check: CellCheck | None = None, notation: str = G) -> dict[str, Any]:
        """Return what the browser shows, with gradients in a notation."""
        why, cell, trace, is_told = self.explanation, self.explanation.cell, self.trace, True
        if self._misses:
            # A result would tell what is missing in a sum.
            why, is_told = replace(why, stored=nan, total=nan, doubt=""), False
        terms = [(k, why.terms[k]) for k in self.order]
        if self.origin and terms and why.source is None:
            only = why.terms[0]
            learned = LEARNED if only.note.startswith(LEARNED) else ""
            terms = [(0, replace(only, note=f"{learned}{self.origin}"))]
        told, groups = rows(terms, self._is_rounding, notation, self.covered)
        saying = saying_of(trace, cell)
        # Letters for the indices of a number from elsewhere would say nothing of it.
        formula = why.formula if why.is_stated else why.own
        return {
            "name": markup(why.name, notation),
            "heading": markup(saying.heading_of(cell), notation),
            "symbol": mathml(indexed(cell), notation),
            "aside": why.doubt or _aside(trace, why),
            "why": markup(saying.why_of(trace, cell), notation),
            "formula": mathml_lines(formula, notation),
            # Without indices both are the same.
            "own": "" if why.own == formula else mathml_lines(why.own, notation),
            "terms": told,
            "groups": groups,
            "rest": {
                "count": len(why.terms) - len(terms),
                # A difference of two sums would have the rounding of both.
                "value": float(np.sum(np.delete(why.terms.values, self.order), dtype=np.float64)),
            },
            "by_size": self.by_size,
            "sum": float(np.sum(why.terms.values, dtype=np.float64)) if is_told else nan,
            "total": why.total,
            "stored": why.stored,
            "rounding": is_told and is_rounding(trace, cell),
            "operation": why.operation,
            "function": mathml(why.function, notation) if why.function else "",
            "onward": _link(self.onward, notation),
            "phase": cell.phase,
            # A check tells losses, and computes with all that was recorded.
            "gradient": not self.covered and is_gradient(trace, cell.phase, cell.layer, cell.array),
            "check": None if check is None else checked(trace, check, notation),
            **({} if is_told else {"misses": True}),
        }

    def is_of(self, trace: StepTrace, cell: Cell, covered: Covered) -> bool:
        """Return whether it explains this cell of this iteration, with the same cells covered."""
        is_here = self.trace is trace and self.covered is covered
        return is_here and self.explanation.cell == cell

    @property
    def is_possible(self) -> bool:
        """Whether it can be told without what is covered.

        What counts in a sum may depend on that, as on the winners of windows: then other terms
        than those that were added are found.
        """
        why = self.explanation
        return not (self.covered.masks and why.doubt and not isnan(why.total))

    @cached_property
    def _misses(self) -> bool:
        """Whether a number that this one is computed from is covered."""
        terms = self.explanation.terms
        if not self.covered.masks:
            return False
        return bool(np.isnan(terms.values).any()) or (
            len(terms) <= MOST_TERMS and any(hides(self.covered, term) for term in terms)
        )

    def _is_rounding(self, factor: Factor) -> bool:
        """Return whether a factor is nothing but rounding; only gradients cancel like that."""
        cell: Cell | None = factor.cell
        few = len(self.explanation.terms) <= FEW
        if cell is None or not few or not factor.value or not cell.array.startswith("g"):
            return False
        return abs(factor.value) < SUSPECT * self._largest(cell) and is_rounding(self.trace, cell)

    def _largest(self, cell: Cell) -> float:
        """Return the largest magnitude of the stage of a cell."""
        key = (cell.phase, cell.layer)
        if key not in self._magnitudes:
            arrays = self.trace.stage(*key).inner.values()
            parts = (array for named in arrays for array in named.values())
            self._magnitudes[key] = max(float(np.max(np.abs(a), initial=0.0)) for a in parts)
        return self._magnitudes[key]

    @cached_property
    def _magnitudes(self) -> dict[tuple[Any, str], float]:
        return {}


def explained(
    trace: StepTrace, cell: Cell, *, by_size: bool = False, covered: Covered = NOTHING
) -> Explained:
    """Explain a cell; its terms are in the order of the formula, or the largest first."""
    return Explained(trace, explain(trace, cell), by_size, covered)


def covered_message(cell: Cell, notation: str = G) -> dict[str, Any]:
    """Return what the browser shows of a cell whose explanation is covered."""
    return {"name": markup(cell.words, notation), "phase": cell.phase, "covered": True}


def _link(cell: Cell | None, notation: str) -> Mapping[str, str] | None:
    if cell is None:
        return None
    symbol = mathml(indexed(cell), notation, is_inline=True)
    return {"symbol": symbol, "title": plain(cell.words, notation)}


def _aside(trace: StepTrace, why: Explanation) -> str:
    """Return what to say of a number that its view does not show as it is; empty as a rule."""
    if why.cell.array != "targets":
        return ""
    stage = trace.stage(why.cell.phase, why.cell.layer)
    inner = next(name for name, arrays in stage.inner.items() if "targets" in arrays)
    is_class = CrossEntropyLoss in kinds_of(stage, inner)
    return ONE_HOT.format(why.stored, why.stored) if is_class else ""

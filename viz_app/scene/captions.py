"""A sentence and an equation for every inner stage.

They are registered beside the view of a layer, by its class. Where those of its bases do not fit a
subclass (see `viz_app.scene.kinds`), the sentence is a plain one and the equation the line of index
notation, if the class states one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.inspect.explain import Cell, explain
from core.inspect.trace import Stage, StepTrace
from core.symbols import in_latex
from viz_app.scene.kinds import kinds_of, states_lines
from viz_app.style.gradients import G
from viz_app.style.notation import markup
from viz_app.style.typeset import mathml

# (phase, inner stage) -> sentence in plain notation, equation; "*" is any inner stage. The equation
# is LaTeX with names of `core.symbols` for the symbols: `<X_out> = <K> <X_col>`. An equation
# "=X_out" is the line of index notation of that array.
Words = Mapping[tuple[str, str], tuple[str, str]]
# Takes the stage, where the words depend on the options of what made it.
MakeWords = Callable[[Stage], Words]

_WORDS: dict[type, MakeWords] = {}


@dataclass(frozen=True)
class Caption:
    """What is said of a stage.

    Attributes:
        text: one sentence, as HTML.
        mathml: its equation; empty if there is none.
    """

    text: str
    mathml: str


def describe(words: Words | MakeWords, *kinds: type) -> None:
    """Register the words for types of layers, losses or optimisers.

    A subclass has them too, as long as they fit it.
    """
    for kind in kinds:
        _WORDS[kind] = words if callable(words) else lambda _: words


def words_of(stage: Stage, inner: str) -> tuple[str, str] | None:
    """Return sentence and equation of an inner stage, of the most specific type; None if none."""
    for kind in kinds_of(stage, inner):
        if kind in _WORDS:
            words = _WORDS[kind](stage)
            found = words.get((stage.phase, inner)) or words.get((stage.phase, "*"))
            if found is not None:
                return found
    return None


def caption(trace: StepTrace, stage: Stage, inner: str, notation: str = G) -> Caption:
    """Return sentence and equation of an inner stage."""
    words = words_of(stage, inner)
    if words is None:
        kind = getattr(stage.maker, "keyword", "") or type(stage.maker).__name__
        words = f"{kind}, {stage.phase}: {inner}.", f"={list(stage.inner[inner])[-1]}"
    text, equation = words
    is_line = equation.startswith("=")
    latex = _line(trace, stage, inner, equation[1:]) if is_line else in_latex(equation)
    return Caption(markup(text, notation), mathml(latex, notation) if latex else "")


def _line(trace: StepTrace, stage: Stage, inner: str, array: str) -> str:
    """Return the line of index notation of an array in LaTeX; empty if it has none."""
    values = np.asarray(stage.array(array))
    if not values.size or not states_lines(stage, inner):
        return ""
    at = inner if stage.phase == "update" else None
    found = explain(trace, Cell(stage.phase, stage.layer, array, (0,) * values.ndim, at))
    return found.formula if found.is_stated and not found.doubt else ""

"""A sentence and an equation for every inner stage.

They are registered beside the view of a layer, by its class. A subclass has the words of its bases,
unless it computes by a method of its own what they describe: then the sentence is a plain one and
the equation the line of index notation, if the class states one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.inspect.explain import Cell, explain
from core.inspect.trace import Stage, StepTrace
from core.layer import Layer
from core.losses import Loss
from core.optim import Optimizer
from core.symbols import in_latex
from viz_app.style.notation import markup
from viz_app.style.typeset import mathml

# (phase, inner stage) -> sentence in plain notation, equation; "*" is any inner stage. The equation
# is LaTeX with names of `core.symbols` for the symbols: `<X_out> = <K> <X_col>`. An equation
# "=X_out" is the line of index notation of that array.
Words = Mapping[tuple[str, str], tuple[str, str]]
# Takes the stage, where the words depend on the options of what made it.
MakeWords = Callable[[Stage], Words]

# What computes the arrays of a phase; of the loss, `forward` what has no gradient.
METHODS: Mapping[str, tuple[str, ...]] = {
    "forward": ("_forward",),
    "backward": ("_backward",),
    "update": ("_step", "_gradient"),
}
LOSS_METHODS = {False: ("forward", "_mean"), True: ("backward",)}
# Where a class states lines of index notation: all of them, or some that go into `formulas`.
LINES = ("formulas", "function_line", "slope_line", "lines", "_lines")
# Classes whose words fit whatever a subclass computes.
BASES = (Layer, Loss, Optimizer)

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

    A subclass has them too, as long as it computes by the same methods what they describe.
    """
    for kind in kinds:
        _WORDS[kind] = words if callable(words) else lambda _: words


def words_of(stage: Stage, inner: str) -> tuple[str, str] | None:
    """Return sentence and equation of an inner stage, of the most specific type; None if none."""
    maker, methods = type(stage.maker), _methods(stage, inner)
    for kind in maker.__mro__:
        if kind in _WORDS and (kind in BASES or _computes_as(maker, kind, methods)):
            words = _WORDS[kind](stage)
            found = words.get((stage.phase, inner)) or words.get((stage.phase, "*"))
            if found is not None:
                return found
    return None


def caption(trace: StepTrace, stage: Stage, inner: str) -> Caption:
    """Return sentence and equation of an inner stage."""
    words = words_of(stage, inner)
    if words is None:
        kind = getattr(stage.maker, "keyword", "") or type(stage.maker).__name__
        words = f"{kind}, {stage.phase}: {inner}.", f"={list(stage.inner[inner])[-1]}"
    text, equation = words
    is_line = equation.startswith("=")
    latex = _line(trace, stage, inner, equation[1:]) if is_line else in_latex(equation)
    return Caption(markup(text), mathml(latex) if latex else "")


def _methods(stage: Stage, inner: str) -> tuple[str, ...]:
    """Return the names of the methods that compute an inner stage."""
    if stage.phase == "loss":
        return LOSS_METHODS[any(name.startswith("g_") for name in stage.inner[inner])]
    return METHODS[stage.phase]


def _computes_as(maker: type, kind: type, methods: tuple[str, ...]) -> bool:
    """Return whether a subclass has not overridden the methods of a class."""
    return all(getattr(maker, name, None) is getattr(kind, name, None) for name in methods)


def _states_lines(maker: type, methods: tuple[str, ...]) -> bool:
    """Return whether the lines of a class were not written for a method that it overrides."""

    def height(names: tuple[str, ...]) -> int:
        """Return how many classes below the first that defines one of the names."""
        defines = [any(vars(base).get(name) for name in names) for base in maker.__mro__]
        return [*defines, True].index(True)

    return height(LINES) <= height(methods)


def _line(trace: StepTrace, stage: Stage, inner: str, array: str) -> str:
    """Return the line of index notation of an array in LaTeX; empty if it has none."""
    values = np.asarray(stage.array(array))
    if not values.size or not _states_lines(type(stage.maker), _methods(stage, inner)):
        return ""
    at = inner if stage.phase == "update" else None
    found = explain(trace, Cell(stage.phase, stage.layer, array, (0,) * values.ndim, at))
    return found.formula if "=" in found.formula and not found.doubt else ""

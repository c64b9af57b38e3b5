"""A sentence and an equation for every inner stage."""

from __future__ import annotations

from dataclasses import dataclass

from core.inspect.trace import Stage
from core.optim import Optimizer
from viz_app.notation import markup
from viz_app.typeset import mathml
from viz_app.words import BY_KIND, update


@dataclass(frozen=True)
class Told:
    """What is said of a stage.

    Attributes:
        text: one sentence, as HTML.
        mathml: its equation.
    """

    text: str
    mathml: str


def kind_of(stage: Stage) -> str:
    """Return the name under which words for a stage stand in `BY_KIND`."""
    if isinstance(stage.maker, Optimizer):
        return update.kind_of(stage.maker)
    return stage.kind


def tell(kind: str, phase: str, inner: str) -> Told:
    """Return sentence and equation of an inner stage, or a plain sentence where none is written."""
    said = BY_KIND.get(kind, {})
    plain = (f"{kind}, {phase}: {inner}.", "")
    text, latex = said.get((phase, inner)) or said.get((phase, "*")) or plain
    return Told(markup(text), mathml(latex) if latex else "")

"""A sentence and an equation for every inner stage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from latex2mathml.converter import convert

from viz_app.notation import markup
from viz_app.words import BY_KIND


@dataclass(frozen=True)
class Told:
    """What is said of a stage.

    Attributes:
        text: one sentence, as HTML.
        mathml: its equation.
    """

    text: str
    mathml: str


def tell(kind: str, phase: str, inner: str) -> Told:
    """Return sentence and equation of an inner stage, or a plain sentence where none is written."""
    text, latex = BY_KIND.get(kind, {}).get((phase, inner)) or (f"{kind}, {phase}: {inner}.", "")
    return Told(markup(text), mathml(latex) if latex else "")


@cache
def mathml(latex: str) -> str:
    """Return an equation as MathML, which browsers draw themselves."""
    converted: str = convert(latex)
    return converted

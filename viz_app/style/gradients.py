"""The two notations of a gradient: g(L, K), as all texts of `core` have it, and ∂L/∂K.

What is written here is all that knows of the second one: every equation, title and sentence passes
through `viz_app.style.typeset` or `viz_app.style.notation`, which take the notation.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NOTATIONS = G, PARTIAL = ("g", "partial")

START = re.compile(r"(?<![A-Za-z])g\(L, ")
CLOSES = {"(": ")", "{": "}"}
# Returns a gradient by what it is taken of, its index and its power; each with its sign, or empty.
Write = Callable[[str, str, str], str]


def latex_in(latex: str, notation: str, is_inline: bool = False) -> str:
    """Return LaTeX with its gradients in a notation.

    Args:
        latex: with gradients as `g(L, …)`.
        notation: one of `NOTATIONS`.
        is_inline: whether there is no room for a fraction.
    """
    return latex if notation == G else _rewritten(latex, _slashed if is_inline else _fraction)


def plain_in(text: str, notation: str) -> str:
    """Return plain notation with its gradients in a notation, for what can show nothing else."""
    return text if notation == G else _rewritten(text, _plain)


def _fraction(of: str, index: str, power: str) -> str:
    # An index is one of what the gradient is taken of.
    below = f"{{{of}}}{index}" if index else of
    written = rf"\frac{{\partial L}}{{\partial {below}}}"
    return rf"\left({written}\right){power}" if power else written


def _slashed(of: str, index: str, power: str) -> str:
    # As an operator the stroke would have space around it.
    written = rf"\partial L\text{{/}}\partial {{{of}}}{index}"
    return rf"(\,{written}){power}" if power else written


def _plain(of: str, index: str, power: str) -> str:
    written = f"∂L/∂{of}{index}"
    return f"({written}){power}" if power else written


def _rewritten(text: str, write: Write) -> str:
    found = START.search(text)
    if found is None:
        return text
    begin, end = found.start(), _end(text, found.start() + 1)
    of = _rewritten(text[found.end() : end - 1], write)
    # An index or a power belongs to all of what stands in braces.
    if text[begin - 1 : begin] == "{" and re.match(r"\}[_^]", text[end:]):
        begin, end = begin - 1, end + 1
    scripts = {"_": "", "^": ""}
    while text[end : end + 1] in scripts and text[end : end + 1]:
        stop = _script_end(text, end + 1)
        scripts[text[end]] = text[end:stop]
        end = stop
    return text[:begin] + write(of, scripts["_"], scripts["^"]) + _rewritten(text[end:], write)


def _end(text: str, start: int) -> int:
    """Return where the bracket at `start` ends: behind the one that closes it."""
    opening, depth = text[start], 0
    for k in range(start, len(text)):
        depth += (text[k] == opening) - (text[k] == CLOSES[opening])
        if depth == 0:
            return k + 1
    return len(text)


def _script_end(text: str, start: int) -> int:
    if text[start : start + 1] in CLOSES:
        return _end(text, start)
    found = re.compile(r"\\?\w+").match(text, start)
    return found.end() if found else start

"""How arrays look on the screen: names typeset as HTML, and which colours their numbers have.

What an array is called stands in `core.symbols`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from core.symbols import symbol
from viz_app.style.gradients import G, plain_in
from viz_app.style.typeset import mathml

# Arrays whose numbers are activations, shares or counts; their colours run from pale to dark. The
# numbers of all others have a sign that matters, as weights and gradients do.
SEQUENTIAL = {
    *("X_in", "X_out", "X_out_eval", "X_col", "K_X_col"),
    *("body", "shortcut", "inv_std", "inv_std_eval", "visits", "share"),
    *("winner", "mask", "gate", "closed", "dead"),
    *("probabilities", "sigmoid_probabilities", "target_probabilities"),
    *("exp", "inv_sum", "log_sum", "element_losses", "sample_losses", "loss"),
    *("inv_root", "second_moment", "mean_square"),
}
# Arrays whose colour would mean nothing.
UNCOLOURED = {"targets", "labels", "ratio"}

# Of plain notation: a raised or lowered part; a symbol; signs between symbols that belong together.
_SCRIPT = r"(?:\^(?:\([^()]*\)|\{[^{}]*\}|\w+)|_(?:\{[^{}]*\}|[^\W_]+)|[²′])"
_LETTER = r"(?:[^\W\d_]\u0302?)"
# A letter alone: "A", "I" and "a" are words, and no symbol stands beside an apostrophe or a hyphen.
_ALONE = r"(?<![\w'’.^-])(?![AIa](?![\^_²′]))"
_GRADIENT = rf"(?<![\w])g\(L, (?:[^()]|\((?:[^()]|\([^()]*\))*\))*\){_SCRIPT}*"
_SYMBOL = rf"(?:{_GRADIENT}|{_ALONE}{_LETTER}{_SCRIPT}*(?!\.?[\w'’\u0302-])|√\([^()]*\))"
_SIGN = r"(?: ?[·×−+=/÷] ?| )"
FORMULA = re.compile(rf"(?:(?<![\w.])\d+ ?/ ?)?{_SYMBOL}(?:{_SIGN}{_SYMBOL})*")
# Signs of plain notation that LaTeX writes otherwise.
COMMANDS = {
    "²": "^{2}", "′": "'", "x̂": r"\hat{x}", "^{T}": r"^{\top}", "−": "-", "·": r"\cdot ",
    "×": r"\times ", "÷": r"\div ", "Σ": r"\sum ", "√": r"\sqrt",
}  # fmt: skip


def scale_of(array: str) -> str:
    """Return the colour scale of an array: "sequential", "diverging" or "none"."""
    name = array.rpartition(".")[2].removesuffix("_before")
    if name in UNCOLOURED:
        return "none"
    is_branch = re.fullmatch(r"branch\d+", name)
    return "sequential" if name in SEQUENTIAL or is_branch else "diverging"


def title_of(array: str, rank: int, notation: str = G, is_short: bool = False) -> str:
    """Return what an array is called, as HTML: its symbol as in equations, and words for it.

    Args:
        array: its key.
        rank: how many axes it has.
        notation: of gradients, one of `NOTATIONS`.
        is_short: whether there is little room.
    """
    found = symbol(array, rank)
    words = found.short if is_short and found.short else found.words
    title = markup(words, notation)
    # Brackets are those of a product in which it stands.
    alone = re.sub(r"^\((.*)\)$", r"\1", found.latex)
    sign = mathml(alone, notation, is_inline=True)
    if r"\text" in found.latex or _content(sign) in title:
        return title
    return f"{sign} = {title}" if FORMULA.fullmatch(words) else f"{sign} {title}"


def _content(math: str) -> str:
    return math.partition(">")[2].removesuffix("</math>")


def plain(text: str, notation: str = G) -> str:
    """Return plain notation as what can hold no formula shows it: an attribute, a message.

    `X^(col)` becomes `X(col)`, as it is read aloud where it is typeset.
    """
    return plain_in(text, notation).replace("^(", "(")


@lru_cache(maxsize=4096)
def markup(text: str, notation: str = G) -> str:
    """Return plain notation as HTML: what is a formula in it as MathML, all else as it is.

    Args:
        text: `^(in)`, `^{2}`, `_{0,5}` are raised and lowered parts; a letter that stands alone is
            a symbol, unless it may be a word.
        notation: of gradients, one of `NOTATIONS`.
    """
    parts, end = list[str](), 0
    for found in FORMULA.finditer(text):
        latex = _latex(found[0])
        parts += escape(text[end : found.start()]), mathml(latex, notation, is_inline=True)
        end = found.end()
    return "".join((*parts, escape(text[end:])))


def _upright(formula: str) -> str:
    """Write words among symbols as words: "running", not a product of seven letters."""
    return re.sub(r"[a-z]{2,} ?", r"\\text{\g<0>}", formula)


def _latex(formula: str) -> str:
    """Return a formula in plain notation as LaTeX."""
    latex = re.sub(r"√\(([^()]*)\)", lambda found: rf"\sqrt{{{_upright(found[1])}}}", formula)
    latex = re.sub(r"\^(\([^()]*\)|\w+)", lambda found: f"^{{{found[1]}}}", latex)
    latex = re.sub(r"_(\w+)", r"_{\1}", latex)
    latex = re.sub(r"(?<=g\(L, )([a-z]{2,})(?=\))", r"\\text{\1}", latex)
    for sign, command in COMMANDS.items():
        latex = latex.replace(sign, command)
    return latex

"""How arrays look on the screen: titles as HTML, and which colours their numbers have.

What an array is called stands in `core.symbols`.
"""

from __future__ import annotations

import re
from html import escape

from core.symbols import symbol

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


def scale_of(array: str) -> str:
    """Return the colour scale of an array: "sequential", "diverging" or "none"."""
    name = array.rpartition(".")[2].removesuffix("_before")
    if name in UNCOLOURED:
        return "none"
    is_branch = re.fullmatch(r"branch\d+", name)
    return "sequential" if name in SEQUENTIAL or is_branch else "diverging"


def title_of(array: str, rank: int, is_short: bool = False) -> str:
    """Return what an array is called, as HTML; `is_short` where there is little room."""
    found = symbol(array, rank)
    return markup(found.short if is_short and found.short else found.words)


def markup(text: str) -> str:
    """Return plain notation as HTML: `^(in)`, `^{2}`, `_{0,5}` become raised and lowered."""
    text = escape(text)
    text = re.sub(r"\^(\([^)]*\)|\{[^}]*\}|\w+)", lambda m: f"<sup>{_bare(m[1])}</sup>", text)
    return re.sub(r"_(\([^)]*\)|\{[^}]*\}|\w+)", lambda m: f"<sub>{_bare(m[1])}</sub>", text)


def _bare(part: str) -> str:
    return part[1:-1] if part.startswith("{") else part

"""What is said of the residual block."""

from __future__ import annotations

# (phase, inner stage) -> sentence in plain notation, equation in LaTeX.
WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "sum"): (
        "The input goes through the body and past it; what arrives is added.",
        r"X^{(out)} = \mathrm{body}(X^{(in)}) + \mathrm{shortcut}(X^{(in)})",
    ),
    ("backward", "sum"): (
        "Both branches get the whole gradient; what each brings back is added.",
        r"g(L, X^{(in)}) = g_{body}(L, X^{(in)}) + g_{shortcut}(L, X^{(in)})",
    ),
}

"""What is said of flatten and dropout."""

from __future__ import annotations

# (phase, inner stage) -> sentence in plain notation, equation in LaTeX.
FLATTEN: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "output"): (
        "All pixels of a sample stand in one row, channel by channel; no number changes.",
        r"X^{(out)}_{n,\,(c h + i) w + j} = X^{(in)}_{n,c,i,j}",
    ),
    ("backward", "input gradient"): (
        "Each gradient goes back to the pixel that its feature came from.",
        r"g(L, X^{(in)})_{n,c,i,j} = g(L, X^{(out)})_{n,\,(c h + i) w + j}",
    ),
}
DROPOUT: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "mask"): (
        "Each number is dropped with probability p; the others grow to make up for it.",
        r"M \in \{0, \; 1 / (1 - p)\}",
    ),
    ("forward", "output"): (
        "The mask lets a number pass, enlarged, or makes it zero.",
        r"X^{(out)} = X^{(in)} \cdot M",
    ),
    ("backward", "input gradient"): (
        "What was dropped gets no gradient; the rest gets its own times the same mask.",
        r"g(L, X^{(in)}) = g(L, X^{(out)}) \cdot M",
    ),
}

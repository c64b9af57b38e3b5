"""What is said of the fully connected layer."""

from __future__ import annotations

# (phase, inner stage) -> sentence in plain notation, equation in LaTeX.
WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "product"): (
        "Each output is a weighted sum of all features of its sample, plus a bias.",
        r"X^{(out)} = X^{(in)} W^{\top} + b",
    ),
    ("backward", "weight gradient"): (
        "A weight's gradient is its input times the gradient of its output, summed over all "
        "samples.",
        r"g(L, W) = g(L, X^{(out)})^{\top} X^{(in)}",
    ),
    ("backward", "input gradient"): (
        "Each feature collects the gradient of every output it went into, times the weight between "
        "them.",
        r"g(L, X^{(in)}) = g(L, X^{(out)}) \, W",
    ),
}

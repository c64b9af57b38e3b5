"""What is said of convolution."""

from __future__ import annotations

# (phase, inner stage) -> sentence in plain notation, equation in LaTeX.
WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "windows"): (
        "A kernel looks at one window at a time; point at an output cell to see its own.",
        r"p = (h + 2\,\mathrm{padding} - k) / \mathrm{stride} + 1",
    ),
    ("forward", "X_col"): (
        "Every window becomes one column of X^(col), so that all of them fit in one matrix.",
        r"X^{(col)} \in \mathbb{R}^{c_{in} k^2 \times n p^2}",
    ),
    ("forward", "product"): (
        "One matrix product does the whole layer: a row of K times a column of X^(col) is one "
        "output cell.",
        r"X^{(out)} = K X^{(col)} + b",
    ),
    ("forward", "reshape"): (
        "Each row of the product is an output channel, folded back into images.",
        r"X^{(out)} \in \mathbb{R}^{n \times c_{out} \times p \times p}",
    ),
    ("backward", "kernel gradient"): (
        "Each kernel weight collects the gradient of every output it touched.",
        r"g(L, K) = g(L, X^{(out)}) \, (X^{(col)})^{\top}",
    ),
    ("backward", "column gradient"): (
        "Each entry of X^(col) gets the gradient of the outputs it went into, weighted by the "
        "kernels.",
        r"g(L, X^{(col)}) = K^{\top} g(L, X^{(out)})",
    ),
    ("backward", "col2im"): (
        "Windows overlap: a pixel adds up the gradients of all its copies in X^(col).",
        r"g(L, X^{(in)}) = \mathrm{col2im}(g(L, X^{(col)}))",
    ),
}

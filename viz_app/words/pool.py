"""What is said of pooling."""

from __future__ import annotations

# (phase, inner stage) -> sentence in plain notation, equation in LaTeX.
MAX: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "windows"): (
        "A window slides over each channel; point at an output cell to see its own.",
        r"p = (h + 2\,\mathrm{padding} - k) / \mathrm{stride} + 1",
    ),
    ("forward", "winner"): (
        "The largest number of a window wins; the first in row-major order wins a tie.",
        r"(s, t)^{*} = \mathrm{argmax}_{s,t} \, X^{(in)}_{i + s, j + t}",
    ),
    ("forward", "output"): (
        "Only the winner of each window goes on; nothing is learned here.",
        r"X^{(out)} = \max_{s,t} X^{(in)}_{i + s, j + t}",
    ),
    ("backward", "route"): (
        "Each gradient goes to the winner of its window alone; several wins add up.",
        r"g(L, X^{(in)}) = \sum_{\mathrm{windows\,won}} g(L, X^{(out)})",
    ),
}
AVERAGE: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "output"): (
        "Each window becomes its mean; zeros of the padding count as well.",
        r"X^{(out)} = \frac{1}{k^2} \sum_{s,t} X^{(in)}_{i + s, j + t}",
    ),
    ("backward", "input gradient"): (
        "Every cell of a window gets an equal share of its gradient; shares add up.",
        r"g(L, X^{(in)}) = \frac{1}{k^2} \sum_{\mathrm{windows}} g(L, X^{(out)})",
    ),
}
GLOBAL: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "output"): (
        "Each channel becomes one number, the mean of its pixels.",
        r"X^{(out)}_{n,c} = \frac{1}{h w} \sum_{y,x} X^{(in)}_{n,c,y,x}",
    ),
    ("backward", "input gradient"): (
        "Every pixel of a channel gets the same share of its gradient.",
        r"g(L, X^{(in)})_{n,c,y,x} = \frac{1}{h w} \, g(L, X^{(out)})_{n,c}",
    ),
}

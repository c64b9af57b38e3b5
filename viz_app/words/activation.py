"""What is said of activations."""

from __future__ import annotations

Words = dict[tuple[str, str], tuple[str, str]]

ROUTE = r"g(L, X^{(in)}) = g(L, X^{(out)}) \cdot f'(X^{(in)})"


def _words(output: tuple[str, str], gate: tuple[str, str], backward: str) -> Words:
    """Return the words of one function: f, its slope, and what the slope does to the gradient."""
    return {
        ("forward", "output"): output,
        ("forward", "gate"): gate,
        ("backward", "gate"): gate,
        ("backward", "input gradient"): (backward, ROUTE),
    }


BY_KIND: dict[str, Words] = {
    "relu": _words(
        (
            "Positive numbers pass as they are, all others become 0.",
            r"f(x) = \max(x, 0)",
        ),
        (
            "The gate is open (1) or closed (0); a unit closed in every sample of a batch is dead.",
            r"f'(x) = 1 \; (x > 0), \; 0 \; (x \leq 0)",
        ),
        "An open gate lets the gradient through unchanged, a closed one stops it.",
    ),
    "leaky": _words(
        (
            "Positive numbers pass as they are, negative ones shrink by a small slope a.",
            r"f(x) = x \; (x > 0), \; a x \; (x \leq 0)",
        ),
        (
            "The gate is 1 or a: with a above 0 it never closes, so no unit can die.",
            r"f'(x) = 1 \; (x > 0), \; a \; (x \leq 0)",
        ),
        "The gradient passes unchanged, or shrinks by the slope a.",
    ),
    "sigmoid": _words(
        (
            "Every number is squeezed between 0 and 1, with 1/2 for 0.",
            r"f(x) = \frac{1}{1 + e^{-x}}",
        ),
        (
            "The slope is at most 1/4 and almost 0 far from 0: there the unit is saturated.",
            r"f'(x) = f(x) \, (1 - f(x))",
        ),
        "The gradient shrinks to a quarter at most, and to almost nothing at saturated units.",
    ),
    "tanh": _words(
        (
            "Every number is squeezed between −1 and 1, with 0 for 0.",
            r"f(x) = \tanh x = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}",
        ),
        (
            "The slope is 1 at 0 and almost 0 far from it: there the unit is saturated.",
            r"f'(x) = 1 - f(x)^2",
        ),
        "Near 0 the gradient passes almost unchanged, at saturated units almost nothing of it.",
    ),
    "gelu": _words(
        (
            "Each number is multiplied by Φ(x), the chance that a normal number is below x.",
            r"f(x) = x \, \Phi(x)",
        ),
        (
            "The slope goes smoothly from 0 to 1, a little below 0 and above 1 on the way.",
            r"f'(x) = \Phi(x) + x \, \varphi(x), \; \varphi = \Phi'",
        ),
        "The gradient is multiplied by the slope: most of it passes at large positive numbers.",
    ),
}

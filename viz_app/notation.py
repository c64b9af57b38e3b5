"""The write-up's notation on the screen: how each recorded array is called and coloured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Notation:
    """How an array is shown.

    Attributes:
        symbol: plain notation, `g(L, X^(in))`.
        scale: its colour scale: "sequential" for activations, "diverging" for weights, gradients
            and other signed numbers, "mask" for zeros and ones, "none" for labels.
    """

    symbol: str
    scale: str = "diverging"

    @property
    def markup(self) -> str:
        """The symbol as HTML."""
        return markup(self.symbol)


def markup(text: str) -> str:
    """Return plain notation as HTML: `^(in)`, `^{2}`, `_{0,5}` become raised and lowered."""
    text = escape(text)
    text = re.sub(r"\^(\([^)]*\)|\{[^}]*\}|\w+)", lambda m: f"<sup>{_bare(m[1])}</sup>", text)
    return re.sub(r"_(\([^)]*\)|\{[^}]*\}|\w+)", lambda m: f"<sub>{_bare(m[1])}</sub>", text)


def _bare(part: str) -> str:
    return part[1:-1] if part.startswith("{") else part


NOTATION = {
    "X_in": Notation("X^(in)", "sequential"),
    "X_out": Notation("X^(out)", "sequential"),
    "X_out_eval": Notation("X^(eval)", "sequential"),
    "eval_change": Notation("eval − batch"),
    "kernels": Notation("kernels"),
    "K": Notation("K"),
    "X_col": Notation("X^(col)", "sequential"),
    "K_X_col": Notation("K X^(col)", "sequential"),
    "bias": Notation("b"),
    "weight": Notation("W"),
    "g_X_out": Notation("g(L, X^(out))"),
    "g_logits": Notation("g(L, z)"),
    "g_X_out_matrix": Notation("g(L, X^(out)) as a matrix"),
    "g_X_in": Notation("g(L, X^(in))"),
    "g_X_col": Notation("g(L, X^(col))"),
    "g_K": Notation("g(L, K)"),
    "g_weight": Notation("g(L, W)"),
    "g_bias": Notation("g(L, b)"),
    "visits": Notation("windows that visit each pixel", "sequential"),
    "mean": Notation("μ"),
    "var": Notation("σ^2"),
    "centred": Notation("x − μ"),
    "inv_std": Notation("1/√(σ^2 + ε)", "sequential"),
    "x_hat": Notation("x̂"),
    "gamma": Notation("γ"),
    "beta": Notation("β"),
    "running_mean": Notation("running μ"),
    "running_var": Notation("running σ^2"),
    "g_gamma": Notation("g(L, γ)"),
    "g_beta": Notation("g(L, β)"),
    "g_x_hat": Notation("g(L, x̂)"),
    "term_direct": Notation("through x̂"),
    "term_mean": Notation("through μ"),
    "term_var": Notation("through σ^2"),
    "winner": Notation("winner", "sequential"),
    "mask": Notation("mask", "sequential"),
    "gate": Notation("gate f′(X^(in))", "sequential"),
    "closed": Notation("closed", "sequential"),
    "dead": Notation("dead", "sequential"),
    "body": Notation("body", "sequential"),
    "shortcut": Notation("shortcut", "sequential"),
    "g_body": Notation("g(L, X) by the body"),
    "g_shortcut": Notation("g(L, X) by the shortcut"),
    "logits": Notation("logits z"),
    "probabilities": Notation("softmax p", "sequential"),
    "targets": Notation("targets", "none"),
    "max": Notation("max z"),
    "exp": Notation("exp(z − max z)", "sequential"),
    "inv_sum": Notation("1 / Σ exp", "sequential"),
    "log_sum": Notation("log Σ exp", "sequential"),
    "sample_losses": Notation("loss of each sample", "sequential"),
    "loss": Notation("loss L", "sequential"),
    "difference": Notation("y − t"),
    "before": Notation("value before"),
    "gradient": Notation("gradient"),
    "step": Notation("step"),
    "ratio": Notation("step ÷ value", "none"),
    "inv_root": Notation("1 / (root + ε)", "sequential"),
    "after": Notation("value after"),
    "velocity": Notation("velocity v"),
    "first_moment": Notation("first moment m"),
    "second_moment": Notation("second moment v", "sequential"),
    "mean_square": Notation("mean square s", "sequential"),
}


def notation(array: str) -> Notation:
    """Return how an array is shown; one that is not listed is called by its key."""
    if array.endswith("_before"):
        after = notation(array.removesuffix("_before"))
        return Notation(f"{after.symbol} before", after.scale)
    return NOTATION.get(array) or Notation(array.replace("_", " "))

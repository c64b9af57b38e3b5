"""What is said of batch normalisation."""

from __future__ import annotations

# (phase, inner stage) -> sentence in plain notation, equation in LaTeX. m is how many numbers a
# channel has in the batch.
WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("forward", "mean"): (
        "μ is the mean of a channel over all samples and pixels, m numbers in all.",
        r"\mu = \frac{1}{m} \sum x",
    ),
    ("forward", "variance"): (
        "σ^2 is the mean squared distance from μ: how widely the channel is spread.",
        r"\sigma^2 = \frac{1}{m} \sum (x - \mu)^2",
    ),
    ("forward", "normalise"): (
        "x̂ is the distance from μ in standard deviations; ε keeps the root above 0.",
        r"\hat{x} = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}",
    ),
    ("forward", "scale and shift"): (
        "γ and β, both learned, set spread and centre anew; the running μ and σ^2 follow slowly.",
        r"X^{(out)} = \gamma \, \hat{x} + \beta",
    ),
    ("forward", "eval mode"): (
        "Eval mode takes the running μ and σ^2, as this batch left them, not those of the batch.",
        r"\gamma \, \frac{x - \mu_{run}}{\sqrt{{\sigma_{run}}^2 + \varepsilon}} + \beta",
    ),
    ("backward", "parameter gradients"): (
        "β moved every output of its channel, γ each by its x̂: add up over the batch.",
        r"g(L, \beta) = \sum g(L, y), \; g(L, \gamma) = \sum g(L, y) \, \hat{x}",
    ),
    ("backward", "normalised gradient"): (
        "x̂ was multiplied by γ, and so is its gradient.",
        r"g(L, \hat{x}) = \gamma \, g(L, X^{(out)})",
    ),
    ("backward", "three terms"): (
        "Each x acts through its own x̂, and through μ and σ^2 on all others.",
        r"\frac{1}{\sigma} \left( g(L, \hat{x}) - \frac{1}{m} \sum g(L, \hat{x}) "
        r"- \hat{x} \frac{1}{m} \sum g(L, \hat{x}) \, \hat{x} \right)",
    ),
    ("backward", "input gradient"): (
        "The three terms together are the gradient of the input.",
        r"g(L, X^{(in)}) = T_{\hat{x}} + T_{\mu} + T_{\sigma^2}",
    ),
}

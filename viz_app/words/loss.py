"""What is said of the losses."""

from __future__ import annotations

# (phase, inner stage) -> sentence in plain notation, equation in LaTeX.
WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("loss", "softmax"): (
        "Softmax turns the logits of a sample into probabilities: all positive, their sum 1.",
        r"p_k = e^{z_k - \max z} / \sum_j e^{z_j - \max z}",
    ),
    ("loss", "loss"): (
        "The surer the network is of the right class t, the smaller the loss; L is the mean over "
        "the batch.",
        r"L = -\frac{1}{N} \sum_n \log p_{n,\,t_n}",
    ),
    ("loss", "logit gradient"): (
        "A logit's gradient is its probability, less 1 for the right class, divided by the number "
        "of samples.",
        r"g(L, z) = (p - \mathrm{onehot}(t)) / N",
    ),
    ("loss", "difference"): (
        "The loss is the mean of all squared differences between output and target.",
        r"L = \mathrm{mean}((X^{(out)} - t)^2)",
    ),
    ("loss", "gradient"): (
        "The gradient is twice the difference, divided by how many numbers there are.",
        r"g(L, X^{(out)}) = 2 \, (X^{(out)} - t) / \mathrm{size}",
    ),
}

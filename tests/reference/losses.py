"""Losses to compare with PyTorch: our class and PyTorch's have one name and the same options."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.tensor import Array

# Name -> class, options, and what the targets are: "classes" (N,), "one-hot classes" (N,) that
# PyTorch gets one-hot, "shares" in 0..1, "zeros and ones", or "numbers", of the output's shape.
LOSSES: dict[str, tuple[str, dict[str, Any], str]] = {
    "smoothed cross-entropy": ("CrossEntropyLoss", {"label_smoothing": 0.1}, "classes"),
    "all smoothed": ("CrossEntropyLoss", {"label_smoothing": 1.0}, "classes"),
    "squared, classes": ("MSELoss", {}, "one-hot classes"),
    "absolute": ("L1Loss", {}, "numbers"),
    "absolute, some equal": ("L1Loss", {}, "rounded numbers"),
    "absolute, classes": ("L1Loss", {}, "one-hot classes"),
    "binary": ("BCEWithLogitsLoss", {}, "zeros and ones"),
    "binary, shares": ("BCEWithLogitsLoss", {}, "shares"),
    "binary, classes": ("BCEWithLogitsLoss", {}, "one-hot classes"),
}
SCALES = {"": 3.0, " huge": 1e4}


def output_and_targets(wanted: str, scale: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return an output (6, 4) of magnitude `scale`, with targets as `LOSSES` names them."""
    output = rng.uniform(-scale, scale, (6, 4))
    if wanted.endswith("classes"):
        return output, rng.integers(4, size=6)
    if wanted == "rounded numbers":
        return np.round(output), np.round(rng.uniform(-1, 1, (6, 4)))
    targets = rng.uniform(0, 1, (6, 4))
    return output, np.round(targets) if wanted == "zeros and ones" else targets

"""Optimisers to compare: our class and PyTorch's have one name and the same options."""

from __future__ import annotations

from typing import Any

OPTIMISERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"lr": 0.1}),
    "sgd-momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "sgd-nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "sgd-decay": ("SGD", {"lr": 0.1, "weight_decay": 0.2}),
    "sgd-all": ("SGD", {"lr": 0.1, "momentum": 0.5, "nesterov": True, "weight_decay": 0.2}),
    "adam": ("Adam", {"lr": 0.1}),
    "adam-all": ("Adam", {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.01, "weight_decay": 0.2}),
    "adamw": ("AdamW", {"lr": 0.1}),
    "adamw-all": ("AdamW", {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.01, "weight_decay": 0.2}),
    "rmsprop": ("RMSprop", {"lr": 0.1}),
    "rmsprop-momentum": ("RMSprop", {"lr": 0.1, "momentum": 0.9}),
    "rmsprop-all": (
        "RMSprop",
        {"lr": 0.1, "alpha": 0.7, "eps": 0.01, "weight_decay": 0.2, "momentum": 0.5},
    ),
}

# With gradients clipped by their norm: also the largest norm.
CLIPPED: dict[str, tuple[str, dict[str, Any], float]] = {
    "sgd-clipped": ("SGD", {"lr": 0.1}, 1.0),
    "momentum-clipped": ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.2}, 1.0),
    "adam-clipped": ("Adam", {"lr": 0.1, "eps": 0.01, "weight_decay": 0.2}, 1.5),
    "adamw-clipped": ("AdamW", {"lr": 0.1}, 1.5),
    "rmsprop-clipped": ("RMSprop", {"lr": 0.1, "momentum": 0.5}, 1.0),
    "never-clipped": ("SGD", {"lr": 0.1}, 100.0),
}

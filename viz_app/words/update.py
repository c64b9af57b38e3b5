"""What is said of the update, by optimiser."""

from __future__ import annotations

from core.optim import SGD, Optimizer, RMSprop

# Kind of optimiser (see `kind_of`) -> what is said of any parameter, as (phase, "*").
_SAID: dict[str, tuple[str, str]] = {
    "sgd": (
        "Each number goes a small step against its gradient; λ is the learning rate.",
        r"\theta \leftarrow \theta - \lambda \, g",
    ),
    "sgd momentum": (
        "The velocity v remembers earlier gradients; each number goes a small step against it, "
        "λ times v.",
        r"v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - \lambda v",
    ),
    "sgd nesterov": (
        "The velocity v remembers earlier gradients; the step looks ahead to where it leads.",
        r"v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - \lambda (g + \mu v)",
    ),
    "adam": (
        "m is a running mean of the gradient, v of its square: every number goes a step of about "
        "the same size.",
        r"\theta \leftarrow \theta - \lambda \, \hat{m} / (\sqrt{\hat{v}} + \varepsilon)",
    ),
    "adamw": (
        "Adam's step, and every value shrinks a little besides; δ is the weight decay.",
        r"\theta \leftarrow \theta - \lambda \, (\hat{m} / (\sqrt{\hat{v}} + \varepsilon)"
        r" + \delta \theta)",
    ),
    "rmsprop": (
        "s is a running mean of the squared gradient; dividing by its root evens out the steps.",
        r"s \leftarrow \alpha s + (1 - \alpha) g^2, \quad"
        r" \theta \leftarrow \theta - \lambda \, g / (\sqrt{s} + \varepsilon)",
    ),
    "rmsprop momentum": (
        "The gradient, divided by the root of its running mean square s, feeds the velocity v.",
        r"v \leftarrow \mu v + g / (\sqrt{s} + \varepsilon), \quad"
        r" \theta \leftarrow \theta - \lambda v",
    ),
}
BY_OPTIMIZER = {kind: {("update", "*"): said} for kind, said in _SAID.items()}


def kind_of(optimizer: Optimizer) -> str:
    """Return what is to be said of an optimiser: its name and how it is set."""
    name = type(optimizer).__name__.lower()
    if isinstance(optimizer, SGD) and optimizer.nesterov:
        return f"{name} nesterov"
    if isinstance(optimizer, SGD | RMSprop) and optimizer.momentum:
        return f"{name} momentum"
    return name

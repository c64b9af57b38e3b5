"""What is registered for a class and still fits a subclass: one rule for pictures and captions.

What stands for a class says how its methods compute. It fits a subclass as long as that computes,
and names what it shows, by the same methods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.inspect.trace import Stage
from core.layer import Layer
from core.losses import Loss
from core.optim import Optimizer

# What computes the arrays of a phase, and what names them; of the loss, without its gradient first.
METHODS: Mapping[str, tuple[str, ...]] = {
    "forward": ("_forward", "forward_stages"),
    "backward": ("_backward", "backward_stages"),
    "update": ("_step", "_gradient"),
}
LOSS_METHODS = {
    False: ("forward", "_mean", "forward_stages"),
    True: ("backward", "backward_stages"),
}
# Where a class states lines of index notation: all of them, or some that go into `formulas`.
LINES = ("formulas", "function_line", "slope_line", "lines", "_lines")
# Classes for which only what fits whatever a subclass computes is registered.
BASES = (Layer, Loss, Optimizer, object)


def kinds_of(stage: Stage, inner: str) -> Iterator[type]:
    """Yield the classes of what made an inner stage that say how it computes, itself first."""
    maker, methods = type(stage.maker), _methods(stage, inner)
    for kind in maker.__mro__:
        if kind in BASES or _same(maker, kind, methods):
            yield kind


def states_lines(stage: Stage, inner: str) -> bool:
    """Return whether the lines of a class were not written for a method that it overrides."""

    def height(names: tuple[str, ...]) -> int:
        """Return how many classes below the first that defines one of the names."""
        mro = type(stage.maker).__mro__
        defines = [any(vars(base).get(name) for name in names) for base in mro]
        return [*defines, True].index(True)

    return height(LINES) <= height(_methods(stage, inner))


def _methods(stage: Stage, inner: str) -> tuple[str, ...]:
    """Return the names of the methods that an inner stage comes from."""
    if stage.phase == "loss":
        return LOSS_METHODS[any(name.startswith("g_") for name in stage.inner[inner])]
    return METHODS[stage.phase]


def _same(maker: type, kind: type, methods: tuple[str, ...]) -> bool:
    """Return whether a subclass has not overridden the methods of a class."""
    return all(getattr(maker, name, None) is getattr(kind, name, None) for name in methods)

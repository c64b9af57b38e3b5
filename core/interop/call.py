"""One use of a module or a function of PyTorch in a network, as makers of layers read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.layer import Layer, Shape

# The value of an option may be anything.
Value = Any


@dataclass(frozen=True)
class Call:
    """A module or function with its options.

    Attributes:
        name: what errors call it: `conv1 (Conv2d)`.
        option: returns the value of an option, or the default if it has none of this name.
        input_shape: shape of one sample of its input, without N.
        output_shape: shape of one sample of its output.
        rng: generator for layers that draw random numbers.
    """

    name: str
    option: Callable[[str, Value], Value]
    input_shape: Shape
    output_shape: Shape
    rng: np.random.Generator

    def __getitem__(self, name: str) -> Value:
        return self.option(name, None)

    def only(self, name: str, *allowed: object, advice: str = "") -> None:
        """Refuse an option that has another value than the allowed ones.

        Args:
            name: of the option.
            allowed: the values that exist here, the default first.
            advice: what could stand for another one.

        Raises:
            ValueError: it has; the message names it.
        """
        value = self.option(name, allowed[0])
        if not any(value is one or value == one for one in allowed):
            raise self.refused(f"{name}={value!r}", f"only {name}={allowed[0]!r} exists", advice)

    def refused(self, given: str, reason: str, advice: str = "") -> ValueError:
        """Return the error for an option that no layer has."""
        return ValueError(
            f"{self.name} has {given}, and here {reason}{f': {advice}' if advice else ''}"
        )


# Makes the layers that compute what a call computes, mostly one.
Maker = Callable[[Call], list[Layer]]

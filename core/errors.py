"""Errors that a user of the framework can cause and correct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A value of more letters is not shown in a sentence.
_MOST_SHOWN = 40


class ShapeError(ValueError):
    """An array has a shape that a layer cannot take.

    Attributes:
        need: what the layer needs ("needs an input of at least 5×5").
        given: what it was given ("3×3").
        layer: name of the layer; empty where it is not known yet.
    """

    def __init__(self, need: str, given: str, layer: str = "") -> None:
        self.need = need
        self.given = given
        self.layer = layer
        super().__init__(f"{layer} {need}, got {given}".strip())

    def of(self, layer: str) -> ShapeError:
        """Return the error with the name of its layer, unless it has the name of an inner one."""
        return self if self.layer else ShapeError(self.need, self.given, layer)


def shape_in_words(shape: tuple[int, ...]) -> str:
    """Return the shape of one sample as errors name it."""
    return f"a vector of {shape[0]}" if len(shape) == 1 else f"{shape}"


def counted(count: int, one: str, several: str = "") -> str:
    """Return how many there are of something, with its plural by an s unless another is given."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def listed(words: Sequence[str], most: int | None = None) -> str:
    """Return words as a list in a sentence: a, b and c; beyond so many only how many more."""
    shown = list(words if most is None else words[:most])
    if len(words) > len(shown):
        shown.append(f"{len(words) - len(shown):,} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def with_article(noun: str) -> str:
    """Return a noun, such as the name of a class, with a or an before it."""
    return f"{'an' if noun[0] in 'AEIOaeio' else 'a'} {noun}"


def shown(value: object) -> str:
    """Return a value as Python writes it, or where that is long its type with an article."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else with_article(type(value).__name__)


def first_of(array: NDArray[Any], wrong: NDArray[np.bool_]) -> str:
    """Return the first number of an array where another one is true, and its index."""
    index = [int(at[0]) for at in np.nonzero(wrong)]
    return f"{array[tuple(index)]:g}" + (f" at {index}" if index else "")


class StateError(ValueError):
    """A saved state does not fit; the message names the entry.

    Attributes:
        model_text: of a network that would fit the state, guessed from its shapes; empty if none is
            known.
        guess_note: what of the text the shapes do not tell, or why there is none.
    """

    def __init__(self, message: str, model_text: str = "", guess_note: str = "") -> None:
        self.model_text = model_text
        self.guess_note = guess_note
        super().__init__(message)


class SpecError(ValueError):
    """A text does not describe a model; the message says where and why."""


class DataError(ValueError):
    """A data set cannot be used; the message says what was expected."""


class DivergenceError(ArithmeticError):
    """A number stopped being finite in training.

    Attributes:
        layer: name of the layer that computed the first number that is not finite, or "loss".
        iteration: number of the iteration.
        phase: "forward", "backward" or "update".
    """

    def __init__(self, layer: str, iteration: int, phase: str) -> None:
        self.layer = layer
        self.iteration = iteration
        self.phase = phase
        super().__init__(
            f"training diverged: the first number that is not finite came from the {phase} of "
            f"{layer} in iteration {iteration}. Try a smaller learning rate (a tenth), less "
            "momentum, or a batch norm after each convolution, then reset."
        )

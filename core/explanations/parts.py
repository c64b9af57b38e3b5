"""What an explanation consists of: cells, factors, terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, prod
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.explanations.place import Place
    from core.inspect.trace import StagePhase

# Values of the terms -> the number that they make.
Function = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a number lies in a trace.

    Attributes:
        phase: of the stage.
        layer: name of the layer, "loss" for the loss.
        array: key in the inner arrays of the stage.
        index: index in that array, () for a scalar.
        inner: name of the inner stage, needed where several have one key for different arrays: the
            param's name in an update.
    """

    phase: StagePhase
    layer: str
    array: str
    index: tuple[int, ...]
    inner: str | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """A number that something was multiplied by; `cell` is None for a constant."""

    value: float
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class Term:
    """The product of its factors; sign and scale are factors too."""

    factors: tuple[Factor, ...]
    value: float
    note: str = ""


class Terms(Sequence[Term]):
    """Terms in their order, each made when it is asked for: a sum over a batch has many.

    Args:
        values: the values of all.
        make: makes the term at a place.
    """

    def __init__(self, values: NDArray[np.float64], make: Callable[[int], Term]) -> None:
        self.values = values
        self._make = make

    @classmethod
    def of(cls, terms: Sequence[Term]) -> Terms:
        """Return terms that are made already as `Terms`."""
        if isinstance(terms, Terms):
            return terms
        return cls(np.array([term.value for term in terms], np.float64), terms.__getitem__)

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, place: int | slice) -> Term | tuple[Term, ...]:
        places = range(len(self))[place]
        if isinstance(places, range):
            return tuple(self._make(k) for k in places)
        return self._make(places)

    def __repr__(self) -> str:
        return f"<{len(self)} terms>"


@dataclass(frozen=True)
class Explanation:
    """A number of a trace as the arithmetic that made it.

    Where numbers flow from several sides (an input and a weight, say), the factor on the side of
    the data comes first: the first factor that has a cell leads back towards the image.

    Attributes:
        cell: where the number lies.
        name: what it is, in words.
        formula: the formula in LaTeX, with letters for indices.
        own: the same with the indices of this cell.
        terms: what it is made of, in natural order; `terms.values` are their values at once.
        total: what the terms make, in float64.
        stored: the number itself.
        operation: how the terms make it: "sum", "max" or "function".
        function: which function of their sum, if it is one.
    """

    cell: Cell
    name: str
    formula: str
    own: str
    terms: Terms
    total: float
    stored: float
    operation: str = "sum"
    function: str = ""


@dataclass(frozen=True)
class Reason:
    """What a layer says of one of its numbers; see `Explanation`.

    Attributes:
        make: what the values of the terms make.
    """

    formula: str
    own: str
    terms: Sequence[Term]
    operation: str = "sum"
    function: str = ""
    make: Function = fsum


# How one of the arrays of a layer, a loss or an optimiser is made.
Rule = Callable[[Any, "Place"], Reason]
# Name of the array -> how it is made.
Rules = Mapping[str, Rule]


class Explains(Protocol):
    """What made a stage: a layer, a loss, an optimiser."""

    def explain(self, at: Place) -> Reason:
        """Say how the number at a place of the stage was made."""


class Run(Protocol):
    """Numbers that are factors of as many terms, one each."""

    @property
    def values(self) -> NDArray[np.float64]:
        """All of them."""

    def factor(self, k: int) -> Factor:
        """The one at a place."""


def constant(value: float) -> Factor:
    """Return a factor that comes from nowhere in the trace."""
    return Factor(float(value), None)


def term(*factors: Factor, note: str = "") -> Term:
    """Return the product of factors."""
    return Term(factors, prod(factor.value for factor in factors), note)


def products(runs: Sequence[Run], others: Sequence[Factor], note: Callable[[int], str]) -> Terms:
    """Return many terms, each the product of one factor of every run and of `others`.

    Args:
        runs: at least one, all of one length.
        others: factors that all terms share.
        note: makes the note of the term at a place.
    """
    values = np.prod([run.values for run in runs], axis=0) * prod(f.value for f in others)

    def make(k: int) -> Term:
        factors = (*(run.factor(k) for run in runs), *others)
        return Term(factors, float(values[k]), note(k))

    return Terms(values, make)


def total(
    write: Callable[..., str], letters: str, index: Sequence[object], terms: Sequence[Term]
) -> Reason:
    """Return a sum of terms.

    Args:
        write: returns the formula for the indices that it is given.
        letters: what the indices are called in general, separated by spaces.
        index: what they are here.
        terms: the terms.
    """
    return Reason(write(*letters.split()), write(*index), terms)


def largest(
    write: Callable[..., str], letters: str, index: Sequence[object], terms: Sequence[Term]
) -> Reason:
    """Return the largest of terms; see `total`."""
    return Reason(write(*letters.split()), write(*index), terms, "max", make=max)


def function(
    name: str,
    make: Function,
    write: Callable[..., str],
    letters: str,
    index: Sequence[object],
    terms: Sequence[Term],
) -> Reason:
    """Return a function called `name` of terms; see `total` and `of_sum`."""
    return Reason(write(*letters.split()), write(*index), terms, "function", name, make)


def of_sum(make: Callable[[float], float]) -> Function:
    """Return a function of the sum of terms."""
    return lambda values: make(fsum(values))

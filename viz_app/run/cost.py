"""What a step of a run costs, and how much it may cost here.

Both are known before anything is allocated: from the shapes of the layers and the batch size.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from math import prod

import numpy as np

from core.model import Model

# The arrays of the run itself and of two recorded iterations, the last one and the next: what each
# layer keeps of a sample is there this many times at the peak.
KEPT_TIMES = 2.4
# Copies at the peak of a param and its gradient, and of each array that the optimiser keeps for it:
# in the run, before and after the update in two iterations, in the first key frame, to undo a step.
PARAM_COPIES, SLOT_COPIES = 12, 7
# Copies of an image while it is changed.
AUGMENTED_COPIES = 2
# Bytes of what does not grow with anything.
LEAST = 200_000


@dataclass(frozen=True)
class Cost:
    """What one recorded step takes.

    Attributes:
        bytes: of memory at its peak, the iteration before included.
        multiply_adds: multiplications with additions of its forward pass.
    """

    bytes: int
    multiply_adds: int


# Of nobody's step.
FREE = Cost(0, 0)


@dataclass(frozen=True)
class Step:
    """A recorded step of training, of any batch size.

    Attributes:
        model: what makes it.
        sample: shape of one sample.
        dtype: what is computed in.
        slots: how many arrays the optimiser keeps for each param.
        augmented: whether the images are changed before.
    """

    model: Model
    sample: tuple[int, ...]
    dtype: str
    slots: int = 1
    augmented: bool = False

    def cost(self, batch_size: int) -> Cost:
        """Return what it costs.

        Raises:
            ShapeError, TypeError: the model does not fit the samples, or says no shape.
        """
        # Says which layer is wrong.
        self.model.output_shape(self.sample)
        params = sum(param.value.size for param in self.model.parameters())
        kept = round(KEPT_TIMES * self.model.kept_per_sample(self.sample) * batch_size)
        kept += AUGMENTED_COPIES * prod(self.sample) * batch_size if self.augmented else 0
        numbers = kept + (PARAM_COPIES + SLOT_COPIES * self.slots) * params
        return Cost(
            LEAST + numbers * np.dtype(self.dtype).itemsize,
            self.model.multiply_adds(self.sample) * batch_size,
        )


@dataclass(frozen=True)
class Limits:
    """What a step may cost at most; the first attributes are those of `Cost`.

    Attributes:
        note: why it is not more, behind "allowed here".
    """

    bytes: int
    multiply_adds: int
    note: str = ""

    def less(self, cost: Cost, note: str) -> Limits:
        """Return what is left beside a step of something else; with `note` said why."""
        if cost == FREE:
            return self
        bytes_, multiply_adds = self.bytes - cost.bytes, self.multiply_adds - cost.multiply_adds
        return Limits(max(0, bytes_), max(0, multiply_adds), f" {note}")

    def most_params(self, dtype: str) -> int:
        """Return how many params a model may have, whatever the optimiser keeps of them."""
        return self.bytes // (PARAM_COPIES * np.dtype(dtype).itemsize)

    def check(self, step: Step, batch_size: int) -> None:
        """Refuse a step that costs too much.

        Args:
            step: what would be done.
            batch_size: with how many samples.

        Raises:
            ValueError: it does; the message says how much, what is allowed, and what to do.
            ShapeError, TypeError: the model does not fit the samples, or says no shape.
        """
        cost = step.cost(batch_size)
        limits = {"bytes": self.bytes, "multiply_adds": self.multiply_adds}
        over = [name for name, most in limits.items() if getattr(cost, name) > most]
        if not over:
            return
        (name, *_), fits = over, self.most_samples(step)
        advice = f"choose a batch of at most {fits:,}" if fits else "choose a smaller network"
        raise ValueError(
            f"a step would take {_amount(name, getattr(cost, name))}; at most "
            f"{_amount(name, limits[name])} are allowed here{self.note}: {advice}."
        )

    def most_samples(self, step: Step) -> int:
        """Return the largest batch that may be; 0 if there is none."""
        none, one = step.cost(0), step.cost(1)
        room = self.bytes - none.bytes
        fits = [max(0, room) // max(1, one.bytes - none.bytes)]
        if one.multiply_adds:
            fits.append(self.multiply_adds // one.multiply_adds)
        return min(fits)


# By surroundings: a server that a class shares, a browser's Python, and somebody's own machine.
SERVED = Limits(300_000_000, 200_000_000)
EXPORTED = Limits(500_000_000, 100_000_000)
OWN = Limits(8_000_000_000, 50_000_000_000)
# Of the dashboard that everybody opens.
HERE = EXPORTED if sys.platform == "emscripten" else SERVED


def _amount(name: str, value: int) -> str:
    """Return a number of bytes or multiply-adds as people read it."""
    unit = "B" if name == "bytes" else " multiply-adds"
    words = ("G", "M") if name == "bytes" else ("billion", "million")
    for size, word in zip((1e9, 1e6), words, strict=True):
        if value >= size:
            return f"{value / size:.3g} {word}{unit}"
    return f"{value:,} {unit.strip()}"

"""What a step of a run costs, and how much it may cost here.

Both are known before anything is allocated: from the shapes of the layers and the batch size.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from core.model import Model

# The arrays of the run itself and of two recorded iterations, the last one and the next: what each
# layer keeps of a sample is there this many times at the peak.
KEPT_TIMES = 2.4
# Copies of a param at the peak: value, gradient and velocity in the run, before and after the
# update in two iterations, in the first key frame, and to undo a step.
PARAM_COPIES = 19
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


@dataclass(frozen=True)
class Limits:
    """What a step may cost at most; the attributes are those of `Cost`."""

    bytes: int
    multiply_adds: int

    def most_params(self, dtype: str) -> int:
        """Return how many params a model may have."""
        return self.bytes // (PARAM_COPIES * np.dtype(dtype).itemsize)

    def check(self, model: Model, sample: tuple[int, ...], batch_size: int, dtype: str) -> None:
        """Refuse a step that costs too much.

        Args:
            model: what would make the step.
            sample: shape of one sample.
            batch_size: samples of the step.
            dtype: what is computed in.

        Raises:
            ValueError: it does; the message says how much, what is allowed, and what to do.
            ShapeError, TypeError: the model does not fit the samples, or says no shape.
        """
        cost = cost_of(model, sample, batch_size, dtype)
        limits = {"bytes": self.bytes, "multiply_adds": self.multiply_adds}
        over = [name for name, most in limits.items() if getattr(cost, name) > most]
        if not over:
            return
        (name, *_), fits = over, self.most_samples(model, sample, dtype)
        advice = f"choose a batch of at most {fits:,}" if fits else "choose a smaller network"
        raise ValueError(
            f"a step would take {_amount(name, getattr(cost, name))}; at most "
            f"{_amount(name, limits[name])} are allowed here: {advice}."
        )

    def most_samples(self, model: Model, sample: tuple[int, ...], dtype: str) -> int:
        """Return the largest batch that may be; 0 if there is none."""
        none, one = (cost_of(model, sample, n, dtype) for n in (0, 1))
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


def cost_of(model: Model, sample: tuple[int, ...], batch_size: int, dtype: str) -> Cost:
    """Return what a recorded step costs.

    Raises:
        ShapeError, TypeError: the model does not fit the samples, or says no shape.
    """
    # Says which layer is wrong.
    model.output_shape(sample)
    params = sum(param.value.size for param in model.parameters())
    kept = round(KEPT_TIMES * model.kept_per_sample(sample) * batch_size)
    numbers = kept + PARAM_COPIES * params
    return Cost(
        LEAST + numbers * np.dtype(dtype).itemsize, model.multiply_adds(sample) * batch_size
    )


def _amount(name: str, value: int) -> str:
    """Return a number of bytes or multiply-adds as people read it."""
    unit = "B" if name == "bytes" else " multiply-adds"
    words = ("G", "M") if name == "bytes" else ("billion", "million")
    for size, word in zip((1e9, 1e6), words, strict=True):
        if value >= size:
            return f"{value / size:.3g} {word}{unit}"
    return f"{value:,} {unit.strip()}"

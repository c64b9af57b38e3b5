"""The size of every layer's gradients over the iterations of a run."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from numpy.typing import NDArray

from core.inspect.flow import LayerFlow, Spread


class FlowLog:
    """A number for each layer and recorded iteration: the median of |g(L, X^(out))|.

    An array of zeros counts as 0 here, although a `Spread` tells nothing of it: in a log it must
    differ from an iteration that was not recorded.

    Args:
        layers: names of the layers, in order of computation.
    """

    def __init__(self, layers: Sequence[str]) -> None:
        self.layers = tuple(layers)
        self._length = 0
        self._rows: NDArray[np.float64] = np.zeros((0, len(self.layers)))

    @property
    def medians(self) -> NDArray[np.float64]:
        """The medians of |g(L, X^(out))|, shape (layers, iterations); NaN where not recorded."""
        return self._rows[: self._length].T

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the log takes."""
        return self._rows.nbytes

    def add(self, iteration: int, flows: Sequence[LayerFlow]) -> None:
        """Keep the medians of an iteration, counted from 1.

        Raises:
            ValueError: the layers are not those of this log.
        """
        if (names := tuple(flow.layer for flow in flows)) != self.layers:
            raise ValueError(f"layers are {names}; expected {self.layers}: make a new log")
        if iteration > len(self._rows):
            more = iteration + iteration // 8 + 64
            room = np.full((more, len(self.layers)), nan)
            room[: self._length] = self._rows[: self._length]
            self._rows = room
        self._rows[iteration - 1] = [_median(flow.output_spread) for flow in flows]
        self._length = max(self._length, iteration)

    def copy(self) -> FlowLog:
        """Return a log of its own with the same numbers."""
        made = FlowLog(self.layers)
        made._length, made._rows = self._length, self._rows[: self._length].copy()
        return made

    def cut(self, length: int) -> None:
        """Forget all iterations after number `length`: another run branches off there."""
        self._rows[length:] = nan
        self._length = min(self._length, length)


def _median(spread: Spread) -> float:
    return 0.0 if spread.zeros == 1 else spread.median

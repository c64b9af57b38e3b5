"""The size of every layer's gradients over the iterations of a run."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from numpy.typing import NDArray

from core.inspect.flow import LayerFlow, Spread


class FlowLog:
    """Two numbers for each layer and recorded iteration: medians of |g(L, X^(out))| and of params.

    An array of zeros counts as 0 here, although a `Spread` tells nothing of it: in a log it must
    differ from an iteration that was not recorded.

    Args:
        layers: names of the layers, in order of computation.
    """

    def __init__(self, layers: Sequence[str]) -> None:
        self.layers = tuple(layers)
        self._length = 0
        # Sums over the rows before one of them, with which the next question goes on.
        self._summed = 0
        self._logs: NDArray[np.float64] = np.zeros((2, len(self.layers)))
        self._counts: NDArray[np.int64] = np.zeros((2, len(self.layers)), np.int64)
        self._rows: NDArray[np.float64] = np.zeros((0, 2, len(self.layers)))

    @property
    def medians(self) -> NDArray[np.float64]:
        """The medians of |g(L, X^(out))|, shape (layers, iterations); NaN where not recorded."""
        return self._rows[: self._length, 0].T

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
            room = np.full((more, *self._rows.shape[1:]), nan)
            room[: self._length] = self._rows[: self._length]
            self._rows = room
        row = np.array(
            [
                [_median(flow.output_spread) for flow in flows],
                [_median(flow.params_spread) for flow in flows],
            ]
        )
        if not np.array_equal(self._rows[iteration - 1], row, equal_nan=True):
            self._forget_sums(iteration - 1)
        self._rows[iteration - 1] = row
        self._length = max(self._length, iteration)

    def before(self, iteration: int) -> tuple[list[float], list[float]]:
        """Return how large medians were before an iteration: geometric means for each layer.

        First those of |g(L, X^(out))|, then those of |g(L, params)|; NaN where none was recorded or
        all were zero.
        """
        end = max(0, min(iteration - 1, self._length))
        self._forget_sums(end)
        past = self._rows[self._summed : end]
        known = past > 0
        self._logs += np.log(past, where=known, out=np.zeros(past.shape)).sum(axis=0)
        self._counts += known.sum(axis=0)
        self._summed = end
        means = np.exp(self._logs / np.maximum(self._counts, 1))
        output, params = np.where(self._counts, means, nan).tolist()
        return output, params

    def cut(self, length: int) -> None:
        """Forget all iterations after number `length`: another run branches off there."""
        self._rows[length:] = nan
        self._length = min(self._length, length)
        self._forget_sums(length)

    def _forget_sums(self, end: int) -> None:
        """Begin the sums anew if they reach beyond a row."""
        if self._summed > end:
            self._summed = 0
            self._logs.fill(0)
            self._counts.fill(0)


def _median(spread: Spread | None) -> float:
    if spread is None:
        return nan
    return 0.0 if spread.zeros == 1 else spread.median

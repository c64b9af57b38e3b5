"""Which images of the test split the network of an iteration gets wrong; found in slices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet
from core.inspect.probe import asked_model
from core.inspect.trace import StepTrace
from core.kernels.overflow import unwarned
from core.tensor import Array


class Tested:
    """The answers of a network to the images of a test split.

    Args:
        trace: the iteration; its network is asked as a probe asks it.
        data: the data.
        slice_size: images that are asked about at a time.

    Attributes:
        iteration: its number.
        answers: the classes that it gives the first images, (done,).
    """

    def __init__(self, trace: StepTrace, data: DataSet, slice_size: int) -> None:
        self.iteration = trace.iteration
        self.answers: NDArray[np.int64] = np.zeros(0, np.int64)
        self._model, self._data, self._size = asked_model(trace), data, max(1, slice_size)

    @property
    def done(self) -> int:
        """How many images were asked about."""
        return len(self.answers)

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self._data.test)

    @property
    def is_whole(self) -> bool:
        """Whether all were asked about."""
        return self.done >= self.total

    @property
    def wrong(self) -> list[int]:
        """The numbers of the images that it gets wrong so far."""
        labels = self._data.test.labels[: self.done]
        return [int(k) for k in np.flatnonzero(self.answers != labels)]

    def go_on(self) -> None:
        """Ask about the next slice."""
        images = self._data.test.images[self.done : self.done + self._size]
        if len(images):
            with unwarned():
                output = self._model.forward(images).value
            self.answers = np.concatenate([self.answers, answers_of(output)])


def answers_of(output: Array) -> NDArray[np.int64]:
    """Return the classes that an output (N, classes) stands for; of one output, 0 or 1."""
    if output.shape[1] == 1:
        return (output[:, 0] > 0).astype(np.int64)
    return np.asarray(output.argmax(axis=1), np.int64)

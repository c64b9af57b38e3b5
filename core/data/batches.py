"""Batches of sample indices, shuffled anew in each epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError, StateError
from core.generator import generator


class Batches:
    """Batches of sample indices without end; each epoch holds every sample once, in a new order.

    The last batch of an epoch is short where the batch size does not divide `n`, unless it is
    dropped.

    Args:
        n: the number of samples, at least 1.
        batch_size: samples in a batch, at least 1; more than `n` gives batches of `n`.
        rng: shuffles the samples; `set_state` winds it back. None takes a fresh generator: the
            order cannot be repeated then.
        drop_last: leave out a last batch that is shorter than the others. Batch norm needs this
            where one sample would be left.

    Attributes:
        n: the number of samples.
        batch_size: samples in a batch.
        drop_last: whether a short last batch is left out.
        epoch: the epochs completed, 0 at first.
        position: the samples already given in the current epoch, 0 to n - 1.

    Raises:
        DataError: `n` or `batch_size` is not a whole number of at least 1.
        TypeError: `rng` is no generator.
    """

    def __init__(
        self,
        n: int,
        batch_size: int,
        rng: np.random.Generator | None = None,
        drop_last: bool = False,
    ) -> None:
        self.n = at_least_one(n, "the number of samples", "load a data set that has some")
        self.set_batch_size(batch_size)
        self.drop_last = drop_last
        self.epoch = 0
        self._rng = generator(rng)
        self._shuffle()

    @property
    def batches_per_epoch(self) -> int:
        """The number of batches in a whole epoch at the present batch size."""
        if self.drop_last:
            return max(self.n // self.batch_size, 1)
        return -(-self.n // self.batch_size)

    def set_batch_size(self, batch_size: int) -> None:
        """Use another batch size from the next batch on; epoch, position and order stay.

        Raises:
            DataError: `batch_size` is not a whole number of at least 1.
        """
        self.batch_size = check_batch_size(batch_size)

    def next(self) -> NDArray[np.int64]:
        """The sample indices of the next batch, (B,) with 1 <= B <= batch_size.

        Raises:
            DataError: `batch_size` was set to something else than a whole number of at least 1.
                Nothing has changed then.
        """
        check_batch_size(self.batch_size)
        # The batch size may have been changed since the last batch.
        self._end_epoch()
        batch = self._order[self.position : self.position + self.batch_size].copy()
        self.position += batch.size
        self._end_epoch()
        return batch

    def _end_epoch(self) -> None:
        """Start the next epoch if this one has no batch left."""
        left = self.n - self.position
        if left == 0 or (self.drop_last and self.position > 0 and left < self.batch_size):
            self.epoch += 1
            self._shuffle()

    def way_back(self) -> Callable[[], None]:
        """Return a function that goes back to where the batches are now; fast."""
        kept, drawn = dict(vars(self)), self._rng.bit_generator.state

        def go_back() -> None:
            vars(self).update(kept)
            self._rng.bit_generator.state = drawn

        return go_back

    def get_state(self) -> dict[str, Any]:
        """Everything that decides the batches to come, as plain numbers, strings and lists.

        "rng" is the generator's state before it shuffled the current epoch. It holds whole
        numbers of up to 128 bits, which Python's `json` keeps and JavaScript's does not.
        """
        return {
            "n": self.n,
            "batch_size": self.batch_size,
            "epoch": self.epoch,
            "position": self.position,
            "drop_last": self.drop_last,
            "rng": _plain(self._epoch_state),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go to a state from `get_state`; the batches that followed then follow again, bit for bit.

        Raises:
            StateError: an entry is missing, of the wrong kind, or of another data set or
                generator. Nothing has changed then.
        """
        n = _entry(state, "n", 1, None)
        if n != self.n:
            raise StateError(
                f"batches: the saved state is of {n} samples, but the data set has {self.n}: "
                "load the data set that the state was saved with"
            )
        batch_size = _entry(state, "batch_size", 1, None)
        epoch = _entry(state, "epoch", 0, None)
        position = _entry(state, "position", 0, self.n - 1)
        # States that were saved before there was such an entry kept short batches.
        drop_last = state.get("drop_last", False)
        if not isinstance(drop_last, bool):
            raise StateError(
                f"batches: the entry 'drop_last' is {drop_last!r}, expected True or False: use a "
                "state from get_state, unchanged"
            )
        now = self._rng.bit_generator.state
        try:
            self._rng.bit_generator.state = state["rng"]
        except (KeyError, TypeError, ValueError, OverflowError, IndexError) as error:
            self._rng.bit_generator.state = now
            raise StateError(
                f"batches: the entry 'rng' is not a state of {now['bit_generator']} "
                f"({type(error).__name__}: {error}): use a state from get_state, unchanged"
            ) from error
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.epoch = epoch
        self._shuffle()
        self.position = position

    def __getstate__(self) -> dict[str, Any]:
        """Return all attributes but the order of the samples, which follows from the others."""
        return {name: value for name, value in vars(self).items() if name != "_order"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).clear()
        vars(self).update(state)
        # By a copy: layers may share the generator, and have drawn from it since.
        rng = np.random.Generator(type(self._rng.bit_generator)())
        rng.bit_generator.state = self._epoch_state
        self._order = self._shuffled(rng)

    def _shuffle(self) -> None:
        self._epoch_state = self._rng.bit_generator.state
        self._order = self._shuffled(self._rng)
        self.position = 0

    def _shuffled(self, rng: np.random.Generator) -> NDArray[np.int64]:
        # Shuffled in place, not `permutation(n)`: its integers are 32 bits wide in a browser.
        order: NDArray[np.int64] = np.arange(self.n, dtype=np.int64)
        rng.shuffle(order)
        return order


def check_batch_size(batch_size: object) -> int:
    """Return a batch size.

    Raises:
        DataError: it is not a whole number of at least 1.
    """
    return at_least_one(batch_size, "the batch size", "choose 1 or more")


def at_least_one(value: object, what: str, advice: str) -> int:
    """Return a whole number.

    Raises:
        DataError: it is not a whole number of at least 1; the message says `what` it is of, and
            ends with the advice.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise DataError(f"{what} is {value!r}, expected a whole number of at least 1: {advice}")
    return int(value)


def _entry(state: Mapping[str, Any], name: str, low: int, high: int | None) -> int:
    """A whole number of the state, checked to lie in low..high."""
    value = state.get(name)
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise StateError(
            f"batches: the entry {name!r} is {value!r}, expected a whole number: use a state "
            "from get_state, unchanged"
        )
    if value < low or (high is not None and value > high):
        span = f"{low} or more" if high is None else f"{low} to {high}"
        raise StateError(
            f"batches: the entry {name!r} is {value}, expected {span}: use a state from "
            "get_state, unchanged"
        )
    return int(value)


def _plain(value: object) -> object:
    """The value with arrays as lists and NumPy's numbers as Python's."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value

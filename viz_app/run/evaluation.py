"""The test split evaluated with the model of one iteration, some samples at a time."""

from __future__ import annotations

from collections.abc import Iterator

import param

from core.training.results import Evaluation

# Samples of the test split that are evaluated at a time, where a step may have so many.
EVALUATED = 100


class SplitEvaluation(param.Parameterized):
    """What is known of the test split, and whether more of it is being evaluated.

    Attributes:
        iteration: whose model is evaluated.
    """

    result = param.ClassSelector(class_=Evaluation, default=None, doc="So far; None if nothing is.")
    is_on = param.Boolean(default=False, doc="Whether `go_on` has more to evaluate.")

    def __init__(self) -> None:
        super().__init__()
        self.iteration = 0
        self._steps: Iterator[Evaluation] | None = None

    def start(self, steps: Iterator[Evaluation], iteration: int) -> None:
        """Begin anew; `go_on` does the work.

        Args:
            steps: what is known after each slice of samples; see `Trainer.evaluating`.
            iteration: whose model it is.
        """
        self._steps, self.iteration = steps, iteration
        self.param.update(result=None, is_on=True)

    def go_on(self) -> None:
        """Evaluate the next samples."""
        found = next(self._steps, None) if self._steps else None
        with param.parameterized.batch_call_watchers(self):
            if found is not None:
                self.result = found
            if found is None or found.done == found.total:
                self.stop()

    def stop(self) -> None:
        """Leave it as far as it came."""
        self._steps = None
        self.is_on = False

    def clear(self) -> None:
        """Forget what is known: it is of another run."""
        with param.parameterized.batch_call_watchers(self):
            self.stop()
            self.result = None

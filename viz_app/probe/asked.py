"""What the network of an iteration makes of a probe; computed once for each."""

from __future__ import annotations

from dataclasses import replace

from core.inspect.probe import asked_model
from core.inspect.probe import probe as ask
from core.inspect.trace import StepTrace
from core.kernels.overflow import unwarned
from core.tensor import Array
from viz_app.place.place import Place
from viz_app.probe.probe import Probe
from viz_app.probe.tested import answers_of
from viz_app.run.run import REFUSALS, Run


class Asked:
    """Asks the network of the iteration at which a run stands.

    Args:
        run: the run, which stays as it is.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._last: tuple[StepTrace, Probe, StepTrace] | None = None

    def trace(self, probe: Probe) -> StepTrace:
        """Return the answer.

        Raises:
            ValueError: the probe does not fit the data, or its numbers outgrow the network.
        """
        recorded: StepTrace = self.run.trace
        if self._last is not None and self._last[0] is recorded and self._last[1] == probe:
            return self._last[2]
        data = self.run.data
        image, target = probe.image(data), probe.target(data)
        answer = ask(recorded, image, self._likeliest(image) if target is None else target)
        self._last = recorded, probe, answer
        return answer

    def _likeliest(self, image: Array) -> Array:
        """Return the class that the network finds most likely for an image (1, ...), as (1,)."""
        with unwarned():
            output = asked_model(self.run.trace).forward(image).value
        # A network may tell more classes apart than the data have.
        return answers_of(output.reshape(1, -1)[:, : max(1, self.run.data.classes)])

    def seen_at(self, place: Place) -> tuple[StepTrace, Place]:
        """Return what is seen at a place: the answer, or the training batch without its probe."""
        if place.probe is not None:
            try:
                return self.trace(place.probe), place
            except REFUSALS:
                place = replace(place, probe=None)
        trace: StepTrace = self.run.trace
        return trace, place

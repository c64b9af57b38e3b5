"""What the network of an iteration makes of a probe; computed once for each."""

from __future__ import annotations

from dataclasses import replace

from core.inspect.probe import probe as ask
from core.inspect.trace import StepTrace
from viz_app.place.place import Place
from viz_app.probe.probe import Probe
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
        answer = ask(recorded, probe.image(data), probe.target(data))
        self._last = recorded, probe, answer
        return answer

    def guessed(self, probe: Probe) -> Probe:
        """Return a picture with the class that the network finds most likely."""
        try:
            output = next(reversed(self.trace(probe).layers.values())).output.value
        except REFUSALS:
            return probe
        most = max(1, self.run.data.classes)
        return probe.with_label(int(output.reshape(-1)[:most].argmax()))

    def seen_at(self, place: Place) -> tuple[StepTrace, Place]:
        """Return what is seen at a place: the answer, or the training batch without its probe."""
        if place.probe is not None:
            try:
                return self.trace(place.probe), place
            except REFUSALS:
                place = replace(place, probe=None)
        trace: StepTrace = self.run.trace
        return trace, place

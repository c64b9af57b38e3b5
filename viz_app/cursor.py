"""Where in a run somebody looks, and how they move: iteration, stage, inner stage, cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import param

from core.inspect.trace import Stage
from core.tensor import Array
from viz_app.scene.registry import Look
from viz_app.style.scales import MODES, Scales

# From this loss on it is written with a power of ten.
LARGE = 1e4
GRAINS = ("Iteration", "Layer", "Inside")


class Cursor(param.Parameterized):
    """A place in a run. Who owns the run implements `goto` and `next_iteration`."""

    trace = param.Parameter(doc="The iteration that is shown.")
    stage = param.Integer(default=0, bounds=(0, None), doc="Index of the stage that is shown.")
    inner = param.Integer(default=0, bounds=(0, None), doc="Index of its inner stage.")
    grain: Any = param.Selector(
        default="Iteration", objects=list(GRAINS), doc="What a step moves by."
    )
    channel = param.Integer(default=0, bounds=(0, None), doc="Input channel in sight.")
    out_channel = param.Integer(default=0, bounds=(0, None), doc="Output channel in sight.")
    selection = param.Dict(default={}, doc="Cell that is looked at: array, index, coordinates.")
    scale: Any = param.Selector(default="fixed", objects=MODES, doc="How colour ranges are taken.")
    sample = param.Integer(default=0, bounds=(0, None), doc="Which sample of the batch is shown.")

    def __init__(self) -> None:
        super().__init__()
        self.scales = Scales()

    def goto(self, iteration: int) -> None:
        """Look at an iteration of the past.

        Raises:
            ValueError: the run has no such iteration.
        """
        raise NotImplementedError

    def next_iteration(self, stage: int | None = None) -> None:
        """Make the next iteration and look at the same stage of it, or at the one given."""
        raise NotImplementedError

    @property
    def current(self) -> Stage:
        """The stage that is shown."""
        return cast(Stage, self.trace.stages[self.stage])

    @property
    def status(self) -> str:
        """Where we are, in one line."""
        trace, stage = self.trace, self.current
        where = stage.layer if stage.phase == "loss" else f"{stage.phase} {stage.layer}"
        loss = f"{trace.loss:.4f}" if trace.loss < LARGE else f"{trace.loss:.2e}"
        # The accuracy, where there are classes.
        metrics = [f"{name} {value:.2f}" for name, value in trace.metrics.items()]
        stage_number = f"stage {self.stage + 1} of {len(trace.stages)}"
        return " · ".join(
            [f"iteration {trace.iteration}", stage_number, where, f"loss {loss}", *metrics]
        )

    def look(self) -> Look:
        """Return all that the view of the current stage depends on."""
        stage = self.current

        # In an update the inner stages are params, each with its own range.
        where = stage.layer
        if stage.phase == "update":
            where = f"{stage.layer}.{list(stage.inner)[self.inner]}"

        def limits(key: str, array: Array) -> tuple[float, float]:
            return self.scales.limits(stage.phase, where, key, array, self.scale)

        return Look(
            self.trace,
            stage,
            self.inner,
            self.sample,
            self.channel,
            self.out_channel,
            limits,
            each_channel=self.scale == "channel",
        )

    def step(self) -> None:
        """Go forward by one grain, along the run or, at its end, by training."""
        if self.grain == "Inside" and self.inner + 1 < len(self.current.inner):
            self.go(self.stage, self.inner + 1)
        elif self.grain != "Iteration" and self.stage + 1 < len(self.trace.stages):
            self.go(self.stage + 1)
        else:
            self.next_iteration(None if self.grain == "Iteration" else 0)

    def back(self) -> None:
        """Go back by one grain, as far as the first iteration."""
        if self.grain == "Inside" and self.inner > 0:
            self.go(self.stage, self.inner - 1)
        elif self.grain != "Iteration" and self.stage > 0:
            self.go(self.stage - 1, -1 if self.grain == "Inside" else 0)
        elif self.trace.iteration > 1:
            self.goto(self.trace.iteration - 1)
            if self.grain != "Iteration":
                self.go(len(self.trace.stages) - 1, -1 if self.grain == "Inside" else 0)

    @property
    def at_start(self) -> bool:
        """Whether there is nothing to go back to."""
        if self.trace.iteration > 1:
            return False
        if self.grain == "Iteration":
            return True
        return self.stage == 0 and (self.grain == "Layer" or self.inner == 0)

    def go(self, stage: int, inner: int = 0) -> None:
        """Look at another stage of this iteration; a negative `inner` counts from its end."""
        count = len(self.trace.stages[stage].inner)
        with param.parameterized.batch_call_watchers(self):
            selection = self.selection if stage == self.stage else {}
            self.param.update(stage=stage, inner=inner % count, selection=selection)

    def holds(self, key: str, index: Sequence[int]) -> bool:
        """Return whether the stage in sight has an array with a cell at this index."""
        array = self.look().arrays.get(key)
        return (
            array is not None
            and len(index) == array.ndim
            and all(0 <= k < size for k, size in zip(index, array.shape, strict=True))
        )

    def select(self, cell: dict[str, Any]) -> None:
        """Select a cell of the stage in sight; the channels it lies in come into sight too."""
        coordinates = cell.get("coordinates", {})
        with param.parameterized.batch_call_watchers(self):
            self.selection = cell
            self.sample = coordinates.get("n", self.sample)
            self.channel = coordinates.get("c", self.channel)
            self.out_channel = coordinates.get("o", self.out_channel)

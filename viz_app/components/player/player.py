"""What moves through the run and the iteration, like the controls of a video."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any, ClassVar

import numpy as np
import param

from core.inspect.trace import StepTrace
from viz_app.components.component import Component, script, source
from viz_app.components.lesson.spotlight import SPOTLIGHT
from viz_app.components.wire import packed
from viz_app.place.place import GRAINS

# So many losses are sent with every step; those before them only when they have become so many.
TAIL = 256


class Player(Component):
    """Moves, timeline and scrubber; what is said about the run stands above them.

    A press is sent as {"press": "step"}, a choice as {"grain": …}, {"speed": …}, {"stage": …},
    {"inner": …} or {"iteration": …}.
    """

    grains = param.List(default=list(GRAINS), constant=True)
    speeds = param.List(default=[], item_type=str)
    moves = param.Dict(default={}, doc="Name of Play, grain, speed, what comes next, what is off.")
    told = param.Dict(default={}, doc="Status, and what is said of the run.")
    stages = param.List(default=[], item_type=dict)
    at = param.Dict(default={"stage": 0, "inner": 0, "inners": []})
    past = param.Dict(default=packed({"losses": [], "left": []}), doc="Losses that stay.")
    recent = param.Dict(
        default=packed({"losses": [], "here": 1}), doc="Losses behind them; the iteration in sight."
    )

    _esm = script("player/player.js")
    _stylesheets: ClassVar = [source("player/player.css"), SPOTLIGHT]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._past: tuple[object, ...] = ()

    def draw_run(
        self,
        losses: Sequence[float],
        left: Sequence[Sequence[float]],
        here: int,
        is_covered: bool = False,
        beside: Sequence[float] = (),
    ) -> None:
        """Show the run.

        Args:
            losses: its losses.
            left: those of runs that were left.
            here: the iteration in sight.
            is_covered: whether the loss of that iteration is covered.
            beside: losses of the run that it is compared with; none if there is none.
        """
        if is_covered:
            losses = [*losses[: here - 1], nan, *losses[here:]]
        whole = len(losses) // TAIL * TAIL
        # A run that was left and begun anew may be as long as before.
        last = losses[whole - 1] if whole else None
        at = here if is_covered and here <= whole else 0
        beside = () if is_covered else beside
        second = beside[:whole]
        past = (whole, losses[0], last, tuple(map(len, left)), at, len(second), *second[-1:])
        if past != self._past:
            self._past = past
            sent = {"losses": np.array(losses[:whole]), "left": [np.array(run) for run in left]}
            self.past = packed(sent | {"beside": np.array(second)})
        covered = {"covered": here} if is_covered else {}
        # In one property, so that the browser draws them in one go.
        recent = {"losses": np.array(losses[whole:]), "beside": np.array(beside[whole:])}
        self.recent = packed({**recent, "here": here, **covered})


def timeline_stages(trace: StepTrace) -> list[dict[str, str]]:
    """Return phase and layer of every stage."""
    return [{"phase": stage.phase, "layer": stage.layer} for stage in trace.stages]

"""Where the second run stands beside a look at the first one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile

from core.errors import listed
from core.inspect.trace import Stage, StepTrace
from viz_app.compare.comparison import Comparison
from viz_app.compare.traces import counterpart, difference_of, matched, only_second
from viz_app.place.place import Place
from viz_app.probe.asked import Asked
from viz_app.scene.registry import Beside, Look


class Besides:
    """Finds what a second run has beside a look; the difference of two iterations is made once."""

    def __init__(self) -> None:
        self._asked: Asked | None = None
        self._made: tuple[StepTrace, StepTrace, StepTrace] | None = None

    def of(self, look: Look, comparison: Comparison | None) -> Beside | None:
        """Return what the second run has where a look is; None if nothing is compared."""
        if comparison is None:
            return None
        run = comparison.run
        if run is None or comparison.told:
            return Beside(None, None, comparison.told)
        if run.trace.iteration != look.trace.iteration:
            # On its way there.
            return None
        if self._asked is None or self._asked.run is not run:
            self._asked = Asked(run)
        trace, _ = self._asked.seen_at(_same_question(look))
        layers = matched(look.trace, trace)
        stage = counterpart(look.stage, trace, layers)
        if stage is None:
            layer = look.stage.layer
            missing = f"{look.stage.phase} {layer}" if layer in layers else f"layer {layer}"
            return Beside(None, None, f"Run B has no {missing}: run A is shown alone.", trace)
        names, inner = list(stage.inner), list(look.stage.inner)[look.inner]
        more = _more(look, stage, trace, layers)
        if inner not in names:
            known = f"run B has {', '.join(names)}"
            said = f"Only run A has “{inner}” here; {known}."
            return Beside(None, None, said, trace, more)
        place = replace(look.place, stage=trace.stages.index(stage), inner=names.index(inner))
        place = place.within(trace)
        other = replace(look, trace=trace, place=place, ranges=run.ranges, earlier=())
        difference = replace(look, trace=self._difference(look.trace, trace), ranges={})
        return Beside(other, replace(difference, earlier=()), "", trace, more)

    def _difference(self, first: StepTrace, second: StepTrace) -> StepTrace:
        made = self._made
        if made is None or made[0] is not first or made[1] is not second:
            self._made = made = first, second, difference_of(first, second)
        return made[2]


def _same_question(look: Look) -> Place:
    """Return where to look so that both runs are asked about one picture, against one class."""
    probe = look.place.probe
    if probe is None or probe.source == "test":
        return look.place
    return replace(look.place, probe=probe.with_label(int(look.trace.targets[0])))


def _more(look: Look, stage: Stage, second: StepTrace, layers: Mapping[str, str]) -> str:
    """Return what only the second run has at its stage, and up to the next one of both runs."""
    new, at = only_second(second, layers), second.stages.index(stage)

    def alone(stages: tuple[Stage, ...]) -> list[str]:
        return [one.layer for one in takewhile(lambda one: one.layer in new, stages)]

    inner = [f"“{name}”" for name in stage.inner if name not in look.stage.inner]
    before = alone(second.stages[:at][::-1])[::-1] if look.place.stage == 0 else []
    parts = {"here": inner, "before": before, "next": alone(second.stages[at + 1 :])}
    found = [f"{listed(names)} {where}" for where, names in parts.items() if names]
    said = f"Only run B has {listed(found)}: swap A and B, under Compare, to see it."
    return said if found else ""

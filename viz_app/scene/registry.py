"""Which view draws a stage: by phase and by the type of what made it, or the bases that fit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from core.inspect.trace import Stage, StagePhase, StepTrace
from core.layer import Layer
from core.symbols import symbol
from core.tensor import Array
from viz_app.cover.covered import NOTHING, Covered
from viz_app.place.place import START, Place
from viz_app.run.params import Params
from viz_app.run.ranges import Ranges, joined, range_of
from viz_app.scene.alike import sharing
from viz_app.scene.kinds import kinds_of
from viz_app.style.notation import scale_of, title_of
from viz_app.style.scales import kept_limits, natural_limits
from viz_app.style.typeset import mathml

# Views import the registry; it knows of them only what they return.
if TYPE_CHECKING:
    from viz_app.scene.scene import Scene


@dataclass(frozen=True, eq=False)
class Beside:
    """What a second run has where somebody looks at the first one.

    Attributes:
        other: the look at the same stage of the second run; None if there is nothing.
        difference: the look at the numbers of the second run less those of the first, which are
            NaN where they have none; None if nothing can be compared.
        said: why there is less than both; empty as a rule.
        trace: the iteration of the second run; None where it has none, as `said` tells.
        more: what only the second run has here or next; empty as a rule.
    """

    other: Look | None
    difference: Look | None
    said: str = ""
    trace: StepTrace | None = None
    more: str = ""

    @property
    def failed(self) -> bool:
        """Whether the second run could not follow the first one."""
        return self.trace is None


@dataclass(frozen=True)
class Look:
    """All that a view depends on: an iteration, a place in it, and the ranges of the first one.

    Attributes:
        trace: the iteration.
        place: where somebody looks.
        ranges: of the first iteration of the run; see `viz_app.style.scales`.
        earlier: what the model had learnt before its first update, and by the iteration that was
            visited last, if there was one.
        covered: of which cells the trace does not have the numbers; see `viz_app.cover`.
        beside: what a second run has there, while two are compared; see `viz_app.compare`.
    """

    trace: StepTrace
    place: Place = START
    ranges: Ranges = field(default_factory=dict, repr=False, compare=False)
    earlier: tuple[Params, ...] = field(default=(), repr=False, compare=False)
    covered: Covered = field(default=NOTHING, repr=False)
    beside: Beside | None = field(default=None, repr=False, compare=False)

    def is_like(self, other: Look) -> bool:
        """Return whether the views of both show the same."""
        mine, theirs = ((look.trace, look.covered, *look.earlier) for look in (self, other))
        same = len(mine) == len(theirs) and all(
            one is two for one, two in zip(mine, theirs, strict=False)
        )
        return same and self.place == other.place and self.second == other.second

    @property
    def has_second(self) -> bool:
        """Whether numbers of a second run stand beside those of this one."""
        return self.beside is not None and self.beside.other is not None

    @property
    def second(self) -> object:
        """What is seen of the second run: its iteration, or the sentence why there is none."""
        beside = self.beside
        return beside and (beside.trace or beside.said)

    @property
    def stage(self) -> Stage:
        """The stage in sight."""
        return self.trace.stages[self.place.stage]

    @property
    def inner(self) -> int:
        """The number of the inner stage in sight."""
        return self.place.inner

    @property
    def sample(self) -> int:
        """The sample of the batch in sight."""
        return self.place.sample

    @property
    def channel(self) -> int:
        """The input channel in sight."""
        return self.place.channel

    @property
    def out_channel(self) -> int:
        """The output channel in sight."""
        return self.place.out_channel

    @property
    def notation(self) -> str:
        """How gradients are written; see `viz_app.style.gradients`."""
        return self.place.notation

    def title(self, array: str, rank: int, is_short: bool = False) -> str:
        """Return what an array is called, as HTML in the notation at hand."""
        return title_of(array, rank, self.notation, is_short)

    def transposed(self, array: str, rank: int) -> str:
        """Return what an array is called where rows and columns are exchanged, as HTML."""
        latex = symbol(array, rank).latex
        base = f"({latex})" if "^" in latex else latex
        return mathml(rf"{base}^{{\top}}", self.notation, is_inline=True)

    @property
    def each_channel(self) -> bool:
        """Whether every channel of an image has a colour range of its own."""
        return self.place.colours == "channel"

    def limits(self, key: str, *arrays: Array) -> tuple[float, float]:
        """Return the colour range of arrays of the stage by one name, and of all that share it."""
        stage, known = self.stage, self.arrays
        inner = list(stage.inner)[self.inner]
        names = sharing(stage, inner, key, known)
        all_arrays = [*arrays, *(known[name] for name in names if name in known)]
        now = np.array(joined(range_of(array) for array in all_arrays) or (0.0, 1.0))
        # One that has a sign gives it to all.
        key = next((name for name in sorted(names) if scale_of(name) == "diverging"), key)
        if self.place.colours != "fixed":
            return natural_limits(key, now)
        # In an update the inner stages are params, each with its own range.
        at = stage.phase, stage.layer, inner if stage.phase == "update" else ""
        first = joined(self.ranges.get((*at, name)) for name in names)
        return kept_limits(key, now, first)

    @property
    def layer(self) -> Layer | None:
        """The layer at work as it was then; None for the loss."""
        return self.trace.layers.get(self.stage.layer)

    @property
    def arrays(self) -> dict[str, Array]:
        """All arrays of the stage; the inner stage at work comes first where a key recurs."""
        stages = list(self.stage.inner.values())
        merged = {key: array for arrays in stages for key, array in arrays.items()}
        return merged | stages[self.inner]

    @property
    def stage_arrays(self) -> Mapping[str, Array]:
        """The arrays of the stage whose cells can be selected; see `Place.arrays`."""
        return self.place.arrays(self.trace)

    def earlier_values(self) -> list[tuple[int, Array]]:
        """Return the param of an update at earlier moments: after which iteration, and what."""
        at = self.stage.layer, list(self.stage.inner)[self.inner]
        return [(there.iteration, there.values[at]) for there in self.earlier if at in there.values]

    def inside(self, inner: int) -> Look:
        """Return the look at another inner stage."""
        return replace(self, place=replace(self.place, inner=inner))

    @property
    def at_work(self) -> Mapping[str, Array]:
        """The arrays of the inner stage at work: what it takes and what it makes."""
        return list(self.stage.inner.values())[self.inner]

    @property
    def fresh(self) -> set[str]:
        """Keys of arrays that the inner stage at work has and those before it had not."""
        stages = list(self.stage.inner.values())
        before = {key for arrays in stages[: self.inner] for key in arrays}
        return set(stages[self.inner]) - before


View: TypeAlias = "Callable[[Look], Scene]"
_VIEWS: dict[tuple[StagePhase, type], View] = {}


def view(phase: StagePhase, *kinds: type) -> Callable[[View], View]:
    """Register a function as the view of types in a phase: of layers, losses or optimisers."""

    def register(function: View) -> View:
        for kind in kinds:
            _VIEWS[phase, kind] = function
        return function

    return register


def view_of(look: Look) -> View:
    """Return the view for what is looked at: the most specific registered one that fits."""
    phase = look.stage.phase
    for kind in kinds_of(look.stage, list(look.stage.inner)[look.inner]):
        if (phase, kind) in _VIEWS:
            return _VIEWS[phase, kind]
    return default_view()


def default_view() -> View:
    """Return the view of what has none of its own."""
    return _VIEWS["forward", object]

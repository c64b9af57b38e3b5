"""Where somebody looks in an iteration: pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.inspect.cell import Cell, cell_value
from core.inspect.trace import StepTrace
from core.tensor import Array
from viz_app.probe.probe import Probe
from viz_app.style.gradients import NOTATIONS

GRAINS = ("Iteration", "Layer", "Inside", "Cell")
# How colour ranges are taken: from the first iteration, from this one, for each channel.
COLOURS = ("fixed", "step", "channel")
# What stands beside the board; the last two only while a lesson is composed, or is on.
SIDES = ("explain", "flow", "heat", "loss", "compare", "probe", "compose", "lesson")
COMPARE, PROBE, COMPOSE, LESSON = SIDES[-4:]
# Of two runs that are compared, the one whose numbers are explained.
RUNS = ("a", "b")
# A pin of this name compares a param with what it was.
THEN = "then_and_now"
# What is one of so many; see `Place.count`. The number of inner stages depends on the stage.
COUNTED = ("stage", "inner", "sample", "channel", "out_channel")
# Attributes of a place that are one of some words.
_WORDS = {
    "grain": GRAINS, "colours": COLOURS, "notation": NOTATIONS, "side": SIDES, "run": RUNS,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where somebody looks in an iteration, and what a step moves by.

    Attributes:
        stage: index of the stage.
        inner: index of its inner stage.
        grain: what a step moves by: an iteration, a layer, an inner stage, a cell of what
            that makes.
        sample: which sample of the batch is in sight.
        channel: which input channel.
        out_channel: which output channel.
        array: name of the array of the selected cell; empty if none is selected.
        index: index of that cell.
        colours: how colour ranges are taken.
        notation: how gradients are written, one of `NOTATIONS`.
        scroll: first row or column in sight of what is too large for its panel, by the names of its
            axis (`"n,i,j"`), as far as it is not where the view puts it.
        pinned: names of arrays that stay in sight in every inner stage of a stage that has them.
        side: what stands beside the board: the explanation of the selected cell, a chart, the
            lesson that is composed, or the one that is on.
        present: whether all is so large that a class can read it.
        picture: whether the images that go into the network are drawn as pictures.
        cells: how many cells of the result of the inner stage are computed, at grain Cell; all of
            them if None.
        visited: the iteration, where somebody stood before, that a param is compared with; 0 if
            it is with none.
        run: of two runs that are compared, the one whose numbers are explained, one of `RUNS`.
        probe: the picture that the network is asked about; None for the training batch.
        steps: how many iterations Play computes at once, of which the last one is seen, at grain
            Iteration.
    """

    stage: int = 0
    inner: int = 0
    grain: str = "Inside"
    sample: int = 0
    channel: int = 0
    out_channel: int = 0
    array: str = ""
    index: tuple[int, ...] = ()
    colours: str = "fixed"
    notation: str = NOTATIONS[0]
    scroll: tuple[tuple[str, int], ...] = ()
    pinned: tuple[str, ...] = ()
    side: str = "explain"
    present: bool = False
    picture: bool = False
    cells: int | None = 0
    visited: int = 0
    run: str = RUNS[0]
    probe: Probe | None = None
    steps: int = 1

    def with_(self, **what: Any) -> Place:
        """Return the place with other attributes.

        Raises:
            ValueError: one is none of its words, or there is no such attribute.
        """
        for name, value in what.items():
            known = _WORDS.get(name, ())
            if known and value not in known:
                raise ValueError(f"{name} is {value!r}; expected one of {', '.join(known)}")
            if name not in self.__dataclass_fields__:
                names = ", ".join(self.__dataclass_fields__)
                raise ValueError(f"a place has no {name}; expected one of {names}")
        return replace(self, **what)

    def at(self, stage: int, inner: int = 0) -> Place:
        """Return the place at another stage; cell and scroll are those of the old one."""
        if (stage, inner) == (self.stage, self.inner):
            return self
        here = replace(self, stage=stage, inner=inner, scroll=(), cells=0)
        return here if stage == self.stage else here.without_cell()

    @property
    def is_inside(self) -> bool:
        """Whether steps lead through the inner stages of a layer."""
        return self.grain in ("Inside", "Cell")

    def without_cell(self) -> Place:
        """Return the place with nothing selected."""
        return replace(self, array="", index=())

    def with_cell(self, array: str, index: Sequence[int], coordinates: Mapping[str, int]) -> Place:
        """Return the place with a cell selected and explained, and its channels in sight.

        Args:
            array: name of its array.
            index: its index there.
            coordinates: what sample "n", channel "c" and output channel "o" it lies in.
        """
        return replace(
            self,
            array=array,
            index=tuple(map(int, index)),
            sample=coordinates.get("n", self.sample),
            channel=coordinates.get("c", self.channel),
            out_channel=coordinates.get("o", self.out_channel),
            side="explain",
        )

    def within(self, trace: StepTrace) -> Place:
        """Return the nearest place that an iteration has."""
        place = self
        for name in COUNTED:
            last = place.count(name, trace) - 1
            place = replace(place, **{name: max(0, min(getattr(place, name), last))})
        # A smaller batch may lack the sample that was selected.
        return place if place.holds(trace, self.array, self.index) else place.without_cell()

    def count(self, name: str, trace: StepTrace) -> int:
        """Return how many stages, inner stages here, samples or channels an iteration has.

        A channel stays in sight from layer to layer: there are as many as the widest layer has.
        """
        if name == "stage":
            return len(trace.stages)
        if name == "inner":
            return len(trace.stages[self.stage].inner)
        return len(trace.indices) if name == "sample" else _channels(trace)

    def holds(self, trace: StepTrace, array: str, index: Sequence[int]) -> bool:
        """Return whether the stage in sight has an array with a cell at this index."""
        cell = replace(self, array=array, index=tuple(index)).cell(trace)
        if cell is None:
            return False
        try:
            cell_value(trace, cell)
        except (KeyError, IndexError):
            return False
        return True

    def arrays(self, trace: StepTrace) -> Mapping[str, Array]:
        """Return the arrays of the stage in sight whose cells can be selected, by name."""
        stage = trace.stages[self.stage]
        if stage.phase == "update":
            return list(stage.inner.values())[self.inner]
        return {name: stage.array(name) for name in stage.names}

    def cell(self, trace: StepTrace) -> Cell | None:
        """Return the selected cell; None if nothing is selected."""
        if not self.array:
            return None
        stage = trace.stages[self.stage]
        inner = list(stage.inner)[self.inner] if stage.phase == "update" else None
        return Cell(stage.phase, stage.layer, self.array, self.index, inner)


def _channels(trace: StepTrace) -> int:
    """Return the most channels, or features, of what goes into a layer or comes out of it."""
    passed = (t.shape for layer in trace.layers.values() for t in (layer.input, layer.output))
    return max((shape[1] for shape in passed if len(shape) > 1), default=1)


# The beginning of an iteration.
START = Place()

"""The iteration that a step looks at: a trace and a place in it, and what its names stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from core.inspect.book import Book
from core.inspect.cell import Cell, array_at
from core.inspect.trace import StagePhase, StepTrace
from core.tensor import Array
from viz_app.lessons.error import LessonError
from viz_app.lessons.question import Rule
from viz_app.place import address
from viz_app.place.place import Place
from viz_app.run.cost import HERE, Limits
from viz_app.run.run import REFUSALS, Run

# A lesson goes no further into a run, and asks for no more multiplications with additions on the
# way: every moment shall be there soon.
MOST_ITERATIONS, MOST_WORK = 300, 2_000_000_000
PHASES = ("forward", "loss", "backward", "update")
# Behind a rule: the stage that it is about, where that is not the one in sight.
STAGE = re.compile(rf"^(?P<rule>.*\S) of (?P<phase>{'|'.join(PHASES)})(?: (?P<layer>[\w.]+))?$")


@dataclass(frozen=True, eq=False)
class Record:
    """A recorded iteration, and where one looks in it.

    Attributes:
        trace: the iteration.
        place: where one looks; names of arrays are those of its stage.
        line: number of the line of the step, for errors.
    """

    trace: StepTrace
    place: Place
    line: int = 0

    @property
    def stage_in_sight(self) -> Cell:
        """The stage, as a cell of it without an array."""
        stage = self.trace.stages[self.place.stage]
        inner = list(stage.inner)[self.place.inner] if stage.phase == "update" else None
        return Cell(stage.phase, stage.layer, "", (), inner)

    def is_in_sight(self, trace: StepTrace, place: Place) -> bool:
        """Return whether somebody looks at the same iteration, stage and inner stage."""
        here = self.trace.iteration, self.place.stage, self.place.inner
        return here == (trace.iteration, place.stage, place.inner)

    def split(self, rule: Rule) -> tuple[str, Cell]:
        """Return a rule without the stage that it is about, and a cell of that stage.

        Raises:
            LessonError: the iteration has no such stage.
        """
        found = STAGE.match(rule.text)
        if found is None:
            return rule.text, self.stage_in_sight
        phase, layer = cast(StagePhase, found["phase"]), found["layer"] or "loss"
        name, _, inner_name = layer.rpartition(".") if phase == "update" else (layer, "", "")
        try:
            stage = self.trace.stage(phase, name or inner_name)
        except KeyError:
            known = ", ".join(
                stage.layer
                for stage in self.trace.stages
                if stage.phase == phase and phase != "loss"
            )
            raise LessonError(
                rule.line,
                f"there is no stage {found['phase']} {layer}",
                f"one of {known or 'loss'}",
            ) from None
        inner = (inner_name if name else next(iter(stage.inner))) if phase == "update" else None
        if inner is not None and inner not in stage.inner:
            raise LessonError(
                rule.line, f"{name} has no parameter {inner!r}", f"one of {', '.join(stage.inner)}"
            )
        return found["rule"], Cell(phase, stage.layer, "", (), inner)

    def book(self, stage: Cell) -> Book:
        """Return the arrays and lines of the stage of a cell."""
        return Book(self.trace, stage)

    def array(self, whole: Cell) -> Array:
        """Return an array; the index of the cell does not count."""
        return array_at(self.trace, whole)


def whole(cell: Cell) -> Cell:
    """Return what stands for the whole array of a cell."""
    return replace(cell, index=())


def moment_of(words: Mapping[str, str], line: int, limits: Limits = HERE) -> address.Moment:
    """Return the moment that the words of an address stand for.

    Args:
        words: as `viz_app.place.address` has them.
        line: number of the line at which they stand.
        limits: what a step of training may cost.

    Raises:
        LessonError: a word cannot be read, or leads too far.
    """
    if address.needs_own_data(words):
        raise LessonError(line, "data=own", "a data set that everybody has")
    if "weights" in words:
        raise LessonError(line, "weights=…", "a run from weights that everybody has")
    moment = address.read(words, limits)
    if moment.against is not None:
        raise LessonError(line, "against in a moment", "one run: leave that word out")
    if moment.wrong:
        raise LessonError(line, moment.wrong[0], "an address, as Share copies it")
    if moment.place.probe is not None:
        raise LessonError(line, "probe", "a training batch, of which everybody has the same")
    if moment.iteration > MOST_ITERATIONS:
        raise LessonError(
            line, f"iteration {moment.iteration}", f"at most iteration {MOST_ITERATIONS}"
        )
    if moment.iteration > 1 and (work := work_of(moment)) > MOST_WORK:
        raise LessonError(
            line,
            f"{work / 1e9:.3g} billion multiply-adds up to iteration {moment.iteration}",
            f"at most {MOST_WORK / 1e9:.3g} billion: an earlier iteration, or a smaller batch",
        )
    return moment


def work_of(moment: address.Moment) -> int:
    """Return how many multiplications with additions lead to a moment, forward."""
    recipe = moment.recipe
    assert isinstance(recipe.network, str)
    model = recipe.parsed(recipe.network, np.random.default_rng(0))
    batches = [int(change.value) for change in moment.changes if change.name == "batch_size"]
    return (
        recipe.step(model).cost(max(recipe.batch_size, *batches, 0)).multiply_adds
        * moment.iteration
    )


def record_of(words: Mapping[str, str], line: int = 0, limits: Limits = HERE) -> Record:
    """Train up to the moment of an address and return its record.

    What has a run of its own, as the dashboard, makes `Record` from the trace and place in sight.

    Args:
        words: of the address.
        line: number of the line of the step, for errors.
        limits: what a step of training may cost.

    Raises:
        LessonError: there is no such moment.
    """
    moment = moment_of(words, line, limits)
    try:
        run = Run(moment.recipe, limits)
        if moment.iteration > 1:
            run.replay(moment.recipe, moment.iteration, moment.changes)
            while run.replaying:
                run.go_on_replaying()
    except REFUSALS as error:
        raise LessonError(line, str(error), "a run that can be made") from error
    found = moment.place.within(run.trace)
    said = address.missed(moment.place, found, run.trace, dict)
    if said:
        raise LessonError(line, said[0], "a place that the iteration has")
    return Record(run.trace, found, line)


def bounds(array: Array, index: tuple[int, ...]) -> bool:
    """Return whether an array has a cell at an index."""
    shape = np.shape(array)
    return len(shape) == len(index) and all(
        0 <= k < size for k, size in zip(index, shape, strict=True)
    )

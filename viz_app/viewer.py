"""Somebody who looks at a run: where they are, how they move, and what they are told.

Every action leaves run and place whole: what cannot be done changes nothing, and `message` says
why. What is asked of a moment that has gone, or while the run is replayed, is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from core.data import DataSet
from core.errors import StateError
from core.inspect.cell import Cell
from core.inspect.coordinates import coordinates, with_coordinates
from core.inspect.trace import Stage, StagePhase, StepTrace
from core.training.key_frame import KeyFrame
from viz_app.compare.comparison import Comparison
from viz_app.compare.difference import Difference
from viz_app.compare.swap import swapped
from viz_app.compare.told import told_of_end, told_of_swap
from viz_app.cover.covered import NOTHING, Covered
from viz_app.looks import Looks
from viz_app.place import moves
from viz_app.place.address import MOST_CHANGES, Moment, missed
from viz_app.place.place import THEN, Place
from viz_app.probe.fit import fit
from viz_app.probe.probe import Probe
from viz_app.probe.retouch import Retouch, Retouches
from viz_app.run.anew.data import forget_data, use_data
from viz_app.run.anew.setting import change_setting, restart
from viz_app.run.anew.weights import use_weights
from viz_app.run.edits.edit import Edit
from viz_app.run.past.leaving import leave_companion, take_the_place
from viz_app.run.past.runs import Left
from viz_app.run.past.undo import redo, redoable, undo, undoable
from viz_app.run.replay import Change
from viz_app.run.run import REFUSALS, Run
from viz_app.run.settings import SETTINGS, what_stays
from viz_app.run.weights import Weights
from viz_app.scene.registry import Look
from viz_app.scene.result import count_of
from viz_app.scene.scene import Scene
from viz_app.status import next_step_of, status_of
from viz_app.told import DRAWING, Told
from viz_app.words import capital, followed, joined

# Calls those who watch an object once, at the end of a block.
_in_one_go = param.parameterized.batch_call_watchers
COVERED = "A lesson asks about these numbers: answer it first, then change them."
# What of a place is where somebody looks, and not how.
WHERE = (
    "stage", "inner", "sample", "channel", "out_channel", "array", "index", "scroll", "cells",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Offer:
    """A network for weights that do not fit the present one.

    Attributes:
        text: of the network.
        note: what of it is guessed.
        weights: what it would begin from.
    """

    text: str
    note: str
    weights: Weights


class Viewer(Told):
    """Looks at a run; several may look at the same one.

    Args:
        run: what to look at.

    Attributes:
        run: what is looked at.
        arrivals: how many moments were arrived at by an address.
        played: who has made the last step of Play, and when, by `perf_counter`.
    """

    look = param.Parameter(doc="The iteration and the place in it: all that views depend on.")
    offer = param.Parameter(default=None, doc="Network for weights that did not fit, or None.")

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.arrivals = 0
        self.played: tuple[object, float] = (None, -inf)
        self.is_shown = True
        # Where to be at the end of a replay.
        self._arrival: Callable[[], object] | None = None
        # What was said of the last change of the run.
        self._said_of_change = self._said_of_undo = ""
        self._looks = Looks(run)
        self._retouches = Retouches()
        # Where in the training batch somebody looked before the network was asked; None without.
        self._left: Place | None = None
        self._show(Place())
        run.param.watch(lambda _: self._begin(), "recipe", precedence=0)
        run.param.watch(lambda _: self._follow(), "trace", precedence=1)
        run.param.watch(lambda *_: self._look_beside(), ["companion", "settings"], precedence=1)
        self.param.watch(lambda _: self._looks.visits.rest(), "playing")
        run.param.watch(self._end_of_replay, "progress", precedence=2)

    @property
    def place(self) -> Place:
        """Where in the iteration one looks."""
        look: Look = self.look
        return look.place

    @property
    def trace(self) -> StepTrace:
        """The iteration that is shown, without the numbers that are covered."""
        look: Look = self.look
        return look.trace

    @property
    def probe(self) -> Probe | None:
        """The picture that is shown instead of the training batch; None for that."""
        return self.place.probe

    @property
    def covered(self) -> Covered:
        """What is covered."""
        return self._looks.covered

    @property
    def against(self) -> Difference | None:
        """By what a second run differs that this one is compared with; None if there is none."""
        companion: Comparison | None = self.run.companion
        return companion.difference if companion else None

    @property
    def stage(self) -> Stage:
        """The stage that is shown."""
        look: Look = self.look
        return look.stage

    @property
    def cell(self) -> Cell | None:
        """The selected cell; None if nothing is selected."""
        return self.place.cell(self.trace)

    @property
    def status(self) -> str:
        """Where we are, in one line."""
        return status_of(self.look, self.covered)

    @property
    def next_step(self) -> str:
        """What a step leads to, in a few words."""
        return next_step_of(self.look)

    @property
    def at_start(self) -> bool:
        """Whether there is nothing to go back to."""
        return self.trace.iteration == 1 and moves.back(self.place, self.trace) is None

    # Moves along the run.

    def step(self, iterations: int = 1) -> None:
        """Go forward by one grain, along the run or, at its end, by training.

        Args:
            iterations: how many to compute at once at grain Iteration.
        """
        there = moves.forward(self.place, self.trace)
        count = iterations if self.place.grain == "Iteration" else 1
        if there is not None:
            self.go(there)
        else:
            self._do(partial(self.run.advance, count), moves.first(self.place), "step")

    def back(self) -> None:
        """Go back by one grain, as far as the first iteration."""
        there = moves.back(self.place, self.trace)
        if there is not None:
            self.go(there)
        elif self.trace.iteration > 1:
            self._do(
                lambda: self.run.goto(self.trace.iteration - 1), moves.last(self.place, self.trace)
            )

    def goto(self, iteration: int) -> None:
        """Go to an iteration of the past."""
        self.playing = False
        self._do(lambda: self.run.goto(iteration))

    # Moves inside the iteration.

    def go(self, place: Place) -> None:
        """Look at another place of the iteration, or at the nearest that there is."""
        if not self.run.replaying:
            self.attempt(DRAWING, lambda: self._show(place))

    def change(self, **what: Any) -> None:
        """Look by another grain, in other colours, and so on; see `Place`.

        Raises:
            ValueError: there is no such word, or no such attribute.
        """
        self.go(self.place.with_(**what))

    def scroll(self, first: Iterable[tuple[str, int]]) -> None:
        """Hear which rows and columns of the large matrices are the first in sight."""
        self.change(scroll=self.scene(self.look).scrolled(first))

    def pin(self, array: str) -> None:
        """Keep an array of the stage in sight beside what a step is about, or no longer."""
        pinned = self.place.pinned
        if array in pinned:
            self.change(pinned=tuple(name for name in pinned if name != array))
        elif array in self.scene(self.look).offered:
            self.change(pinned=(*pinned, array))

    def compute(
        self, cells: int, array: str, index: Sequence[int], coordinates: Mapping[str, int]
    ) -> None:
        """Hear how many cells of the result are computed, and select the last of them."""
        cells = max(0, min(cells, count_of(self.look, self.scene(self.look))))
        place = replace(self.place.without_cell(), cells=cells)
        if self.place.holds(self.trace, array, index):
            place = replace(place.with_cell(array, index, coordinates), side=self.place.side)
        self.go(place)

    def choose_sample(self, sample: int) -> None:
        """Look at another sample; a selected cell goes along."""
        place = replace(self.place, sample=sample)
        if self.cell is not None:
            place = replace(place, index=with_coordinates(self.trace, self.cell, n=sample).index)
        self.go(place)

    def go_to_stage(self, stage: int, inner: int = 0) -> None:
        """Look at a stage of this iteration, if it has such a one."""
        stages = self.trace.stages
        if 0 <= stage < len(stages) and 0 <= inner < len(stages[stage].inner):
            self.go(self.place.at(stage, inner))

    def go_to_layer(self, layer: str, phase: StagePhase | None = None) -> None:
        """Look at a layer in a phase, or in that at hand; if it has none, at its forward pass."""
        found = {s.phase: k for k, s in enumerate(self.trace.stages) if s.layer == layer}
        if found:
            self.go_to_stage(found.get(phase or self.stage.phase, found["forward"]))

    def select(
        self,
        array: str,
        index: Sequence[int],
        coordinates: Mapping[str, int],
        run: str | None = None,
    ) -> None:
        """Select a cell of the stage in sight; the channels it lies in come into sight too.

        Args:
            array: name of its array.
            index: its index there.
            coordinates: what it lies in, see `Place.with_cell`.
            run: which of two runs is explained, of `RUNS`; None for that which is.
        """
        if self.place.holds(self.trace, array, index):
            place = self.place.with_cell(array, index, coordinates)
            self.go(replace(place, run=run or place.run))

    def deselect(self) -> None:
        """Select nothing."""
        self.go(self.place.without_cell())

    def visit(self, cell: Cell) -> None:
        """Go to the stage of a cell of this iteration, bring it into sight and select it."""
        self.go(self._looks.with_its_array(moves.visit(self.place, self.trace, cell)))

    # Pictures that the network is asked about.

    def ask(self, probe: Probe | None) -> None:
        """Ask the network of the iteration about a picture; None leads back to the training batch.

        The run stays as it is. As it goes on, each iteration is asked about the picture.
        """
        if self.run.replaying:
            return
        try:
            if probe is not None:
                self._looks.asked.trace(probe)
        except Exception as error:
            self.say(error, "probe")
            return
        self._tell("", "probe")
        if self.probe is None:
            self._left = self.place
        left = self._left if probe is None else None
        where = {} if left is None else {name: getattr(left, name) for name in WHERE}
        self.change(probe=probe, **where)

    def retouch(self, before: Probe, after: Probe, words: str, live: bool = False) -> bool:
        """Ask about a picture with another pixel; return whether it was done.

        Args:
            before: the picture that undo leads back to.
            after: the picture to ask about.
            words: what was changed.
            live: whether more changes of the same pixel follow: nothing is said yet.
        """
        self.ask(after)
        if self.probe != after:
            return False
        self._retouches.add(Retouch(before, after, words, undoable(self.run)))
        if not live:
            self._said_of_change = capital(f"{words}.")
            self._tell(self._said_of_change, "probe")
        return True

    def probe_picture(self, pixels: NDArray[np.uint8], name: str) -> None:
        """Ask the network about a person's own picture, fitted to what it takes.

        Args:
            pixels: red, green, blue and opacity from 0 to 255, (H, W, 4).
            name: of its file, for what is said.
        """
        label = self.probe.label if self.probe else None
        try:
            fitted, done = fit(pixels, self.run.data)
        except REFUSALS as error:
            self.say(error, "probe")
            return
        self.ask(Probe("opened", pixels=fitted.tobytes(), label=label))
        if self.probe is not None and self.probe.source == "opened" and done:
            self.refuse(f"{name}: {done}", "probe")

    # What is covered.

    def cover(self, covered: Covered) -> None:
        """Cover cells, and no others, until `uncover`: in this iteration and all that follow.

        Cells that an iteration does not have are left out. What is covered before somebody arrives
        at a moment is never seen.
        """
        self._looks.cover(covered)
        self.attempt(DRAWING, lambda: self._show(self.place))

    def uncover(self) -> None:
        """Show all numbers again."""
        if self.covered:
            self.cover(NOTHING)

    # Changes of the run.

    def reset(self) -> None:
        """Begin the run anew with the settings as they are."""
        self.playing = False
        self._do(partial(restart, self.run), of=None)

    def set(self, name: str, value: object) -> None:
        """Change a setting of the run; one that is in force already is left as it is."""
        if self.run.settings.get(name) != value:
            self._do(lambda: self._with_limit(change_setting(self.run, name, value)), of=name)
        else:
            self.grant(name)
        # Widgets show the settings that are in force.
        self.run.param.trigger("settings")

    def enter(self, name: str, text: str) -> None:
        """Change a setting to what a person typed in; see `set`."""
        if self.run.replaying:
            return
        try:
            value = SETTINGS[name].parse(text, self.run.data)
        except ValueError as error:
            self.say(error, name)
            self.run.param.trigger("settings")
        else:
            self.set(name, value)

    def stays(self, of: object) -> str:  # noqa: D102
        name = of if isinstance(of, str) else ""
        return what_stays(name, self.run.settings, self.run.recipe)

    def compare(self, difference: Difference | None) -> None:
        """Compare the run with a second one that differs by one thing, or with none any more."""
        if difference is None:
            self._end_comparison()
            return
        self.playing = False
        made, before = Comparison(difference, self.run.limits), self.run.companion

        def accompany() -> str:
            self.run.accompany(made)
            if made.run is None:
                # Nor does it stay in the address.
                self.run.companion = before
                raise ValueError(made.told)
            return made.begins

        if self._do(accompany, of="against") and made.failure:
            self.refuse(made.told, "against")

    def _end_comparison(self) -> None:
        run = self.run
        if run.companion is None:
            return

        def end() -> str:
            said = told_of_end(run)
            leave_companion(run, "the end of the comparison")
            return said

        self.playing = False
        # In one go: with what is said is shown what can be done about it.
        with _in_one_go(self):
            self._do(end, of="against")

    def swap(self) -> None:
        """Make run B the one in sight, compared with what was run A: only what A has is drawn."""
        if self.run.replaying:
            return
        try:
            moment = swapped(self.run, self.look)
        except ValueError as error:
            self.say(error, "against")
            return
        last, old = moment.iteration - 1, self.run.companion.run
        frames = old.history.key_frame(last), self.run.history.key_frame(last)
        said = told_of_swap(self.run)

        def tell() -> None:
            self._tell(said, "against")
            self._said_of_change = said

        with _in_one_go(self):
            take_the_place(self.run, lambda: self.open(moment, tell), "swapping A and B")
        # Both have been there: neither is computed from its beginning again.
        for run, frame in zip((self.run, self.run.companion.run), frames, strict=True):
            if run is not None:
                run.resume(frame)

    def edit(
        self,
        edit: Edit,
        *,
        behind: bool = False,
        amend: Change | Left | None = None,
        live: bool = False,
    ) -> bool:
        """Change a number of the model; return whether it was done.

        Args:
            edit: which number, and what it becomes.
            behind: whether it counts from the next iteration on only.
            amend: the change whose place this takes; see `Run.edit`.
            live: whether more changes of the same number follow: nothing is said yet.
        """
        if self.covered:
            self.refuse(COVERED, "edit")
            return False
        self.playing = False

        def change() -> str:
            said = self.run.edit(edit, behind=behind, amend=amend)
            return "" if live else self._with_limit(said)

        return self._do(change, of="edit")

    def _with_limit(self, said: str) -> str:
        """Return what is said of a change, and that a link does not carry all of them."""
        count = len(self.run.changes)
        if count <= MOST_CHANGES:
            return said
        return joined(said, f"A link repeats only the first {MOST_CHANGES} of {count} changes.")

    def undo(self) -> None:
        """Take the last change of the run back, or that of a pixel of the probe."""
        if self.covered:
            self.refuse(COVERED, "edit")
            return
        if self.run.replaying:
            return
        self.playing = False
        pixel = self._last_retouch
        if pixel is not None:
            self._retouches.undo()
            self.ask(pixel.before)
            self._said_of_undo = f"Undone: {pixel.words}."
            self._tell(self._said_of_undo, "probe")
            return
        # In one go: with what is said is shown what can be done about it.
        with _in_one_go(self):
            self._do(partial(undo, self.run), self.place, of="edit")
            self._said_of_change, self._said_of_undo = "", self.message

    def redo(self) -> None:
        """Make the change again that was undone last, of the run or of a pixel of the probe."""
        if self.covered:
            self.refuse(COVERED, "edit")
            return
        self.playing = False
        pixel = self._retouches.undone(self.probe, undoable(self.run))
        if pixel is None:
            self._do(partial(redo, self.run), self.place, of="edit")
            return
        self._retouches.redo()
        self.ask(pixel.after)
        self._said_of_change = f"Redone: {pixel.words}."
        self._tell(self._said_of_change, "probe")

    @property
    def offers_redo(self) -> bool:
        """Whether what is said is of a change that was undone, and that can be made again."""
        is_of_undo = bool(self.message) and self.message == self._said_of_undo
        pixel = self._retouches.undone(self.probe, undoable(self.run))
        can_redo = redoable(self.run) is not None or pixel is not None
        return is_of_undo and not self.is_refusal and can_redo

    @property
    def offers_undo(self) -> bool:
        """Whether what is said is of the last change, and that can be undone."""
        is_of_change = bool(self.message) and self.message == self._said_of_change
        return is_of_change and not self.is_refusal and self.can_undo

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to be undone."""
        return undoable(self.run) is not None or self._last_retouch is not None

    @property
    def _last_retouch(self) -> Retouch | None:
        return self._retouches.last(self.probe, undoable(self.run))

    def use_data(self, data: DataSet, note: str = "") -> None:
        """Train on a person's own data from now on."""
        if self.run.replaying:
            said = "The run is being replayed: press Stop, then choose the files again."
            # Not true any more once that has arrived.
            self.refuse(said, "address")
            return

        def use() -> str:
            return joined(note, use_data(self.run, data))

        self.playing = False
        self._do(use, of="data")

    def use_weights(self, weights: Weights | None, network: str = "") -> None:
        """Begin a new run from a person's own weights, with the same settings.

        What does not fit changes nothing; a network that fits is offered then, if one is known.

        Args:
            weights: where it begins; None for those that the seed draws.
            network: text of the network to train; the present one if empty.
        """
        if self.run.replaying:
            said = "The run is being replayed: press Stop, then choose the file again."
            self.refuse(said, "address")
            return

        def use() -> str:
            try:
                return use_weights(self.run, weights, network)
            except StateError as error:
                if weights is None:
                    raise
                said = capital(error.guess_note)
                if error.model_text:
                    self.offer = Offer(error.model_text, error.guess_note, weights)
                    said = "A network that fits is offered under Settings."
                raise StateError(
                    joined(f"the file {weights.name} does not fit: {error}.", said)
                ) from error

        self.playing, self.offer = False, None
        self._do(use, of="weights")

    def forget_data(self) -> None:
        """Remove a person's own data."""
        self.playing = False
        self._do(partial(forget_data, self.run), of="data")
        # The choice of data sets has changed.
        self.run.param.trigger("settings")

    def evaluate(self) -> None:
        """Begin to evaluate the test split, or stop that."""
        self._do(self.run.evaluation.stop if self.run.evaluation.is_on else self.run.evaluate)

    def continue_evaluation(self) -> None:
        """Evaluate the next samples of the test split."""
        try:
            self.run.evaluation.go_on()
        except Exception as error:
            self.run.evaluation.stop()
            self.say(error)

    # Replays.

    def open(self, moment: Moment, then: Callable[[], None] | None = None) -> None:
        """Go to a moment: at once if the run has been there, otherwise by a replay.

        `go_on` does the work of a replay.

        Args:
            moment: where to go.
            then: called once one is there, before anybody has seen it.
        """
        self.playing, self._arrival = False, None
        # An iteration that nothing is compared with need not be visited.
        visited = moment.place.visited if THEN in moment.place.pinned else 0
        last = self._looks.visits.last
        is_elsewhere = visited and visited != (last.iteration if last else 0)
        legs = [visited, moment.iteration] if is_elsewhere else [moment.iteration]
        with _in_one_go(self):
            # Where a replay stands that is left for another one is no moment to be seen.
            with _in_one_go(self.run):
                self.run.stop()
                before = self.run.companion
                if moment.against != self.against:
                    # Led along from the first leg on.
                    against = moment.against
                    made = None if against is None else Comparison(against, self.run.limits)
                    self.run.companion = made
                sets_out = self._travel(moment, legs, then)
                if not sets_out:
                    self.run.companion = before
            if not sets_out:
                refused = f"The address cannot be followed: {self.message}"
                self.refuse(followed(refused, moment.note()), "address")
            elif self.run.replaying and legs[0] == 1:
                self.go_on()

    def _travel(self, moment: Moment, legs: Sequence[int], then: Callable[[], None] | None) -> bool:
        """Go to a moment by way of some iterations, the last of which is its own.

        Returns:
            Whether it was done, or a replay was begun at the end of which it will be.
        """
        for k, iteration in enumerate(legs):
            if not self._lead_to(replace(moment, iteration=iteration)):
                return False
            if self.run.replaying:
                self._arrival = partial(self._travel, moment, legs[k + 1 :], then)
                return True
            self._looks.visits.arrive(self.run.params)
        self._arrive(moment, then)
        return True

    def _lead_to(self, moment: Moment) -> bool:
        """Go to the iteration of a moment, or begin a replay to it; return whether it was done."""
        there = moment.recipe, moment.iteration, moment.changes
        if self.run.holds(*there):
            return self._do(lambda: self.run.goto(moment.iteration), of="address")
        if self.run.leads_to(*there):
            return self._do(lambda: self.run.extend(*there[1:]), of="address")
        return self._do(lambda: self.run.replay(*there), of="address")

    def resume(self, frame: KeyFrame) -> None:
        """Go on with a replay from a key frame of the same run."""
        self.run.resume(frame)
        self.go_on()

    def go_on(self) -> None:
        """Compute the next slice of a replay; see `is_shown`."""
        # In one go: nobody shall see the new iteration at the old place.
        before = self.message
        with _in_one_go(self):
            try:
                self.run.go_on_replaying(may_end=self.is_shown)
            except Exception as error:
                # What was said on arrival, at the last iteration that there is, stays.
                said = self.message if self.message != before else ""
                self.say(error)
                if said:
                    self.refuse(joined(self.message, said), "address")

    def stop(self) -> None:
        """End a replay where it is, or playing."""
        self.playing = False
        with _in_one_go(self):
            # The next leg of a way begins where one ends.
            while self.run.replaying:
                self.run.stop()

    def _end_of_replay(self, event: param.parameterized.Event) -> None:
        """Look where the replay was to lead, whoever brought it to its end."""
        if event.new is not None or event.old is None:
            return
        self._looks.visits.arrive(self.run.params)
        if self._arrival is not None:
            arrive, self._arrival = self._arrival, None
            arrive()

    def _arrive(self, moment: Moment, then: Callable[[], None] | None) -> None:
        """Look where an address leads, or at the nearest place, and say what is not there."""
        self.arrivals += 1
        self._left = None
        place = moment.place
        self._show(place)
        cell = place.within(self.trace).cell(self.trace)
        if cell is not None and not self.place.array:
            # The channels of a cell are in sight, also where the address does not say them.
            named = coordinates(self.trace, cell)
            place = replace(place.with_cell(cell.array, cell.index, named), side=place.side)
            self._show(self._looks.with_its_array(place))
        if self.place.scroll:
            # A view of somebody's own may fail.
            self.attempt(DRAWING, lambda: self.scroll(self.place.scroll))
        if self.place.cells:
            self.attempt(DRAWING, self._fit_cells)
        said = moment.note(missed(place, self.place, self.trace, self._axes))
        if said:
            self.refuse(said, "address")
        else:
            self._tell("", "address")
        if then is not None:
            then()

    def _do(
        self, action: Callable[[], str | None], there: Place | None = None, of: object = ""
    ) -> bool:
        """Change the run and look at a place of it, or say why not; return whether it was done.

        Args:
            action: changes the run; returns what should be said about it.
            there: where to look then.
            of: what is asked for. A refusal of the same ends once it is granted, any other one
                after its time of reading; None ends all of them.
        """
        if self.run.replaying:
            return False
        refused, changed = self._refused, undoable(self.run)
        with _in_one_go(self):
            try:
                said = action() or ""
                if said and self._refused is not None and self._refused is not refused:
                    # What was refused on the way is to be read too.
                    self.refuse(joined(said, self.message), self._refused[0])
                else:
                    self._tell(said, of)
                if undoable(self.run) is not changed:
                    self._said_of_change = said
            except Exception as error:
                self.say(error, of)
                return False
            if self.run.replaying:
                self._arrival = partial(self._show, there or self.place)
            elif there is not None:
                self._show(there)
            return True

    def _begin(self) -> None:
        """Look at the beginning of a new run."""
        place = self.place
        self.offer = self._left = None
        kept = ("grain", "colours", "notation", "side", "pinned", "present", "picture", "sample")
        self._looks.begin()
        self._show(Place(**{name: getattr(place, name) for name in (*kept, "steps", "probe")}))
        if place.probe is not None and self.probe is None:
            self.refuse("Your picture does not fit these data: the training batch is shown.")

    def scene(self, look: Look) -> Scene:
        """Return the scene of a look; of the last place it is made once, whoever asks for it."""
        return self._looks.scene(look)

    def _fit_cells(self) -> None:
        """Compute no more cells than the result in sight has."""
        most = count_of(self.look, self.scene(self.look))
        self.change(cells=min(self.place.cells or 0, most))

    def _axes(self) -> Mapping[str, int]:
        """Return how many rows and columns are in sight by axis; none where a view fails."""
        found: dict[str, int] = {}
        self.attempt(DRAWING, lambda: found.update(self.scene(self.look).axes))
        return found

    def _follow(self) -> None:
        """Look at the iteration at which the run stands now."""
        if not self.run.replaying:
            self._looks.visits.arrive(self.run.params, passing=self.playing)
        self._show(self.place)

    def _look_beside(self) -> None:
        """Look again, at what a second run has now; what only it has changed draws nothing else."""
        if self.run.companion is not None or self.look.beside is not None:
            self._show(self.place)

    def _show(self, place: Place) -> None:
        self.look = self._looks.drawn_at(place)

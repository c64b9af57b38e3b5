"""A run: made from a recipe, stepped, replayed and changed. It knows no view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from operator import attrgetter
from time import monotonic

import param

from core.data import DataSet
from core.errors import DataError, DivergenceError, SpecError
from core.inspect.flow import LayerFlow, gradient_flow
from core.inspect.trace import StepTrace
from core.training.history import History
from core.training.key_frame import KeyFrame
from core.training.trainer import Trainer
from viz_app.run.companion import Companion
from viz_app.run.cost import FREE, OWN, Cost, Limits
from viz_app.run.edits import changes as kinds
from viz_app.run.edits.edit import Edit
from viz_app.run.evaluation import EVALUATED, SplitEvaluation
from viz_app.run.params import Params, params_of
from viz_app.run.past.changes import Moment
from viz_app.run.past.past import Past
from viz_app.run.past.runs import Left
from viz_app.run.ranges import Ranges, ranges_of
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change, Progress, Replay
from viz_app.run.settings import CHANGEABLE, SETTINGS, SettingValue
from viz_app.run.weights import Weights
from viz_app.words import joined

# What a run may raise that its user can mend; nothing has changed then.
REFUSALS = (SpecError, DataError, DivergenceError, ValueError)
# Why a step of one of two runs may cost less.
BESIDE = "beside the run that it is compared with"
# Of a running statistic that was edited.
EVAL_ONLY = (
    "The loss of training does not depend on it: it shows where the test images are evaluated and "
    "where the network is asked about a picture (Probe)."
)
# Seconds after which no further iterations are computed at once.
AT_ONCE = 0.5
# Seconds from one word about a replay to the next.
TELLING = 0.2


class Run(param.Parameterized):
    """A run and its past. It always stands at an iteration, the first one to begin with.

    While it is replayed (`replaying`), whatever would change it is refused with a RuntimeError;
    only `stop` ends that.

    Args:
        recipe: what it is made from.
        limits: what a step may cost; whatever makes or changes the run meets them first.

    Attributes:
        history: its iterations.
        ranges: of the arrays of its first iteration.
        initial: its params before the first update.
        params: those behind the iteration at which it stands.
        changes: of settings and numbers, in order; those of the present branch.
        past: what undo and redo lead to; see `viz_app.run.past.undo`.
        evaluation: of the test split.
        flows: how large the gradients of the iteration are.
        first_flows: those of its first iteration, with which later ones are compared.
        own: the person's own data set that was used last; None if there was none.
        own_weights: the person's own weights that were used last; None if there were none.
        fingerprint: of its params behind the first iteration, bit by bit: other data or weights
            have another one, and mostly also another machine or program.
    """

    recipe = param.Parameter(doc="What the run is made from.")
    trace = param.Parameter(doc="The iteration at which the run stands.")
    settings = param.Dict(default={}, doc="By name, as they are after this iteration.")
    progress = param.Parameter(default=None, doc="`Progress` of a replay; None if there is none.")
    companion = param.Parameter(default=None, doc="`Companion` that it leads along; or None.")

    history: History
    ranges: Ranges
    initial: Params
    params: Params
    fingerprint: str

    def __init__(self, recipe: Recipe, limits: Limits = OWN) -> None:
        super().__init__()
        self.limits = limits
        self.changes: list[Change] = []
        self.past = Past()
        self.evaluation = SplitEvaluation()
        self.flows: list[LayerFlow] = []
        self.first_flows: list[LayerFlow] = []
        self.own: DataSet | None = None
        self.own_weights: Weights | None = None
        self._replay: Replay | None = None
        self._told = 0.0
        self.begin(recipe)

    @property
    def data(self) -> DataSet:
        """The data set in use."""
        data: DataSet = self.recipe.data
        return data

    @property
    def replaying(self) -> bool:
        """Whether a replay is on its way."""
        return self._replay is not None

    @property
    def planned(self) -> list[Change]:
        """The changes of the run, with those that a replay has still ahead."""
        return [*self.changes, *(self._replay.ahead if self._replay else ())]

    # A new run.

    def begin(self, recipe: Recipe, changes: Iterable[Change] = ()) -> None:
        """Make the run anew, and compute its first iteration.

        Args:
            recipe: what it is made from.
            changes: that will be made on its way: what they cost is asked for now. Those before
                the first iteration are made.

        Raises:
            SpecError, DataError, DivergenceError: it cannot be made; nothing has changed.
            ValueError: a step of it costs too much, there is no memory for it, or the model has
                nothing to be changed so; nothing has changed.
        """
        self.check_free()
        try:
            self._begin(recipe, list(changes))
        except MemoryError as error:
            raise ValueError(
                "There is not enough memory for this run: choose a smaller batch, a smaller "
                "network, or smaller or fewer images."
            ) from error

    def _begin(self, recipe: Recipe, changes: Sequence[Change]) -> None:
        batches = [int(c.value) for c in changes if c.name == "batch_size"]
        samples = max(recipe.batch_size, *batches, 0)
        trainer = recipe.trainer(self.limits, samples)
        self._check_cost(recipe, trainer, samples)
        kinds.check(changes, trainer.model)
        history, first = History(trainer), [change for change in changes if change.at == 0]
        for change in first:
            history.change(partial(kinds.make, change), repeatable=True)
        initial = params_of(trainer)
        trace = history.advance()
        # What there may be no memory for comes before anything is changed.
        reached = params_of(trainer), gradient_flow(trace)
        self._keep_first(trace, initial, trainer)
        self.history, self.changes = history, first
        self.past.clear()
        self.own = recipe.data if recipe.dataset == OWN_DATA else self.own
        self.own_weights = recipe.weights or self.own_weights
        with param.parameterized.batch_call_watchers(self):
            self.evaluation.clear()
            self.recipe = recipe
            self._stand_at(trace, reached)
            self.first_flows = self.flows

    def _keep_first(self, trace: StepTrace, initial: Params, trainer: Trainer) -> None:
        """Keep what later iterations are compared with; the trainer stands behind the first one."""
        ranges, fingerprint = ranges_of(trace), _fingerprint(trainer)
        self.initial, self.ranges, self.fingerprint = initial, ranges, fingerprint

    def _check_cost(
        self, recipe: Recipe, trainer: Trainer, batch_size: int, beside: Cost = FREE
    ) -> None:
        limits = self.limits.less(beside, BESIDE)
        limits.check(recipe.step(trainer.model), min(batch_size, len(recipe.data.train)))

    @property
    def cost(self) -> Cost:
        """What a step takes with the settings of this iteration."""
        recipe: Recipe = self.recipe
        step = recipe.step(self.history.trainer.model)
        return step.cost(int(self.settings["batch_size"]))

    # A second run.

    def accompany(self, companion: Companion | None) -> None:
        """Lead a companion along from now on, in place of any other; None for nobody."""
        self.check_free()
        with param.parameterized.batch_call_watchers(self):
            self.companion = companion
            self._lead(self.trace.iteration)

    def _lead(self, iteration: int) -> None:
        """Lead the companion to an iteration; if that is far, a replay begins."""
        companion: Companion | None = self.companion
        if companion is None:
            return
        companion.lead(self.recipe, iteration, self.planned, self.cost)
        if companion.is_on_its_way and self._replay is None:
            self._set_out(iteration, ())

    # Steps.

    def advance(self, count: int = 1) -> None:
        """Compute the next iterations, and stand at the last one.

        Args:
            count: how many; fewer once they have taken `AT_ONCE` seconds.

        Raises:
            DivergenceError: the numbers have outgrown what can be computed: the run stands at the
                last iteration before.
        """
        self.check_free()
        history, end = self.history, monotonic() + AT_ONCE
        try:
            while count > 1 and monotonic() < end:
                history.skip()
                count -= 1
            trace = history.advance()
        except Exception:
            reached = history.trainer.iteration
            if reached != self.trace.iteration:
                self._stand_at(history.goto(reached))
            raise
        self._stand_at(trace)

    def goto(self, iteration: int) -> None:
        """Go to an iteration of the past: by a replay where no key frame is near.

        Raises:
            ValueError: the run has no such iteration.
        """
        self.check_free()
        history = self.history
        if 1 < iteration <= history.length and history.distance(iteration) > history.every:
            history.rewind(iteration - 1)
            self._begin_replay(iteration, ())
        else:
            self._stand_at(history.goto(iteration))

    def holds(self, recipe: Recipe, iteration: int, changes: Sequence[Change]) -> bool:
        """Return whether an iteration of a recipe, after some changes, is one of this run."""
        made = [change for change in self.changes if change.at <= iteration]
        wanted = _in_order(c for c in changes if c.at <= iteration)
        is_there = iteration <= self.history.length and made == wanted
        return is_there and recipe.makes_the_run_of(self.recipe)

    def leads_to(self, recipe: Recipe, iteration: int, changes: Sequence[Change]) -> bool:
        """Return whether an iteration of a recipe, after some changes, lies ahead of this run."""
        end, wanted = self.history.length, _in_order(changes)
        made, rest = wanted[: len(self.changes)], wanted[len(self.changes) :]
        is_ahead = iteration > end and made == self.changes and all(c.at >= end for c in rest)
        return is_ahead and recipe.makes_the_run_of(self.recipe)

    # Changes.

    def recipe_now(self) -> Recipe:
        """Return the recipe of a run that begins with the settings of this iteration."""
        recipe: Recipe = self.recipe
        return recipe.with_(**{name: self.settings[name] for name in CHANGEABLE})

    def change(self, name: str, value: SettingValue) -> str:
        """Change a setting or a number from the next iteration on; in the past, begin a branch.

        Args:
            name: of the setting, or `EDIT`; see `viz_app.run.edits.changes`.
            value: what it becomes.

        Returns:
            What should be said about it; empty as a rule.

        Raises:
            ValueError: a step would cost too much; nothing has changed.
        """
        self.check_free()
        if name == "batch_size":
            beside = self.companion.cost if self.companion else FREE
            self._check_cost(self.recipe, self.history.trainer, int(value), beside)
        now, end = self.trace.iteration, self.history.length
        change = Change(now, name, value)
        with param.parameterized.batch_call_watchers(self):
            self._change_here(change)
            if now < end:
                # Of a run that is left behind.
                self.evaluation.clear()
            self._show_settings(now)
            self._lead(now)
        return _branch(now) if now < end else ""

    def _change_here(self, change: Change) -> None:
        """Make a change behind the iteration in sight."""
        before, kept = self._moment(), self._left_by(change)
        # First what may be refused.
        self._make_change(change)
        self.changes = [*kept, change]
        self.past.made.add(change, before)

    def _left_by(self, new: Change) -> list[Change]:
        """Return the changes up to another one that count beside it."""
        return [
            c
            for c in self.changes
            if c.at < new.at or (c.at == new.at and not kinds.replaced(new, c))
        ]

    def _make_change(self, change: Change) -> None:
        self.history.change(partial(kinds.make, change), repeatable=True)
        self.changes.append(change)

    # Numbers that are edited, and going back behind a change.

    def edit(self, edit: Edit, *, behind: bool = False, amend: Change | Left | None = None) -> str:
        """Change a number of the model; in the past, begin a branch.

        Args:
            edit: which number, and what it becomes.
            behind: whether it counts from the next iteration on. Otherwise the iteration in sight
                is computed again, from the changed number.
            amend: what was `undoable` behind the change whose place this takes, as long as nothing
                else has been done since; otherwise both are made.

        Returns:
            What should be said about it.

        Raises:
            ValueError: there is no such number; nothing has changed.
            DivergenceError, DataError: the iteration cannot be computed so; nothing has changed.
        """
        self.check_free()
        edit.check(self.history.trainer.model)
        now, before = self.trace.iteration, self._moment()
        change = Change(now if behind else now - 1, kinds.EDIT, str(edit))
        is_amended = self._is_last(amend)
        start = self.past.made.last.before if is_amended else before
        try:
            if is_amended:
                self._take(start)
            end = self.history.length
            trace = self._edited(change, start.trace)
        except BaseException:
            self._take(before)
            raise
        if is_amended:
            self.past.made.amend(change)
        else:
            self.past.made.add(change, before)
        with param.parameterized.batch_call_watchers(self):
            self.evaluation.clear()
            self._stand_at(trace)
            if change.at == 0:
                self.first_flows = self.flows
        # Of equal settings nobody would be told; there is another address.
        self.param.trigger("settings")
        when = f", from iteration {now + 1} on" if behind else ""
        branch = _branch(change.at) if now < end else ""
        is_for_eval = edit.is_for_eval(self.history.trainer.model)
        return joined(f"{edit.words}{when}.", EVAL_ONLY if is_for_eval else "", branch)

    def _is_last(self, change: Change | Left | None) -> bool:
        """Return whether a change, that very one, is the last thing that was done in the run."""
        if change is None or not self.past.made or self.past.made.last.change is not change:
            return False
        made_at = self.past.made.last.before.trace.iteration
        return bool(made_at == self.trace.iteration == self.history.length)

    def _edited(self, change: Change, trace: StepTrace) -> StepTrace:
        """Make a change behind an iteration, or before it; return the iteration.

        Args:
            change: of a number.
            trace: the iteration at which the history is.
        """
        now, kept = trace.iteration, self._left_by(change)
        behind = [c for c in self.changes if change.at < c.at == now]
        if change.at < now:
            self.history.before(now)
        self._make_change(change)
        if change.at < now:
            initial = params_of(self.history.trainer)
            trace = self.history.advance()
            if change.at == 0:
                self._keep_first(trace, initial, self.history.trainer)
        # Those behind the iteration count as before.
        for later in behind:
            self._make_change(later)
        self.changes = [*kept, change, *behind]
        return trace

    def _moment(self) -> Moment:
        return Moment(
            self.history.way_back(),
            self.trace,
            {
                "changes": list(self.changes),
                "initial": self.initial,
                "ranges": self.ranges,
                "fingerprint": self.fingerprint,
                "first_flows": self.first_flows,
            },
        )

    def return_to(self, moment: Moment) -> None:
        """Stand at an earlier moment of the run, as it was before a change that is undone."""
        with param.parameterized.batch_call_watchers(self):
            self._take(moment)
            self.evaluation.clear()
            self._stand_at(moment.trace)
        # Of equal settings nobody would be told; there is another address.
        self.param.trigger("settings")

    def _take(self, moment: Moment) -> None:
        """Put back all but the iteration in sight."""
        self.history.take(moment.way)
        for name, value in moment.held.items():
            setattr(self, name, list(value) if isinstance(value, list) else value)

    # Replays.

    def replay(self, recipe: Recipe, iteration: int, changes: Iterable[Change] = ()) -> None:
        """Begin a run and compute it up to an iteration; `go_on_replaying` does the work.

        Raises:
            SpecError, DataError, DivergenceError: the run cannot be made; nothing has changed.
            ValueError: a step of it would cost too much; nothing has changed.
        """
        changes = list(changes)
        # In one go: whoever watches shall know that the run is on its way somewhere else.
        with param.parameterized.batch_call_watchers(self):
            self.begin(recipe, [change for change in changes if change.at < iteration])
            self._begin_replay(iteration, [change for change in changes if change.at > 0])

    def extend(self, iteration: int, changes: Sequence[Change]) -> None:
        """Go on from the end of the run up to an iteration that it `leads_to`, as `replay` does."""
        self.check_free()
        self.history.rewind(self.history.length)
        self._begin_replay(iteration, _in_order(changes)[len(self.changes) :])

    def _begin_replay(self, iteration: int, changes: Iterable[Change]) -> None:
        changes = list(changes)
        if changes:
            # They are not undone one by one.
            self.past.made.clear()
        self._set_out(iteration, changes)
        self._lead(iteration)

    def _set_out(self, iteration: int, changes: Iterable[Change]) -> None:
        self._told = monotonic()
        self._replay = Replay(self.history, iteration, changes, self._make_change)
        self.progress = self._progress(self._replay)

    def _progress(self, replay: Replay) -> Progress:
        companion: Companion | None = self.companion
        beside = None if companion is None else companion.done
        return replace(replay.progress, beside=beside)

    def resume(self, frame: KeyFrame) -> None:
        """Go on with a replay from a key frame of the same run, if that leads further."""
        replay = self._replay
        if replay and replay.progress.done < frame.iteration < replay.target:
            seen = replay.pass_over(frame.iteration)
            self.history.resume(
                frame, [(change.at, partial(kinds.make, change)) for change in seen]
            )
            self.changes += seen

    def go_on_replaying(self, *, may_end: bool = True) -> None:
        """Compute the next slice of a replay.

        Args:
            may_end: whether it may come to its end, or fail; otherwise it waits before that.

        Raises:
            DivergenceError, DataError, or what a layer raises: the replay ends at the iteration
                before.
        """
        replay = self._replay
        if replay is None:
            return
        try:
            if replay.failure is not None:
                raise replay.failure
            if not self._compute_slice(replay) or not may_end:
                self._tell_progress(self._progress(replay))
                return
            trace = self.trace
            if self.history.trainer.iteration < replay.target:
                self.history.keep()
                trace = self.history.advance()
            replay.make_last_changes()
        except Exception as error:
            if not may_end:
                replay.failure = error
                return
            self.stop()
            raise
        self._end_replay(trace)

    def _compute_slice(self, replay: Replay) -> bool:
        """Compute a slice of whichever run is behind; return whether all are but done."""
        companion: Companion | None = self.companion
        if companion is not None and companion.is_on_its_way:
            if companion.done <= replay.progress.done:
                companion.go_on()
            else:
                replay.go_on()
            return False
        return replay.go_on()

    def _tell_progress(self, progress: Progress) -> None:
        """Tell how far a replay is, now and then; one that waits has nothing new to tell."""
        now = monotonic()
        if now - self._told >= TELLING and self.progress != progress:
            self._told, self.progress = now, progress

    def stop(self) -> None:
        """End a replay where it is."""
        if self._replay is not None:
            reached = max(1, self.history.trainer.iteration)
            beside = self.companion.stop() if self.companion else None
            reached = reached if beside is None else min(reached, beside)
            on_way = self.past.on_way
            self._end_replay(self.history.goto(reached))
            if on_way is not None:
                self.past.stop(on_way, self.recipe, self.history.length, self.changes)

    def _end_replay(self, trace: StepTrace) -> None:
        self._replay = self.past.on_way = None
        with param.parameterized.batch_call_watchers(self):
            self.progress = None
            self._stand_at(trace)

    # Evaluation.

    @property
    def samples_at_once(self) -> int:
        """How many samples of the test split are evaluated at a time."""
        trainer, recipe = self.history.trainer, self.recipe
        fits: int = self.limits.most_samples(recipe.step(trainer.model))
        return min(EVALUATED, max(1, fits))

    def evaluate(self) -> None:
        """Begin to evaluate the test split; `evaluation.go_on` does the work."""
        self.check_free()
        steps = self.history.trainer.evaluating(self.data.test, self.samples_at_once)
        self.evaluation.start(steps, self.trace.iteration)

    # Where it stands.

    def _stand_at(
        self, trace: StepTrace, reached: tuple[Params, list[LayerFlow]] | None = None
    ) -> None:
        """Stand at an iteration; its params and flows are computed if they are not given."""
        # What is saved and evaluated has the changes that were made behind it.
        self.history.redo()
        with param.parameterized.batch_call_watchers(self):
            self._show_settings(trace.iteration)
            # They may have been changed behind the iteration in sight.
            self.params = reached[0] if reached else params_of(self.history.trainer)
            if trace is not self.trace:
                # The model has moved on: what is left would be of another one.
                self.evaluation.stop()
                self.flows = reached[1] if reached else gradient_flow(trace)
                self.history.flow.add(trace.iteration, self.flows)
                self.trace = trace
            self._lead(trace.iteration)

    def _show_settings(self, iteration: int) -> None:
        """Compute the settings behind an iteration; they may have changed later on."""
        changed = (c for c in self.changes if c.name in SETTINGS and c.at <= iteration)
        made = {c.name: c.value for c in changed}
        found = {name: getattr(self.recipe, name) for name in SETTINGS} | made
        if self.recipe.has_own_schedule:
            found["learning_rate"] = self.history.trainer.optimizer.lr
        self.settings = found

    def check_free(self) -> None:
        """Raise RuntimeError while the run is replayed: nothing may change it then."""
        if self._replay is not None:
            raise RuntimeError(
                f"the run is being replayed to iteration {self._replay.target}: stop that first"
            )


def _in_order(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=attrgetter("at"))


def _fingerprint(trainer: Trainer) -> str:
    params = (param.value for param in trainer.model.parameters())
    return sha256(b"".join(value.tobytes() for value in params)).hexdigest()[:16]


def _branch(iteration: int) -> str:
    return f"A new branch begins after iteration {iteration}; the old run stays as a faint curve."

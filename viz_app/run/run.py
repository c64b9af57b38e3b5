"""A run: made from a recipe, stepped, replayed and changed. It knows no view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256
from operator import attrgetter
from time import monotonic

import param

from core.data import DataSet, load_dataset
from core.errors import DataError, DivergenceError, SpecError, StateError
from core.inspect.flow import LayerFlow, gradient_flow
from core.inspect.trace import StepTrace
from core.io.state.guess import guess_model
from core.training.history import History
from core.training.key_frame import KeyFrame
from core.training.results import Evaluation
from core.training.trainer import Trainer
from viz_app.run.companion import Companion
from viz_app.run.cost import FREE, OWN, Cost, Limits
from viz_app.run.edits import changes as kinds
from viz_app.run.edits.edit import Edit
from viz_app.run.edits.undo import Left, Moment, UndoList, UndoneRun, last_of
from viz_app.run.params import Params, params_of
from viz_app.run.presets import DEFAULT, PRESETS, with_network, with_preset
from viz_app.run.ranges import Ranges, ranges_of
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change, Progress, Replay
from viz_app.run.settings import CHANGEABLE, SETTINGS, SettingValue, shown, too_long_for_a_link
from viz_app.run.weights import Weights
from viz_app.words import ended, joined

# What a run may raise that its user can mend; nothing has changed then.
REFUSALS = (SpecError, DataError, DivergenceError, ValueError)
# Samples of the test split that are evaluated at a time, where a step may have so many.
EVALUATED = 100
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
    evaluation = param.ClassSelector(class_=Evaluation, default=None, doc="Of the test split.")
    evaluating = param.Boolean(default=False)
    evaluated_at = param.Integer(default=0, doc="Iteration whose model was evaluated.")
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
        self._undo = UndoList()
        # The runs before this one in which something was done, the last one at the end.
        self._left: tuple[Left, ...] = ()
        # Those from which undo has led back, the last one at the end.
        self._undone: tuple[UndoneRun, ...] = ()
        # What `redo` leads to if the replay on the way is stopped.
        self._on_way: UndoneRun | None = None
        self.flows: list[LayerFlow] = []
        self.first_flows: list[LayerFlow] = []
        self.own: DataSet | None = None
        self.own_weights: Weights | None = None
        self._replay: Replay | None = None
        self._told = 0.0
        self._evaluation_steps: Iterator[Evaluation] | None = None
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
        self._check_free()
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
        self._undo.clear()
        self._left, self._undone, self._on_way = (), (), None
        self.own = recipe.data if recipe.dataset == OWN_DATA else self.own
        self.own_weights = recipe.weights or self.own_weights
        with param.parameterized.batch_call_watchers(self):
            self.stop_evaluation()
            self.evaluation = None
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
        self._check_free()
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

    def restart(self) -> str:
        """Make the run anew with the settings as they are; return what should be said about it."""

        def begin() -> str:
            self.begin(self._recipe_now())
            return ""

        return self._begin_instead("new beginning with the same settings", begin)

    # Steps.

    def advance(self, count: int = 1) -> None:
        """Compute the next iterations, and stand at the last one.

        Args:
            count: how many; fewer once they have taken `AT_ONCE` seconds.

        Raises:
            DivergenceError: the numbers have outgrown what can be computed: the run stands at the
                last iteration before.
        """
        self._check_free()
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
        self._check_free()
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

    # Settings.

    def set(self, name: str, value: object) -> str:
        """Change a setting: in mid-run if it allows that, otherwise a new run begins.

        Returns:
            What should be said about it; empty as a rule.

        Raises:
            ValueError, SpecError, DataError, DivergenceError: it cannot be changed so; the message
                says why, and nothing has changed.
        """
        self._check_free()
        setting = SETTINGS[name]
        if value == self.settings[name]:
            return ""
        wanted = setting.check(value, self.data)
        if name == "learning_rate" and self.recipe.has_own_schedule:
            raise ValueError("The learning rate follows a schedule, which decides it.")
        if setting.change is not None:
            return self._change(name, wanted)
        of = setting.title[0].lower() + setting.title[1:]
        called = setting.titles.get(str(wanted), str(wanted))
        if wanted == OWN_DATA and self.own is not None:
            called = self.own.title
        return self._begin_instead(f"{of} {shown(called)}", lambda: self._set(name, wanted))

    def _set(self, name: str, wanted: SettingValue) -> str:
        """Begin the run anew with another setting; return what should be said of how."""
        if name == "preset":
            self.begin(with_preset(self.recipe, str(wanted)))
        elif name == "network":
            said = self._begin_fitting(with_network(self._recipe_now(), str(wanted)))
            return joined(said, too_long_for_a_link(str(wanted)))
        elif name == "dataset":
            data = self.own if wanted == OWN_DATA else load_dataset(str(wanted))
            if data is None:
                raise ValueError("There is no own data set yet: choose its files first.")
            return self._use(str(wanted), data)
        else:
            self.begin(self._recipe_now().with_(**{name: wanted}))
        return ""

    def _begin_instead(self, words: str, begin: Callable[[], str], *, is_told: bool = False) -> str:
        """Begin a new run in place of this one, to which `undo` leads back.

        It does not lead to a run that nobody would miss (see `Left.is_missed`), but to the one
        before.

        Args:
            words: for what the new one begins.
            begin: does it, and returns what should be said of how.
            is_told: whether it is said, and undone, in any case.

        Returns:
            What should be said about it; of the new run itself only where undo leads back from it.
        """
        left, before = self._leaving(words), self._left
        said = begin()
        is_undone = left.is_missed(self.recipe) or is_told
        self._left = last_of((*before, left)) if is_undone else before
        if self._left:
            # What can be undone has changed once more.
            self.param.trigger("settings")
        return (
            said
            if not is_undone
            else joined(f"A new run begins at iteration 1: {ended(words)}", said)
        )

    def _leaving(self, words: str, *, leads: bool = False) -> Left:
        """Return what leads back to this run as it stands, and to its companion if it `leads`."""
        companion = self.companion.anew() if leads and self.companion else None
        return Left(
            words, self.recipe, self.history.length, tuple(self.changes), self.own,
            leads=leads, companion=companion,
        )  # fmt: skip

    def take_the_place(self, begin: Callable[[], object], words: str) -> None:
        """Begin another run, that of the companion; `undo` leads back from it to both as they were.

        Args:
            begin: goes there, by whatever way, or leaves this run as it is.
            words: for what.
        """
        left, before, history = self._leaving(words, leads=True), self._left, self.history
        begin()
        if self.history is not history:
            self._left = last_of((*before, replace(left, taken_over=len(self.planned))))

    def leave_companion(self, words: str) -> None:
        """Lead nobody along any more; `undo` brings the companion back.

        Args:
            words: for what.
        """
        left = replace(
            self._leaving(words, leads=True),
            stays=True, taken_over=len(self.changes),
            after=self._undo.last.change if self._undo else None,
        )  # fmt: skip
        self.accompany(None)
        self._left, self._undone = last_of((*self._left, left)), ()

    def use_data(self, data: DataSet) -> str:
        """Begin the run anew with a person's own data; return what should be said about it.

        Raises:
            SpecError: the network does not fit it; nothing has changed.
            ValueError: a step with it would cost too much; nothing has changed.
        """
        return self._begin_instead(f"data set {data.title}", lambda: self._use(OWN_DATA, data))

    def forget_data(self) -> str:
        """Remove the person's own data; a run on them gives way to one on the preset's data.

        A network that does not fit these gives way to the preset's.

        Returns:
            What should be said about it; empty as a rule.
        """
        said = ""
        if self.recipe.dataset == OWN_DATA:
            recipe: Recipe = self.recipe
            name = recipe.preset or recipe.base or DEFAULT
            data = load_dataset(PRESETS[name].dataset)
            words = f"data set {data.title}"
            said = self._begin_instead(words, lambda: self._use_presets(recipe, name, data))
        else:
            # Nor does anything else bring them back.
            self._left = tuple(one for one in self._left if one.recipe.data is not self.own)
            self._undone = ()
        self.own = None
        return said

    def _use_presets(self, recipe: Recipe, name: str, data: DataSet) -> str:
        """Begin the run anew with a preset's data; return what should be said of how."""
        try:
            return self._use(PRESETS[name].dataset, data)
        except (SpecError, ValueError) as error:
            self.begin(with_preset(recipe, name))
            return f"The network does not fit the preset's data ({error}): its own is trained."

    def _use(self, name: str, data: DataSet) -> str:
        recipe = self._recipe_now()
        batch_size = min(recipe.batch_size, len(data.train))
        return self._begin_fitting(recipe.with_(batch_size=batch_size, data=data, dataset=name))

    def _begin_fitting(self, recipe: Recipe) -> str:
        """Make the run anew, from the person's own weights as long as they fit; return what to say.

        Raises:
            SpecError, DataError, DivergenceError, ValueError: as `begin`; nothing has changed.
        """
        said = ""
        try:
            self.begin(recipe)
        except StateError as error:
            if recipe.weights is None:
                raise
            self.begin(recipe.with_(weights=None))
            said = (
                f"The file {recipe.weights.name} does not fit ({error}): the run begins from "
                "weights that the seed draws."
            )
        return joined(said, self._idle_outputs())

    def _idle_outputs(self) -> str:
        recipe: Recipe = self.recipe
        return recipe.idle_outputs(self.history.trainer.model)

    def use_weights(self, weights: Weights | None, network: str = "") -> str:
        """Begin the run anew from a person's own weights, with the settings as they are.

        Args:
            weights: where it begins; None for those that the seed draws.
            network: text of the network to train; the present one if empty.

        Returns:
            What should be said about it; empty as a rule.

        Raises:
            StateError: they do not fit the network; a text that would fit comes along, if there is
                one. Nothing has changed.
            SpecError, DivergenceError, ValueError: as `begin`; nothing has changed.
        """
        recipe = self._recipe_now().with_(weights=weights)
        recipe = with_network(recipe, network) if network else recipe

        def begin() -> str:
            try:
                self.begin(recipe)
            except StateError as error:
                text, note = self._guess(recipe)
                # No network is in the way where the weights themselves are at fault.
                raise StateError(str(error), text, "" if note == str(error) else note) from error
            said = weights.put_into(recipe.trainer(self.limits)) if weights else ""
            return joined(said, self._idle_outputs())

        if weights is None:
            return self._begin_instead("weights that the seed draws", begin)
        has_state = weights.has_state_of(self.history.trainer.optimizer)
        state = f"{'with' if has_state else 'without'} the optimiser's state"
        return self._begin_instead(f"weights of {weights.name}, {state}", begin, is_told=True)

    def _guess(self, recipe: Recipe) -> tuple[str, str]:
        """Return the text of a network that the weights of a recipe fit, and what to say of it."""
        weights = recipe.weights
        assert weights is not None
        if weights.network:
            with suppress(ValueError):
                return self._offer(recipe, weights.network, "This is what the file names.")
        try:
            guess = guess_model(weights.state, recipe.data.input_shape)
            return self._offer(recipe, guess.text, guess.note)
        except ValueError as error:
            return "", str(error)

    def _offer(self, recipe: Recipe, network: str, note: str) -> tuple[str, str]:
        """Return a network and what to say of it, if the weights of a recipe fit it.

        Raises:
            ValueError: it is none, or they do not.
        """
        offered = with_network(recipe, network)
        model = offered.trainer(self.limits).model
        return network, joined(note, offered.idle_outputs(model))

    def _recipe_now(self) -> Recipe:
        """Return the recipe of a run that begins with the settings of this iteration."""
        recipe: Recipe = self.recipe
        return recipe.with_(**{name: self.settings[name] for name in CHANGEABLE})

    def _change(self, name: str, value: SettingValue) -> str:
        """Change a setting from the next iteration on; in the past, begin a branch."""
        if name == "batch_size":
            beside = self.companion.cost if self.companion else FREE
            self._check_cost(self.recipe, self.history.trainer, int(value), beside)
        now, end = self.trace.iteration, self.history.length
        change = Change(now, name, value)
        with param.parameterized.batch_call_watchers(self):
            self._change_here(change)
            if now < end:
                # Of a run that is left behind.
                self.stop_evaluation()
                self.evaluation = None
            self._show_settings(now)
            self._lead(now)
        return _branch(now) if now < end else ""

    def _change_here(self, change: Change) -> None:
        """Make a change behind the iteration in sight."""
        before, kept = self._moment(), self._left_by(change)
        # First what may be refused.
        self._make_change(change)
        self.changes = [*kept, change]
        self._undo.add(change, before)

    def _left_by(self, new: Change) -> list[Change]:
        """Return the changes up to another one that count beside it."""
        return [
            c
            for c in self.changes
            if c.at < new.at or (c.at == new.at and not kinds.replaced(new, c))
        ]

    def make(self, change: Change) -> None:
        """Make a change behind the iteration at which the run stands; see `set`."""
        self._check_free()
        self._change(change.name, change.value)

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
        self._check_free()
        edit.check(self.history.trainer.model)
        now, before = self.trace.iteration, self._moment()
        change = Change(now if behind else now - 1, kinds.EDIT, str(edit))
        is_amended = self._is_last(amend)
        start = self._undo.last.before if is_amended else before
        try:
            if is_amended:
                self._take(start)
            end = self.history.length
            trace = self._edited(change, start.trace)
        except BaseException:
            self._take(before)
            raise
        if is_amended:
            self._undo.amend(change)
        else:
            self._undo.add(change, before)
        with param.parameterized.batch_call_watchers(self):
            self.stop_evaluation()
            self.evaluation = None
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
        if change is None or not self._undo or self._undo.last.change is not change:
            return False
        made_at = self._undo.last.before.trace.iteration
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

    @property
    def undoable(self) -> Change | Left | None:
        """The last change, or the run that was left for this one: what `undo` takes back.

        None if there is neither.
        """
        left = self._left[-1] if self._left else None
        last = self._undo.last.change if self._undo else None
        if left is not None and (
            len(self.changes) <= left.taken_over if last is None else last is left.after
        ):
            return left
        if last is not None:
            return last
        return self.changes[-1] if self.changes else None

    def undo(self) -> str:
        """Go back to where the last change was made, to the run without it.

        One that a link has brought along is undone by a replay without it, and a new run by a
        replay of the one before.

        Returns:
            What should be said about it.

        Raises:
            ValueError: there is no change.
        """
        self._check_free()
        change = self.undoable
        if change is None:
            raise ValueError("There is no change to be undone.")
        if isinstance(change, Left):
            self._undo_run(change, self._left[:-1])
            return f"Undone: {ended(change.words)}"
        if not self._undo:
            back = replace(
                self._leaving(kinds.words(change)),
                iterations=self.trace.iteration, changes=tuple(self.changes[:-1]),
            )  # fmt: skip
            self._undo_run(back, self._left)
            return f"Undone: {ended(back.words)}"
        with param.parameterized.batch_call_watchers(self):
            before = self._undo.undo()
            self._take(before)
            self.stop_evaluation()
            self.evaluation = None
            self._stand_at(before.trace)
        self.param.trigger("settings")
        return f"Undone: {ended(kinds.words(change))}"

    def _undo_run(self, back: Left, before: tuple[Left, ...]) -> None:
        """Go back to a run, from which `redo` leads here again.

        Args:
            back: where to go.
            before: the runs that were left for that one.
        """
        here = replace(self._leaving(back.words, leads=back.leads), stays=back.stays)
        left, rest = self._left, self._undone
        self._go_to(back, before)
        iterations = self.history.length if back.stays else back.iterations
        undone = UndoneRun(here, left, back.recipe, iterations, back.changes)
        self._undone = last_of((*rest, undone))
        self._on_way = undone if self.replaying else None

    def _go_to(self, left: Left, before: tuple[Left, ...]) -> None:
        """Go to another run as it stood, and to whom that one led along.

        Args:
            left: where to go.
            before: the runs that were left for that one.
        """
        companion = self.companion
        with param.parameterized.batch_call_watchers(self):
            try:
                if left.leads:
                    self.companion = left.companion.anew() if left.companion else None
                if left.stays:
                    self._lead(self.trace.iteration)
                else:
                    self.replay(left.recipe, left.iterations, left.changes)
                    self.own = left.own
            except BaseException:
                self.companion = companion
                raise
            self._left = before
        # What can be undone has changed once more.
        self.param.trigger("settings")

    @property
    def redoable(self) -> Change | Left | None:
        """What `redo` makes again, or the run that it leads to again.

        None where something else was done or one went on.
        """
        change = self._undo.redoable(self.trace.iteration, self.changes)
        if change is not None:
            return change
        last = self._undone[-1] if self._undone and not self.replaying else None
        is_there = last and last.is_at(self.recipe, self.history.length, self.changes)
        return last.run if last and is_there else None

    def redo(self) -> str:
        """Make the change again that was undone last, or go to the run again that was left by it.

        Returns:
            What should be said about it.

        Raises:
            ValueError: there is none.
        """
        self._check_free()
        change = self.redoable
        if change is None:
            raise ValueError("Nothing that was undone can be made again here.")
        if isinstance(change, Left):
            *rest, last = self._undone
            self._go_to(change, last.before)
            self._undone = tuple(rest)
            self._on_way = last if self.replaying else None
            return f"Redone: {ended(change.words)}"
        edit = kinds.edit_of(change)
        if edit is None:
            self._change(change.name, change.value)
        else:
            self.edit(edit, behind=change.at == self.trace.iteration)
        return f"Redone: {ended(kinds.words(change))}"

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
        self._check_free()
        self.history.rewind(self.history.length)
        self._begin_replay(iteration, _in_order(changes)[len(self.changes) :])

    def _begin_replay(self, iteration: int, changes: Iterable[Change]) -> None:
        changes = list(changes)
        if changes:
            # They are not undone one by one.
            self._undo.clear()
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
            on_way = self._on_way
            self._end_replay(self.history.goto(reached))
            if on_way is not None:
                rest = tuple(one for one in self._undone if one is not on_way)
                here = self.recipe, self.history.length, tuple(self.changes)
                self._undone = (*rest, UndoneRun(on_way.run, on_way.before, *here))

    def _end_replay(self, trace: StepTrace) -> None:
        self._replay = self._on_way = None
        with param.parameterized.batch_call_watchers(self):
            self.progress = None
            self._stand_at(trace)

    # Evaluation.

    def start_evaluation(self) -> None:
        """Begin to evaluate the test split; `continue_evaluation` does the work."""
        self._check_free()
        trainer, recipe = self.history.trainer, self.recipe
        fits = self.limits.most_samples(recipe.step(trainer.model))
        self._evaluation_steps = trainer.evaluating(self.data.test, min(EVALUATED, max(1, fits)))
        self.param.update(evaluation=None, evaluated_at=self.trace.iteration, evaluating=True)

    def continue_evaluation(self) -> None:
        """Evaluate the next samples."""
        result = next(self._evaluation_steps, None) if self._evaluation_steps else None
        with param.parameterized.batch_call_watchers(self):
            if result is not None:
                self.evaluation = result
            if result is None or result.done == result.total:
                self.stop_evaluation()

    def stop_evaluation(self) -> None:
        """Leave the evaluation as far as it came."""
        self._evaluation_steps = None
        self.evaluating = False

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
                self.stop_evaluation()
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

    def _check_free(self) -> None:
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

"""Goes back to any earlier iteration of a run, bit for bit, in bounded memory.

Every few iterations the trainer's whole state is kept (a key frame); what lies between is computed
again. When key frames take more memory than allowed, every second one is dropped. A change in
mid-run is made again on the way; where it may not do the same again, the state behind it is kept
for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from core.inspect.trace import StepTrace
from core.snapshot import Captured
from core.training.arguments import is_whole
from core.training.flow_log import FlowLog
from core.training.key_frame import KeyFrame
from core.training.results import StepResult
from core.training.settings import changed, settings_of
from core.training.trainer import Trainer
from core.training.way_back import WayBack

Made = TypeVar("Made", StepTrace, StepResult)
# Changes something of the trainer that it is given.
Change = Callable[[Trainer], None]

# How many of the runs that were replaced by a branch are kept.
OLD_RUNS = 5


class History:
    """Steps a trainer, and goes back to any iteration of its run.

    A replay can only be the same run if it knows of every change in mid-run. So a setting that was
    assigned past `change`, or a step past this object, is refused at the next iteration; `goto`
    undoes it. Noticed are all numbers and words among the attributes of the trainer, its optimiser,
    loss, schedule and layers, other objects in their place, and frozen params. Changes of arrays,
    of generators and of objects deeper inside are not noticed.

    Args:
        trainer: stepped through this object only, and changed through `change` only, once it is
            handed over.
        every: iterations between two key frames at first.
        budget: bytes that key frames may take.

    Attributes:
        length: number of iterations computed so far; the run can be shown at any of 1..length.
        losses: loss of each iteration, index 0 for iteration 1.
        accuracies: accuracy of each iteration.
        old_losses: losses of the last runs that a change in their past has replaced.
        flow: how large gradients were, for the iterations that somebody looked at and added.

    Raises:
        TypeError: `trainer` is no Trainer.
        ValueError: `every` is not a whole number of at least 1, or `budget` of at least 0.
    """

    def __init__(self, trainer: Trainer, every: int = 50, budget: int = 64_000_000) -> None:
        if not isinstance(trainer, Trainer):
            raise TypeError(f"trainer is a {type(trainer).__name__}; expected a Trainer")
        if not is_whole(every, 1):
            raise ValueError(f"every is {every!r}; expected a whole number of at least 1")
        if not is_whole(budget, 0):
            raise ValueError(f"budget is {budget!r}; expected a whole number of bytes, at least 0")
        self.trainer = trainer
        self.every = every
        self.budget = budget
        self.length = 0
        self.losses: list[float] = []
        self.accuracies: list[float] = []
        self.old_losses: list[list[float]] = []
        self.flow = FlowLog([layer.name for layer in trainer.model.leaves()])
        self._frames: dict[int, Captured] = {0: trainer.get_state()}
        # Frames behind changes that cannot be repeated: a replay must restore them on its way.
        self._pinned: set[int] = set()
        # Other changes, by the iteration behind which they are made; no pinned one.
        self._changed: dict[int, list[Change]] = {}
        # Whether the changes behind the present iteration are made: always so in a frame.
        self._leaving = True
        self._last: StepTrace | None = None
        self._settings = settings_of(trainer)

    def advance(self) -> StepTrace:
        """Compute the next iteration, for the first time or again, and return its trace.

        Raises:
            DivergenceError, DataError, RuntimeError, ValueError: as in `Trainer.step`. The trainer
                is put back to before this iteration, with everything that it holds, after any
                error.
            RuntimeError: a setting was assigned since the last iteration, not by `change`; or the
                trainer was stepped past this object. Nothing has changed then.
        """
        self._check_settings()
        self._last = self._make(self.trainer.record_step)
        self._settings = settings_of(self.trainer)
        return self._last

    def skip(self, until: Callable[[], bool] | None = None) -> None:
        """Compute the next iteration without a trace; see `advance`.

        Args:
            until: further ones are computed until it returns True, for which settings are
                compared once only, as that takes a third of the time of a small step.
        """
        self._check_settings()
        self._make(self.trainer.step)
        while until is not None and not until():
            self._make(self.trainer.step)
        self._settings = settings_of(self.trainer)

    def _make(self, step: Callable[[], Made]) -> Made:
        self.redo()
        before = self.trainer.iteration
        try:
            made = step()
        except BaseException:
            self._rewind(before)
            self.redo()
            self._settings = settings_of(self.trainer)
            raise
        self._leaving = False
        self._log(made)
        return made

    def _changes(self) -> list[str]:
        """Return which settings are others than after the last iteration or change."""
        return changed(self._settings, settings_of(self.trainer))

    def _check_settings(self) -> None:
        """Raise RuntimeError if something was changed since the last iteration but by `change`."""
        names = self._changes()
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise RuntimeError(
                f"{names[0]}{more} changed since the last iteration, and a replay would not know "
                "of it: make the change by history.change(function of the trainer), and step "
                "through the history only; history.goto undoes it"
            )

    def change(self, how: Change, repeatable: bool = False) -> None:
        """Change a setting of the trainer between two iterations.

        In the past this starts a branch: the iterations after this one are given up, and, if they
        are more than one, their losses are kept as an entry of `old_losses`.

        Args:
            how: changes the trainer it is given, or anything that belongs to it. Where it raises,
                nothing has changed.
            repeatable: whether it does the same whenever it is called, as the assignment of a
                number does. Then it takes no memory; otherwise a key frame is kept for it, besides
                those in the budget.
        """
        now = self.trainer.iteration
        self.redo()
        before = self.trainer.get_state()
        try:
            how(self.trainer)
        except BaseException:
            self.trainer.set_state(before)
            raise
        self._settings = settings_of(self.trainer)
        if now < self.length:
            # The last iteration alone, begun with something else, leaves no curve.
            if self.length - now > 1:
                self.old_losses = [*self.old_losses[1 - OLD_RUNS :], list(self.losses)]
            self.length = now
            del self.losses[now:], self.accuracies[now:]
            self.flow.cut(now)
            self._frames = {k: frame for k, frame in self._frames.items() if k <= now}
            self._pinned = {k for k in self._pinned if k <= now}
            self._changed = {k: made for k, made in self._changed.items() if k <= now}
        self._leaving = True
        if repeatable and now not in self._pinned:
            self._changed.setdefault(now, []).append(how)
        else:
            self._pinned.add(now)
            self._changed.pop(now, None)
        if now in self._pinned or now in self._frames:
            self._frames[now] = self.trainer.get_state()

    def keep(self) -> None:
        """Keep the state after this iteration, to go on from there without a replay."""
        self.redo()
        if self.trainer.iteration not in self._frames:
            self._frames[self.trainer.iteration] = self.trainer.get_state()

    def distance(self, iteration: int) -> int:
        """Return how many iterations `goto` has to compute again before it is at one."""
        return iteration - 1 - self._nearest(iteration - 1)

    def key_frame(self, iteration: int) -> KeyFrame:
        """Return the last key frame of the run up to an iteration."""
        k = self._nearest(iteration)
        return KeyFrame(self._frames[k], self.losses[:k], self.accuracies[:k])

    def resume(self, frame: KeyFrame, changes: Iterable[tuple[int, Change]] = ()) -> None:
        """Go to where a key frame of the same run was taken, perhaps by another history.

        Args:
            frame: of this run.
            changes: those that it contains and this history has not seen: behind which iteration,
                and how, so that they do the same again. They are made when one goes back there.
        """
        now = frame.iteration
        for at, how in changes:
            self._changed.setdefault(at, []).append(how)
        if now > self.length:
            self.length = now
            self.losses, self.accuracies = list(frame.losses), list(frame.accuracies)
        self._frames[now] = frame.state
        self.trainer.set_state(frame.state)
        self._leaving = True
        self._settings = settings_of(self.trainer)

    def goto(self, iteration: int) -> StepTrace:
        """Return the trace of an earlier iteration, and leave the trainer right after it.

        What was changed past `change` is undone.

        Raises:
            ValueError: the run has no such iteration.
        """
        self._check_iteration(iteration)
        last, is_there = self._last, self.trainer.iteration == iteration
        if last is not None and last.iteration == iteration and is_there and not self._changes():
            return last
        self._rewind(iteration - 1)
        self._settings = settings_of(self.trainer)
        return self.advance()

    def before(self, iteration: int) -> None:
        """Leave the trainer right before an iteration of the run, to change what it begins with.

        The state there is kept: the iteration is begun again without a replay.

        Raises:
            ValueError: the run has no such iteration.
        """
        self._check_iteration(iteration)
        self._rewind(iteration - 1)
        self.keep()
        self._settings = settings_of(self.trainer)

    def way_back(self) -> WayBack:
        """Return what leads back to this moment of this run, whatever is changed afterwards."""
        return WayBack(self.trainer.get_state(), self._held())

    def take(self, way: WayBack) -> None:
        """Go where a way back leads; it can be taken again.

        The iterations that the run had beyond are there again. Key frames of them are not: to go
        there is a replay.
        """
        self.trainer.set_state(way.state)
        vars(self).update(way.held)
        # What the way holds stays as it is.
        vars(self).update(self._held())
        self._settings = settings_of(self.trainer)

    def _held(self) -> dict[str, Any]:
        """Return copies of all that changes with the run, by attribute; see `WayBack`."""
        now = self.trainer.iteration
        frames = {k: frame for k, frame in self._frames.items() if k <= now or k in self._pinned}
        return {
            "every": self.every,
            "length": self.length,
            "losses": list(self.losses),
            "accuracies": list(self.accuracies),
            "old_losses": list(self.old_losses),
            "flow": self.flow.copy(),
            "_frames": frames,
            "_pinned": set(self._pinned),
            "_changed": {k: list(made) for k, made in self._changed.items()},
            "_leaving": self._leaving,
            "_last": self._last,
        }

    def rewind(self, iteration: int) -> None:
        """Go to the last key frame up to an iteration, to `skip` from there."""
        self._rewind(self._nearest(iteration))
        self._settings = settings_of(self.trainer)

    def _check_iteration(self, iteration: int) -> None:
        if not self.length:
            raise ValueError("the run has no iterations yet: advance it first")
        if not is_whole(iteration, 1) or iteration > self.length:
            raise ValueError(f"iteration is {iteration}; the run has 1 to {self.length}")

    def _nearest(self, iteration: int) -> int:
        return max(k for k in self._frames if k <= iteration)

    def _rewind(self, iteration: int) -> None:
        """Set the trainer to the state right after an iteration."""
        self.trainer.set_state(self._frames[self._nearest(iteration)])
        self._leaving = True
        while self.trainer.iteration < iteration:
            self.redo()
            self.trainer.step()
            self._leaving = False

    def redo(self) -> None:
        """Make the changes that were made behind this iteration: one arrives as it was left."""
        now = self.trainer.iteration
        if self._leaving or (now not in self._pinned and now not in self._changed):
            return
        if now in self._frames:
            self.trainer.set_state(self._frames[now])
        else:
            for how in self._changed[now]:
                how(self.trainer)
            self._keep_some()
        self._leaving = True
        self._settings = settings_of(self.trainer)

    def _log(self, made: StepTrace | StepResult) -> None:
        """Keep loss and accuracy of the iteration, and every so often the state of the run."""
        iteration = made.iteration
        if iteration > self.length:
            self.length = iteration
            self.losses.append(made.loss)
            self.accuracies.append(made.accuracy)
        # Behind changes it is kept once they are made.
        if iteration not in self._changed:
            self._keep_some()

    def _keep_some(self) -> None:
        """Keep the state after every so many iterations."""
        iteration = self.trainer.iteration
        if iteration % self.every == 0 and iteration not in self._frames:
            self._frames[iteration] = self.trainer.get_state()
            self._thin()

    def _thin(self) -> None:
        # The first frame is smaller than the others: layers have computed nothing yet.
        size = max(self._frames[k].nbytes for k in (0, max(self._frames)))
        while self.every < self.length and size * len(self._frames) > self.budget:
            self.every *= 2
            self._frames = {
                k: frame
                for k, frame in self._frames.items()
                if k % self.every == 0 or k in self._pinned
            }

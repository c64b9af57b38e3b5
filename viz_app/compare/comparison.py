"""Two runs that step together, the second made from the first by one difference."""

from __future__ import annotations

from collections.abc import Sequence

from viz_app.compare.carried import Carried
from viz_app.compare.difference import Difference
from viz_app.run.cost import FREE, Cost, Limits
from viz_app.run.edits import changes as kinds
from viz_app.run.recipe import Recipe
from viz_app.run.replay import Change
from viz_app.run.run import BESIDE, Run


class Comparison:
    """The second run, which follows the first; see `Companion`.

    It is a run like any other: its numbers are those that it would have alone.

    Args:
        difference: by which it differs from the first run.
        limits: what a step of both together may cost.

    Attributes:
        run: the second run; None if it cannot be made.
        failure: why it is not where the first run is, in words that follow a colon; empty if it is.
    """

    def __init__(self, difference: Difference, limits: Limits) -> None:
        self.difference, self._limits = difference, limits
        self.run: Run | None = None
        self.failure = ""
        # On which way it failed, and how far it came.
        self._stuck: tuple[Recipe, list[Change], Cost, int] | None = None

    @property
    def cost(self) -> Cost:
        """What a step of the second run takes."""
        return FREE if self.run is None else self.run.cost

    @property
    def told(self) -> str:
        """Why the second run is not where the first one is, as people read it; empty if it is."""
        if self.run is None:
            return f"There is no run B: {self.failure}"
        if self.failure:
            return f"Run B ends after iteration {self.run.trace.iteration}: {self.failure}"
        return ""

    @property
    def begins(self) -> str:
        """What of the second run begins from own weights of the first; empty without any."""
        weights = None if self.run is None else self.run.recipe.weights
        if self.run is None or not isinstance(weights, Carried):
            return ""
        return weights.words(self.run.history.trainer.model)

    @property
    def is_on_its_way(self) -> bool:
        """Whether the second run is replayed; then `go_on` does the work."""
        return self.run is not None and self.run.replaying

    @property
    def done(self) -> int:
        """How many iterations of the second run are computed."""
        return 0 if self.run is None else self.run.history.trainer.iteration

    def anew(self) -> Comparison:
        """Return a comparison by the same difference that has computed nothing yet."""
        return Comparison(self.difference, self._limits)

    def lead(self, recipe: Recipe, iteration: int, changes: Sequence[Change], beside: Cost) -> None:
        """Go to an iteration of the first run, or begin to; see `Companion.lead`."""
        wanted, made = self.difference.recipe(recipe), self.difference.changes(changes)
        if self._is_stuck(wanted, made, iteration, beside):
            return
        limits = self._limits.less(beside, BESIDE)
        try:
            self._go(wanted, iteration, made, limits)
            self.failure, self._stuck = "", None
            self._go_on()
        except Exception as error:
            self._fail(error, wanted, made, beside)

    def go_on(self) -> None:
        """Compute the next slice of the way."""
        run = self.run
        if run is None:
            return
        try:
            self._go_on()
        except Exception as error:
            self._fail(error, run.recipe, run.changes, FREE)

    def stop(self) -> int | None:
        """End the way where it is; return that iteration, None if there was none to be ended."""
        if self.run is None or not self.run.replaying:
            return None
        self.run.stop()
        return int(self.run.trace.iteration)

    def _go(self, recipe: Recipe, iteration: int, made: list[Change], limits: Limits) -> None:
        if self.run is None:
            self.run = Run(recipe, limits)
        run = self.run
        run.limits = limits
        run.stop()
        made = [change for change in made if change.at <= iteration]
        branch = _branch(run, recipe, iteration, made)
        if branch is not None:
            # The first run has been changed there.
            run.goto(branch)
            self._make(made, branch)
        if run.holds(recipe, iteration, made):
            run.goto(iteration)
        elif run.leads_to(recipe, iteration, made):
            self._go_ahead(run, iteration, made)
        elif iteration > 1:
            run.replay(recipe, iteration, made)
        else:
            run.begin(recipe, [change for change in made if change.at < 1])
        if not run.replaying:
            self._make(made, iteration)

    def _make(self, made: Sequence[Change], at: int) -> None:
        """Make the changes behind the iteration at which the second run stands."""
        run = self.run
        for change in made:
            if run is not None and change.at == at and change not in run.changes:
                run.change(change.name, change.value)

    def _go_ahead(self, run: Run, iteration: int, made: Sequence[Change]) -> None:
        """Go on from the end of the run; a few steps need no replay."""
        end = run.history.length
        if run.trace.iteration == end and not any(end < c.at < iteration for c in made):
            self._make(made, end)
            run.advance(iteration - end)
        if run.trace.iteration < iteration:
            run.extend(iteration, made)

    def _go_on(self) -> None:
        if self.run is not None and self.run.replaying:
            self.run.go_on_replaying()

    def _is_stuck(
        self, recipe: Recipe, made: Sequence[Change], iteration: int, beside: Cost
    ) -> bool:
        """Return whether it is known that it does not come to an iteration."""
        if self._stuck is None:
            return False
        known, changes, cost, reached = self._stuck
        same = changes == [change for change in made if change.at <= reached]
        # What costs too much may be allowed beside a smaller step.
        is_free = beside != cost and reached == 0
        return iteration > reached and same and not is_free and recipe.makes_the_run_of(known)

    def _fail(self, error: Exception, recipe: Recipe, made: Sequence[Change], beside: Cost) -> None:
        run = self.run
        if run is not None and not run.recipe.makes_the_run_of(recipe):
            # It is of another recipe.
            self.run = run = None
        reached = 0 if run is None else int(run.trace.iteration)
        self.failure = str(error)
        changes = [change for change in made if change.at <= reached]
        self._stuck = recipe, changes, beside, reached


def _branch(run: Run, recipe: Recipe, iteration: int, made: Sequence[Change]) -> int | None:
    """Return the iteration, not far before another one, at which a run parts from a way.

    None if it does not, or if it has made a change there that can only be taken back by beginning
    anew.
    """
    same = 0
    while same < min(len(made), len(run.changes)) and made[same] == run.changes[same]:
        same += 1
    if same == len(made) or not recipe.makes_the_run_of(run.recipe):
        return None
    at = made[same].at
    new = [change for change in made[same:] if change.at == at]
    old = [change for change in run.changes[same:] if change.at <= at]
    is_near = 1 <= at <= min(iteration, run.history.length) and iteration - at <= run.history.every
    covered = all(o.at == at and any(kinds.replaced(n, o) for n in new) for o in old)
    return at if is_near and covered and run.history.distance(at) <= run.history.every else None


def second_curves(run: Run) -> tuple[list[float], list[float]]:
    """Return losses and accuracies of the run that another one is compared with, if there is one.

    They are empty otherwise.
    """
    comparison: Comparison | None = run.companion
    second = comparison and comparison.run
    return (second.history.losses, second.history.accuracies) if second else ([], [])

"""What goes wherever a run goes: so much of it a run has to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from viz_app.run.cost import Cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viz_app.run.recipe import Recipe
    from viz_app.run.replay import Change


class Companion(Protocol):
    """Follows a run, whose every step leads it to the same iteration. It never raises an error."""

    @property
    def cost(self) -> Cost:
        """What a step of it takes."""

    @property
    def is_on_its_way(self) -> bool:
        """Whether it has not arrived where it was led; then `go_on` does the work."""

    @property
    def done(self) -> int:
        """How many iterations it has computed."""

    def anew(self) -> Companion:
        """Return one that will follow in the same way, and has computed nothing yet."""

    def lead(self, recipe: Recipe, iteration: int, changes: Sequence[Change], beside: Cost) -> None:
        """Go to an iteration of the run, or begin to, where many have to be computed.

        Args:
            recipe: of the run.
            iteration: where the run stands, or is going to.
            changes: of the run, made or to be made on the way.
            beside: what a step of the run takes.
        """

    def go_on(self) -> None:
        """Compute the next slice of the way."""

    def stop(self) -> int | None:
        """End the way where it is; return that iteration, None if there was none to be ended."""

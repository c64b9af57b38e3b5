"""Which iteration somebody stood at last, before the present one."""

from __future__ import annotations

from viz_app.run.params import Params


class Visits:
    """Remembers what the model had learnt where somebody stood. Play only passes by.

    Attributes:
        last: of the iteration that was visited before the present one; None if there is none.
    """

    def __init__(self) -> None:
        self.last: Params | None = None
        self._here: Params | None = None
        self._passing = False

    def arrive(self, here: Params, passing: bool = False) -> None:
        """Come to an iteration.

        Args:
            here: what the model has learnt by then.
            passing: whether Play goes on from there.
        """
        was, on = self._here, passing and self._passing
        if was is not None and was.iteration != here.iteration and not on:
            self.last = was
        self._here, self._passing = here, passing

    def rest(self) -> None:
        """Stay where Play begins or has ended."""
        self._passing = False

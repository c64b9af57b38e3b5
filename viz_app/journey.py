"""Replays training to a linked iteration in short, interruptible slices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from time import perf_counter

from core.errors import DivergenceError
from viz_app.session import Session, sentence

# Behind which iteration, which setting, to what.
Change = tuple[int, str, float]
# Seconds of a slice: the page answers in between.
PART = 0.05


class Journey:
    """A replay of a session's run from its beginning to an iteration.

    Args:
        session: whose run it is; it has just begun.
        iteration: where the replay ends.
        changes: of settings, to be made on the way.
        arrived: called at the end; not if the replay is stopped.
    """

    def __init__(
        self,
        session: Session,
        iteration: int,
        changes: Iterable[Change],
        arrived: Callable[[], None],
    ) -> None:
        self._session, self._iteration, self._arrived = session, iteration, arrived
        self._changes = sorted(changes, key=itemgetter(0))

    def begin(self) -> None:
        """Start; whoever watches `Session.journey` calls `go_on`."""
        self._session.journey = self
        self.go_on()

    def go_on(self) -> None:
        """Replay one slice, and say how far it is."""
        session, trainer = self._session, self._session.history.trainer
        until = perf_counter() + PART
        try:
            while trainer.iteration < self._iteration - 1 and perf_counter() < until:
                self._make_changes(trainer.iteration)
                session.history.skip()
            if trainer.iteration < self._iteration - 1:
                session.message = (
                    f"Replaying to iteration {self._iteration}: {trainer.iteration} done."
                )
                return
            self._make_changes(trainer.iteration)
            if trainer.iteration < self._iteration:
                session.advance()
            self._make_changes(trainer.iteration)
        except DivergenceError as error:
            self.stop()
            session.message = sentence(error)
            return
        session.message = ""
        self.stop()
        self._arrived()

    def stop(self) -> None:
        """Stay at the iteration that was reached."""
        session = self._session
        session.journey = None
        reached = session.history.trainer.iteration
        if reached != session.trace.iteration:
            session.goto(max(1, reached))

    def _make_changes(self, iteration: int) -> None:
        """Make those that are due behind an iteration."""
        while self._changes and self._changes[0][0] <= iteration:
            self._session.put_change(*self._changes.pop(0))

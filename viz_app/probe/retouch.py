"""Pixels of a probe that were changed by hand, so that each change can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from viz_app.probe.probe import Probe

# The most changes that are kept.
MOST = 50


@dataclass(frozen=True, eq=False)
class Retouch:
    """A change of a pixel.

    Attributes:
        before: the picture that it was made in.
        after: the picture that it led to.
        words: what was changed, as people read it.
        run: the change of the run that could be undone then: one that came later goes first.
    """

    before: Probe
    after: Probe
    words: str
    run: object


class Retouches:
    """The last changes of pixels, in the order in which they were made."""

    def __init__(self) -> None:
        self._all: list[Retouch] = []
        self._undone: list[Retouch] = []

    def add(self, retouch: Retouch) -> None:
        """Keep one more; one of the same picture takes the place of the last one."""
        kept = self._all[:-1] if self._all and self._all[-1].before == retouch.before else self._all
        self._all = [*kept[1 - MOST :], retouch]
        self._undone = []

    def last(self, probe: Probe | None, run: object) -> Retouch | None:
        """Return what undo takes back; None if that is no change of a pixel.

        Args:
            probe: the picture in sight.
            run: the last change of the run.
        """
        last = self._all[-1] if self._all else None
        return last if last and last.after == probe and last.run is run else None

    def undone(self, probe: Probe | None, run: object) -> Retouch | None:
        """Return what redo makes again; see `last`."""
        last = self._undone[-1] if self._undone else None
        return last if last and last.before == probe and last.run is run else None

    def undo(self) -> None:
        """Hear that the last one is undone."""
        self._undone.append(self._all.pop())

    def redo(self) -> None:
        """Hear that what was undone last is made again."""
        self._all.append(self._undone.pop())

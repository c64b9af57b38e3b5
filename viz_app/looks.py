"""What is seen at a place of a run: the iteration, what is covered of it, and a second run."""

from __future__ import annotations

from dataclasses import replace

from core.inspect.trace import StepTrace
from viz_app.compare.beside import Besides
from viz_app.compare.scene import scene_of
from viz_app.cover.covered import NOTHING, Covered
from viz_app.cover.iteration import cover
from viz_app.place.place import THEN, Place
from viz_app.place.visits import Visits
from viz_app.probe.asked import Asked
from viz_app.run.params import Params
from viz_app.run.run import Run
from viz_app.scene.registry import Look
from viz_app.scene.scene import Scene
from viz_app.scene.sight import draws


class Looks:
    """Looks at the iteration at which a run stands; what costs time is made once.

    Args:
        run: what is looked at.

    Attributes:
        asked: what the network makes of a probe.
        covered: what is not shown.
        visits: which iteration somebody stood at last.
    """

    def __init__(self, run: Run) -> None:
        self._run, self.asked, self.covered = run, Asked(run), NOTHING
        self._besides = Besides()
        # A recorded iteration, and the same as it is shown.
        self._shown: tuple[StepTrace, StepTrace] | None = None
        self._made: tuple[Look, Scene] | None = None
        self.visits = Visits()
        self.visits.arrive(run.params)

    def begin(self) -> None:
        """Hear that a new run has begun: nobody has been anywhere in it."""
        self.visits = Visits()

    def cover(self, covered: Covered) -> None:
        """Cover cells from now on, and no others."""
        self.covered, self._shown = covered, None

    def at(self, place: Place) -> Look:
        """Return the look at the nearest place that the iteration has."""
        (recorded, place), covered = self.asked.seen_at(place), self.covered
        if self._shown is None or self._shown[0] is not recorded:
            self._shown = recorded, cover(recorded, covered)
        trace = self._shown[1]
        if covered.masks:
            # Ranges and params of other iterations would tell what is covered in this one.
            return Look(trace, place.within(trace), covered=covered)
        initial, *visited = self._earlier()
        compared = visited[0].iteration if visited and THEN in place.pinned else 0
        place = replace(place.within(trace), visited=compared)
        look = Look(trace, place, self._run.ranges, (initial, *visited), covered)
        return replace(look, beside=self._besides.of(look, self._run.companion))

    def drawn_at(self, place: Place) -> Look:
        """Return the look at a place, without a selected cell that is not drawn there."""
        look = self.at(place)
        if look.place.array and not self._draws(look):
            # What is explained is on the screen.
            look = replace(look, place=look.place.without_cell())
        return look

    def with_its_array(self, place: Place) -> Place:
        """Return a place with the array of its cell in sight, which no inner stage may draw."""
        if self._draws(self.at(place)):
            return place
        return replace(place, pinned=tuple(dict.fromkeys((*place.pinned, place.array))))

    def scene(self, look: Look) -> Scene:
        """Return the scene of a look; of the last place it is made once, whoever asks for it."""
        if self._made is not None:
            before, scene = self._made
            if before.is_like(look):
                return scene
        scene = scene_of(look)
        self._made = (look, scene)
        return scene

    def _earlier(self) -> tuple[Params, ...]:
        """Return what the model had learnt at first, and where somebody stood last."""
        run, last = self._run, self.visits.last
        # Of a run that was left for a branch there are no more iterations.
        visited = (last,) if last is not None and last.iteration <= run.history.length else ()
        return (run.initial, *visited)

    def _draws(self, look: Look) -> bool:
        """Return whether the selected cell is drawn; a view that fails is drawn otherwise."""
        try:
            return draws(self.scene(look), look.place.array, look.place.index)
        except Exception:
            return True

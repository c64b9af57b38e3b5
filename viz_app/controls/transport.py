"""Back, Step, Play, the grain of a step, and Reset."""

from __future__ import annotations

from time import perf_counter

import panel as pn
from panel.viewable import Viewable

from viz_app.components.connection.connection import SERVED
from viz_app.components.navigation.grain import GrainChoice
from viz_app.controls.widgets import Clock, button
from viz_app.place.place import GRAINS
from viz_app.style import sheets
from viz_app.viewer import Viewer

# Milliseconds from one iteration of Play to the next.
SPEEDS = {"slow": 1000, "normal": 250, "fast": 20}
# Steps of Play that may wait to be drawn, and seconds after which none is waited for.
AHEAD, LOST = 3, 1.0
REPLAY_PERIOD = 5


class Transport:
    """Moves a viewer along the run."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.back = button("Back", viewer.back)
        self.forward = button("Step", viewer.step, kind="primary")
        self.play = button("Play", self.toggle_play)
        self.grain = GrainChoice(margin=0, align="end")
        self.speed = pn.widgets.Select(
            label="Speed", options=SPEEDS, value=SPEEDS["normal"], width=80,
            stylesheets=[sheets.FIELD], margin=0,
        )  # fmt: skip
        self.reset = button("Reset", viewer.reset)
        self._undrawn, self._stepped = 0, 0.0
        self._play_clock = Clock(self._play_on, SPEEDS["normal"])
        self._replay_clock = Clock(viewer.go_on, REPLAY_PERIOD)
        self.speed.param.watch(self._on_speed, "value")
        self.grain.answer(self.choose_grain)
        viewer.param.watch(self._on_playing, "playing")
        viewer.param.watch(self._on_look, "look")
        viewer.run.param.watch(self._on_replay, "progress")
        self._on_look()

    def row(self) -> list[Viewable]:
        """Return the controls in their order on the screen."""
        moves = pn.Row(
            self.back, self.forward, self.play, self.grain, stylesheets=[sheets.MOVES], margin=0
        )
        return [moves, self.speed, self.reset]

    def toggle_play(self) -> None:
        """Play or pause; stop a replay."""
        if self.viewer.run.replaying:
            self.viewer.stop()
        else:
            self.viewer.playing = not self.viewer.playing

    def choose_grain(self, grain: str) -> None:
        """Choose what a step moves by."""
        if grain in GRAINS:
            self.viewer.change(grain=grain)

    def drawn(self) -> None:
        """Hear that the browser has drawn a step of Play."""
        self._undrawn = max(0, self._undrawn - 1)

    def _play_on(self) -> None:
        """Step, unless the browser is still drawing the steps before; it may have lost one."""
        now = perf_counter()
        if not SERVED or self._undrawn < AHEAD or now - self._stepped > LOST:
            self._undrawn, self._stepped = self._undrawn + 1, now
            self.viewer.step()

    def _on_playing(self, *_: object) -> None:
        self._undrawn = 0
        self._name_play()
        self._play_clock.run(self.viewer.playing)

    def _on_replay(self, *_: object) -> None:
        replaying = self.viewer.run.replaying
        for control in (self.back, self.forward, self.reset):
            control.disabled = replaying
        self._name_play()
        self._replay_clock.run(replaying)
        self._on_look()

    def _name_play(self) -> None:
        viewer = self.viewer
        self.play.label = "Stop" if viewer.run.replaying else "Pause" if viewer.playing else "Play"

    def _on_speed(self, *_: object) -> None:
        self._play_clock.period = self.speed.value

    def _on_look(self, *_: object) -> None:
        self.back.disabled = self.viewer.at_start or self.viewer.run.replaying
        self.grain.at = self.viewer.place.grain

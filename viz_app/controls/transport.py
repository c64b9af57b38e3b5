"""Moves a viewer along the run, as the player asks for."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import panel as pn
import param

from viz_app.components.connection.connection import SERVED
from viz_app.components.player.player import Player
from viz_app.components.wire import whole_numbers
from viz_app.controls.clock import Clock
from viz_app.place.place import GRAINS
from viz_app.style.notation import markup
from viz_app.viewer import Viewer
from viz_app.watch import watch

# Milliseconds from one iteration of Play to the next.
SPEEDS = {"slow": 1000, "normal": 250, "fast": 20}
# Milliseconds for a cell at grain Cell, and the most for all cells of a matrix.
PACES = {"slow": (800, 18_000), "normal": (400, 12_000), "fast": (60, 4_000)}
# Steps of Play that may wait to be drawn, and seconds after which none is waited for.
AHEAD, LOST = 3, 1.0
REPLAY_PERIOD = 5


class Transport(param.Parameterized):
    """Hears a player and shows it what can be pressed.

    Args:
        viewer: who is moved.

    Attributes:
        player: what is pressed.
    """

    speed = param.String(default="normal", doc="Of `SPEEDS`.")

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.viewer = viewer
        self.player = Player(
            speeds=list(SPEEDS), css_classes=["cs-player"], sizing_mode="stretch_width", margin=0
        )
        self._undrawn, self._stepped = 0, 0.0
        self._play_clock = Clock(self._play_on, SPEEDS[self.speed])
        self._replay_clock = Clock(viewer.go_on, REPLAY_PERIOD)
        self._presses: dict[str, Callable[[], None]] = {
            "back": viewer.back,
            "step": viewer.step,
            "play": self._play,
            "pause": self._pause,
            "stop": self._stop,
            "close": viewer.close_message,
            "undo": viewer.undo,
            "redo": viewer.redo,
        }
        self.param.watch(self._on_speed, "speed")
        self.player.answer(lambda said: self._hear(**said))
        watch(viewer, ["playing"], self._on_playing)
        watch(viewer, ["look"], self._show)
        watch(viewer.run, ["progress"], self._on_replay)
        self._on_playing()
        self._on_replay()

    def press(self, what: str) -> None:
        """Do what a button or a key is for, by its name."""
        if what in self._presses:
            self._presses[what]()

    def choose_grain(self, grain: str) -> None:
        """Choose what a step moves by."""
        if grain in GRAINS:
            self.viewer.change(grain=grain)

    @property
    def pace(self) -> dict[str, Any]:
        """Whether the board plays cells, and how fast; see `Board`."""
        cell, most = PACES[self.speed]
        return {"on": self.viewer.playing, "cell": cell, "most": most}

    def drawn(self) -> None:
        """Hear that the browser has drawn a step of Play."""
        self._undrawn = max(0, self._undrawn - 1)

    def _hear(
        self,
        press: str = "",
        grain: str = "",
        speed: str = "",
        stage: int | None = None,
        inner: int | None = None,
        iteration: int | None = None,
    ) -> None:
        self.press(press)
        if speed in SPEEDS:
            self.speed = speed
        self.choose_grain(grain)
        if stage is not None:
            self.viewer.go_to_stage(*whole_numbers([stage]))
        if inner is not None:
            self.viewer.go_to_stage(self.viewer.place.stage, *whole_numbers([inner]))
        if iteration is not None:
            self.viewer.goto(*whole_numbers([iteration]))

    # One button, but each of its names asks for one thing: what was to stop a replay that has just
    # arrived must not begin to play.

    def _play(self) -> None:
        self.viewer.playing = not self.viewer.run.replaying

    def _pause(self) -> None:
        self.viewer.playing = False

    def _stop(self) -> None:
        if self.viewer.run.replaying:
            self.viewer.stop()

    def _play_on(self) -> None:
        """Step, unless the browser is still drawing the steps before; it may have lost one."""
        if self.viewer.place.grain == "Cell":
            # The board does, and says when it has come to the last cell.
            return
        now = perf_counter()
        # Another page that shows the same run plays it too.
        player, played = self.viewer.played
        if player is not self and now - played < self._play_clock.period / 2000:
            return
        if not SERVED or self._undrawn < AHEAD or now - self._stepped > LOST:
            self._undrawn, self._stepped = self._undrawn + 1, now
            self.viewer.played = (self, now)
            self.viewer.step(self.viewer.place.steps)

    def _on_playing(self, *_: object) -> None:
        self._undrawn = 0
        self._show()
        self._play_clock.run(self.viewer.playing)

    def _on_replay(self, *_: object) -> None:
        self._show()
        self._replay_clock.run(self.viewer.run.replaying)

    def _on_speed(self, *_: object) -> None:
        self._play_clock.period = SPEEDS[self.speed]
        self._show()

    def _show(self, *_: object) -> None:
        viewer, replaying = self.viewer, self.viewer.run.replaying
        # In one message with what others show of it: no key shall ask for what has just been done.
        with pn.io.hold():
            self.player.moves = {
                "play": "Stop" if replaying else "Pause" if viewer.playing else "Play",
                "back": not (viewer.at_start or replaying),
                "free": not replaying,
                "grain": viewer.place.grain,
                "speed": self.speed,
                "next": "" if replaying else markup(viewer.next_step, viewer.place.notation),
            }

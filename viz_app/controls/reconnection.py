"""What the address does not say, brought back after a lost connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import panel as pn
from bokeh.document.json import PatchJson

from viz_app.components.connection.connection import Connection
from viz_app.components.page import Page
from viz_app.controls.settings.drawer import Drawer
from viz_app.controls.transport import SPEEDS, Transport
from viz_app.viewer import Viewer
from viz_app.watch import watch


class Reconnection:
    """Tells the page what to bring along to the next one, and takes it up there.

    Args:
        viewer: who looks; opens the moment of the address by itself.
        page: light or dark.
        transport: how fast it plays.
        drawer: whether the settings stand open.
        may_go_on: whether that moment can be gone on from, once it is there.
    """

    def __init__(
        self,
        viewer: Viewer,
        page: Page,
        transport: Transport,
        drawer: Drawer,
        may_go_on: Callable[[], bool],
    ) -> None:
        self.viewer, self.page, self.transport, self.drawer = viewer, page, transport, drawer
        self.connection = Connection(self._come_back, whole=page.whole, margin=0)
        if not page.whole:
            self.connection.css_classes = ["embedded"]
        self._may_go_on = may_go_on
        self._plays, self._press = False, cast(Mapping[str, Any] | None, None)
        for source, names in (
            (page, ["dark", "touched"]),
            (transport, ["speed"]),
            (drawer, ["opened"]),
            (viewer, ["playing"]),
        ):
            watch(source, names, lambda *_: self._note())
        watch(page, ["address"], lambda *_: self._note_address())
        # After all others who hear that a replay has ended.
        watch(viewer.run, ["progress"], lambda *_: self._go_on(), precedence=9)
        self._note()

    def _note(self) -> None:
        self.connection.settings = {
            "dark": self.page.dark,
            "touched": self.page.touched,
            "speed": self.transport.speed,
            "drawer": self.drawer.opened,
            "playing": self.viewer.playing,
        }

    def _note_address(self) -> None:
        self.connection.address = self.page.address

    def _come_back(self, settings: Mapping[str, Any], press: Mapping[str, Any] | None) -> None:
        if settings["touched"]:
            self.page.param.update(dark=settings["dark"], touched=True)
        if settings["speed"] in SPEEDS:
            self.transport.speed = settings["speed"]
        self.drawer.opened = settings["drawer"] is True
        self._plays, self._press = settings["playing"] is True, press
        self._go_on()

    def _go_on(self) -> None:
        """Play, and do what was pressed last, if the moment is there."""
        if self.viewer.run.replaying or not self._may_go_on():
            return
        plays, self._plays = self._plays, False
        press, self._press = self._press, None
        if plays:
            self.viewer.playing = True
        document = pn.state.curdoc
        if press and document:
            # Not before all have drawn that the moment is there.
            patch = cast(PatchJson, press)
            document.add_next_tick_callback(lambda: document.apply_json_patch(patch))

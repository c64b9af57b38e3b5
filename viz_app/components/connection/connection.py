"""The line between the page and the Python behind it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param

from viz_app.components.component import Component, script, source

# Without a server there is no line that could be lost; see `static/bridge.py`.
SERVED = sys.platform != "emscripten"


class Connection(Component):
    """Watches the line, says when it is lost, and opens the page anew when the server answers.

    Args:
        came_back: called in the new page with the `settings` of the one before, and with the press
            that had no answer there: a patch of the document, or None.
    """

    whole = param.Boolean(default=True, doc="Whether the dashboard is the whole page.")
    address = param.String(default="", doc="Query part of the address of what is in sight.")
    settings = param.Dict(default={}, doc="What the address does not say.")

    _esm = script("connection/connection.js")
    _stylesheets: ClassVar = [source("connection/connection.css")]

    def __init__(
        self,
        came_back: Callable[[Mapping[str, Any], Mapping[str, Any] | None], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._came_back = came_back
        self.answer(lambda said: self._hear(**said))

    def _hear(
        self,
        beat: int = 0,
        settings: Mapping[str, Any] | None = None,
        press: Mapping[str, Any] | None = None,
    ) -> None:
        if settings is None:
            self._send_msg({"beat": beat})
        else:
            self._came_back(settings, press)

"""Key frames of runs in the browser's own storage."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

import param

from viz_app.components.component import Component, script
from viz_app.place.kept import Span


class KeyFrameStore(Component):
    """Keeps key frames in the browser, and gives back what is looked for, if it is there.

    Where the browser lets nothing be kept, nothing happens.

    Args:
        found: called with the key of a frame, and its content.
    """

    wanted = param.List(default=[], doc="Where the key frame that is looked for may lie, by rank.")
    resumed = param.Integer(default=0, doc="Where the last replay went on from; 0 if nowhere.")
    ready = param.Boolean(default=False, doc="Whether there is a page: before, messages are lost.")

    _esm = script("storage/key_frames.js")
    _stylesheets: ClassVar = [":host { display: none !important; }"]

    def __init__(self, found: Callable[[str, bytes], None], **params: Any) -> None:
        super().__init__(**params)
        self._found = found
        self._waiting: dict[str, Any] | None = None
        self.answer(lambda said: self._hear(**said))
        self.param.watch(lambda _: self._hand_over(), "ready")

    def look_for(self, spans: Sequence[Span]) -> None:
        """Look for the first frame in one of some spans."""
        self.param.update(wanted=[asdict(span) for span in spans], resumed=0)

    def keep(self, key: str, iteration: int, content: bytes) -> None:
        """Keep the frame of an iteration, once there is a page; of several the last one."""
        self._waiting = {"key": key, "iteration": iteration, "content": content}
        self._hand_over()

    def _hear(self, key: str, content: str) -> None:
        self._found(key, b64decode(content))

    def _hand_over(self) -> None:
        if self.ready and self._waiting:
            self._send_msg(self._waiting)
            self._waiting = None

"""The choice of a file of weights, and the network that is offered for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.components.files.parts import Parts
from viz_app.run.weights import MAX_BYTES


class WeightsChoice(Component):
    """Lets a person choose a file of weights; sends its content in parts, then its name.

    Args:
        received: called with name, size and bytes of the file. The size is below 0 if the browser
            could not read it; a file that is too large comes without its bytes.
        pressed: called with "use", where the network that is offered is wanted, or with "drop",
            where the run is to begin from other weights.
    """

    limit = param.Integer(default=MAX_BYTES, constant=True, doc="Bytes of the file.")
    free = param.Boolean(default=True, doc="Whether a file can be chosen now.")
    used = param.String(default="", doc="Name of the weights from which the run began.")
    saved = param.String(default="", doc="Which weights a file that is saved now holds.")
    offer = param.Dict(default={}, doc="Text and note of a network that is offered, or nothing.")

    parts = param.Integer(default=0, doc="Parts so far: long files leave no other sign of life.")

    _esm = script("files/weights.js")
    _stylesheets: ClassVar = [source("files/weights.css")]

    def __init__(
        self,
        received: Callable[[str, int, bytes], None],
        pressed: Callable[[str], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._received, self._pressed = received, pressed
        self._content = Parts(MAX_BYTES)
        self.answer(lambda said: self._hear(**said))

    def _hear(self, part: str = "", name: str | None = None, size: int = 0, **press: bool) -> None:
        """Take in a part of the content, what was chosen, which comes last, or what is pressed."""
        if part:
            self._content.add(part)
            self.parts += 1
        if name is not None:
            self._received(str(name), int(size), self._content.take())
        for what in press:
            self._pressed(what)

"""The choice of own files, which the browser reads and decodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.components.files.parts import Parts
from viz_app.run.own_data import LARGEST, MAX_BYTES, ChosenFile


class Upload(Component):
    """Lets a person choose an `.npz` or pictures; sends their content in parts, then their names.

    Args:
        received: called with the files, and the bytes of all of them in their order.
    """

    accept = param.String(default=".npz,.png,.jpg,.jpeg,.gif,.bmp,.webp", constant=True)
    largest = param.Integer(default=LARGEST, constant=True, doc="Pixels; larger ones are scaled.")
    limit = param.Integer(default=MAX_BYTES, constant=True, doc="Bytes of all files.")

    parts = param.Integer(default=0, doc="Parts so far: long files leave no other sign of life.")

    _esm = script("files/upload.js")
    _stylesheets: ClassVar = [source("files/upload.css")]

    def __init__(
        self, received: Callable[[Sequence[ChosenFile], bytes], None], **params: Any
    ) -> None:
        super().__init__(**params)
        self._received = received
        self._content = Parts(MAX_BYTES)
        self.answer(lambda said: self._hear(**said))

    def _hear(self, part: str = "", files: Sequence[dict[str, Any]] | None = None) -> None:
        """Take in a part of the content, in base64, or what was chosen, which comes last."""
        if part:
            self._content.add(part)
            self.parts += 1
        if files is not None:
            self._received([ChosenFile(**file) for file in files], self._content.take())

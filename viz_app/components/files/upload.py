"""The choice of own files, which the browser reads and decodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import param

from core.data.readers.read import ENDINGS
from viz_app.components.component import Component, script, source
from viz_app.components.files.parts import Parts
from viz_app.run.anew.uploads import LARGEST, LARGEST_ALONE, MAX_BYTES, PICTURES, ChosenFile


class Upload(Component):
    """Lets a person choose files; sends their content in parts, then their names.

    What is found in them is shown before it is used.

    Args:
        received: called with the files, the bytes of all of them in their order, and how the
            classes are wanted if that is known: by a page that is opened in place of another one.
        pressed: called with what is pressed: "train" or "look", with how the classes are wanted,
            "mix", "stop", "cancel" or "remove".
    """

    pictures = param.List(default=list(PICTURES), constant=True, doc="Endings of pictures.")
    data = param.List(default=list(ENDINGS), constant=True, doc="Endings of files with labels.")
    largest = param.Integer(default=LARGEST, constant=True, doc="Pixels; larger ones are scaled.")
    alone = param.Integer(default=LARGEST_ALONE, constant=True, doc="Pixels of a single picture.")
    limit = param.Integer(default=MAX_BYTES, constant=True, doc="Bytes of all files.")

    parts = param.Integer(default=0, doc="Parts so far: long files leave no other sign of life.")
    reading = param.String(default="", doc="How far reading the files is; empty if none is read.")
    found = param.Dict(default={}, doc="What was found in the files; empty if nothing is asked.")
    outcome = param.Dict(default={}, doc="What would be trained on, as it was asked last.")
    taken = param.Integer(default=0, doc="Counts the choices that are trained on.")
    own = param.String(default="", doc="Title of the data set that can be removed.")

    _esm = script("files/upload.js")
    _stylesheets: ClassVar = [source("common/dialog.css"), source("files/upload.css")]

    def __init__(
        self,
        received: Callable[[Sequence[ChosenFile], bytes, dict[str, Any] | None], None],
        pressed: Callable[[str, dict[str, Any]], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._received, self._pressed = received, pressed
        self._content = Parts(MAX_BYTES)
        self.answer(lambda said: self._hear(**said))

    def _hear(
        self,
        part: str = "",
        files: Sequence[dict[str, Any]] | None = None,
        wanted: dict[str, Any] | None = None,
        **pressed: Any,
    ) -> None:
        """Take in a part of the content, in base64, or what was chosen, which comes last."""
        if part:
            self._content.add(part)
            self.parts += 1
        if files is not None:
            self._received([ChosenFile(**file) for file in files], self._content.take(), wanted)
        for what, how in pressed.items():
            self._pressed(what, how if isinstance(how, dict) else {})

"""The choice of own files, which the browser reads and decodes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import param

from viz_app.component import Component, script
from viz_app.uploads import LARGEST, MAX_BYTES, ChosenFile

STYLE = """
:host { margin: 0; }
label {
  display: flex; align-items: center; justify-content: center; position: relative; cursor: pointer;
  height: var(--cs-tool); box-sizing: border-box; padding: 1px 8px; white-space: nowrap;
  font: var(--cs-small)/1.35 var(--cs-font); color: var(--cs-ink); background: var(--cs-card);
  border: 1px solid var(--cs-line); border-radius: 6px;
}
label:hover { background: var(--cs-fill); }
label:has(input:disabled) { opacity: 0.45; cursor: default; }
/* Over the whole label, where files can be dropped too. */
input { position: absolute; inset: 0; opacity: 0; cursor: inherit; }
label:has(input:focus-visible) { outline: 2px solid var(--cs-backward); outline-offset: 1px; }
"""


class Upload(Component):
    """Lets a person choose an `.npz` or pictures; sends their content in parts, then their names.

    Args:
        received: called with the files, and the bytes of all of them in their order.
    """

    accept = param.String(default=".npz,.png,.jpg,.jpeg,.gif,.bmp,.webp", constant=True)
    largest = param.Integer(default=LARGEST, constant=True, doc="Pixels; larger ones are scaled.")
    limit = param.Integer(default=MAX_BYTES, constant=True, doc="Bytes of all files.")

    _esm = script("upload.js")
    _stylesheets: ClassVar = [STYLE]

    def __init__(
        self, received: Callable[[Sequence[ChosenFile], bytes], None], **params: Any
    ) -> None:
        super().__init__(**params)
        self._received = received
        self._content = bytearray()
        self.on_msg(lambda event: self._hear(**event.data))

    def _hear(self, part: str = "", files: Sequence[dict[str, Any]] | None = None) -> None:
        """Take in a part of the content, in base64, or what was chosen, which comes last."""
        # A page that sends for ever shall not fill the server.
        if len(self._content) <= MAX_BYTES:
            self._content += b64decode(part)
        if files is not None:
            content, self._content = bytes(self._content), bytearray()
            self._received([ChosenFile(**file) for file in files], content)

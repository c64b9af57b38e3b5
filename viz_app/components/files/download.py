"""A file for the person to keep."""

from __future__ import annotations

from typing import ClassVar

from viz_app.components.component import Component, script


class Download(Component):
    """Hands a file to the browser, which saves it as it saves every download."""

    # Panel's FileDownload, if the file is made only when it is asked for, does not answer to the
    # keyboard: of its button it is the link inside, never focused, that listens.

    _esm = script("files/download.js")
    _stylesheets: ClassVar = [":host { display: none !important; }"]

    def hand_over(self, name: str, content: bytes) -> None:
        """Hand a file over."""
        self._send_msg({"name": name, "content": content})

"""The content of files as the page sends it: in parts."""

from __future__ import annotations

from base64 import b64decode


class Parts:
    """Puts parts together.

    Args:
        limit: bytes from which on no more parts are taken: a page that sends for ever shall not
            fill the server.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._content = bytearray()

    def add(self, part: str) -> None:
        """Take in a part, in base64."""
        if len(self._content) <= self._limit:
            self._content += b64decode(part)

    def take(self) -> bytes:
        """Return what has come; what comes from now on is of another choice."""
        content, self._content = bytes(self._content), bytearray()
        return content

"""A line between a browser and a server that can be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tools.serving import free_port

PART = 65_536


class Line:
    """Passes on what arrives at its port, both ways.

    Args:
        target: the port of the server.
    """

    def __init__(self, target: int) -> None:
        self.port, self._target = free_port(), target
        self._whole, self._open = threading.Event(), True
        self._whole.set()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("localhost", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Pass nothing on, and tell nobody: what arrives is kept until `mend`."""
        self._whole.clear()

    def cut(self) -> None:
        """Close all connections, and every new one at once."""
        self._open = False
        self._close()

    def mend(self) -> None:
        """Pass on again."""
        self._open = True
        self._whole.set()

    def close(self) -> None:
        """End."""
        self.cut()
        self._whole.set()
        self._listener.close()

    def _close(self) -> None:
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._open:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("localhost", self._target))
                except OSError:
                    near.close()
                    continue
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(PART):
                self._whole.wait()
                sink.sendall(part)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(target: int) -> Iterator[Line]:
    line = Line(target)
    try:
        yield line
    finally:
        line.close()

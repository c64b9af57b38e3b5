"""A websocket to a session of the dashboard, as its page has one."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

# Seconds until nothing is waited for.
PATIENCE = 300.0
TOKEN = re.compile(r'"token":"([^"]+)"')
# A socket that is closed with this is reset, whatever is still on its way.
AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Message:
    """What a session says.

    Attributes:
        text: its content, JSON.
        buffers: the arrays of it, by the names that the content has for them.
    """

    text: str
    buffers: dict[str, bytes]


class Line:
    """Says and hears what the script of a page does.

    Attributes:
        page: seconds from asking for the page to having it.
        cookie: what the server wants to be told with every request.
    """

    def __init__(self, connection: WebSocketClientConnection, page: float, cookie: str) -> None:
        self._connection, self.page, self.cookie = connection, page, cookie
        self._sent = 0

    @classmethod
    async def open(cls, address: str, cookie: str = "") -> Line:
        """Open a page, and connect to its session.

        Raises:
            OSError, tornado.httpclient.HTTPError: the server does not answer, or refuses.
            RuntimeError: what it answers is no page of a session.
        """
        start = asyncio.get_running_loop().time()
        page = await AsyncHTTPClient().fetch(asking(address, cookie))
        seconds = asyncio.get_running_loop().time() - start
        found = TOKEN.search(page.body.decode())
        if found is None:
            raise RuntimeError(f"{address} holds no token of a session")
        told = [text.partition(";")[0] for text in page.headers.get_list("Set-Cookie")]
        cookie = "; ".join(told) or cookie
        path, _, _ = address.partition("?")
        scheme, host = urlsplit(address)[:2]
        origin = f"{scheme}://{host}"
        connection = await websocket_connect(
            # As a browser does, of which the server then knows whose page it is.
            asking(f"{path.replace('http', 'ws', 1)}/ws", cookie, Origin=origin),
            subprotocols=["bokeh", found[1]],
            max_message_size=2**30,
        )
        line = cls(connection, seconds, cookie)
        await line.receive("ACK")
        return line

    async def send(self, kind: str, content: dict[str, Any]) -> None:
        """Say something.

        Raises:
            ConnectionError: the line is lost.
        """
        self._sent += 1
        header = {"msgid": str(self._sent), "msgtype": kind}
        try:
            for part in (header, {}, content):
                await self._connection.write_message(json.dumps(part))
        except (WebSocketClosedError, StreamClosedError) as error:
            raise ConnectionError("the line is lost") from error

    async def receive(self, kind: str) -> Message:
        """Return the next message of a kind.

        Raises:
            ConnectionError: the line is lost.
            TimeoutError: none comes.
        """
        header = await self.begin_to_receive(kind)
        return await self._rest(header)

    async def begin_to_receive(self, kind: str) -> dict[str, Any]:
        """Return the header of the next message of a kind; the rest of it is still to come.

        Raises:
            ConnectionError, TimeoutError: as `receive`.
        """
        while True:
            header: dict[str, Any] = json.loads(await self._next())
            if header["msgtype"] == kind:
                return header
            await self._rest(header)

    async def _rest(self, header: dict[str, Any]) -> Message:
        await self._next()
        text, buffers = str(await self._next()), dict[str, bytes]()
        for _ in range(header.get("num_buffers", 0)):
            name = json.loads(await self._next())["id"]
            content = await self._next()
            buffers[name] = content if isinstance(content, bytes) else content.encode()
        return Message(text, buffers)

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def cut(self) -> None:
        """Be gone without a word, as a network that fails."""
        protocol = self._connection.protocol
        stream = getattr(protocol, "stream", None)
        if stream is not None and not stream.closed():
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            stream.close()
        self.close()

    async def _next(self) -> str | bytes:
        part = await asyncio.wait_for(self._connection.read_message(), PATIENCE)
        if part is None:
            raise ConnectionError("the line is lost")
        return part


def asking(address: str, cookie: str = "", **headers: str) -> HTTPRequest:
    """Return a request that waits long, and takes any certificate."""
    return HTTPRequest(
        address,
        headers={"Cookie": cookie, **headers},
        connect_timeout=PATIENCE,
        request_timeout=PATIENCE,
        validate_cert=False,
    )

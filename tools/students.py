"""A class as websocket clients: it opens the page and presses Step, without drawing anything."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tools.serving import Served

# Seconds: from one press to the next, and until nothing is waited for.
PAUSE, PATIENCE = 2.0, 300.0
TOKEN = re.compile(r'"token":"([^"]+)"')


@dataclass
class Student:
    """One client.

    Attributes:
        page: seconds from opening the address to its page.
        live: seconds from there to the answer to a first press of Step.
        answers: seconds from further presses to what is to be drawn.
    """

    page: float = 0.0
    live: float = 0.0
    answers: list[float] = field(default_factory=list)

    async def visit(self, address: str, presses: int) -> None:
        """Open the page, press Step, and leave."""
        start = perf_counter()
        request = HTTPRequest(address, request_timeout=PATIENCE, connect_timeout=PATIENCE)
        response = await AsyncHTTPClient().fetch(request)
        self.page = perf_counter() - start
        found = TOKEN.search(response.body.decode())
        if found is None:
            raise RuntimeError("the page holds no token of a session")
        path, _, _ = address.partition("?")
        line = await Line.open(f"{path.replace('http', 'ws', 1)}/ws", found[1])
        models = await line.pull()
        player = next(m["id"] for m in models if m["attributes"].get("class_name") == "Player")
        await line.send_event("document_ready", {})
        await line.press(player)
        self.live = perf_counter() - start
        for _ in range(presses):
            await asyncio.sleep(PAUSE)
            self.answers.append(await line.press(player))
        line.close()


class Line:
    """A websocket to a session, as the page has one."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket
        self._sent = 0

    @classmethod
    async def open(cls, address: str, token: str) -> Line:
        """Connect to the session of a token."""
        request = HTTPRequest(address, request_timeout=PATIENCE, connect_timeout=PATIENCE)
        socket = await websocket_connect(
            request, subprotocols=["bokeh", token], max_message_size=2**30
        )
        line = cls(socket)
        await line._receive("ACK")
        return line

    async def pull(self) -> list[dict[str, Any]]:
        """Return the models of the document."""
        await self._send("PULL-DOC-REQ", {})
        document = json.loads(await self._receive("PULL-DOC-REPLY"))["doc"]
        found: list[dict[str, Any]] = []

        def walk(node: object) -> None:
            if isinstance(node, dict):
                if node.get("type") == "object" and "id" in node:
                    found.append({"attributes": {}, **node})
                for inner in node.values():
                    walk(inner)
            elif isinstance(node, list):
                for inner in node:
                    walk(inner)

        walk(document)
        return found

    async def press(self, player: str) -> float:
        """Press Step; return the seconds until a new picture is there."""
        start = perf_counter()
        data = {"type": "map", "entries": [["press", "step"]]}
        await self.send_event("data_event", {"model": {"id": player}, "data": data})
        while '"scene"' not in await self._receive("PATCH-DOC"):
            pass
        return perf_counter() - start

    async def send_event(self, name: str, values: dict[str, Any]) -> None:
        """Tell the session of something that happened on the page."""
        event = {
            "type": "event",
            "name": name,
            "values": {"type": "map", "entries": list(values.items())},
        }
        sent = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}
        await self._send("PATCH-DOC", {"events": [sent]})

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        self._sent += 1
        header = {"msgid": str(self._sent), "msgtype": kind}
        for part in (header, {}, content):
            await self._socket.write_message(json.dumps(part))

    async def _receive(self, kind: str) -> str:
        """Return the content of the next message of a kind."""
        while True:
            header = json.loads(await self._next())
            await self._next()
            content = str(await self._next())
            for _ in range(2 * header.get("num_buffers", 0)):
                await self._next()
            if header["msgtype"] == kind:
                return content

    async def _next(self) -> str | bytes:
        part = await asyncio.wait_for(self._socket.read_message(), PATIENCE)
        if part is None:
            raise RuntimeError("the server has closed the connection")
        return part


@dataclass(frozen=True)
class Use:
    """What a server has used: seconds of processors and bytes of memory, its processes together."""

    seconds: float
    memory: int

    @classmethod
    def of(cls, served: Served) -> Use:
        """Return what it has used so far."""
        first = psutil.Process(served.process)
        processes = [first, *first.children(recursive=True)]
        times = [process.cpu_times() for process in processes]
        memory = sum(process.memory_info().rss for process in processes)
        return cls(sum(time.user + time.system for time in times), memory)

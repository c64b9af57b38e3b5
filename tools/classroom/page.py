"""A page that draws nothing: it opens a moment, presses buttons, and knows what is to be seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, cast

from tornado.httpclient import AsyncHTTPClient, HTTPError

from tools.classroom.line import Line, Message, asking

# Seconds from one attempt to come back to the next, as those of `connection.js`.
PAUSES = (1.0, 2.0, 4.0, 8.0, *[10.0] * 12)


class Page:
    """A page with its session.

    Args:
        site: address of the dashboard, without words.
        line: to the session.

    Attributes:
        query: the words of the moment in sight, as the address bar has them.
        digits: a checksum of all that the board shows; empty while there is nothing.
        unanswered: the button that was pressed last, while it is not known what came of it.
    """

    def __init__(self, site: str, line: Line) -> None:
        self.site, self.line = site, line
        self.query, self.digits, self.unanswered = "", "", ""
        self._settings: object = None
        self._pictures = self._beats = self._beats_back = 0
        # Names of models: of components by their class, and of what these show.
        self._components: dict[str, str] = {}
        self._shown: dict[str, str] = {}

    @classmethod
    async def open(cls, site: str, query: str = "", cookie: str = "") -> Page:
        """Open a moment; `arrived` waits for it.

        Args:
            site: as above.
            query: the words of the moment.
            cookie: see `Line`.

        Raises:
            OSError, HTTPError: the server does not answer, or refuses.
            RuntimeError: what it answers is no page of a session.
        """
        page = cls(site, await Line.open(site + query, cookie))
        await page.line.send("PULL-DOC-REQ", {})
        message = await page.line.receive("PULL-DOC-REPLY")
        page._take_document(message)
        if "KeyFrameStore" not in page._shown:
            raise RuntimeError(f"{site}{query} holds no dashboard, but: {message.text[:1000]}")
        await page._send_event("document_ready", {})
        # A moment that is replayed is not shown before; see `key_frames.js`.
        ready = {"kind": "ModelChanged", "attr": "ready", "new": True}
        await page._send({**ready, "model": {"id": page._shown["KeyFrameStore"]}})
        return page

    async def arrived(self) -> None:
        """Wait until the moment of the address is there."""
        while not self.digits:
            await self._hear()

    async def press(self, label: str) -> None:
        """Press a button."""
        self.unanswered = label
        await self._send(self._click(label))
        await self._send_beat()

    async def drawn(self) -> None:
        """Wait for a new picture."""
        before = self._pictures
        while self._pictures == before:
            await self._hear()

    async def answered(self) -> None:
        """Wait until all that was pressed is answered."""
        while self._beats_back < self._beats:
            await self._hear()
        self.unanswered = ""

    async def cut_in_answer(self) -> None:
        """Lose the line while an answer is on its way.

        Raises:
            ConnectionError: always.
        """
        await self.line.begin_to_receive("PATCH-DOC")
        self.line.cut()
        raise ConnectionError("the line was cut")

    async def again(self) -> Page:
        """Return a new page at this moment, once the server answers, as `connection.js` does.

        Raises:
            TimeoutError: it does not answer.
        """
        self.line.cut()
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                await AsyncHTTPClient().fetch(asking(f"{self.site}/metadata", self.line.cookie))
                page = await Page.open(self.site, self.query, self.line.cookie)
                await page.arrived()
            except (OSError, HTTPError):
                continue
            return page
        raise TimeoutError(f"{self.site} does not answer any more")

    async def go_on(self, before: Page) -> None:
        """Take up what the page before had that its address does not say, the last press too."""
        self.unanswered = before.unanswered
        press = {"events": [self._click(self.unanswered)]} if self.unanswered else None
        await self._say("Connection", {"settings": before._settings, "press": press})
        # The press follows in the next turn of the server.
        for _ in range(2):
            await self._send_beat()
            while self._beats_back < self._beats:
                await self._hear()
        self.unanswered = ""

    async def _hear(self) -> None:
        """Take in the next message."""
        message = await self.line.receive("PATCH-DOC")
        if not any(
            word in message.text for word in ('"address"', '"scene"', '"settings"', '"beat"')
        ):
            return
        for event in json.loads(message.text)["events"]:
            if event["kind"] == "ModelChanged":
                self._take(event["model"]["id"], event["attr"], event["new"], message)
            elif event["kind"] == "MessageSent":
                self._take_beat(event["msg_data"])

    def _take_document(self, message: Message) -> None:
        for model in _models(json.loads(message.text)["doc"]):
            values = model.get("attributes", {})
            if "class_name" in values:
                self._components[values["class_name"]] = model["id"]
                self._shown[values["class_name"]] = values["data"]["id"]
        for model in _models(json.loads(message.text)["doc"]):
            for name, value in model.get("attributes", {}).items():
                self._take(model["id"], name, value, message)

    def _take(self, model: str, name: str, value: object, message: Message) -> None:
        """Take in what a component shows."""
        if name == "address" and model == self._shown["Page"]:
            self.query = str(value)
        elif name == "scene" and model == self._shown["Board"]:
            self.digits, self._pictures = (
                _checksum(cast(dict[str, Any], value), message),
                self._pictures + 1,
            )
        elif name == "settings" and model == self._shown["Connection"]:
            self._settings = _decoded(value)

    def _take_beat(self, event: dict[str, Any]) -> None:
        values = cast(dict[str, Any], _decoded(event["values"]))
        if values.get("model") == {"id": self._components["Connection"]}:
            self._beats_back = values["data"]["beat"]

    async def _send_beat(self) -> None:
        self._beats += 1
        await self._say("Connection", {"beat": self._beats})

    def _click(self, label: str) -> dict[str, Any]:
        return self._said("Player", {"press": label.lower()})

    async def _say(self, component: str, content: dict[str, Any]) -> None:
        await self._send(self._said(component, content))

    def _said(self, component: str, content: dict[str, Any]) -> dict[str, Any]:
        """Return what the script of a component sends."""
        about = {"model": {"id": self._components[component]}}
        return _event("data_event", {**about, "data": _encoded(content)})

    async def _send_event(self, name: str, values: dict[str, Any]) -> None:
        await self._send(_event(name, values))

    async def _send(self, event: dict[str, Any]) -> None:
        await self.line.send("PATCH-DOC", {"events": [event]})


def _models(node: object) -> Iterator[dict[str, Any]]:
    """Yield all models of a document."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "id" in node:
            yield node
        for inner in node.values():
            yield from _models(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _models(inner)


def _checksum(scene: dict[str, Any], message: Message) -> str:
    """Return a checksum of the text and the numbers of a scene.

    How many moments were drawn before it (see `motion/cells.js`) is nothing that it shows.
    """
    parts = dict(scene["entries"])
    numbers, text = parts["numbers"], json.loads(parts["text"])
    del text["cells"]["moment"]
    found = sha256(json.dumps(text).encode())
    found.update(f"{numbers['shape']} {numbers['dtype']}".encode())
    found.update(message.buffers[numbers["array"]["data"]["id"]])
    return found.hexdigest()


def _event(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return an event of the page."""
    event = {"type": "event", "name": name}
    told = {**event, "values": {"type": "map", "entries": list(values.items())}}
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": told}


def _encoded(value: object) -> object:
    """Return a value as Bokeh's script writes it."""
    if isinstance(value, dict):
        return {"type": "map", "entries": [[key, _encoded(one)] for key, one in value.items()]}
    return [_encoded(one) for one in value] if isinstance(value, list) else value


def _decoded(value: object) -> object:
    """Return a value that Bokeh has written."""
    if isinstance(value, dict) and value.get("type") == "map":
        return {key: _decoded(one) for key, one in value["entries"]}
    return [_decoded(one) for one in value] if isinstance(value, list) else value

"""Firefox, driven by WebDriver BiDi, which it speaks by itself: JSON over a web socket."""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from tornado.websocket import WebSocketClientConnection, websocket_connect

T = TypeVar("T")

# Seconds until a browser that does not answer counts as broken.
PATIENCE = 120


class Connection:
    """Asks a browser to do things, and keeps the events that it tells.

    Its event loop has a thread of its own, because Playwright keeps one running in that of the
    tests.
    """

    def __init__(self, address: str) -> None:
        self.events: list[dict[str, Any]] = []
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._socket = self._wait_for(self._connect(address))

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return what the browser answers to a command.

        Raises:
            RuntimeError: it reports an error.
        """
        answer = self._wait_for(self._ask(method, params))
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def close(self) -> None:
        """End the connection, and its thread."""
        self._loop.call_soon_threadsafe(self._socket.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait_for(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _connect(self, address: str) -> WebSocketClientConnection:
        return await websocket_connect(address, on_message_callback=self._take)

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._answers[number] = self._loop.create_future()
        message = {"id": number, "method": method, "params": params}
        await self._socket.write_message(json.dumps(message))
        found: dict[str, Any] = await answer
        return found

    def _take(self, text: str | bytes | None) -> None:
        if text is None:
            for answer in self._answers.values():
                answer.set_exception(ConnectionError("the browser has closed the connection"))
            return
        message = json.loads(text)
        if message["type"] == "event":
            self.events.append(message)
        else:
            self._answers.pop(message["id"]).set_result(message)


class Tab:
    """A page in Firefox: what is done on it, what it asks for, and what goes wrong."""

    def __init__(self, connection: Connection, width: int, height: int) -> None:
        self._connection = connection
        self._context = connection.ask("browsingContext.create", type="tab")["context"]
        self._ask("browsingContext.setViewport", viewport={"width": width, "height": height})

    def open(self, address: str) -> None:
        """Go to an address, and wait until the page is loaded."""
        self._ask("browsingContext.navigate", url=address, wait="complete")

    def close(self) -> None:
        """Close the page."""
        self._ask("browsingContext.close")

    def run(self, script: str) -> object:
        """Return the value of an expression, which JSON must be able to hold; wait for promises."""
        answer = self._connection.ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({script})) ?? 'null')()",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def wait_for(self, script: str) -> None:
        """Wait until an expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.run(script):
            assert time.monotonic() < deadline, f"never true: {script}"
            time.sleep(0.05)

    def click(self, element: str) -> None:
        """Click, as a person does, into the middle of the element that an expression gives."""
        place = self.run(
            f"(({{ x, y, width, height }}) => ({{ x: x + width / 2, y: y + height / 2 }}))"
            f"(({element}).getBoundingClientRect())"
        )
        assert isinstance(place, dict)
        move = {"type": "pointerMove", "x": round(place["x"]), "y": round(place["y"])}
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        mouse = {"type": "pointer", "id": "mouse", "actions": [move, down, up]}
        self._ask("input.performActions", actions=[mouse])

    def asked(self) -> list[str]:
        """Return the addresses that the page has asked for so far."""
        return [params["request"]["url"] for params in self._told("network.beforeRequestSent")]

    def errors(self) -> list[str]:
        """Return the errors that the page has reported so far."""
        entries = self._told("log.entryAdded")
        return [str(entry["text"]) for entry in entries if entry["level"] == "error"]

    def _ask(self, method: str, **params: Any) -> None:
        self._connection.ask(method, context=self._context, **params)

    def _told(self, event: str) -> Iterator[dict[str, Any]]:
        for message in list(self._connection.events):
            params = message["params"]
            # Logs name the page in their source.
            context = params.get("source", params).get("context")
            if message["method"] == event and context == self._context:
                yield params


@contextmanager
def firefox(program: str) -> Iterator[Connection]:
    """Start a Firefox without a window and with a profile of its own.

    Raises:
        RuntimeError: it does not start; the message holds what it printed.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        log, profile = Path(folder) / "log", Path(folder) / "profile"
        profile.mkdir()
        command = [program, "--headless", "--no-remote", "--remote-debugging-port=0"]
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, "--profile", str(profile)], stdout=file, stderr=subprocess.STDOUT
            )
        try:
            connection = Connection(_address(process, profile / "WebDriverBiDiServer.json", log))
            connection.ask("session.new", capabilities={})
            connection.ask(
                "session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"]
            )
            yield connection
            connection.ask("browser.close")
            connection.close()
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], told: Path, log: Path) -> str:
    """Return where Firefox listens, which it writes into its profile."""
    deadline = time.monotonic() + PATIENCE
    while not (told.exists() and (text := told.read_text("utf-8"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Firefox does not start:\n{log.read_text('utf-8')}")
        time.sleep(0.1)
    place = json.loads(text)
    return f"ws://{place['ws_host']}:{place['ws_port']}/session"

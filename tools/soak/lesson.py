"""A class whose lines are cut and whose server is killed, and that must lose nothing by it."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import ExitStack
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPError

from tools.classroom.page import Page
from tools.classroom.student import PAUSE
from tools.classroom.use import Use
from tools.serving import Served, free_port, served_app
from tools.soak.inputs import Inputs

# Presses of a visit, and how many of a hundred are Back, or lose the line.
PRESSES, BACK, CUT = 6, 15, 15
# The furthest iteration at which somebody comes in: a replay first.
FURTHEST = 30
# Seconds between two who come in, and until a server has forgotten who has left.
APART, FORGETTING = 0.2, 10.0
# How much more memory it may hold then, of what it held when a first class had left.
GROWTH = 1.1
# What no log of a server may say.
ERRORS = ("Traceback", "ERROR")
SERVER = (
    "--unused-session-lifetime", "1000", "--check-unused-sessions", "500", "--keep-alive", "500",
)  # fmt: skip


class Lesson:
    """A class, and what it has seen.

    Args:
        count: of students.
        seed: decides on what they do.

    Attributes:
        faults: what went wrong.
        events: what happened, and how often.
    """

    def __init__(self, count: int, seed: int) -> None:
        self.faults: list[str] = []
        self.events: Counter[str] = Counter()
        self._count, self._dice = count, random.Random(seed)
        self._inputs = Inputs(self._dice)
        # What a moment shows, whoever comes there, whenever.
        self._digits: dict[str, str] = {}
        AsyncHTTPClient.configure(None, max_clients=2 * count)

    def with_kills(self, seconds: float, kills: int) -> None:
        """Let the class stay while its server is killed and started again."""
        asyncio.run(self._with_kills(seconds, kills))

    def twice(self, seconds: float) -> None:
        """Let the class come twice, and compare what a server holds when all have left."""
        with served_app(*SERVER) as served:
            held = []
            for _ in range(2):
                asyncio.run(self._attend(served.address, seconds))
                time.sleep(FORGETTING)
                held.append(Use.of(served).memory)
            self._read(served)
        before, after = held
        print(f"{before / 1e6:.0f} MB after the first class, {after / 1e6:.0f} MB after the second")
        if after > GROWTH * before:
            self.faults.append(f"{before / 1e6:.0f} MB became {after / 1e6:.0f} MB")

    async def _with_kills(self, seconds: float, kills: int) -> None:
        port = free_port()
        with ExitStack() as stack:
            serving = served_app(*SERVER, port=port)
            served = await asyncio.to_thread(stack.enter_context, serving)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._attend(served.address, seconds))
                for _ in range(kills):
                    await asyncio.sleep(seconds / (kills + 1))
                    self._read(served)
                    stack.close()
                    self.events["kills"] += 1
                    serving = served_app(*SERVER, port=port)
                    served = await asyncio.to_thread(stack.enter_context, serving)
            self._read(served)

    def _read(self, served: Served) -> None:
        """Look for errors in what a server has printed."""
        log = served.log.read_text("utf-8")
        if any(word in log for word in ERRORS):
            at = min(log.find(word) for word in ERRORS if word in log)
            self.faults.append(f"the server's log:\n{log[max(0, at - 500) : at + 3000]}")

    async def _attend(self, site: str, seconds: float) -> None:
        """Let the class come, and each of them go and come anew until the time is over."""
        end = time.monotonic() + seconds

        async def stay(k: int) -> None:
            await asyncio.sleep(k * APART)
            while time.monotonic() < end:
                await self._visit(site, self._query() if k % 2 else "")

        async with asyncio.TaskGroup() as tasks:
            for k in range(self._count):
                tasks.create_task(stay(k))

    def _query(self) -> str:
        """Return words of an address, right or wrong, of a moment that is near enough."""
        words = self._inputs.query() | {"iteration": str(self._dice.randint(1, FURTHEST))}
        return "?" + urlencode(words)

    async def _visit(self, site: str, query: str) -> None:
        try:
            page = await Page.open(site, query)
            await page.arrived()
        except (ConnectionError, HTTPError):
            # Nobody has been anywhere yet.
            await asyncio.sleep(PAUSE)
            return
        self.events["visits"] += 1
        for _ in range(PRESSES):
            self._compare(page)
            await asyncio.sleep(PAUSE)
            page = await self._press(page, "Back" if self._dice.randrange(100) < BACK else "Step")
        page.line.close()

    async def _press(self, page: Page, label: str) -> Page:
        """Press a button; return the page on which it is answered."""
        self.events["presses"] += 1
        try:
            await page.press(label)
            if self._dice.randrange(100) < CUT:
                await page.cut_in_answer()
            await page.answered()
        except ConnectionError:
            return await self._come_back(page)
        return page

    async def _come_back(self, page: Page) -> Page:
        self.events["lost lines"] += 1
        there = await page.again()
        if (there.query, there.digits) != (page.query, page.digits):
            self.faults.append(f"{page.query} came back as {there.query}, or with other digits")
        try:
            await there.go_on(page)
        except ConnectionError:
            return await self._come_back(there)
        if page.unanswered == "Step" and there.query == page.query:
            self.faults.append(f"{page.query}: the press that had no answer was lost")
        return there

    def _compare(self, page: Page) -> None:
        """Compare what a page shows with what was seen at this moment before."""
        if self._digits.setdefault(page.query, page.digits) != page.digits:
            self.faults.append(f"{page.query} shows other digits than before")
        else:
            self.events["moments"] += 1

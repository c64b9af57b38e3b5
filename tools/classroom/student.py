"""Somebody of a class: opens the page, presses Step again and again, and leaves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import perf_counter

from tools.classroom.page import Page

# A lesson on a network that has something to compute.
QUERY = "?preset=digits&grain=Iteration"
# Seconds from one press to the next.
PAUSE = 2.0


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

    async def visit(self, site: str, presses: int) -> None:
        """Open the page, press Step, and leave."""
        start = perf_counter()
        page = await Page.open(site, QUERY)
        self.page = page.line.page
        await page.arrived()
        await page.press("Step")
        await page.drawn()
        self.live = perf_counter() - start
        for _ in range(presses):
            await asyncio.sleep(PAUSE)
            start = perf_counter()
            await page.press("Step")
            await page.drawn()
            self.answers.append(perf_counter() - start)
        page.line.close()

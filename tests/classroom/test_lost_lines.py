"""Lines that are lost in the middle of an answer: nobody loses anything, and nothing is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tools.classroom.page import Page
from tools.classroom.use import Use
from tools.serving import Served, served_app
from tools.soak.lesson import SERVER

pytestmark = pytest.mark.slow

STUDENTS = 6
SECONDS = 120.0  # until a server, on a busy machine too, has forgotten who has left
# How much more memory a second class may take; one that is kept takes about 1.15.
GROWTH = 1.05


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served_app(*SERVER) as served:
        yield served


async def lose_line(site: str, query: str) -> tuple[Page, Page]:
    """Press Step, lose the line before its answer is there; return the page and the next one."""
    page = await Page.open(site, query)
    await page.arrived()
    with suppress(ConnectionError):
        await page.press("Step")
        await page.cut_in_answer()
    return page, await page.again()


def test_whoever_comes_back_is_where_they_were(server: Served) -> None:
    async def lesson() -> None:
        queries = [
            f"?iteration={k + 1}&seed=4&preset=digits&grain=Iteration" for k in range(STUDENTS)
        ]
        both = await asyncio.gather(*(lose_line(server.address, query) for query in queries))
        for k, (page, new) in enumerate(both):
            assert f"iteration={k + 1}&" in new.query
            assert (new.query, new.digits) == (page.query, page.digits)
        assert len({new.digits for _, new in both}) == STUDENTS
        for page, new in both:
            await new.go_on(page)
            new.line.close()
        # What was pressed last is done.
        found = [new.query.partition("iteration=")[2].partition("&")[0] for _, new in both]
        assert found == [str(k + 2) for k in range(STUDENTS)]

    asyncio.run(lesson())


def test_a_lost_line_is_no_error_of_the_server(server: Served) -> None:
    async def lesson() -> None:
        for _ in range(2):
            both = await asyncio.gather(*(lose_line(server.address, "") for _ in range(STUDENTS)))
            for _, new in both:
                new.line.close()

    asyncio.run(lesson())
    log = server.log.read_text("utf-8")
    assert log.count("WebSocket connection closed") >= 4 * STUDENTS
    assert "Traceback" not in log
    assert "ERROR" not in log


def test_a_class_that_has_left_leaves_no_memory_behind(server: Served) -> None:
    async def lesson() -> int:
        pages = await asyncio.gather(*(Page.open(server.address) for _ in range(4 * STUDENTS)))
        most = Use.of(server).memory
        for page in pages:
            page.line.close()
        return most

    # What a process was given by the system it may keep for the next class: that takes no more.
    asyncio.run(lesson())
    first = asyncio.run(lesson())
    end = time.monotonic() + SECONDS
    while True:
        time.sleep(1.0)
        most = asyncio.run(lesson())
        if most <= GROWTH * first or time.monotonic() > end:
            break
    assert most <= GROWTH * first

"""One run that several pages show, and that a script steps beside them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, watch
from tests.browser.dashboard import PATIENCE, Dashboard, eventually
from tools.serving import ROOT, free_port

# Does in its own thread what it is told line by line, beside the server's.
SCRIPT = """
import sys
from core import load_dataset
from viz_app import explore

explorer = explore("conv 2 k3, relu, flatten, linear {classes}", load_dataset("digits"))
explorer.viewer.change(grain="Iteration")
server = explorer.show(port=int(sys.argv[1]), show=False, threaded=True)
for line in sys.stdin:
    exec(line)
server.stop()
"""
CHARTS = ("Gradient flow", "Heat map", "Loss")
LOSSES = """() => {
    const source = [...Bokeh.documents[0].all_models].find(model =>
        model.type === "ColumnDataSource" && model.columns().includes("accuracy"));
    return [...source?.get("loss") ?? []];
}"""


@dataclass
class Script:
    """A script that shows a run: where, and what it is told to do."""

    address: str
    orders: IO[str]

    def do(self, line: str) -> None:
        """Let the script run a line."""
        self.orders.write(line + "\n")
        self.orders.flush()


@pytest.fixture
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Script]:
    port, log = free_port(), tmp_path_factory.mktemp("script") / "log"
    command = [sys.executable, "-c", SCRIPT, str(port)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=file, stderr=file,
            text=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdin
        until = time.monotonic() + PATIENCE
        while b"Launching server" not in log.read_bytes():
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.1)
        yield Script(f"http://localhost:{port}", process.stdin)
        process.kill()
    # Tornado's report of a page that was closed while a message was on its way.
    closed = r"Task exception was never retrieved\n.*?WebSocketClosedError\n"
    told = re.sub(closed, "", log.read_text("utf-8"), flags=re.DOTALL)
    assert "Traceback" not in told, told
    assert "ERROR" not in told, told


@pytest.fixture
def pages(script: Script, browser: Browser) -> Iterator[list[Dashboard]]:
    """Two visitors of the script's run, each with another chart."""
    problems: list[str] = []
    contexts = [browser.new_context(viewport=DESKTOP) for _ in range(2)]
    opened = []
    for context in contexts:
        page = context.new_page()
        watch(page, script.address, problems)
        page.goto(script.address)
        opened.append(Dashboard(page))
        opened[-1].wait_for_iteration(1)
    yield opened
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def wait_until_all_show(pages: list[Dashboard], iteration: int) -> None:
    for dashboard in pages:
        dashboard.wait_for_iteration(iteration)
        expect(dashboard.alert).to_have_count(0)


def losses(page: Page, count: int) -> list[float]:
    """Return what the loss chart of a page holds, once it is so much."""
    return eventually(
        page, lambda: page.evaluate(LOSSES), lambda found: len(found) == count, "other losses"
    )


def test_what_one_page_or_the_script_does_all_pages_draw(
    script: Script, pages: list[Dashboard]
) -> None:
    one, other = pages
    iteration = 1
    for chart in CHARTS:
        one.press(chart)
        for dashboard in pages:
            expect(dashboard.page.locator(".bk-Figure").locator("visible=true")).to_have_count(1)
        for stepping in (one, other):
            stepping.press("Step")
            iteration += 1
            wait_until_all_show(pages, iteration)
        script.do("for _ in range(3): explorer.viewer.step()\n")
        iteration += 3
        wait_until_all_show(pages, iteration)
    # The loss is in front: both pages have drawn all of it.
    assert losses(one.page, iteration) == losses(other.page, iteration)
    one.press("Back")
    wait_until_all_show(pages, iteration - 1)


def test_a_page_that_closes_takes_nothing_along(script: Script, pages: list[Dashboard]) -> None:
    one, other = pages
    for dashboard in pages:
        dashboard.press("Loss")
    one.press("Play")
    expect(other.button("Pause")).to_be_visible()
    one.page.close()
    before = other.iteration
    eventually(other.page, lambda: other.iteration, lambda now: now > before + 2, "it stands still")
    other.press("Pause")
    expect(other.button("Play")).to_be_visible()
    other.step()
    expect(other.alert).to_have_count(0)

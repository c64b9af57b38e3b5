"""How fast the dashboard answers Step, in a real browser: `python -m benchmarks.dashboard`.

Leaves with status 1 if a figure misses its target.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.page import FIND
from benchmarks.recording import Figure, print_table
from tools.serving import chromium, served_app

# Grain -> most milliseconds from a press to its result: median, and 95 of 100 presses.
TARGETS = {"Layer": (60.0, 150.0), "Inside": (60.0, 150.0), "Iteration": (150.0, None)}
MOST = 150.0  # kB of a step
WARM_UP = 5  # presses that are not counted

# Press Step; wait until the board has its new scene, the status line says what the server sent, and
# the browser has drawn a frame. Returns milliseconds.
PRESS = """() => new Promise((resolve, reject) => {
    const models = [...Bokeh.documents[0].all_models];
    const board = models.find((model) => model.name === "Board").data;
    const player = models.find((model) => model.name === "Player").data;
    const find = FIND;
    const button = find(document, (node) => node.matches("button") && node.textContent === "Step");
    const giveUp = setTimeout(() => reject(new Error("no answer within 10 s")), 10000);
    const start = performance.now();
    const drawn = () => {
        board.properties.scene.change.disconnect(drawn);
        const look = () => {
            const shown = find(document, (node) => node.matches(".cs-status"));
            if (shown?.textContent !== player.told.status) {
                setTimeout(look);
                return;
            }
            requestAnimationFrame(() => {
                clearTimeout(giveUp);
                resolve(performance.now() - start);
            });
        };
        look();
    };
    board.properties.scene.change.connect(drawn);
    button.click();
})""".replace("FIND", FIND)


def open_page(browser: Browser, address: str, grain: str) -> Page:
    """Open the dashboard and choose what a step moves by."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}?preset=digits&grain={grain}")
    page.wait_for_function("document.documentElement.matches('.cs-drawn')", timeout=60_000)
    page.locator(".cs-status:not(:empty)").wait_for()
    for _ in range(WARM_UP):
        page.evaluate(PRESS)
    return page


def times(page: Page, presses: int) -> list[float]:
    """Press Step again and again; return the milliseconds of each."""
    found = []
    for _ in range(presses):
        found.append(float(page.evaluate(PRESS)))
        page.wait_for_timeout(20)
    return found


def sizes(page: Page, presses: int) -> list[float]:
    """Press Step again and again; return the kB that each brought over the websocket."""
    received: list[int] = []

    def note(event: dict[str, Any]) -> None:
        response = event["response"]
        text = response["payloadData"]
        is_binary = response["opcode"] == 2
        received.append(len(base64.b64decode(text)) if is_binary else len(text.encode()))

    watch = page.context.new_cdp_session(page)
    watch.on("Network.webSocketFrameReceived", note)
    watch.send("Network.enable")
    found = []
    for _ in range(presses):
        received.clear()
        page.evaluate(PRESS)
        # What is still under way belongs to this press.
        page.wait_for_timeout(50)
        found.append(sum(received) / 1e3)
    return found


def figures(presses: int) -> list[Figure]:
    """Measure everything."""
    rows = []
    with served_app() as served, chromium() as browser:
        for grain, (most, slowest) in TARGETS.items():
            page = open_page(browser, served.address, grain)
            found = times(page, presses)
            rows.append(Figure(f"Step by {grain}: median", median(found), most, "ms"))
            if slowest is not None:
                late = quantiles(found, n=20)[-1]
                rows.append(Figure(f"Step by {grain}: 95 of 100", late, slowest, "ms"))
            if grain == "Layer":
                found = sizes(page, presses)
                rows.append(Figure("message of a Step by Layer: median", median(found), MOST, "kB"))
                rows.append(Figure("message of a Step by Layer: largest", max(found), MOST, "kB"))
            page.close()
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all figures."""
    parser = argparse.ArgumentParser(description="Measure how fast the dashboard answers Step.")
    parser.add_argument("--presses", type=int, default=60, help="of Step for each figure (60)")
    options = parser.parse_args(arguments)
    found = figures(options.presses)
    print_table(found)
    return 0 if all(figure.met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())

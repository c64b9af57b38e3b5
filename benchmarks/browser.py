"""How fast the export starts and trains, and what it holds: `python -m benchmarks.browser`.

Leaves with status 1 if a figure misses its target.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks import browser_task
from benchmarks.page import FIND
from benchmarks.recording import Figure, print_table
from static.build import DOWNLOADS, write_folder
from static.parts import SHELL, make_site
from static.runtime.node import run_node
from static.serve import site_server
from tools.serving import chromium

HERE = Path(__file__).parent
LIVE = 180_000  # ms
RUN = """async (task) => {
    const load = (address) => new Promise((resolve) => document.head.append(
        Object.assign(document.createElement("script"), { src: address, onload: resolve })));
    await load("made/pyodide/pyodide.js");
    const py = await loadPyodide();
    for (const name of ["data.zip", "site.zip"]) {
        const archive = await (await fetch(`made/${name}`)).arrayBuffer();
        py.unpackArchive(archive, "zip", { extractDir: py._api.sitePackages });
    }
    return py.runPython(`${task}\\nrun()`);
}"""
# The status line, through all shadow roots.
STATUS = f"() => {FIND}(document, (node) => node.matches('.cs-status'))?.textContent ?? ''"

# Press Pause; return the milliseconds until the button says Play again.
PAUSE = f"""() => new Promise((resolve) => {{
    const named = (name) => {FIND}(document,
        (node) => node.matches("button") && node.textContent === name);
    const start = performance.now();
    named("Pause").click();
    const look = () => named("Play")
        ? resolve(performance.now() - start) : requestAnimationFrame(look);
    look();
}})"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder; give its address."""
    with site_server(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def training(place: Path, browser: Browser, address: str) -> list[Figure]:
    """Compare a training step and what is learnt with the native ones."""
    native = json.loads(browser_task.run())
    task = HERE / "browser_task.py"
    made = place / "made"
    files = (made / "pyodide", made / "data.zip", made / "site.zip", task)
    node = json.loads(run_node(SHELL / "build" / "run.mjs", *files))
    page = browser.new_page()
    page.goto(f"{address}empty.html")
    chrome = json.loads(page.evaluate(RUN, task.read_text(encoding="utf-8")))
    page.close()
    rows = []
    for where, found in (("Node", node), ("Chromium", chrome)):
        for name, time in found["steps"].items():
            ratio = time / native["steps"][name]
            rows.append(Figure(f"step, {name}: {where} / native", ratio, 8.0, "×"))
        apart = abs(median(found["accuracies"]) - median(native["accuracies"])) * 100
        rows.append(Figure(f"MNIST after 10 epochs: {where}, from native", apart, 1.0, "points"))
    return rows


def first_step(browser: Browser, address: str) -> float:
    """Return the seconds from the call of an address to the answer to a press of Step."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    start = perf_counter()
    page.goto(address)
    page.wait_for_function("performance.getEntriesByName('cs-drawn').length", timeout=LIVE)
    page.get_by_role("button", name="Iteration", exact=True).click()
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_function(f"({STATUS})().startsWith('iteration 2 ')", timeout=LIVE)
    seconds = perf_counter() - start
    page.context.close()
    return seconds


def starting(browser: Browser, address: str, turns: int) -> list[Figure]:
    """Compare a start from the saved heap with one that imports the same packages."""
    saved, imported = [], []
    for _ in range(turns):
        saved.append(first_step(browser, address))
        imported.append(first_step(browser, f"{address}?start=import"))
    print(f"first live Step: heap {median(saved):.2f} s, import {median(imported):.2f} s")
    return [
        Figure("to the first live Step: heap / import", median(saved) / median(imported), 0.4, "×")
    ]


def playing(browser: Browser, address: str, iterations: int) -> list[Figure]:
    """Play for long: how much memory grows from a tenth of the way on, and how Pause answers."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}?grain=Iteration")
    page.wait_for_function("window.convscope?.alive", timeout=LIVE)
    page.get_by_label("Speed", exact=True).select_option("fast")
    page.get_by_role("button", name="Play", exact=True).click()
    early = _memory(page, iterations // 10)
    late = _memory(page, iterations)
    pause = float(page.evaluate(PAUSE))
    page.close()
    return [
        Figure(f"memory of Python over {iterations} iterations", late[0] / early[0], 1.1, "×"),
        Figure(f"memory of the page over {iterations} iterations", late[1] / early[1], 1.5, "×"),
        Figure("Pause while playing fast", pause, 300.0, "ms"),
    ]


def _memory(page: Page, iteration: int) -> tuple[float, float]:
    """Wait for an iteration; return the bytes that Python has and that the page uses."""
    page.wait_for_function(
        f"(least) => Number(({STATUS})().split(' ')[1]) >= least", arg=iteration, timeout=1_000_000
    )
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: dict[str, Any] = session.send("Runtime.getHeapUsage")
    return float(page.evaluate("convscope.memory")), float(used["usedSize"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="Measure the export in the browser.")
    parser.add_argument("words", nargs="*", help="training, starting, playing (all)")
    parser.add_argument("--turns", type=int, default=3, help="of each way to start (3)")
    parser.add_argument("--iterations", type=int, default=2000, help="of Play (2000)")
    options = parser.parse_args(arguments)
    rows: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        place = Path(folder)
        write_folder(make_site(place / "made", DOWNLOADS, None, print), place)
        (place / "empty.html").write_text("<!DOCTYPE html>", encoding="utf-8")
        with serving(place) as address:
            measures = {
                "training": lambda: training(place, browser, address),
                "starting": lambda: starting(browser, address, options.turns),
                "playing": lambda: playing(browser, address, options.iterations),
            }
            for name in options.words or measures:
                rows += measures[name]()
    print_table(rows)
    return 0 if all(figure.met for figure in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

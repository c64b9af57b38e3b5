"""The dashboard in a notebook, in a real JupyterLab."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard import PATIENCE, eventually
from tools.serving import ROOT

CELLS = (
    "import panel as pn\npn.extension(inline=True)",
    "from core import *\n"
    "from viz_app import explore\n"
    "import numpy as np\n\n"
    "class Twice(Layer):\n"
    "    def _forward(self, x):\n"
    "        return 2 * x\n\n"
    "    def _backward(self, g):\n"
    "        return 2 * g\n\n"
    "data = load_dataset('digits')\n"
    "model = Model(Conv2d(1, 4, 3), Twice(), ReLU(), Flatten(), Linear(144, 10))\n"
    "first = explore(model, data)\n"
    "first",
    "second = explore('conv 2 k3, flatten, linear {classes}', data, optimizer=Adam)\nsecond",
    "second.viewer.step(); print('from', 'code')",
)
LOOKS = """() => [
    document.documentElement.className, document.documentElement.lang, document.title,
    location.href, getComputedStyle(document.body).backgroundColor,
    document.querySelectorAll("meta[name=viewport]").length,
]"""
STARTS = 90.0  # s within which JupyterLab answers


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Serve a notebook in JupyterLab; return its address."""
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code", "id": f"cell-{k}", "metadata": {}, "execution_count": None,
            "outputs": [], "source": source,
        }
        for k, source in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "explore.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
        "--LabApp.news_url=None", f"--ServerApp.root_dir={tmp_path}",
    ]  # fmt: skip
    folders = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **folders}
    log = (tmp_path / "log.txt").open("wb")
    command = [sys.executable, "-m", "jupyterlab", *options]
    with log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as served:
        address, until = f"http://127.0.0.1:{port}", time.monotonic() + STARTS
        while not _answers(address):
            assert served.poll() is None, (tmp_path / "log.txt").read_text("utf-8")
            assert time.monotonic() < until, (tmp_path / "log.txt").read_text("utf-8")
            time.sleep(0.2)
        yield f"{address}/lab/tree/explore.ipynb"
        served.terminate()


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/api", timeout=2):
            return True
    except (URLError, OSError):
        return False


def run_cell(page: Page, number: int) -> None:
    cell = page.locator(".jp-Notebook .jp-Cell").nth(number)
    prompt = cell.locator(".jp-InputPrompt")

    def press() -> str:
        # A notebook that is still being set up takes no keys.
        if prompt.inner_text().strip() == "[ ]:":
            cell.locator(".jp-InputArea-editor").click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(1000)
        return prompt.inner_text().strip()

    eventually(page, press, lambda text: text != "[ ]:", "the cell does not run")
    expect(prompt).to_have_text(f"[{number + 1}]:", timeout=2000 * PATIENCE)


def test_two_dashboards_stand_in_a_notebook_and_leave_its_page_alone(
    lab: str, browser: Browser
) -> None:
    page = browser.new_context(viewport={"width": 1600, "height": 1000}).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab)
    expect(page.locator(".jp-Notebook .jp-Cell").nth(3)).to_be_visible(timeout=2000 * PATIENCE)
    expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(
        "data-status", "idle", timeout=2000 * PATIENCE
    )
    before = page.evaluate(LOOKS)
    for number in range(3):
        run_cell(page, number)
    status = page.locator(".cs-status")
    expect(status).to_have_count(2)
    for k in range(2):
        expect(status.nth(k)).to_contain_text("iteration 1 · stage 1 of ")
    second = status.nth(1).inner_text()
    # A layer without a text form has its card and its stage; the notebook's page is as it was.
    expect(page.locator(".track .bar", has_text="twice").first).to_be_attached()
    page.get_by_role("button", name="Step", exact=True).nth(0).click()
    expect(status.nth(0)).to_contain_text("iteration 2 · ")
    assert status.nth(1).inner_text() == second
    page.get_by_role("button", name="Dark", exact=True).nth(0).click()
    expect(page.get_by_role("button", name="Light", exact=True)).to_have_count(1)
    run_cell(page, 3)
    expect(status.nth(1)).to_contain_text("iteration 2 · ")
    # JupyterLab itself marks a notebook that has run.
    after = page.evaluate(LOOKS)
    after[2] = before[2]
    assert after == before
    assert not errors
    page.context.close()

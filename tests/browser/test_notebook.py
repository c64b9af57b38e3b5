"""The dashboard in a notebook, in a real JupyterLab; it asks no other server for anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import watch
from tests.browser.connection.tour import look_at_everything, press
from tests.browser.dashboard import PATIENCE, eventually, expect_no_change
from tests.browser.mathematics.formulas import FONT_IS_THERE
from tools.serving import ROOT, free_port
from viz_app.style.theme import MATH_FAMILY

LOAD = "import panel as pn\npn.extension(inline=True)"
FIRST = """from core import *
from viz_app import explore
import numpy as np

class Twice(Layer):
    def _forward(self, x):
        return 2 * x

    def _backward(self, g):
        return 2 * g

data = load_dataset('digits')
model = Model(Conv2d(1, 4, 3), Twice(), ReLU(), Flatten(), Linear(144, 10))
first = explore(model, data)
first.viewer.change(grain="Iteration")
first"""
SECOND = """second = explore('conv 2 k3, flatten, linear {classes}', data, optimizer=Adam)
second.viewer.change(grain='Iteration')
second"""
FROM_CODE = "second.viewer.step(); print('from', 'code')"
# It says that it runs, and runs until the test has seen enough.
BUSY = """import time, pathlib
print('at', 'work', flush=True)
while not pathlib.Path('enough').exists():
    time.sleep(0.1)"""
LOOKS = """() => [
    document.documentElement.className, document.documentElement.lang, document.title,
    location.href, getComputedStyle(document.body).backgroundColor,
    document.querySelectorAll("meta[name=viewport]").length,
]"""
KERNELS = "@jupyterlab/apputils-extension/kernels-settings.jupyterlab-settings"
STARTS = 90.0  # s within which JupyterLab answers
SOON = 20_000  # ms within which it is told that Python does not answer, on a busy machine too

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Start JupyterLab; return its address and the folder of its notebooks."""
    folder, own, port = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("own"), free_port()
    options = [
        "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
        "--LabApp.news_url=None", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    folders = {name: str(own / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    # Where a kernel has subshells, JupyterLab may let presses overtake a cell that runs.
    settings = own / "JUPYTER_CONFIG_DIR" / "lab" / "user-settings" / KERNELS
    settings.parent.mkdir(parents=True)
    settings.write_text('{"commsOverSubshells": "disabled"}', encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **folders}
    log = own / "log.txt"
    command = [sys.executable, "-m", "jupyterlab", *options]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, env=environment, stdout=file, stderr=file) as served,
    ):
        address, until = f"http://127.0.0.1:{port}", time.monotonic() + STARTS
        while not _answers(address):
            assert served.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.2)
        yield address, folder
        served.terminate()


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/api", timeout=2):
            return True
    except (URLError, OSError):
        return False


@pytest.fixture
def open_notebook(lab: tuple[str, Path], browser: Browser) -> Iterator[Open]:
    """Give out what opens a notebook of some cells; fail if its page asks any other server."""
    address, folder = lab
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    problems: list[str] = []

    def open_one(name: str, *sources: str) -> Page:
        (folder / f"{name}.ipynb").write_text(_notebook(sources), encoding="utf-8")
        page = context.new_page()
        watch(page, address, problems)
        # What JupyterLab tells of a kernel that is not ready yet; a cell is tried again anyway.
        page.add_locator_handler(
            page.locator(".jp-Dialog"), lambda dialog: dialog.locator(".jp-mod-accept").click()
        )
        # Of its own workspace: otherwise the notebooks before it are opened too.
        page.goto(f"{address}/lab/workspaces/{name}/tree/{name}.ipynb")
        cells = page.locator(".jp-Notebook .jp-Cell")
        expect(cells.nth(len(sources) - 1)).to_be_visible(timeout=2000 * PATIENCE)
        expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(
            "data-status", "idle", timeout=2000 * PATIENCE
        )
        return page

    yield open_one
    context.close()
    assert not problems, "\n".join(problems)


def _notebook(sources: tuple[str, ...]) -> str:
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code", "id": f"cell-{k}", "metadata": {}, "execution_count": None,
            "outputs": [], "source": source,
        }
        for k, source in enumerate(sources)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def press_cell(page: Page, number: int) -> None:
    page.locator(".jp-Notebook .jp-Cell").nth(number).locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")


def run_cell(page: Page, number: int) -> None:
    """Run a cell for the first time."""
    prompt = page.locator(".jp-Notebook .jp-Cell").nth(number).locator(".jp-InputPrompt")

    def try_it() -> str:
        # A notebook that is still being set up takes no keys.
        if prompt.inner_text().strip() == "[ ]:":
            press_cell(page, number)
            page.wait_for_timeout(1000)
        return prompt.inner_text().strip()

    eventually(page, try_it, lambda text: text != "[ ]:", "the cell does not run")
    expect(prompt).to_have_text(f"[{number + 1}]:", timeout=2000 * PATIENCE)


def restart_kernels(address: str) -> None:
    """As another page of the same JupyterLab would do it: this one is told nothing by hand."""
    with urlopen(f"{address}/api/kernels") as answer:
        kernels = json.load(answer)
    assert kernels
    for kernel in kernels:
        at = f"{address}/api/kernels/{kernel['id']}/restart"
        with urlopen(Request(at, data=b"", method="POST")):
            pass


def unanswered(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="No answer from Python since")


def test_two_dashboards_stand_in_a_notebook_and_leave_its_page_alone(open_notebook: Open) -> None:
    page = open_notebook("two", LOAD, FIRST, SECOND, FROM_CODE)
    before = page.evaluate(LOOKS)
    for number in range(3):
        run_cell(page, number)
    status = page.locator(".cs-status")
    expect(status).to_have_count(2)
    for k in range(2):
        expect(status.nth(k)).to_contain_text("iteration 1 · stage 1 of ")
    page.wait_for_function(FONT_IS_THERE, arg=MATH_FAMILY)
    second = status.nth(1).inner_text()
    # A layer without a text form has its card and its stage; the notebook's page is as it was.
    expect(page.locator('.track .bar[title="forward twice"]')).to_be_attached()
    press(page, "Step")
    expect(status.nth(0)).to_contain_text("iteration 2 · ")
    expect_no_change(page, status.nth(1).inner_text)
    assert status.nth(1).inner_text() == second
    press(page, "Dark")
    expect(page.get_by_role("button", name="Light", exact=True)).to_have_count(1)
    run_cell(page, 3)
    expect(status.nth(1)).to_contain_text("iteration 2 · ")
    # JupyterLab itself marks a notebook that has run.
    after = page.evaluate(LOOKS)
    after[2] = before[2]
    assert after == before


def test_no_other_server_is_asked_whatever_is_drawn(open_notebook: Open) -> None:
    page = open_notebook("alone", LOAD, FIRST)
    run_cell(page, 0)
    run_cell(page, 1)
    look_at_everything(page)


def test_a_kernel_that_was_started_again_is_told(
    lab: tuple[str, Path], open_notebook: Open
) -> None:
    page = open_notebook("restarted", LOAD, FIRST)
    run_cell(page, 0)
    run_cell(page, 1)
    status = page.locator(".cs-status")
    press(page, "Step")
    expect(status).to_contain_text("iteration 2 · ")
    restart_kernels(lab[0])
    expect(unanswered(page)).to_have_count(0)
    press(page, "Step")
    expect(unanswered(page)).to_be_visible(timeout=SOON)
    expect(unanswered(page)).to_contain_text("run the cells again")
    expect(unanswered(page)).to_be_in_viewport()
    for number in range(2):
        press_cell(page, number)
    expect(status).to_contain_text("iteration 1 · ", timeout=2000 * PATIENCE)
    press(page, "Step")
    expect(status).to_contain_text("iteration 2 · ")
    expect(unanswered(page)).to_have_count(0)


def test_a_cell_that_runs_is_told_and_the_press_is_done_behind_it(
    lab: tuple[str, Path], open_notebook: Open
) -> None:
    page = open_notebook("busy", LOAD, FIRST, BUSY)
    run_cell(page, 0)
    run_cell(page, 1)
    status = page.locator(".cs-status")
    expect(status).to_contain_text("iteration 1 · ")
    press_cell(page, 2)
    # The press must not overtake the cell: a kernel is busy with the looks of a dashboard too.
    expect(page.get_by_text("at work", exact=True)).to_be_visible()
    press(page, "Step")
    expect(unanswered(page)).to_be_visible(timeout=SOON)
    expect(unanswered(page)).to_contain_text("Is a cell running?")
    expect(status).to_contain_text("iteration 1 · ")
    (lab[1] / "enough").touch()
    expect(status).to_contain_text("iteration 2 · ")
    expect(unanswered(page)).to_have_count(0)

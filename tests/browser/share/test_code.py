"""The iteration in sight as code: what the menu gives runs, with a server and without one."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.code.archive import code_of
from core.inspect.trace import StepTrace
from tests.browser.conftest import Open
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run

pytestmark = pytest.mark.browser

TITLES = {"core": "NumPy with ConvScope", "numpy": "NumPy alone", "torch": "PyTorch"}


def take(page: Page, library: str, folder: Path) -> str:
    """Choose from the menu, and unpack what it gives; return its name."""
    page.get_by_role("button", name="Share", exact=True).click()
    codes = page.get_by_role("group", name="Code")
    with page.expect_download() as found:
        codes.get_by_role("menuitem", name=TITLES[library], exact=True).click()
    with zipfile.ZipFile(found.value.path()) as archive:
        archive.extractall(folder)
    return found.value.suggested_filename


def expect_to_run(folder: Path, trace: StepTrace) -> None:
    """Run the script as a person does, beside its arrays and outside of the repository."""
    done = subprocess.run(
        [sys.executable, "-I", "iteration.py"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"loss {trace.loss:.6g}: it, " in done.stdout


def second(preset: str) -> StepTrace:
    run = Run(PRESETS[preset].recipe(preset))
    run.advance()
    trace: StepTrace = run.trace
    return trace


def test_code_is_that_of_the_iteration_in_sight(open_dashboard: Open, tmp_path: Path) -> None:
    dashboard, trace = open_dashboard("?preset=residual&iteration=2"), second("residual")
    dashboard.wait_for_iteration(2)
    for library in ("core", "numpy", "torch"):
        folder = tmp_path / library
        name = take(dashboard.page, library, folder)
        assert name == f"convscope-iteration-2-{library}.zip"
        expect(dashboard.alert).to_contain_text(f"Saved as {name}, ")
        wanted = code_of(trace, library)
        assert (folder / "iteration.py").read_bytes() == wanted["iteration.py"]
        with np.load(folder / "iteration.npz") as saved:
            assert "mask.4" in saved
    expect_to_run(tmp_path / "numpy", trace)
    # Back in the past, that is what is taken.
    dashboard.press("Back")
    dashboard.wait_for_iteration(1)
    assert take(dashboard.page, "numpy", tmp_path / "first") == "convscope-iteration-1-numpy.zip"


@pytest.mark.slow
def test_code_from_a_page_without_a_server(open_export: Open, tmp_path: Path) -> None:
    dashboard = open_export("?preset=mnist&iteration=2")
    dashboard.wait_for_iteration(2)
    for library in ("numpy", "core"):
        take(dashboard.page, library, tmp_path / library)
    expect(dashboard.alert).to_contain_text("Saved as ")
    trace = second("mnist")
    expect_to_run(tmp_path / "numpy", trace)
    assert (tmp_path / "core" / "iteration.py").read_bytes() == code_of(trace, "core")[
        "iteration.py"
    ]

"""Which browsers are found, and what is said when one cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import ensure_browser
from tools.ensure_browser import find_chromium, find_firefox, main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be on a machine where only this folder holds programs, and nothing can be installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for variable in (ensure_browser.CHROMIUM, ensure_browser.FIREFOX, "CI"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_finds_what_is_installed(folder: Path) -> None:
    assert (find_chromium(), find_firefox()) == (None, None)
    chromium, firefox = program(folder / "google-chrome"), program(folder / "firefox")
    assert (find_chromium(), find_firefox()) == (chromium, firefox)
    assert main() == 0


def test_a_variable_names_another_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(folder / "firefox")
    other = program(folder / "nightly")
    monkeypatch.setenv(ensure_browser.FIREFOX, other)
    assert find_firefox() == other


def test_a_variable_that_names_no_program_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(folder / "chromium")
    monkeypatch.setenv(ensure_browser.FIREFOX, "nothing")
    assert main() == 1
    assert "CONVSCOPE_FIREFOX is 'nothing', which is not a program" in capsys.readouterr().err


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)], ids=["at home", "in CI"])
def test_without_firefox_only_ci_stops(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ci: str,
    code: int,
) -> None:
    program(folder / "chromium")
    monkeypatch.setenv("CI", ci)
    assert main() == code
    told = capsys.readouterr().err
    assert "There is no Firefox" in told
    assert ("left out" in told) == (code == 0)

"""Which nginx is found, and what is said when none can be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import ensure_nginx
from tools.ensure_nginx import VARIABLE, find_nginx, main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be on a machine where only this folder holds programs, and nothing can be downloaded."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ensure_nginx, "FOLDERS", (str(tmp_path / "sbin"),))
    for name in (VARIABLE, "CI"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def program(path: Path) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_finds_what_only_an_administrator_sees(folder: Path) -> None:
    assert find_nginx() is None
    nginx = program(folder / "sbin/nginx")
    assert find_nginx() == nginx
    assert main() == 0


def test_a_variable_that_names_no_program_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(folder / "nginx")
    monkeypatch.setenv(VARIABLE, "nothing")
    assert main() == 1
    assert f"{VARIABLE} is 'nothing', which is not a program" in capsys.readouterr().err


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)], ids=["at home", "in CI"])
def test_without_nginx_only_ci_stops(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ci: str,
    code: int,
) -> None:
    monkeypatch.setenv("CI", ci)
    assert main() == code
    told = capsys.readouterr().err
    assert "There is no nginx" in told
    assert ("left out" in told) == (code == 0)

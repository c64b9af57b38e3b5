"""What the command line does with folders, and what it says when it cannot build."""

from __future__ import annotations

from pathlib import Path

import pytest

from static import build
from static.packages import DISTRIBUTIONS
from tests.static.sites import small_site
from viz_app.answers.page import ANSWERS_PAGE


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is downloaded and nothing started: the site is there already."""
    monkeypatch.setattr(build, "make_site", lambda *_: small_site())


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("made")
def test_writes_a_folder_with_every_part_and_says_what_it_weighs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "some" / "site"
    assert build.main(["--out", str(out)]) == 0
    parts = [part.file for part in small_site().parts]
    scripts = [f"{file}.js" for file in parts]
    pages = {"index.html", "answers.html"}
    assert names(out) == {*pages, "licences.txt", "service-worker.js", *parts, *scripts}
    assert (out / "answers.html").read_text(encoding="utf-8") == ANSWERS_PAGE
    for part in small_site().parts:
        assert (out / part.file).read_bytes() == part.content
    printed = capsys.readouterr().out
    assert "a first visit:" in printed
    assert all(part.name in printed for part in small_site().parts)


@pytest.mark.usefixtures("made")
def test_writes_one_file(tmp_path: Path) -> None:
    out = tmp_path / "some" / "convscope.html"
    assert build.main(["--single-file", "--out", str(out)]) == 0
    assert names(tmp_path) == {"some/convscope.html"}
    assert build.main(["--single-file", "--out", str(out)]) == 0


@pytest.mark.usefixtures("made")
def test_an_older_site_is_replaced_whole(tmp_path: Path) -> None:
    assert build.main(["--out", str(tmp_path)]) == 0
    fresh = names(tmp_path)
    (tmp_path / "parts" / "old.0123456789ab.bin").write_bytes(b"old")
    assert build.main(["--out", str(tmp_path)]) == 0
    assert names(tmp_path) == fresh


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    "there",
    [("notes.txt",), ("index.html",), ("service-worker.js", "app.js"), ("site", ".git/config")],
    ids=["notes", "a page", "another worker", "a site that git keeps"],
)
def test_a_folder_that_holds_something_else_is_left_alone(
    tmp_path: Path, there: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    if "site" in there:
        assert build.main(["--out", str(tmp_path)]) == 0
    for name in set(there) - {"site"}:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    before = names(tmp_path)
    assert build.main(["--out", str(tmp_path)]) == 1
    assert names(tmp_path) == before
    assert "name an empty folder or an older site" in capsys.readouterr().err


@pytest.mark.usefixtures("made")
def test_a_file_is_not_replaced_by_a_folder_nor_a_folder_by_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file := tmp_path / "file").write_text("mine")
    assert build.main(["--out", str(file)]) == 1
    assert file.read_text() == "mine"
    assert build.main(["--single-file", "--out", str(tmp_path)]) == 1
    assert names(tmp_path) == {"file"}
    told = capsys.readouterr().err
    assert f"{file} is a file" in told
    assert f"{tmp_path} is a folder" in told


def test_without_the_runtime_it_says_so_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty := tmp_path / "empty").mkdir()
    out = tmp_path / "site"
    asked = ["--out", str(out), "--pyodide", str(empty), "--cache", str(tmp_path / "cache")]
    assert build.main(asked) == 1
    told = capsys.readouterr().err
    assert "pyodide.js (Pyodide 0.29.4): expected" in told
    assert str(empty) in told
    assert "Traceback" not in told
    assert not out.exists()


def test_without_a_package_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> object:
        raise ModuleNotFoundError(f"the export needs the package {DISTRIBUTIONS[0]}")

    monkeypatch.setattr(build, "make_site", missing)
    assert build.main(["--out", str(tmp_path / "site")]) == 1
    assert DISTRIBUTIONS[0] in capsys.readouterr().err


def test_an_older_site_stays_when_a_new_one_cannot_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    with monkeypatch.context() as patched:
        patched.setattr(build, "make_site", lambda *_: small_site())
        assert build.main(["--out", str(out)]) == 0
    before = names(out)
    (empty := tmp_path / "empty").mkdir()
    assert build.main(["--out", str(out), "--pyodide", str(empty)]) == 1
    assert names(out) == before

"""What goes into the browser's Python, and what does not."""

from __future__ import annotations

import re
import zipfile
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import pytest

from static.packages import DISTRIBUTIONS, OWN, ROOT, installed, site_files, write_npz


@pytest.fixture(scope="module")
def files() -> dict[str, Path]:
    return site_files()


def test_holds_what_the_browser_starts_and_what_that_needs(files: dict[str, Path]) -> None:
    for name in ("static/start.py", "static/bridge.py", "viz_app/main.py",
                 "viz_app/components/board/board.js",
                 "core/training/trainer.py", "core/datasets/LICENSES.md",
                 "viz_app/lessons/files/1-one-iteration.md",
                 "bokeh/document/document.py",
                 "panel/io/pyodide.py", "pyodide_http/__init__.py"):  # fmt: skip
        assert name in files
    for package in OWN:
        for path in (ROOT / package).rglob("*.py"):
            assert files[path.relative_to(ROOT).as_posix()] == path


def test_every_file_is_there_and_stays_below_the_folder_it_is_unpacked_to(
    files: dict[str, Path],
) -> None:
    for name, path in files.items():
        assert path.is_file()
        assert not PurePosixPath(name).is_absolute()
        assert ".." not in PurePosixPath(name).parts


def test_holds_nothing_compiled_and_no_tests(files: dict[str, Path]) -> None:
    for name in files:
        place = PurePosixPath(name)
        assert place.suffix not in {".so", ".pyd", ".dll", ".dylib", ".pyc", ".pyo"}
        assert not {"tests", "__pycache__"} & set(place.parts)
        assert not place.name.startswith(("test_", "conftest"))


def test_holds_no_package_that_the_dashboard_does_not_import(files: dict[str, Path]) -> None:
    packages = {PurePosixPath(name).parts[0] for name in files}
    assert not packages & {"numpy", "pandas", "PIL", "tornado", "contourpy", "nh3", "playwright"}


def test_versions_are_those_that_are_installed(files: dict[str, Path]) -> None:
    packed = {}
    for name, path in files.items():
        if name.endswith(".dist-info/METADATA"):
            fields = dict(re.findall(r"(?m)^(Name|Version): (.+)$", path.read_text("utf-8")))
            packed[re.sub(r"[-_.]+", "-", fields["Name"]).lower()] = fields["Version"]
    assert packed == {name: version(name) for name in DISTRIBUTIONS}


def test_the_texts_of_licences_go_along(files: dict[str, Path]) -> None:
    with_licence = {
        PurePosixPath(name).parts[0].partition("-")[0].replace("_", "-").lower()
        for name in files
        if re.search(r"\.dist-info/.*(LICEN[CS]E|COPYING)", name)
    }
    # Its authors publish none but the name in its metadata.
    assert with_licence == set(DISTRIBUTIONS) - {"latex2mathml"}


def test_a_package_that_is_not_installed_is_named_with_what_to_do() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"no-such-package.*pip install"):
        installed("no-such-package")


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    files = {"b/two.py": b"2", "one.txt": b"1" * 1000, "b/three": bytes(10)}
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    write_npz(files, first)
    write_npz(files, second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == files
        # The time of packing would make every archive another one.
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}

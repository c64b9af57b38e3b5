"""How parts are named and counted, and what of NumPy is packed."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from static import parts
from static.parts import DRAW, HEAP, IMPORT, LATER, Site, numpy_files
from tests.static.sites import small_site


def test_a_file_is_named_after_its_content() -> None:
    site = small_site()
    for part in site.parts:
        assert hashlib.sha256(part.content).hexdigest()[:12] in part.file
        assert part.name in part.file
        assert replace(part, content=part.content + b".").file != part.file
    assert len({part.file for part in site.parts}) == len(site.parts)


def test_sizes_are_counted_by_what_a_part_is_for() -> None:
    site = small_site()
    draw, heap, late = (len(part.content) for part in site.parts)
    assert [site.size(mode) for mode in (DRAW, HEAP, IMPORT, LATER)] == [draw, heap, late, late]


def test_the_same_build_has_the_same_version() -> None:
    assert small_site().version == small_site().version


def test_another_part_or_another_picture_makes_another_version() -> None:
    site = small_site()
    first, *rest = site.parts
    assert Site([replace(first, content=b"new"), *rest], site.rendering).version != site.version
    assert Site(site.parts, site.rendering + " ").version != site.version


def test_another_shell_makes_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = small_site().version
    shutil.copytree(parts.SHELL, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(parts, "SHELL", tmp_path)
    assert small_site().version == before
    with (tmp_path / "page" / "page.js").open("a") as file:
        file.write("// mended")
    assert small_site().version != before


def test_of_numpy_only_what_a_browser_runs_is_packed(tmp_path: Path) -> None:
    needed = {
        "numpy/__init__.py": b"1",
        "numpy/_core/_multiarray_umath.cpython-313-wasm32-emscripten.so": b"2",
        "numpy-2.2.5.dist-info/LICENSE.txt": b"3",
    }
    left_out = (
        "numpy/_core/tests/test_umath.py",
        "numpy/_core/_multiarray_tests.cpython-313-wasm32-emscripten.so",
        "numpy/_core/include/numpy/arrayobject.h",
        "numpy/__init__.pyi",
        "numpy/f2py/crackfortran.py",
        "numpy-2.2.5.dist-info/RECORD",
    )
    wheel = tmp_path / "numpy.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, content in [*needed.items(), *((name, b"") for name in left_out)]:
            packed.writestr(name, content)
    assert numpy_files(wheel) == needed

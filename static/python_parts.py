"""What the browser needs to run Python: the runtime, the packages, and the saved heap."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from static.node import run_node
from static.packages import site_files, write_archive
from static.pyodide_patch import expose_linker
from static.runtime import obtain, pinned_parts

SHELL = Path(__file__).parent / "shell"
# How Python may start, and what comes only afterwards.
HEAP, IMPORT, LATER = "heap", "import", "later"
# What of NumPy's wheel a browser has no use for.
NUMPY_LEFT_OUT = (
    "*/tests/*", "numpy/f2py/*", "numpy/distutils/*", "numpy/testing/*", "*.pyi", "*.h", "*.pxd",
    "*.a", "*.c", "*.pyx", "*.ini", "*.pc", "*_tests.*", "*/RECORD", "*.build",
)  # fmt: skip


@dataclass(frozen=True)
class SitePart:
    """One file that the page brings to Python.

    Attributes:
        name: what the worker calls it.
        content: as it is stored and sent.
        gzip: whether the page has to unzip it.
        modes: when it is needed.
    """

    name: str
    content: bytes
    gzip: bool
    modes: tuple[str, ...]

    @property
    def file(self) -> str:
        """Its file in the site, named after its content so that it can be kept for ever."""
        return f"parts/{self.name}.{hashlib.sha256(self.content).hexdigest()[:12]}.bin"


@dataclass(frozen=True)
class Python:
    """All parts, and what the page draws before Python lives."""

    parts: list[SitePart]
    rendering: str


def make_python(work: Path, cache: Path, folder: Path | None, say: Callable[[str], None]) -> Python:
    """Bring the runtime, pack the packages, start the dashboard once and save its heap.

    Args:
        work: an empty folder for what is made on the way.
        cache: folder of downloads.
        folder: where the runtime is already, or None to download it.
        say: told what is being done.

    Raises:
        BuildError: something is missing or is not what it should be.
    """
    runtime = work / "pyodide"
    runtime.mkdir(parents=True)
    for part in pinned_parts():
        shutil.copyfile(obtain(part, cache, folder, say), runtime / part.name)
    linker = runtime / "pyodide.asm.js"
    linker.write_text(expose_linker(linker.read_text(encoding="utf-8")), encoding="utf-8")

    say("packing and compiling the packages")
    files = {name: path.read_bytes() for name, path in site_files().items()}
    files |= numpy_files(runtime / "numpy.whl")
    code = {name: content for name, content in files.items() if name.endswith(".py")}
    write_archive({name: files[name] for name in files if name not in code}, work / "data.zip")
    write_archive(code, work / "code.zip")
    run_node(SHELL / "compile.mjs", runtime, work / "code.zip", work / "site.zip")

    say("starting the dashboard once, to save its heap")
    run_node(
        SHELL / "snapshot.mjs", runtime, work / "data.zip", work / "site.zip", work / "snapshot"
    )
    both = (HEAP, IMPORT)
    parts = [
        _zipped("pyodide.js", runtime, both),
        _zipped("pyodide.asm.js", runtime, both),
        _zipped("pyodide.asm.wasm", runtime, both),
        _zipped("pyodide-lock.json", runtime, both),
        _as_is("python_stdlib.zip", runtime, both),
        _as_is("data.zip", work, both),
        _zipped("heap.bin", work / "snapshot", (HEAP,)),
        _zipped("link.json", work / "snapshot", (HEAP,)),
        _as_is("site.zip", work, (IMPORT, LATER)),
        _zipped("start.py", SHELL, (IMPORT,)),
    ]
    rendering = (work / "snapshot" / "rendering.json").read_text(encoding="utf-8")
    return Python(parts, rendering)


def numpy_files(wheel: Path) -> dict[str, bytes]:
    """Return what is needed of NumPy's wheel, by name."""
    with zipfile.ZipFile(wheel) as packed:
        return {
            name: packed.read(name)
            for name in packed.namelist()
            if not any(fnmatch(name, pattern) for pattern in NUMPY_LEFT_OUT)
        }


def _zipped(name: str, folder: Path, modes: tuple[str, ...]) -> SitePart:
    return SitePart(name, gzip.compress((folder / name).read_bytes(), 9, mtime=0), True, modes)


def _as_is(name: str, folder: Path, modes: tuple[str, ...]) -> SitePart:
    return SitePart(name, (folder / name).read_bytes(), False, modes)

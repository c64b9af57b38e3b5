"""The parts of a site: what draws, the runtime, the packages, and the saved heap."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from types import MappingProxyType

from static.drawing import drawing_script
from static.packages import site_files, write_npz
from static.runtime.node import run_node
from static.runtime.patch import expose_linker
from static.runtime.pinned import obtain, origin_of, pinned_parts

SHELL = Path(__file__).parent / "shell"
# What a part is for: the first picture, the rest of the first iteration, one way to start Python or
# the other, or what comes after.
DRAW, LOOK, HEAP, IMPORT, LATER = "draw", "look", "heap", "import", "later"
# All parts: where `make_site` finds each, and what it is for.
PARTS = {
    "draw.js": (DRAW,),
    "first-look.json": (LOOK,),
    "pyodide/pyodide.js": (HEAP, IMPORT),
    "pyodide/pyodide.asm.js": (HEAP, IMPORT),
    "pyodide/pyodide.asm.wasm": (HEAP, IMPORT),
    "pyodide/pyodide-lock.json": (HEAP, IMPORT),
    "pyodide/python_stdlib.zip": (HEAP, IMPORT),
    "data.zip": (HEAP, IMPORT),
    "snapshot/heap.bin": (HEAP,),
    "snapshot/link.json": (HEAP,),
    "site.zip": (IMPORT, LATER),
}
# What of NumPy's wheel a browser has no use for.
NUMPY_LEFT_OUT = (
    "*/tests/*", "numpy/f2py/*", "numpy/distutils/*", "numpy/testing/*", "*.pyi", "*.h", "*.pxd",
    "*.a", "*.c", "*.pyx", "*.ini", "*.pc", "*_tests.*", "*/RECORD", "*.build",
    "numpy/polynomial/*", "numpy/fft/*",
)  # fmt: skip


@dataclass(frozen=True)
class SitePart:
    """One file that the page brings to Python.

    Attributes:
        name: what the worker calls it.
        content: as it is stored and sent: gzip, whose checksum tells the page of any damage.
        modes: when it is needed.
    """

    name: str
    content: bytes
    modes: tuple[str, ...]

    @classmethod
    def packed(cls, name: str, content: bytes, modes: tuple[str, ...]) -> SitePart:
        """Return the part that holds `content`; the same content gives the same bytes."""
        return cls(name, gzip.compress(content, 9, mtime=0), modes)

    @property
    def file(self) -> str:
        """Its file in the site, named after its content so that it can be kept for ever."""
        return f"parts/{self.name}.{hashlib.sha256(self.content).hexdigest()[:12]}.bin"


@dataclass(frozen=True)
class Site:
    """All parts, what the page draws before Python lives, and where the runtime came from.

    Attributes:
        parts: the files.
        rendering: what the page draws, as JSON.
        origins: by name of a part of the runtime, the address or package that gave it.
    """

    parts: list[SitePart]
    rendering: str
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """What tells this build from every other one, also from one with another shell alone."""
        told = "".join([self.rendering, *(part.file for part in self.parts)]).encode()
        shell = (path.read_bytes() for path in sorted(SHELL.rglob("*")) if path.is_file())
        return hashlib.sha256(b"".join([told, *shell])).hexdigest()[:12]

    def size(self, mode: str) -> int:
        """Return the bytes of all parts that are needed for one purpose."""
        return sum(len(part.content) for part in self.parts if mode in part.modes)


@dataclass(frozen=True)
class Packed:
    """The browser's Python, and the archives that it unpacks: all that is needed to run it.

    Attributes:
        pyodide: folder of the runtime.
        data: archive of what is no code.
        site: archive of the compiled code.
        origins: by name of a part of the runtime, the address or package that gave it.
    """

    pyodide: Path
    data: Path
    site: Path
    origins: Mapping[str, str]

    def run(self, script: str, last: Path) -> str:
        """Run a script of `shell/build` with it, and one path more; return what it printed.

        Raises:
            BuildError: the script failed.
        """
        return run_node(SHELL / "build" / script, self.pyodide, self.data, self.site, last)


def pack_python(
    work: Path,
    cache: Path,
    folder: Path | None,
    say: Callable[[str], None],
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> Packed:
    """Bring the runtime, and pack the packages.

    Args:
        work: an empty folder for what is made.
        cache: folder of downloads.
        folder: where the runtime is already, or None to download it.
        say: told what is being done.
        more: files to pack besides, by their names under `site-packages`.

    Raises:
        BuildError: something is missing or is not what it should be.
    """
    runtime = work / "pyodide"
    runtime.mkdir(parents=True)
    origins = {}
    for part in pinned_parts():
        file = obtain(part, cache, folder, say)
        origins[part.name] = origin_of(part, file)
        shutil.copyfile(file, runtime / part.name)
    linker = runtime / "pyodide.asm.js"
    linker.write_text(expose_linker(linker.read_text(encoding="utf-8")), encoding="utf-8")

    say("packing and compiling the packages")
    files = {name: path.read_bytes() for name, path in site_files().items()} | dict(more)
    files |= numpy_files(runtime / "numpy.whl")
    code = {name: content for name, content in files.items() if name.endswith(".py")}
    write_npz({name: files[name] for name in files if name not in code}, work / "data.zip")
    write_npz(code, work / "code.zip")
    run_node(SHELL / "build" / "compile.mjs", runtime, work / "code.zip", work / "site.zip")
    return Packed(runtime, work / "data.zip", work / "site.zip", origins)


def make_site(
    work: Path,
    cache: Path,
    folder: Path | None,
    say: Callable[[str], None],
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> Site:
    """Pack the browser's Python, start the dashboard once and save its heap.

    Args and errors are those of `pack_python`.
    """
    packed = pack_python(work, cache, folder, say, more)
    say("starting the dashboard once, to save its heap")
    packed.run("snapshot.mjs", work / "snapshot")
    packed.run("first_look.mjs", work / "first-look.json")
    (work / "draw.js").write_bytes(drawing_script())
    parts = [
        SitePart.packed(Path(place).name, (work / place).read_bytes(), modes)
        for place, modes in PARTS.items()
    ]
    rendering = (work / "snapshot" / "rendering.json").read_text(encoding="utf-8")
    return Site(parts, rendering, packed.origins)


def numpy_files(wheel: Path) -> dict[str, bytes]:
    """Return what is needed of NumPy's wheel, by name."""
    with zipfile.ZipFile(wheel) as packed:
        return {
            name: packed.read(name)
            for name in packed.namelist()
            if not any(fnmatch(name, pattern) for pattern in NUMPY_LEFT_OUT)
        }

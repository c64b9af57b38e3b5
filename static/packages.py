"""Which Python files go into the browser: this project's and those of the packages it runs on."""

from __future__ import annotations

import zipfile
from fnmatch import fnmatch
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What the dashboard imports, as it is installed here: the same versions that `panel serve` runs.
# NumPy is not among them, since it is compiled for the browser (see `runtime.json`). Without
# pyodide-http, Panel would import pandas in its place.
DISTRIBUTIONS = (
    "bokeh",
    "jinja2",
    "latex2mathml",
    "markupsafe",
    "packaging",
    "panel",
    "param",
    "pyodide-http",
    "pyviz-comms",
    "pyyaml",
    "tqdm",
    "typing-extensions",
)
OWN = ("core", "viz_app", "static")
# Compiled for another machine, for the page rather than for Python, or never imported there.
LEFT_OUT = (
    "*.so", "*.pyd", "*.pyx", "*.pyi", "*.c", "*.h", "*.map", "*.ts", "*.tsx", "*.rst", "*.orig",
    "*.ico", "*.1", "*.sh", "py.typed", "../*", "*.pyc", "*/tests/*",
    "*.dist-info/RECORD", "*.dist-info/direct_url.json", "*.dist-info/INSTALLER",
    "panel/dist/*", "panel/models/*.js", "panel/command/*", "panel/package-lock.json",
    "pyviz_comms/labextension/static/*",
    "bokeh/_sri/[0-2]*", "bokeh/_sri/3.[0-8]*", "bokeh/server/static/*", "bokeh/server/views/*",
    "panel/auth.py", "panel/compiler.py", "panel/io/admin.py", "panel/io/compile.py",
    "panel/io/convert.py", "panel/io/fastapi.py", "panel/io/jupyter_server_extension.py",
    "bokeh/client/*", "tqdm/contrib/*", "packaging/licenses/*", "packaging/pylock.py",
    "bokeh/command/*", "bokeh/sampledata/*", "bokeh/sphinxext/*", "static/shell/*",
)  # fmt: skip


def installed(name: str) -> Distribution:
    """Return an installed distribution.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to get it.
    """
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise ModuleNotFoundError(
            f"the export needs the package {name}, which is not installed; "
            "pip install 'convscope[export]' brings it"
        ) from error


def site_files() -> dict[str, Path]:
    """Return every file to pack, by its name under `site-packages`."""
    found = {}
    for name in DISTRIBUTIONS:
        for file in installed(name).files or ():
            found[file.as_posix()] = Path(str(file.locate()))
    for name in OWN:
        for path in (ROOT / name).rglob("*"):
            if path.is_file():
                found[path.relative_to(ROOT).as_posix()] = path
    return {name: found[name] for name in sorted(found) if not _left_out(name)}


def _left_out(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in LEFT_OUT)


def write_npz(files: dict[str, bytes], archive: Path) -> None:
    """Pack files, uncompressed: the whole archive is compressed, which takes a fifth less."""
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content)

"""Rules that hold between the packages, whatever is inside them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = {".css", ".html", ".js", ".json", ".md", ".mjs", ".py", ".svg", ".txt"}

# A module without a spec was not imported: Cython's runtime enters such ones for NumPy's random.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
print(json.dumps([
    name for name in sys.modules.keys() - before if getattr(sys.modules[name], "__spec__", None)
]))
"""

# Not behind "&", where it is a character reference of HTML.
HEX_COLOUR = re.compile(r"(?<!&)#[0-9a-fA-F]{6}\b|(?<!&)#[0-9a-fA-F]{3}\b")


def files(*packages: str, suffixes: set[str]) -> Iterator[Path]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path


def lines_with(pattern: re.Pattern[str], paths: Iterator[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def loaded_by(*packages: str) -> set[str]:
    """Return every module that is there once all modules of some packages are imported."""
    # A fresh process, because this one has loaded pytest and perhaps the dashboard.
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *packages],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout))


def test_core_loads_only_numpy_and_the_standard_library() -> None:
    loaded = loaded_by("core")
    assert "core.layer" in loaded
    foreign = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert foreign <= {"core", "numpy"}


def test_the_dashboard_knows_nothing_of_the_export() -> None:
    loaded = loaded_by("core", "viz_app")
    assert "viz_app.main" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in {"static", "tools", "tests"}}
    # Nor in a function, where only running it would import.
    imports = re.compile(r"\b(from|import) static\b")
    assert lines_with(imports, files("core", "viz_app", suffixes={".py"})) == []


def test_nothing_reaches_outside_the_repository() -> None:
    outside = re.compile(re.escape("/".join(("..", "shared"))))
    paths = files("core", "viz_app", "static", "tools", "tests", suffixes=TEXT)
    assert lines_with(outside, paths) == []


def test_only_the_theme_writes_colours() -> None:
    theme = ROOT / "viz_app" / "style" / "theme.py"
    paths = (path for path in files("viz_app", suffixes={".py", ".css"}) if path != theme)
    assert lines_with(HEX_COLOUR, paths) == []

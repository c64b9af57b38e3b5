"""Rules that hold between the packages, whatever is inside them."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

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


# More files than these side by side are hard to take in.
MOST_FILES = 12


def files(*packages: str, suffixes: set[str]) -> Iterator[Path]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in suffixes and path.is_file() and "node_modules" not in path.parts:
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


def test_nothing_is_found_by_counting_or_by_polling_the_page() -> None:
    hunting = re.compile(r"nth-|setInterval|MutationObserver")
    paths = files("viz_app", "static", suffixes={".css", ".html", ".js", ".mjs", ".py"})
    assert lines_with(hunting, paths) == []


def modules(*packages: str) -> dict[str, Path]:
    """Return the file of each module by its dotted name; that of a package is its __init__."""
    found = {}
    for path in files(*packages, suffixes={".py"}):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(source: str, known: dict[str, Path]) -> set[str]:
    """Return the modules among `known` that a source imports, wherever and for whatever reason."""
    found = set[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            # A name that is no module comes out of the package's own file.
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                found.add(module if module in known else str(node.module))
    return found & known.keys()


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return modules each of which imports the next, ending where they began; empty if none do."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # It lists whom each is imported by.
        return list(reversed(error.args[1]))
    return []


def test_no_files_import_each_other_in_a_circle() -> None:
    known = modules("core", "viz_app", "static", "tools")
    graph = {name: imported(path.read_text("utf-8"), known) for name, path in known.items()}
    assert "core.tensor" in graph["core.layer"]
    assert "viz_app.dashboard" in graph["viz_app.main"]
    found = circle(graph)
    assert not found, " imports ".join(found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b", {"a.b"}),
        ("from a import b, name", {"a", "a.b"}),
        ("from a.b import name", {"a.b"}),
        ("import numpy", set()),
        ("if TYPE_CHECKING:\n    from a.b import name", {"a.b"}),
        ("def f():\n    from a import b", {"a.b"}),
    ],
)
def test_imports_are_found_wherever_they_stand(source: str, expected: set[str]) -> None:
    known = dict.fromkeys(("a", "a.b"), ROOT)
    assert imported(source, known) == expected


def test_a_circle_is_found_and_named() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circle({"a": {"a"}}) == ["a", "a"]
    found = circle({"a": {"b"}, "b": {"c"}, "c": {"b"}})
    assert found in (["b", "c", "b"], ["c", "b", "c"])


def test_no_folder_holds_more_files_than_one_takes_in() -> None:
    counts: dict[str, int] = {}
    for path in files("core", "viz_app", "static", "tools", "benchmarks", "tests",
                      suffixes={".py", ".js", ".mjs"}):  # fmt: skip
        folder = str(path.parent.relative_to(ROOT))
        counts[folder] = counts.get(folder, 0) + (path.name != "__init__.py")
    assert {"core", "viz_app", "static/shell/page"} <= counts.keys()
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}

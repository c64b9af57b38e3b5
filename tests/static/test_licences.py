from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from static.licences import licences
from static.packages import DISTRIBUTIONS
from static.runtime.pinned import pinned_parts


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return licences({"numpy.whl": "a stand-in"}).splitlines()


def test_names_every_part_of_the_runtime_and_what_is_changed(lines: list[str]) -> None:
    for part in pinned_parts():
        at = lines.index(f"{part.name}: {part.version}, {part.licence}")
        changed = f"    changed: {part.changed}"
        assert (changed in lines[at + 1 : at + 3]) == bool(part.changed)
    assert sum("changed:" in line for line in lines) == 3


def test_says_where_numpy_came_from(lines: list[str]) -> None:
    at = next(k for k, line in enumerate(lines) if line.startswith("numpy.whl: NumPy "))
    assert lines[at + 1] == "    from: a stand-in"


def test_names_every_package_with_version_and_licence(lines: list[str]) -> None:
    for name in DISTRIBUTIONS:
        (line,) = (line for line in lines if line.startswith(f"{name}: "))
        assert re.fullmatch(rf"{name}: {re.escape(version(name))}, [\w .-]*[A-Z][\w .-]*", line)
        assert "metadata" not in line


def test_holds_the_licence_of_the_font(lines: list[str]) -> None:
    at = next(k for k, line in enumerate(lines) if line.startswith("STIX Two Math: "))
    text = "\n".join(lines[at:])
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "Copyright 2001-2021 The STIX Fonts Project Authors" in text


def test_says_what_is_made_of_the_packages(lines: list[str]) -> None:
    text = " ".join(" ".join(lines).split())
    assert "joined in parts/draw.js" in text
    assert "compiled to bytecode" in text


def test_names_no_folder_of_this_machine(lines: list[str]) -> None:
    assert not [line for line in lines if re.search(r"(^|\s)/\w+/|\\", line)]

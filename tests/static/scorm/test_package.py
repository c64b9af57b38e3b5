"""The package for a learning platform: its manifest, its files, and what it refuses."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from static import build
from static.scorm.manifest import ADL, CP, MD, manifest
from static.scorm.package import choose, package
from tests.static.sites import small_site
from tests.static.test_page import Reader, told
from viz_app.lessons import FILES, Lesson, bundled

NAME = "3-gradient-of-a-kernel"
OWN = FILES[NAME].replace("title: ", "title: Mine & yours, ")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, bytes]]:
    """Nothing is downloaded and nothing started; return what was packed besides, site by site."""
    packed = list[dict[str, bytes]]()

    def make_site(*asked: Any) -> object:
        packed.append(dict(asked[-1]))
        return small_site()

    monkeypatch.setattr(build, "make_site", make_site)
    return packed


def read(lesson: Lesson) -> ElementTree.Element:
    return ElementTree.fromstring(manifest(lesson, "index.html", ["index.html", "parts/a.bin"]))


def tags(node: ElementTree.Element) -> list[str]:
    return [child.tag for child in node]


def test_the_manifest_has_the_structure_of_scorm() -> None:
    lesson = choose(NAME).lesson
    root = read(lesson)
    assert root.tag == f"{{{CP}}}manifest"
    # An XML id begins with a letter and is there once.
    names = [node.get("identifier") for node in root.iter() if node.get("identifier")]
    assert len(names) == len(set(names)) == 4
    assert all(name and name[0].isalpha() for name in names)
    assert tags(root) == [f"{{{CP}}}{tag}" for tag in ("metadata", "organizations", "resources")]
    metadata, organizations, resources = root
    assert [(node.tag, node.text) for node in metadata[:2]] == [
        (f"{{{CP}}}schema", "ADL SCORM"), (f"{{{CP}}}schemaversion", "1.2"),
    ]  # fmt: skip
    said = metadata.findall(f".//{{{MD}}}langstring")
    assert [node.text for node in said] == [lesson.title, lesson.learns]
    (organization,), (resource,) = organizations, resources
    assert organizations.get("default") == organization.get("identifier")
    assert tags(organization) == [f"{{{CP}}}title", f"{{{CP}}}item"]
    title, item = organization
    assert title.text == item[0].text == lesson.title
    assert item.get("identifierref") == resource.get("identifier")
    assert resource.attrib == {
        "identifier": "page", "type": "webcontent", "href": "index.html",
        f"{{{ADL}}}scormtype": "sco",
    }  # fmt: skip
    assert [file.get("href") for file in resource] == ["index.html", "parts/a.bin"]


def test_the_package_holds_what_a_server_serves_and_no_more() -> None:
    site, lesson = small_site(), bundled(NAME)
    content = package(site, lesson)
    assert content == package(site, lesson)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert names == [
            "imsmanifest.xml", "index.html", "licences.txt", *(part.file for part in site.parts),
        ]  # fmt: skip
        listed = ElementTree.fromstring(packed.read(names[0])).iter(f"{{{CP}}}file")
        assert [file.get("href") for file in listed] == names[1:]
        reader = Reader(packed.read("index.html").decode())
        for part in site.parts:
            assert packed.read(part.file) == part.content
    assert told(reader)["lesson"] == NAME
    assert "LMSInitialize" in reader.scripts["page"]


def test_a_lesson_that_comes_along_is_named(tmp_path: Path, made: list[dict[str, bytes]]) -> None:
    out = tmp_path / "some" / "lesson.zip"
    assert build.main(["--scorm", NAME, "--out", str(out)]) == 0
    assert made == [{}]
    assert zipfile.is_zipfile(out)


def test_a_lesson_of_ones_own_travels_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[dict[str, bytes]]
) -> None:
    monkeypatch.chdir(tmp_path)
    (file := tmp_path / "my lesson.md").write_text(OWN, encoding="utf-8")
    assert build.main(["--scorm", str(file)]) == 0
    assert made == [{"viz_app/lessons/files/my lesson.md": OWN.encode()}]
    with zipfile.ZipFile("my lesson.zip") as packed:
        root = ElementTree.fromstring(packed.read("imsmanifest.xml"))
        assert told(Reader(packed.read("index.html").decode()))["lesson"] == "my lesson"
    assert root.get("identifier") == "convscope-my-lesson"
    titles = {node.text for node in root.iter(f"{{{CP}}}title")}
    assert titles == {f"Mine & yours, {bundled(NAME).title}"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "lesson.md is no file, and none of the lessons that come along: 1-one-iteration"),
        (OWN.replace("minutes: ", "minutes: about "), r"lesson.md: line 3: minutes: about"),
        (OWN.replace("{", "{nothing + ", 1), r"lesson.md: line \d+: .*expected"),
        (b"\xff\xfe", "lesson.md: a file that is no text; expected Markdown in UTF-8"),
    ],
    ids=["no file", "a head that cannot be read", "a rule that cannot be computed", "no text"],
)
def test_what_is_no_lesson_is_refused_and_nothing_is_written(
    content: str | bytes | None,
    message: str,
    tmp_path: Path,
    made: list[dict[str, bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, out = tmp_path / "lesson.md", tmp_path / "lesson.zip"
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    before = sorted(tmp_path.iterdir())
    assert build.main(["--scorm", str(file), "--out", str(out)]) == 1
    told_ = capsys.readouterr().err
    assert re.search(message, told_), told_
    assert "Traceback" not in told_
    assert sorted(tmp_path.iterdir()) == before
    assert made == []


def test_a_package_is_a_file(tmp_path: Path, made: list[dict[str, bytes]]) -> None:
    assert build.main(["--scorm", NAME, "--out", str(tmp_path)]) == 1
    with pytest.raises(SystemExit):
        build.main(["--scorm", NAME, "--single-file"])
    assert made == []

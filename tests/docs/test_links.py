"""What the documents refer to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def prose(document: Path) -> str:
    """Return the text without its code."""
    return re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """Return what GitHub makes of the headings."""
    titles = re.findall(r"^#+ (.*)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]+`", "", prose(document)))
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        if path.startswith("https:"):
            continue
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@each_document
def test_paths_exist(document: Path) -> None:
    for path in re.findall(
        r"`((?:core|tests|viz_app|static|docs|tools)/[\w/.-]*)`", prose(document)
    ):
        assert (ROOT / path).exists(), path


def test_all_documents_are_linked_from_the_readme() -> None:
    assert len(DOCUMENTS) > 3
    for document in DOCUMENTS[1:]:
        assert f"](docs/{document.name})" in prose(DOCUMENTS[0])

"""The page as text: what is in it, and that nothing in it leaves its place."""

from __future__ import annotations

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from static.page import page, part_script
from static.parts import SHELL
from tests.static.sites import CONTENTS, STYLE, WILD, small_site

# Never asked for anything: names of formats, and an address that cannot exist.
NOT_ASKED = {"www.w3.org", "local.invalid"}


class Reader(HTMLParser):
    """Reads a page as a browser does: which elements it has, and what is in its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.comments: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self._inside = dict(attrs).get("id") or "page"
            self.scripts[self._inside] = ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[self._inside] += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


@pytest.fixture(params=[False, True], ids=["folder", "single file"])
def single(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def read(single: bool) -> Reader:
    return Reader(page(small_site(), single=single))


def told(reader: Reader) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reader.scripts["cs-site"])
    return found


def test_nothing_is_left_to_fill_in(single: bool) -> None:
    assert re.findall(r"<!--[\w.]+-->", page(small_site(), single=single)) == []


def test_has_the_scripts_that_it_is_meant_to_have(single: bool) -> None:
    reader = read(single)
    parts = [f"cs-part-{name}" for name in CONTENTS] if single else []
    assert list(reader.scripts) == ["cs-start", "cs-site", "cs-worker", *parts, "page"]
    assert reader.scripts["cs-worker"].endswith((SHELL / "page" / "worker.js").read_text("utf-8"))
    assert reader.scripts["page"].endswith((SHELL / "page" / "page.js").read_text("utf-8"))


def test_no_script_holds_what_could_end_it_too_early(single: bool) -> None:
    for name, text in read(single).scripts.items():
        # A comment that opens inside a script makes the browser skip over the script's end.
        assert not re.search(r"</script|<script|<!--", text, re.IGNORECASE), name


def test_what_is_drawn_arrives_as_it_was(single: bool) -> None:
    site = small_site()
    found = told(read(single))
    assert found["rendering"] == json.loads(site.rendering)
    assert found["rendering"]["title"] == WILD
    assert found["version"] == site.version
    assert "button" in found["styles"][STYLE]


def test_names_every_part_as_it_is_stored(single: bool) -> None:
    for entry, part in zip(told(read(single))["parts"], small_site().parts, strict=True):
        assert entry == {
            "name": part.name,
            "file": part.file,
            "size": len(part.content),
            "modes": list(part.modes),
        }


def test_embedded_parts_decode_to_their_content() -> None:
    reader = read(single=True)
    for part in small_site().parts:
        stored = base64.b64decode(reader.scripts[f"cs-part-{part.name}"], validate=True)
        assert gzip.decompress(stored) == CONTENTS[part.name]


def test_a_part_as_a_script_hands_its_content_over() -> None:
    for part in small_site().parts:
        match = re.fullmatch(r'csPart\("([^"]+)", "([A-Za-z0-9+/=]*)"\)', part_script(part))
        assert match
        assert match[1] == part.file
        assert base64.b64decode(match[2], validate=True) == part.content


def test_no_other_place_is_named_outside_of_comments(single: bool) -> None:
    text = re.sub(r"<!--.*?-->", "", page(small_site(), single=single), flags=re.DOTALL)
    assert set(re.findall(r"\b\w+://([\w.-]+)", text)) <= NOT_ASKED
    for tag, attributes in read(single).tags:
        for name in ("src", "href", "action", "srcset"):
            assert (attributes.get(name) or "data:").startswith("data:"), tag


def test_the_licences_are_in_a_comment_that_ends_where_it_should(single: bool) -> None:
    (comment,) = read(single).comments
    assert "numpy.whl: NumPy" in comment
    assert "--" not in comment

"""The tables of the documents are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import core
from core.layer import LAYERS
from tools.tables import DOCUMENTS, TABLES, api_table, layer_table, summary_of, written


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_tables_are_up_to_date(document: Path) -> None:
    text = document.read_text("utf-8")
    assert written(text) == text, "run `python -m tools.tables`"


def test_every_table_stands_in_one_document() -> None:
    text = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    assert sorted(re.findall(r"<!-- table: (\w+) -->", text)) == sorted(TABLES)
    assert text.count("<!-- end of table -->") == len(TABLES)


def test_a_table_that_is_old_is_written_anew() -> None:
    text = "before\n<!-- table: layers -->\nold\n<!-- end of table -->\nbehind\n"
    assert written(text) == text.replace("old\n", layer_table())


def test_every_name_has_one_line_that_says_what_it_is() -> None:
    rows = api_table().splitlines()[2:]
    names = [row.split("`")[1].partition("(")[0] for row in rows]
    assert sorted(names) == sorted(core.__all__)
    for name in core.__all__:
        assert len(summary_of(name)) > 20, name
        assert summary_of(name).endswith("."), name


def test_every_keyword_has_a_line() -> None:
    known = {word for word, kind in LAYERS.items() if kind.__module__.startswith("core.")}
    assert set(re.findall(r"^\| `(\w+)`", layer_table(), re.MULTILINE)) == known

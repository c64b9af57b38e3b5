from __future__ import annotations

from pathlib import Path

import pytest

from static.drawing import SCRIPTS, drawing_script, style_sheets
from static.packages import installed


def test_scripts_come_whole_and_in_order_but_name_no_source_maps() -> None:
    script = drawing_script().decode()
    assert "sourceMappingURL" not in script
    at = 0
    for package, path in SCRIPTS:
        text = Path(str(installed(package).locate_file(path))).read_text("utf-8")
        at = script.index(text.partition("//# sourceMappingURL")[0], at)


def test_style_sheets_are_found_by_their_addresses() -> None:
    address = "panel/1.9.4/dist/css/button.css"
    found = style_sheets(f'{{"url": "{address}", "other": "{address}"}}')
    assert list(found) == [address]
    assert ":host" in found[address]


def test_a_style_sheet_that_panel_lacks_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        style_sheets('"panel/1.9.4/dist/css/none.css"')

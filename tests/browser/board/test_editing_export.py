"""Numbers that are changed on the page without a server."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.board.field import Field
from tests.browser.board.test_editing import CHANGES, EDITED, MULTIPLY
from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_number_is_changed_without_a_server(open_export: Open) -> None:
    dashboard = open_export(MULTIPLY)
    before = dashboard.told()
    field = Field(dashboard.page)
    field.open("K", across=0.02)
    expect(field.number).to_be_focused()
    field.number.press("ArrowUp")
    expect(dashboard.status).not_to_have_text(before)
    field.number.fill("0.5")
    field.number.press("Enter")
    expect(field.said).to_have_text(EDITED)
    dashboard.page.wait_for_url(CHANGES)
    field.undo()
    expect(dashboard.status).to_have_text(before)

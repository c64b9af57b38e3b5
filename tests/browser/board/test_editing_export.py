"""Numbers that are changed on the page without a server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.board.field import Field
from tests.browser.board.test_editing import CHANGES, EDITED, MULTIPLY
from tests.browser.conftest import DESKTOP, watch
from tests.browser.dashboard import Dashboard
from tests.browser.export import Built, address

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_number_is_changed_without_a_server(browser: Browser, built: Built) -> None:
    problems: list[str] = []
    with address(built, "server") as home, browser.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        watch(page, home, problems)
        page.goto(f"{home}{MULTIPLY}")
        dashboard = Dashboard(page)
        dashboard.wait_until_live()
        before = dashboard.told()
        field = Field(page)
        field.open("K", across=0.02)
        expect(field.number).to_be_focused()
        field.number.press("ArrowUp")
        expect(dashboard.status).not_to_have_text(before)
        field.number.fill("0.5")
        field.number.press("Enter")
        expect(field.said).to_have_text(EDITED)
        page.wait_for_url(CHANGES)
        field.undo()
        expect(dashboard.status).to_have_text(before)
    assert not problems

"""Grain Cell on the page without a server: Python is not needed for a cell."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP, watch
from tests.browser.dashboard import Dashboard, eventually
from tests.browser.export import Built, address
from tests.browser.motion.result import Result

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_cells_are_computed_without_a_server(browser: Browser, built: Built) -> None:
    problems: list[str] = []
    with address(built, "server") as home, browser.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        watch(page, home, problems)
        page.goto(f"{home}?preset=one&grain=Cell&stage=1&inner=3")
        dashboard = Dashboard(page)
        dashboard.wait_until_live()
        result = Result(dashboard)
        result.expect(0, 16)
        for k in range(3):
            dashboard.press("Step")
            result.expect(k + 1, 16)
        result.expect_filled("K_X_col", (1, 16), [[0, 0], [0, 1], [0, 2]])
        eventually(page, lambda: "cells=3&cell=K_X_col,0,2" in page.url, bool, page.url)
    assert not problems

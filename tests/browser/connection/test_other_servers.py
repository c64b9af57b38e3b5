"""Neither the served page nor the one without a server asks any other; `watch` sees to it.

Nor does a notebook: see `tests/browser/test_notebook.py`.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, Open, watch
from tests.browser.connection.tour import look_at_everything
from tests.browser.export import Built, serving

pytestmark = pytest.mark.browser

LIVE = 120_000  # ms within which Python lives in the page


def test_the_served_page_asks_no_other_server(open_dashboard: Open) -> None:
    look_at_everything(open_dashboard().page)


@pytest.mark.slow
def test_the_page_without_a_server_asks_no_other(built: Built, browser: Browser) -> None:
    problems: list[str] = []
    with serving(built.folder) as site:
        context = browser.new_context(viewport=DESKTOP)
        page = context.new_page()
        watch(page, site.address, problems)
        page.goto(site.address)
        page.wait_for_function("window.convscope?.alive", timeout=LIVE)
        expect(page.locator(".cs-status")).to_contain_text("iteration 1 ")
        look_at_everything(page)
        context.close()
    assert not problems, "\n".join(problems)

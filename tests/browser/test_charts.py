"""The charts over a run, as they are met beside the board."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP, watch
from tests.browser.dashboard import Dashboard
from tools.serving import Served

Open = Callable[[str], Dashboard]


@pytest.fixture
def open_at(server: Served, browser: Browser) -> Iterator[Open]:
    """Give out what opens the dashboard at an address and waits for its iteration."""
    problems: list[str] = []
    context = browser.new_context(viewport=DESKTOP)

    def open_one(query: str) -> Dashboard:
        page = context.new_page()
        watch(page, server.address, problems)
        page.goto(server.address + query)
        dashboard = Dashboard(page)
        iteration = re.search(r"iteration=(\d+)", query)
        dashboard.wait_for_iteration(int(iteration[1]) if iteration else 1)
        return dashboard

    yield open_one
    context.close()
    assert not problems, "\n".join(problems)


def chart(page: Page) -> Locator:
    """Return where the pointer is heard by the figure in front."""
    return page.locator(".bk-events").locator("visible=true")


def place(page: Page, across: float) -> tuple[float, float]:
    """Return a place in the middle of the chart's height."""
    expect(chart(page)).to_be_visible()
    box = chart(page).bounding_box()
    assert box
    return box["x"] + across * box["width"], box["y"] + 0.5 * box["height"]


def test_the_loss_of_a_long_run_is_told_by_one_tooltip(open_at: Open) -> None:
    page = (dashboard := open_at("?preset=one&iteration=2000&side=loss")).page
    tooltip, seen = page.locator(".bk-Tooltip"), [0]
    for across in (0.3, 0.5, 0.7):
        page.mouse.move(*place(page, across))
        title = tooltip.locator("th").filter(has_not_text=f"iteration {seen[-1]}")
        expect(title).to_have_text(re.compile(r"^iteration \d+$"))
        expect(tooltip).to_have_count(1)
        box = tooltip.bounding_box()
        assert box
        assert box["height"] < 150
        seen.append(int(title.inner_text().split()[1]))
    assert seen == sorted(set(seen))
    # A click goes where the tooltip says.
    page.mouse.click(*place(page, 0.7))
    dashboard.wait_for_iteration(seen[-1])

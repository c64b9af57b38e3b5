"""What somebody sees who opens the address as it is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, Open
from tests.browser.dashboard import eventually
from viz_app.run.presets import PRESETS

pytestmark = pytest.mark.browser

LARGE = ViewportSize(width=1920, height=1080)
PHONE = ViewportSize(width=390, height=844)


@pytest.mark.parametrize("screen", [DESKTOP, LARGE, PHONE], ids=["small", "large", "phone"])
def test_it_is_one_convolution_from_the_inside(open_dashboard: Open, screen: ViewportSize) -> None:
    dashboard = open_dashboard(bare=True, viewport=screen)
    page = dashboard.page
    expect(dashboard.field("Preset")).to_have_value("one")
    expect(page.get_by_role("heading", level=2)).to_contain_text("Forward · conv · 1 of 4: slide")
    expect(page.get_by_role("button", name="Step", exact=True)).to_be_in_viewport(ratio=1)
    expect(page.locator(".why")).to_contain_text("Start here")
    expect(page.locator(".why li").first).to_contain_text("Press Step")
    eventually(page, page.locator(".why li").count, {3, 4}.__contains__, "so many steps")
    # One loss makes no curve.
    expect(page.locator(".scrubber .few")).to_contain_text("loss")
    expect(page.locator(".scrubber .few")).to_be_visible()
    # Layer and phase are in sight once; a screen reader hears them here, too.
    expect(dashboard.status).to_contain_text("forward conv")
    where = dashboard.status.locator(".where")
    eventually(
        page, lambda: where.evaluate("node => node.clientWidth"), (0).__eq__, "it is seen twice"
    )
    dashboard.press("Step")
    expect(page.get_by_role("heading", level=2)).to_contain_text("2 of 4: unroll")
    expect(dashboard.status).to_contain_text("iteration 1 ")


@pytest.mark.parametrize("preset", ["one", "digits"])
@pytest.mark.parametrize("screen", [DESKTOP, LARGE, PHONE], ids=["small", "large", "phone"])
def test_image_and_prediction_are_in_sight_wherever_one_is(
    open_dashboard: Open, screen: ViewportSize, preset: str
) -> None:
    dashboard = open_dashboard(f"?preset={preset}", viewport=screen)
    page = dashboard.page
    told = page.get_by_role("group", name="prediction", exact=True)
    names = PRESETS[preset].recipe(preset).data.class_names
    for bar in (0, -1):
        chosen = page.locator(".track .bar").nth(bar)
        chosen.click(position={"x": 8, "y": 8})
        expect(chosen).to_have_class(re.compile(r"\bnow\b"))
        expect(page.locator(".bar.now")).to_have_count(1)
        expect(page.locator(".source canvas")).to_be_in_viewport(ratio=0.99)
        for mark in ("true", "predicted"):
            row = told.locator(f".class.{mark}")
            for part in (".name", ".number", ".verdict"):
                expect(row.locator(part)).to_be_in_viewport(ratio=0.99)
            name, number = row.locator(".name"), row.locator(".number")
            assert name.inner_text() in names
            assert 0 <= float(number.inner_text()) <= 1
            expect(row.locator(".verdict")).to_contain_text(mark)


def test_layers_that_the_pass_has_not_come_to_are_faint(open_dashboard: Open) -> None:
    dashboard = open_dashboard(bare=True)
    page, cards = dashboard.page, dashboard.strip.locator("button.card")
    opacity = "node => Number(getComputedStyle(node.querySelector('.pictures')).opacity)"

    def faint() -> list[bool]:
        return [cards.nth(k).evaluate(opacity) < 0.5 for k in range(cards.count())]

    eventually(page, faint, lambda found: found == [False, *[True] * 4], "not the first alone")
    page.locator(".track .bar").nth(2).click()
    eventually(page, faint, lambda found: found == [*[False] * 3, True, True], "not three")
    # The way back begins at the other end.
    page.locator(".track .bar").nth(7).click()
    eventually(page, faint, lambda found: found == [*[True] * 3, False, False], "not two")
    # What the range was is told where one asks for it.
    expect(cards.first).to_have_attribute("title", re.compile("activation from"))
    expect(dashboard.strip).not_to_contain_text("…")

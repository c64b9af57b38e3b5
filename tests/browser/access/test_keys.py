"""Keys are listed, and can be switched off; sliders follow them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, expect_no_change

pytestmark = pytest.mark.browser

SWITCH = "Single keys work anywhere on the page"


def switch(page: Page, on: bool) -> None:
    """Switch single keys on or off."""
    page.get_by_role("button", name="Keys (?)").click()
    page.get_by_label(SWITCH).set_checked(on)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_key_opens_the_list_of_keys_and_the_focus_returns(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.button("Step").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    for shown, does in {"→": "step", "Space": "play, pause", "Enter, Space": "explain"}.items():
        line = dialog.locator(".keys > div", has=page.get_by_text(shown, exact=True)).first
        expect(line).to_contain_text(does)
    # Keys are the dialog's now, and a second one does not open another.
    page.keyboard.press("?")
    page.keyboard.press("ArrowRight")
    expect(dialog).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(dashboard.button("Step")).to_be_focused()
    expect_no_change(page, dashboard.told)
    assert dashboard.iteration == 1


def test_single_keys_can_be_switched_off_for_good(dashboard: Dashboard) -> None:
    page = dashboard.page
    switch(page, on=False)
    page.locator("h2").first.click()
    for key in ("ArrowRight", "1", " ", "?"):
        page.keyboard.press(key)
    expect_no_change(page, dashboard.told)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    dashboard.wait_until_live()
    page.keyboard.press("ArrowRight")
    expect_no_change(page, dashboard.told)
    page.get_by_role("button", name="Keys (?)").click()
    expect(page.get_by_label(SWITCH)).not_to_be_checked()
    page.keyboard.press("Escape")
    # What the Escape key does is in nobody's way.
    dashboard.press("Settings")
    page.keyboard.press("Escape")
    expect(dashboard.button("Settings")).to_have_attribute("aria-expanded", "false")
    switch(page, on=True)
    page.locator("h2").first.click()
    page.keyboard.press("ArrowRight")
    dashboard.wait_for_iteration(2)


def test_a_browser_that_keeps_nothing_switches_for_this_visit(open_dashboard: Open) -> None:
    dashboard = open_dashboard()
    page = dashboard.page
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    )
    page.reload()
    dashboard.wait_until_live()
    switch(page, on=False)
    page.locator("h2").first.click()
    page.keyboard.press("ArrowRight")
    expect_no_change(page, dashboard.told)


def test_the_timeline_is_a_slider(dashboard: Dashboard) -> None:
    slider = dashboard.page.get_by_role("slider", name="stage")
    places = {
        "ArrowRight": 2, "ArrowUp": 3, "ArrowLeft": 2, "End": 26, "ArrowRight ": 26, "PageDown": 21,
        "Home": 1, "PageUp": 6,
    }  # fmt: skip
    for key, stage in places.items():
        slider.press(key.strip())
        expect(dashboard.status).to_have_text(re.compile(rf"^iteration 1 · stage {stage} of 26 "))
        expect(slider).to_have_attribute("aria-valuenow", str(stage))
        expect(slider).to_have_attribute(
            "aria-valuetext", re.compile(rf"^\w+ \w+, stage {stage} of 26$")
        )
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuemax", "26")


def test_who_chooses_by_keys_goes_on_choosing(dashboard: Dashboard) -> None:
    speed = dashboard.field("Speed")
    before = speed.input_value()
    speed.press("ArrowDown")
    expect(speed).not_to_have_value(before)
    expect(speed).to_be_focused()
    dashboard.page.keyboard.press("ArrowUp")
    expect(speed).to_have_value(before)
    expect_no_change(dashboard.page, dashboard.told)
    assert dashboard.iteration == 1

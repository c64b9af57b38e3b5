"""Timeline, scrubber and header under a hand that trembles, hurries, or has no mouse."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, Open
from tests.browser.dashboard import Dashboard, eventually, expect_no_change, settled

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)
# Copies into a list what would go to the clipboard.
CLIPBOARD = """() => {
    window.copied = [];
    Object.defineProperty(navigator, "clipboard",
        { value: { writeText: async (text) => { window.copied.push(text); } } });
}"""


def expect_stage(dashboard: Dashboard, number: int) -> None:
    expect(dashboard.status).to_have_text(re.compile(rf" · stage {number} of "))


def test_a_press_that_trembles_goes_where_it_was_made(dashboard: Dashboard) -> None:
    page, bars = dashboard.page, dashboard.page.locator(".track .bar")
    for k in (4, 13, 22, 1):
        box = settled(page, bars.nth(k).bounding_box)
        assert box
        x, y = box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"]
        page.mouse.move(x, y)
        page.mouse.down()
        # By now the bar has opened, and others lie under the pointer.
        expect_stage(dashboard, k + 1)
        page.mouse.move(x + 1, y)
        page.mouse.move(x + 2, y)
        page.mouse.up()
        expect_no_change(page, dashboard.told)
        expect_stage(dashboard, k + 1)


def test_a_slow_drag_reaches_every_stage(dashboard: Dashboard) -> None:
    page, bars = dashboard.page, dashboard.page.locator(".track .bar")
    boxes = settled(page, lambda: [bar.bounding_box() for bar in bars.all()])
    middles = [box["x"] + 0.5 * box["width"] for box in boxes if box]
    y = boxes[0]["y"] + 10 if boxes[0] else 0
    page.mouse.move(middles[1], y)
    page.mouse.down()
    for k in range(1, len(middles)):
        page.mouse.move(middles[k], y)
        expect_stage(dashboard, k + 1)
    page.mouse.up()


def test_a_phone_gets_past_the_widest_stage(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?stage=2", viewport=PHONE, has_touch=True, is_mobile=True)
    expect_stage(dashboard, 2)
    after = dashboard.page.locator(".track .bar").nth(2)
    expect(after).to_be_in_viewport(ratio=0.9)
    after.tap(position={"x": 8, "y": 10})
    expect_stage(dashboard, 3)


def test_a_drag_along_the_losses_ends_where_it_is_let_go(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&iteration=200")
    dashboard.wait_for_iteration(200)
    page = dashboard.page
    box = settled(page, page.locator(".scrubber").bounding_box)
    assert box
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 6, box["y"] + 10, steps=40)
    page.mouse.up()
    dashboard.wait_for_iteration(1)
    # Quick presses of a key count from where one is going to be.
    slider = page.get_by_role("slider", name="iteration")
    for _ in range(5):
        slider.press("PageUp")
    dashboard.wait_for_iteration(51)


def names_iteration(iteration: int, link: str) -> bool:
    return f"iteration={iteration}&" in f"{link}&"


def test_share_copies_what_is_in_sight(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.evaluate(CLIPBOARD)
    for _ in range(3):
        dashboard.step()
        before = dashboard.iteration
        dashboard.press("Share")
        page.keyboard.press("Enter")
        copied = eventually(
            page,
            lambda: page.evaluate("window.copied.at(-1) ?? ''"),
            partial(names_iteration, before),
            "no link",
        )
        assert copied.startswith(page.url.partition("?")[0])


def test_a_link_that_cannot_be_copied_is_shown_until_it_is_old(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    dashboard.press("Share")
    page.keyboard.press("Enter")
    link = page.get_by_label("link of this moment")
    expect(link).to_have_value(re.compile(r"iteration=1\b"))
    dashboard.step()
    expect(link).to_be_hidden()


def test_arrow_keys_move_among_inner_steps_and_step_after_a_choice(dashboard: Dashboard) -> None:
    page, tabs = dashboard.page, dashboard.page.locator('.timeline [role="tab"]')
    tabs.first.click()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(2)).to_have_attribute("aria-selected", "true")
    expect(tabs.nth(2)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect_no_change(page, dashboard.told)
    assert dashboard.iteration == 1
    dashboard.field("Speed").focus()
    dashboard.field("Speed").select_option("slow")
    page.keyboard.press("ArrowRight")
    dashboard.wait_for_iteration(2)
    expect(dashboard.field("Speed")).to_have_value("slow")


def test_escape_gives_up_what_was_typed_and_closes_the_settings(dashboard: Dashboard) -> None:
    page, rate = dashboard.page, dashboard.field("Learning rate")
    before, status = rate.input_value(), dashboard.told()
    rate.click()
    page.keyboard.press("End")
    page.keyboard.type("66")
    page.keyboard.press("Escape")
    expect(rate).to_be_hidden()
    expect(dashboard.field("Learning rate")).to_have_value(before)
    expect_no_change(page, dashboard.told)
    expect(dashboard.status).to_have_text(status)
    expect(dashboard.alert).to_have_count(0)


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_is_said_of_a_setting_can_be_read_and_closed(
    open_dashboard: Open, screen: ViewportSize
) -> None:
    dashboard = open_dashboard(viewport=screen)
    dashboard.enter("Learning rate", "1e20")
    expect(dashboard.alert).to_contain_text("Learning rate is 1e20")
    dashboard.press("Close")
    expect(dashboard.alert).to_have_count(0)


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_player_stays_at_the_bottom_during_a_replay(
    open_dashboard: Open, screen: ViewportSize
) -> None:
    dashboard = open_dashboard("?preset=mnist&iteration=9000", viewport=screen)
    expect(dashboard.alert).to_contain_text("Replaying to iteration 9000")
    box = settled(dashboard.page, dashboard.page.locator(".deck").bounding_box)
    assert box
    assert box["y"] + box["height"] == pytest.approx(screen["height"], abs=2)
    # Nothing lies over the header.
    dashboard.press("Settings")
    expect(dashboard.button("Settings")).to_have_attribute("aria-expanded", "true")
    dashboard.press("Stop")
    dashboard.wait_for_iteration(dashboard.iteration)

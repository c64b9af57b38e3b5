"""Numbers that are changed on the board: by double click, typing, dragging, keys and finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.board.field import Field
from tests.browser.conftest import DESKTOP, Open
from tests.browser.dashboard import Dashboard, expect_no_change, settled

pytestmark = pytest.mark.browser

# K and the product that it goes into.
MULTIPLY = "?preset=one&iteration=4&stage=1&inner=3&grain=Inside"
EDITED = "conv.weight[0, 0, 0, 0] = 0.5."
CHANGES = re.compile(r"changes=3:edit:conv\.weight:0,0,0,0:0\.5&")


def stepped(open_dashboard: Open, key: str) -> tuple[Dashboard, Field, str]:
    """Open the field of a weight and step its number by a key; with it, what was told before."""
    dashboard = open_dashboard(MULTIPLY)
    field, before = Field(dashboard.page), dashboard.told()
    field.open("K", across=0.02)
    field.number.press(key)
    expect(dashboard.status).not_to_have_text(before)
    return dashboard, field, before


def test_a_number_is_typed_seen_at_once_linked_and_undone(open_dashboard: Open) -> None:
    dashboard = open_dashboard(MULTIPLY)
    page, field = dashboard.page, Field(dashboard.page)
    before = dashboard.told()
    field.open("K", across=0.02)
    expect(field.number).to_be_focused()
    expect(field.number).to_have_value("0.5524263435375365")
    field.expect_in_sight()
    # The tooltip of the cell makes room for the field.
    expect(page.locator(".frame > .tip")).to_be_hidden()
    field.number.fill("lots")
    field.number.press("Enter")
    expect(field.refused).to_have_text(
        "The value is lots; expected a number, such as 0.5 or -2e-3."
    )
    expect(field.number).to_have_value("lots")
    expect_no_change(page, dashboard.told)
    expect(dashboard.status).to_have_text(before)
    field.number.fill("0,5")
    field.number.press("Enter")
    expect(field.node).to_be_hidden()
    expect(field.said).to_have_text(EDITED)
    expect(page.locator(".stored")).to_contain_text("0.5")
    expect(dashboard.status).not_to_have_text(before)
    page.wait_for_url(CHANGES)
    told = dashboard.told()
    other = open_dashboard(page.url.partition("/viz_app")[2], bare=True)
    expect(other.status).to_have_text(told)
    field.undo()
    expect(field.said).to_have_text(f"Undone: {EDITED}")
    expect(dashboard.status).to_have_text(before)
    page.wait_for_url(lambda url: "changes" not in url)
    dashboard.press("Redo")
    expect(field.said).to_have_text(f"Redone: {EDITED}")
    page.wait_for_url(CHANGES)
    page.keyboard.press("Control+z")
    expect(dashboard.status).to_have_text(before)
    page.keyboard.press("Control+Shift+z")
    expect(field.said).to_have_text(f"Redone: {EDITED}")
    expect(dashboard.status).to_have_text(told)


def test_arrows_and_dragging_change_it_at_once_and_are_one_change(open_dashboard: Open) -> None:
    dashboard, field, before = stepped(open_dashboard, "ArrowUp")
    page = dashboard.page
    handle = settled(page, field.node.locator(".slide").bounding_box)
    assert handle
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    for k in range(20):
        page.mouse.move(handle["x"] + 8 + 6 * k, handle["y"] + 8)
    page.mouse.up()
    expect(field.number).not_to_have_value("0.5524263435375365")
    expect(field.number).to_be_focused()
    field.number.press("Enter")
    expect(field.said).to_contain_text("conv.weight[0, 0, 0, 0] = ")
    page.wait_for_url(re.compile(r"changes=3:edit:conv\.weight:0,0,0,0:[\d.]+&iteration"))
    # In the field the key would be that of a text.
    expect(field.node).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(dashboard.status).to_have_text(before)


def test_escape_leaves_the_number_as_it_was(open_dashboard: Open) -> None:
    dashboard, field, before = stepped(open_dashboard, "Shift+ArrowDown")
    page = dashboard.page
    field.number.press("Escape")
    expect(field.node).to_be_hidden()
    expect(dashboard.status).to_have_text(before)
    expect_no_change(page, dashboard.told)
    assert "changes" not in page.url


@pytest.mark.parametrize("key", ["e", "F2"])
def test_it_is_done_by_keys_alone(open_dashboard: Open, key: str) -> None:
    dashboard = open_dashboard(MULTIPLY)
    page, field = dashboard.page, Field(dashboard.page)
    matrix = field.matrix("K")
    matrix.focus()
    # Whoever comes by keys sees the ring of the focus.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(matrix).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press(key)
    expect(field.node).to_have_accessible_name("Change conv.weight[0, 0, 0, 0]")
    expect(field.number).to_be_focused()
    page.keyboard.type("0.5")
    page.keyboard.press("Enter")
    expect(field.said).to_have_text(EDITED)
    expect(matrix).to_be_focused()


def test_a_kernel_is_put_in_place_of_another(open_dashboard: Open) -> None:
    field = Field(open_dashboard(MULTIPLY).page)
    field.open("K")
    field.node.get_by_label("whole kernel").select_option("vertical")
    expect(field.said).to_have_text("conv.weight[0, 0] = vertical kernel.")
    field.open("K")
    expect(field.number).to_have_value("0.0")


def test_what_has_no_meaning_to_edit_says_so(open_dashboard: Open) -> None:
    field = Field(open_dashboard(MULTIPLY).page)
    field.open("KX(col)", across=0.02)
    expect(field.said).to_contain_text("is computed, from K and X(col): change K, and it follows")
    expect(field.node).to_be_hidden()


def test_the_explanation_offers_it_where_it_can_be_done(open_dashboard: Open) -> None:
    dashboard = open_dashboard(MULTIPLY + "&cell=K,0,3")
    field = Field(dashboard.page)
    dashboard.button("Change this number").click()
    field.expect_in_sight()
    expect(field.node).to_have_accessible_name("Change conv.weight[0, 0, 1, 0]")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844), (844, 390)])
def test_all_of_the_field_is_in_sight(open_dashboard: Open, size: tuple[int, int]) -> None:
    viewport = {"width": size[0], "height": size[1]}
    dashboard = open_dashboard(MULTIPLY + "&cell=K,0,8", viewport=viewport)
    field = Field(dashboard.page)
    dashboard.button("Change this number").click()
    field.expect_in_sight()
    field.number.fill("1e400")
    field.number.press("Enter")
    expect(field.refused).to_be_visible()
    field.expect_in_sight()
    # All digits of a number have room.
    assert field.number.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_while_a_lesson_asks_nothing_is_changed(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?lesson=1-one-iteration&step=2", bare=True, viewport=DESKTOP)
    before = dashboard.told()
    dashboard.page.keyboard.press("Control+z")
    expect(dashboard.alert.filter(has_text="A lesson asks about these numbers")).to_be_visible()
    expect_no_change(dashboard.page, lambda: dashboard.page.url)
    assert "changes" not in dashboard.page.url
    expect(dashboard.status).to_have_text(before)


def test_a_finger_that_rests_on_a_number_changes_it(open_dashboard: Open) -> None:
    viewport = {"width": 390, "height": 844}
    dashboard = open_dashboard(MULTIPLY, viewport=viewport, has_touch=True, is_mobile=True)
    page, field = dashboard.page, Field(dashboard.page)
    before = dashboard.told()
    field.rest("K", across=0.02, still=False)
    expect_no_change(page, dashboard.told)
    expect(field.node).to_be_hidden()
    field.rest("K", across=0.02)
    field.expect_in_sight()
    expect(field.node).to_have_accessible_name("Change conv.weight[0, 0, 0, 0]")
    field.number.fill("0.5")
    field.number.press("Enter")
    expect(field.said).to_have_text(EDITED)
    expect(page.get_by_text("1 number changed by hand")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).tap()
    expect(dashboard.status).to_have_text(before)
    expect(page.get_by_text("changed by hand")).to_be_hidden()


def test_two_taps_change_a_number_as_well(open_dashboard: Open) -> None:
    viewport = {"width": 390, "height": 844}
    dashboard = open_dashboard(MULTIPLY, viewport=viewport, has_touch=True, is_mobile=True)
    field = Field(dashboard.page)
    at = field.place("K", 0.02)
    for _ in range(2):
        dashboard.page.touchscreen.tap(*at)
    field.expect_in_sight()


def test_a_pixel_of_a_probe_is_undone_by_the_same_button(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&probe=test:1&stage=1&inner=1")
    field = Field(dashboard.page)
    before = dashboard.status.inner_text()
    field.open("X(in), channel 0", across=0.4)
    field.number.fill("0.5")
    field.number.press("Enter")
    expect(dashboard.status).to_contain_text("test image 1, changed by hand")
    field.undo()
    expect(field.said).to_contain_text("Undone: pixel [0, ")
    expect(dashboard.status).to_have_text(before)


def test_whoever_goes_on_elsewhere_loses_nothing(open_dashboard: Open) -> None:
    dashboard, field, _ = stepped(open_dashboard, "ArrowUp")
    page = dashboard.page
    field.number.fill("0.5")
    dashboard.press("Step")
    expect(field.node).to_be_hidden()
    expect(field.said).to_have_text(EDITED)
    page.wait_for_url(CHANGES)
    page.keyboard.press("Control+z")
    expect(field.said).to_have_text(f"Undone: {EDITED}")
    page.wait_for_url(lambda url: "changes" not in url)

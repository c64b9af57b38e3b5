"""Everything can be read: on a small screen, on a telephone, from the back row."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, Open
from tests.browser.dashboard import Dashboard, eventually
from tests.browser.first.sizes import small_words, width_of

pytestmark = pytest.mark.browser

LARGE = ViewportSize(width=1920, height=1080)
PHONE = ViewportSize(width=390, height=844)
# A convolution, a batch norm backward, the loss, an update.
PLACES = (
    "?preset=one&stage=1&inner=3&cell=K_X_col,0,5",
    "?preset=digits&stage=20&inner=3",
    "?preset=digits&stage=13&inner=2",
    "?preset=digits&stage=22",
)
SIDES = ("Explain", "Gradient flow", "Heat map", "Loss")
# Captions of matrices that end in the middle of a word.
CUT = """captions => captions.filter(node => node.scrollWidth > node.clientWidth + 1)
    .map(node => node.textContent)"""
# px of an equation that lie outside of the column of its board.
# One that is being replaced is in no head any more.
BEYOND = """node => node.getBoundingClientRect().right
    - (node.closest(".head")?.getBoundingClientRect().right ?? -Infinity)"""
# What stands above the cells and ends to the right of its panel.
STICKING_OUT = """panels => panels.flatMap((panel) =>
    [...panel.querySelectorAll(".title, .menu > button")]
        .filter((node) => node.getBoundingClientRect().right > panel.getBoundingClientRect().right)
        .map((node) => panel.dataset.key + " " + node.className))"""
# px, sideways and down, that have to be scrolled to see all of a board.
BEYOND_ROOM = """node => {
    let room = node;
    while (getComputedStyle(room).overflowY !== "auto") {
        room = room.parentElement ?? room.getRootNode().host;
    }
    return [room.scrollWidth - room.clientWidth, room.scrollHeight - room.clientHeight];
}"""
TYPE = "node => parseFloat(getComputedStyle(node).fontSize)"


def look_everywhere(dashboard: Dashboard, least: float, *, settings: bool) -> None:
    """Expect no smaller words beside any board, and in the settings."""
    page = dashboard.page
    captions = page.locator(".panel .caption")
    eventually(page, lambda: captions.evaluate_all(CUT), lambda found: not found, "cut off")
    for side in SIDES:
        dashboard.button(side).click()
        expect(dashboard.button(side)).to_have_attribute("aria-pressed", "true")
        eventually(page, lambda: small_words(page, least), lambda found: not found, side)
    if settings:
        expect(dashboard.field("Seed")).to_be_visible()
        eventually(page, lambda: small_words(page, least), lambda found: not found, "settings")


def expect_no_scroll(page: Page) -> None:
    """Wait until all of the board is seen."""
    panels = page.locator(".panels")
    eventually(page, lambda: panels.evaluate(BEYOND_ROOM), [0, 0].__eq__, "the board is scrolled")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_words_are_below_12_px(open_dashboard: Open, screen: ViewportSize, place: str) -> None:
    dashboard = open_dashboard(place, viewport=screen)
    look_everywhere(dashboard, 12, settings=True)
    # Where there is little room, the words that matter most are left.
    for caption in dashboard.page.locator('.panel[data-key^="term_"] .caption').all():
        expect(caption).to_contain_text("channel 0")


@pytest.mark.parametrize("place", PLACES)
def test_no_words_are_below_20_px_before_a_class(open_dashboard: Open, place: str) -> None:
    dashboard = open_dashboard(f"{place}&present=1", viewport=LARGE)
    look_everywhere(dashboard, 20, settings=False)
    # Nothing is pushed out of the window by that.
    size = "[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]"
    eventually(
        dashboard.page,
        lambda: dashboard.page.evaluate(size),
        lambda found: found[0] <= LARGE["width"] and found[1] <= LARGE["height"],
        "the page is scrolled",
    )


def test_present_is_a_button_a_key_and_a_word_of_the_address(open_dashboard: Open) -> None:
    dashboard = open_dashboard(bare=True, viewport=LARGE)
    page, present = dashboard.page, dashboard.button("Present")
    step, settings = dashboard.button("Step"), dashboard.button("Settings")
    before = step.evaluate(TYPE)
    expect(present).to_have_attribute("aria-pressed", "false")
    present.click()
    expect(present).to_have_attribute("aria-pressed", "true")
    eventually(page, lambda: step.evaluate(TYPE), lambda now: now > 1.3 * before, "not larger")
    eventually(page, lambda: page.url, lambda url: "present=1" in url, "not in the address")
    expect(settings).to_be_hidden()
    # The numbers of the matrices have this size.
    cell = "getComputedStyle(document.documentElement).getPropertyValue('--cs-cell-font')"
    eventually(page, lambda: page.evaluate(cell), "20px".__eq__, "numbers of another size")
    page.reload()
    eventually(page, lambda: step.evaluate(TYPE), lambda now: now > 1.3 * before, "not kept")
    page.wait_for_function("document.documentElement.matches('.cs-drawn')")
    page.keyboard.press("p")
    expect(present).to_have_attribute("aria-pressed", "false")
    eventually(page, lambda: step.evaluate(TYPE), lambda now: now == before, "not as before")
    eventually(page, lambda: page.url, lambda url: "present" not in url, "still in the address")
    expect(settings).to_be_visible()


def test_present_takes_the_settings_away_and_fits_into_a_small_window(
    open_dashboard: Open,
) -> None:
    dashboard = open_dashboard(bare=True)
    page = dashboard.page
    seed = dashboard.field("Seed")
    expect(seed).to_be_visible()
    dashboard.button("Present").click()
    expect(page.get_by_label("Seed", exact=True)).to_be_hidden()
    expect(page.locator(".scrubber")).to_be_in_viewport(ratio=1)
    equation = page.locator(".math math")
    # A wide equation, and one that finds no room beside its headline.
    for stage in ("1", "2"):
        eventually(
            page,
            lambda: equation.evaluate(BEYOND),
            lambda px: px <= 1,
            f"the equation of step {stage} is cut off",
        )
        dashboard.press("Step")
    # The product has its rows and all its columns, and nothing is scrolled for it.
    seen = page.locator('.panel[data-key="X_col"] .caption')
    expect(seen).to_have_text(re.compile("^rows 0–[3-8] of 9$"))
    expect(page.locator('.panel[data-key="K_X_col"] .overview')).to_be_hidden()
    expect_no_scroll(page)


def test_titles_widen_their_panels_and_scroll_no_board(open_dashboard: Open) -> None:
    place = "?preset=one&grain=Inside&stage=13&inner=1&present=1"
    dashboard = open_dashboard(place, bare=True, viewport=LARGE)
    page = dashboard.page
    expect(page.locator('.panel[data-key="ratio"] .title')).to_be_visible()
    eventually(
        page,
        lambda: page.locator(".panel").evaluate_all(STICKING_OUT),
        lambda found: not found,
        "a title or its menu stands outside of its panel",
    )
    expect_no_scroll(page)


def test_type_grows_with_the_window_and_in_charts_too(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?side=loss")
    page, sentence = dashboard.page, dashboard.page.locator(".sentence")
    read = """() => [...Bokeh.documents[0].all_models]
        .filter((model) => model.type === "LinearAxis")
        .map((model) => parseFloat(model.major_label_text_font_size))"""
    eventually(page, lambda: sentence.evaluate(TYPE), (15).__eq__, "another size")
    eventually(page, lambda: page.evaluate(read), lambda sizes: {*sizes} == {13}, "other labels")
    page.set_viewport_size(LARGE)
    eventually(page, lambda: sentence.evaluate(TYPE), lambda size: size > 16, "no larger")
    eventually(page, lambda: page.evaluate(read), lambda sizes: {*sizes} == {15}, "small labels")
    dashboard.button("Present").click()
    eventually(page, lambda: page.evaluate(read), lambda sizes: {*sizes} == {20}, "small labels")


@pytest.mark.parametrize("width", [640, 800, 1000, 1100, 1279])
def test_no_window_is_scrolled_sideways(open_dashboard: Open, width: int) -> None:
    dashboard = open_dashboard("?preset=one", viewport={"width": width, "height": 720})
    page = dashboard.page
    eventually(page, lambda: width_of(page), lambda found: found <= width, "scrolled sideways")

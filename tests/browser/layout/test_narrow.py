"""A telephone, and windows as narrow: what is compared, edited and asked about is seen in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, ViewportSize, expect

from tests.browser.conftest import ON_PHONE, Open
from tests.browser.dashboard import Dashboard, eventually, settled

pytestmark = pytest.mark.browser

COMPARED = (
    "?preset=digits&iteration=2&against=rate:0.2&stage=1&inner=4&grain=Inside&cell=X_out,0,0,1,2"
)
PAIRED = pytest.mark.parametrize(
    "screen",
    [ON_PHONE, {"viewport": ViewportSize(width=768, height=900), "color_scheme": "dark"}],
    ids=["phone", "narrow"],
)
# Menus below the line of their titles.
BROKEN = """() => {
    const found = [];
    const look = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) look(node.shadowRoot);
            if (!node.matches(".panels > * .panel, .panels > .panel")) continue;
            if (node.closest(".table")) continue;
            const [title, menu] = [".title", ".menu"].map(
                (part) => node.querySelector(part).getBoundingClientRect());
            if (menu.height && menu.top > title.bottom - 2) found.push(node.dataset.key);
        }
    };
    look(document);
    return found;
}"""


def box_of(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box
    return box


def boxes_of(parts: Sequence[Locator]) -> list[FloatRect]:
    return [box_of(part) for part in parts]


def switch(dashboard: Dashboard) -> Locator:
    return dashboard.page.get_by_role("group", name="compared, in sight")


@PAIRED
def test_what_is_compared_is_at_one_place_and_a_switch_tells_the_cell_of_each(
    open_dashboard: Open, screen: dict[str, Any]
) -> None:
    dashboard = open_dashboard(COMPARED, **screen)
    page = dashboard.page
    buttons = switch(dashboard).get_by_role("button")
    expect(buttons).to_have_count(3)
    line = page.locator(".why .runs")
    expect(line).to_contain_text("B − A")
    for name, number in zip(("A", "B", "B − A"), buttons.locator(".number").all(), strict=True):
        expect(number).not_to_be_empty()
        expect(line).to_contain_text(f"{name} {number.inner_text()}")
    canvases = page.locator(".panel .tile:first-child .base")
    places = settled(page, lambda: boxes_of(canvases.all()))
    # One over the other: the same cell is at the same place, as large.
    assert places == places[:1] * 3
    scrolled = page.evaluate("scrollY")
    for k, button in enumerate(buttons.all()):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        for other, panel in enumerate(page.locator(".panel").all()):
            expect(panel).to_be_visible(visible=other == k)
    assert page.evaluate("scrollY") == scrolled
    assert settled(page, lambda: boxes_of(canvases.all())) == places
    # Rows of numbers are seen together below each other; behind them the same is in sight again.
    dashboard.press("Step")
    expect(page.get_by_role("heading", level=2)).to_contain_text("bn1")
    expect(page.locator(".compared")).to_be_hidden()
    dashboard.press("Back")
    expect(buttons.last).to_have_attribute("aria-pressed", "true")


def test_side_by_side_needs_no_switch(open_dashboard: Open) -> None:
    dashboard = open_dashboard(COMPARED)
    expect(dashboard.page.locator(".panel")).to_have_count(3)
    for panel in dashboard.page.locator(".panel").all():
        expect(panel).to_be_visible()
    expect(dashboard.page.locator(".compared")).to_be_hidden()


def test_then_and_now_stand_over_each_other_too(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=digits&iteration=4&stage=22", **ON_PHONE)
    dashboard.press("then and now")
    buttons = switch(dashboard).get_by_role("button")
    expect(buttons.first).to_contain_text("first")
    buttons.last.click()
    expect(dashboard.page.locator('.panel[data-key="after"]').last).to_be_visible()
    expect(dashboard.page.locator('.panel[data-key="then"]').first).to_be_hidden()


@pytest.mark.parametrize("against", ["", "&against=rate:0.2"], ids=["one", "compared"])
@pytest.mark.parametrize(
    "screen", [ON_PHONE, {**ON_PHONE, "viewport": ViewportSize(width=844, height=390)}],
    ids=["upright", "lying"],
)  # fmt: skip
def test_asking_about_a_picture_moves_nothing(
    open_dashboard: Open, screen: dict[str, Any], against: str
) -> None:
    where = f"?preset=digits&iteration=2{against}"
    places = []
    for asked in ("", "&probe=test:17;0,1,1:0.5"):
        dashboard = open_dashboard(where + asked, **screen)
        page = dashboard.page
        if asked:
            expect(dashboard.status).to_contain_text("asked about test image 17, changed by hand")
        expect(page.locator(".panel").first).to_be_visible()
        parts = [page.locator(".deck"), page.locator(".track"), page.locator(".head[data-phase]")]
        places.append(settled(page, partial(boxes_of, parts)))
        whole = (
            "node => [node.scrollWidth - node.clientWidth, node.scrollHeight - node.clientHeight]"
        )
        assert max(dashboard.status.evaluate(whole)) <= (0 if screen is ON_PHONE else 1000)
    assert places[0] == places[1]


@pytest.mark.parametrize("key", ["kernels", "X_in"])
def test_the_field_hides_no_number_of_its_matrix(open_dashboard: Open, key: str) -> None:
    dashboard = open_dashboard(
        "?preset=digits&stage=1&inner=1&grain=Inside&probe=test:17", **ON_PHONE
    )
    page = dashboard.page
    matrix = page.locator(f'.panel[data-key="{key}"] .over').first
    matrix.scroll_into_view_if_needed()
    matrix.dblclick(position={"x": 60, "y": 60})
    field = page.locator(".editing")
    expect(field).to_be_visible()

    def overlap() -> float:
        one, other = box_of(field), box_of(matrix)
        return min(one["y"] + one["height"], other["y"] + other["height"]) - max(
            one["y"], other["y"]
        )

    assert settled(page, overlap) <= 0
    expect(field).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("where", ["stage=1&inner=1", "stage=22&inner=1", "stage=12&inner=2"])
def test_the_menu_of_a_matrix_stands_on_the_line_of_its_title(
    open_dashboard: Open, where: str
) -> None:
    for query in (
        f"?preset=digits&{where}",
        f"?preset=digits&iteration=2&against=rate:0.2&{where}",
    ):
        page = open_dashboard(query, **ON_PHONE).page
        expect(page.locator(".panel").first).to_be_visible()
        assert settled(page, partial(page.evaluate, BROKEN)) == []


def test_the_header_of_a_narrow_window_is_one_line(open_dashboard: Open) -> None:
    page = open_dashboard("?preset=digits", viewport=ViewportSize(width=390, height=844)).page
    controls = page.locator("header :is(button, select):visible")
    expect(page.get_by_role("button", name="Keys (?)")).to_be_visible()
    eventually(
        page,
        lambda: {round(box_of(one)["y"] + box_of(one)["height"] / 2) for one in controls.all()},
        lambda found: len(found) == 1,
        "the header breaks",
    )


def test_a_picture_that_is_asked_about_is_offered_no_array_of_a_batch(open_dashboard: Open) -> None:
    page = open_dashboard("?preset=digits&stage=3&inner=1&grain=Inside").page
    pins = page.get_by_role("group", name="more of this stage")
    expect(pins.get_by_role("button", name="dead")).to_have_count(1)
    page = open_dashboard("?preset=digits&stage=3&inner=1&grain=Inside&probe=test:17").page
    pins = page.get_by_role("group", name="more of this stage")
    expect(pins).to_contain_text("closed")
    expect(pins.get_by_role("button", name="dead")).to_have_count(0)

"""A telephone in one hand, upright and on its side."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import CDPSession, FloatRect, Locator, Page, ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually, settled
from tests.browser.first.sizes import width_of

pytestmark = pytest.mark.browser

UPRIGHT = ViewportSize(width=390, height=844)
LYING = ViewportSize(width=844, height=390)
TOUCH: dict[str, Any] = {"has_touch": True, "is_mobile": True}
both = pytest.mark.parametrize("screen", [UPRIGHT, LYING], ids=["upright", "lying"])
PRESETS = pytest.mark.parametrize("preset", ["one", "digits"])


READ_SHEET = """sheet => {
    const isSheet = getComputedStyle(sheet).position === "fixed";
    const { x, y, width, height } =
        (isSheet ? sheet : sheet.getRootNode().host).getBoundingClientRect();
    return { x, y, width, height };
}"""


def box_of(page: Page, what: Locator) -> FloatRect:
    box = settled(page, what.bounding_box)
    assert box
    return box


def bottom(box: FloatRect) -> float:
    return box["y"] + box["height"]


def moves(dashboard: Dashboard) -> list[Locator]:
    buttons = [dashboard.button(name) for name in ("Back", "Step", "Play")]
    return [*buttons, dashboard.page.get_by_label("Step by", exact=True)]


@PRESETS
@both
def test_the_moves_lie_under_the_thumb(
    open_dashboard: Open, screen: ViewportSize, preset: str
) -> None:
    dashboard = open_dashboard(f"?preset={preset}", viewport=screen, **TOUCH)
    page, player = dashboard.page, dashboard.page.locator(".deck")
    for place in (0, 100_000):
        page.evaluate("top => window.scrollTo(0, top)", place)
        deck = box_of(page, player)
        assert bottom(deck) == pytest.approx(screen["height"], abs=1)
        assert deck["height"] <= 0.2 * screen["height"]
        parts = [*moves(dashboard), page.locator(".track"), page.locator(".scrubber")]
        boxes = [box_of(page, part) for part in parts]
        for part, box in zip(parts, boxes, strict=True):
            expect(part).to_be_in_viewport(ratio=0.99)
            # What a finger can hit.
            assert box["height"] >= (28 if part is parts[-1] else 40)
        assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
        assert width_of(page) <= screen["width"]


@both
def test_the_board_comes_first(open_dashboard: Open, screen: ViewportSize) -> None:
    dashboard = open_dashboard("?preset=one", viewport=screen, **TOUCH)
    page = dashboard.page
    board, side = box_of(page, page.locator(".panels")), box_of(page, page.locator(".sides"))
    deck = box_of(page, page.locator(".deck"))
    assert board["y"] < 0.5 * screen["height"]
    # A good part of it is in sight at once, with nothing above it but header, strip and caption.
    assert deck["y"] - board["y"] >= 0.4 * screen["height"]
    assert board["y"] <= side["y"] or board["x"] + board["width"] <= side["x"]


@PRESETS
@both
def test_the_cell_that_is_tapped_stays_in_sight(
    open_dashboard: Open, screen: ViewportSize, preset: str
) -> None:
    dashboard = open_dashboard(f"?preset={preset}&stage=1&inner=2", viewport=screen, **TOUCH)
    page = dashboard.page
    for key in ("X_in", "X_col"):
        picture = page.locator(f'.panel[data-key="{key}"] .over').first
        picture.scroll_into_view_if_needed()
        picture.tap(position={"x": 40, "y": 100})
        sheet = page.locator(".why.open")
        expect(sheet).to_be_in_viewport(ratio=0.3)
        expect(page.locator(".why .stored")).to_be_attached()
        panel = box_of(page, picture)
        # On its side the explanation scrolls in a place of its own.
        told = settled(page, partial(sheet.evaluate, READ_SHEET))
        deck = box_of(page, page.locator(".deck"))
        cell = panel["y"] + 100
        assert 0 <= cell < deck["y"]
        # Above the sheet, or beside it.
        assert cell < told["y"] or panel["x"] + 40 < told["x"]
        assert not overlap(told, deck)
        page.get_by_role("button", name="Select nothing").tap()
        expect(sheet).to_have_count(0)


def test_long_titles_make_no_page_wider_than_the_screen(open_dashboard: Open) -> None:
    page = open_dashboard("?preset=one&grain=Inside&stage=6", viewport=UPRIGHT, **TOUCH).page
    expect(page.locator(".panel")).to_have_count(5)
    wide = "[document.documentElement.scrollWidth, innerWidth]"
    eventually(page, lambda: page.evaluate(wide), ([UPRIGHT["width"]] * 2).__eq__, "too wide")
    ends = """titles => titles.map(node => [node, node.closest(".panel")].map(
        part => part.getBoundingClientRect().right))"""
    eventually(
        page,
        lambda: page.locator(".panel .title").evaluate_all(ends),
        lambda found: all(title <= panel + 1 for title, panel in found),
        "a title is wider than its panel",
    )


def test_the_window_of_a_tapped_output_is_in_sight_with_it(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&stage=1&inner=3", viewport=UPRIGHT, **TOUCH)
    page = dashboard.page
    product = page.locator('.panel[data-key="K_X_col"] .over').first
    product.scroll_into_view_if_needed()
    product.tap(position={"x": 150, "y": 10})
    expect(page.locator(".why.open")).to_be_visible()
    told = box_of(page, page.locator(".why.open"))
    # All nine rows of its column, and itself.
    column = box_of(page, page.locator('.panel[data-key="X_col"] .over').first)
    assert column["y"] >= 0
    assert bottom(column) <= told["y"]
    assert bottom(box_of(page, product)) <= told["y"]


def touch(session: CDPSession, kind: str, x: float = 0, y: float = 0) -> None:
    points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@both
def test_a_swipe_on_the_timeline_follows_the_finger(
    open_dashboard: Open, screen: ViewportSize
) -> None:
    dashboard = open_dashboard("?preset=digits&grain=Layer", viewport=screen, **TOUCH)
    page, session = dashboard.page, dashboard.page.context.new_cdp_session(dashboard.page)
    bars, before = page.locator(".track .bar"), page.evaluate("scrollY")
    boxes = [box_of(page, bars.nth(k)) for k in range(8)]
    middles = [box["x"] + 0.5 * box["width"] for box in boxes]
    y = boxes[1]["y"] + 0.5 * boxes[1]["height"]
    touch(session, "touchStart", middles[1], y)
    for k in range(1, 7):
        touch(session, "touchMove", middles[k], y)
        expect(dashboard.status).to_contain_text(f" stage {k + 1} of ")
    for k in range(6, 3, -1):
        touch(session, "touchMove", middles[k], y)
        expect(dashboard.status).to_contain_text(f" stage {k + 1} of ")
    touch(session, "touchEnd")
    expect(dashboard.status).to_contain_text(" stage 5 of ")
    # The page has not moved with it, and what is at work is in sight.
    assert page.evaluate("scrollY") == before
    expect(bars.nth(4)).to_be_in_viewport(ratio=0.9)


@PRESETS
@both
def test_nothing_lies_on_anything_else(
    open_dashboard: Open, screen: ViewportSize, preset: str
) -> None:
    dashboard = open_dashboard(f"?preset={preset}", viewport=screen, **TOUCH)
    page = dashboard.page
    names = ("Share", "Settings", "Dark")
    parts = {name: dashboard.button(name) for name in names}
    parts |= {
        "preset": dashboard.field("Preset"),
        "name": page.get_by_role("heading", level=1),
        "image": page.locator(".source"),
        "prediction": page.get_by_role("group", name="prediction", exact=True),
        "heading": page.get_by_role("heading", level=2),
        "sentence": page.locator(".sentence"),
        "equation": page.locator(".head .math"),
        "deck": page.locator(".deck"),
    }
    boxes = {name: box_of(page, part) for name, part in parts.items()}
    for name, box in boxes.items():
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= screen["width"] + 1, name
    covering = [pair for pair in combinations(boxes, 2) if overlap(*(boxes[k] for k in pair))]
    assert covering == []


def test_turning_the_telephone_keeps_all_usable(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&grain=Inside", viewport=UPRIGHT, **TOUCH)
    page = dashboard.page
    for at, screen in enumerate((LYING, UPRIGHT), 2):
        page.set_viewport_size(screen)
        eventually(
            page,
            lambda screen=screen: bottom(box_of(page, page.locator(".deck"))) - screen["height"],  # type: ignore[misc]
            lambda off: abs(off) <= 1,
            "the player is not at the bottom",
        )
        dashboard.button("Step").tap()
        expect(page.get_by_role("heading", level=2)).to_contain_text(f"{at} of 4")
        # What is wider than its room is scrolled to its end.
        math = page.locator(".head .math")
        last = math.locator("math > :last-child, math > mrow > :last-child").last
        math.evaluate("node => node.scrollTo(node.scrollWidth, 0)")
        expect(last).to_be_in_viewport(ratio=0.9)


def overlap(one: FloatRect, other: FloatRect) -> bool:
    """Return whether two boxes share more than an edge."""
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(bottom(one), bottom(other)) - max(one["y"], other["y"])
    return across > 1 and down > 1

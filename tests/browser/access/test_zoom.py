"""From 50 % to 300 % of the browser's zoom, which makes the window smaller, all can be reached."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Locator, ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import eventually, settled
from tests.browser.first.sizes import width_of

pytestmark = pytest.mark.browser

# Zoom in percent, of a window of 1280×720.
ZOOMS = (50, 100, 150, 200, 300)

# What is in front of the middle of a node, through shadow roots: itself, or what covers it.
IS_IN_FRONT = """node => {
    const box = node.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    let front = document.elementFromPoint(x, y);
    while (front?.shadowRoot) {
        const inner = front.shadowRoot.elementFromPoint(x, y);
        if (!inner || inner === front) break;
        front = inner;
    }
    return node.contains(front) || (front?.contains(node) ?? false);
}"""


def expect_in_front(node: Locator) -> None:
    """Wait until nothing covers the middle of a node."""
    eventually(node.page, lambda: node.evaluate(IS_IN_FRONT), bool, f"something covers {node}")


def reached(node: Locator, window: ViewportSize) -> FloatRect:
    """Scroll to a node; it is whole in the window, and nothing covers its middle."""
    node.scroll_into_view_if_needed()
    box = settled(node.page, node.bounding_box)
    assert box, "it is not there"
    assert box["x"] >= -1, box
    assert box["x"] + box["width"] <= window["width"] + 1, box
    assert 0 <= box["y"] + box["height"] / 2 <= window["height"], box
    expect_in_front(node)
    return box


@pytest.mark.parametrize("zoom", ZOOMS)
def test_all_is_reached_at_every_zoom(open_dashboard: Open, zoom: int) -> None:
    window = ViewportSize(width=1280 * 100 // zoom, height=720 * 100 // zoom)
    dashboard = open_dashboard(
        "?preset=one&grain=Inside&stage=1&inner=3", viewport=window, device_scale_factor=zoom / 100
    )
    page = dashboard.page
    eventually(
        page, lambda: width_of(page), lambda found: found <= window["width"], "scrolled sideways"
    )
    for name in ("Share", "Settings", "Keys (?)", "Step", "Back", "Play", "Explain"):
        reached(page.get_by_role("button", name=name, exact=True), window)
    # A list, where there is no room for a button each.
    grain = page.get_by_role("button", name="Inside", exact=True)
    reached(grain if grain.is_visible() else page.get_by_label("Step by", exact=True), window)
    # What is seen of a slider.
    for place in (".track", ".scrubber"):
        reached(page.locator(place), window)
    for grid in page.get_by_role("grid").all():
        grid.scroll_into_view_if_needed()
        expect_in_front(grid)
    # A cell is explained, and it is the explanation that can be reached then.
    page.get_by_role("grid", name="K").first.press("Enter")
    expect(page.locator(".why.open")).to_be_visible()
    reached(page.locator(".why .stored"), window)
    page.get_by_role("button", name="Select nothing").click()
    page.get_by_role("button", name="Keys (?)").click()
    reached(page.get_by_role("dialog").get_by_role("button", name="Close"), window)
    reached(page.get_by_text("leave it", exact=True), window)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Settings", exact=True).click()
    reached(page.get_by_label("Seed", exact=True), window)
    reached(page.get_by_role("button", name="Save weights"), window)

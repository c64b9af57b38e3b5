"""Play and Pause at grain Cell, by a clock that the test winds on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import eventually, expect_no_change
from tests.browser.motion.result import Result, Sent

pytestmark = pytest.mark.browser

# Seconds in which Play goes through any matrix, and those that it rests at its end.
LONGEST, HOLDS = 20, 1


def hold_clock(page: Page) -> None:
    """Let time pass only when it is wound on."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)


@pytest.mark.parametrize("speed", ["slow", "normal", "fast"])
@pytest.mark.parametrize(
    ("words", "total"),
    [("preset=one&stage=1&inner=2", 144), ("preset=digits&stage=5&inner=2", 72 * 16)],
)
def test_play_goes_through_a_matrix_and_on(
    open_dashboard: Open, words: str, total: int, speed: str
) -> None:
    dashboard = open_dashboard(f"?grain=Cell&{words}")
    result, page = Result(dashboard), dashboard.page
    result.expect(0, total)
    sent = Sent(dashboard)
    dashboard.field("Speed").select_option(speed)
    hold_clock(page)
    result.expect(0, total)
    before = len(sent.messages)
    dashboard.press("Play")
    expect(dashboard.button("Pause")).to_be_visible()
    counts = [0]
    while counts[-1] < total:
        assert len(counts) <= 2 * LONGEST, f"{counts[-1]} of {total} cells are computed"
        page.clock.run_for(500)
        counts.append(result.count())
    assert counts == sorted(counts)
    assert len(set(counts)) > 3
    # Python heard of no cell.
    others = ('"press"', '"speed"', '"drawn"', '"onward"')
    expect_no_change(page, lambda: len(sent.messages))
    heard = [text for text in sent.messages[before:] if not any(map(text.count, others))]
    assert heard == []
    for _ in range(HOLDS + 1):
        page.clock.run_for(1000)
    result.expect_inner("multiply")


def test_pause_works_at_once(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&grain=Cell&stage=1&inner=2")
    result, page = Result(dashboard), dashboard.page
    dashboard.press("Step")
    heading = page.locator(".why h3")
    expect(heading).to_contain_text("row 0, column 0")
    dashboard.press("Play")
    eventually(page, result.count, lambda count: count >= 3, "nothing is played")
    # What is explained is no longer what is lit.
    expect(heading).to_be_hidden()
    expect(page.get_by_text("explained once they stop")).to_be_visible()
    dashboard.press("Pause")
    stopped = result.count()
    expect_no_change(page, result.count)
    assert result.count() == stopped
    expect(dashboard.button("Play")).to_be_visible()
    eventually(page, lambda: f"cells={stopped}&" in page.url, bool, page.url)
    expect(heading).to_contain_text(f"row {(stopped - 1) % 9}, column {(stopped - 1) // 9}")
    page.keyboard.press("Space")
    eventually(page, result.count, lambda count: count > stopped, "it does not go on")
    page.keyboard.press("Space")
    stopped = result.count()
    expect_no_change(page, result.count)
    assert result.count() == stopped


def test_play_trains_on(open_dashboard: Open) -> None:
    """Through stages with and without a result, into the next iteration."""
    dashboard = open_dashboard("?preset=one&grain=Cell&stage=12")
    dashboard.field("Speed").select_option("fast")
    dashboard.press("Play")
    dashboard.wait_for_iteration(2)
    dashboard.press("Pause")
    expect(dashboard.button("Play")).to_be_visible()

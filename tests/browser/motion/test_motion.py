"""What moves, and what does not: numbers on their way, results that appear, reduced motion."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import expect_no_change
from tests.browser.motion.result import GHOSTS, Result

pytestmark = pytest.mark.browser

MOST_GHOSTS = 40
# Counts what begins to move from now on, and what the longest of it takes, in ms.
WATCH_MOTION = """() => {
    window.moved = { count: 0, longest: 0 };
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (frames, options) {
        window.moved.count += 1;
        const time = options.duration + (options.delay ?? 0);
        window.moved.longest = Math.max(window.moved.longest, time);
        return animate.call(this, frames, options);
    };
}"""
# Counts how often a matrix is drawn from now on, the most of any, and the curve of losses.
WATCH_DRAWING = """() => {
    const drawn = window.drawn = { matrix: 0, losses: 0 }, times = new Map();
    const { clearRect, arc } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.matches(".base")) {
            times.set(this.canvas, (times.get(this.canvas) ?? 0) + 1);
            drawn.matrix = Math.max(...times.values());
        }
        return clearRect.apply(this, box);
    };
    CanvasRenderingContext2D.prototype.arc = function (...circle) {
        drawn.losses += 1;
        return arc.apply(this, circle);
    };
}"""
# Whether two pictures show the same pixels: of a ghost, and of a cell of a matrix 6 × 6.
IS_PICTURE_OF = """(ghost, [r, c]) => {
    const base = ghost.getRootNode().querySelector('.panel[data-key="X_in"] .base');
    const read = (canvas, x, y) =>
        canvas.getContext("2d").getImageData(x, y, ghost.width, ghost.height).data.join();
    return read(ghost, 0, 0) === read(base, c * base.width / 6, r * base.height / 6);
}"""


def moved(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate("window.moved")
    return found


def expect_still(page: Page, count: float) -> None:
    """Look for a while whether nothing more begins to move."""
    expect_no_change(page, lambda: moved(page))
    assert moved(page)["count"] == count


def stop_time(page: Page) -> None:
    """Let what is on its way stay there: it arrives by the clock."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)


def test_a_pixel_flies_into_its_column(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&grain=Cell&stage=1&inner=2&cells=10")
    result, page = Result(dashboard), dashboard.page
    result.expect(10, 144)
    stop_time(page)
    dashboard.press("Step")
    result.expect(11, 144)
    ghost = page.locator(GHOSTS)
    expect(ghost).to_have_count(1)
    # Row 1 of column 1: the window lies one to the right, and the entry is its second.
    assert ghost.evaluate(IS_PICTURE_OF, [0, 2])
    # Until it has arrived its place is empty.
    computed = [[k % 9, k // 9] for k in range(11)]
    result.expect_filled("X_col", (9, 16), computed[:10])
    page.clock.run_for(1000)
    result.expect_at_rest()
    result.expect_filled("X_col", (9, 16), computed)
    # A press does not wait for the one before.
    for _ in range(3):
        dashboard.press("Step")
    result.expect(14, 144)
    result.expect_filled("X_col", (9, 16), [[k % 9, k // 9] for k in range(13)])
    expect(ghost).to_have_count(1)


@pytest.mark.parametrize(
    ("words", "ghosts", "lost"),
    [
        # A row of K and a column of X^(col).
        ("preset=one&stage=1&inner=3", 18, 0),
        # A window of which one wins.
        ("preset=one&stage=3&inner=3", 4, 3),
        # A corner of the image is in one window only.
        ("preset=one&stage=11&inner=3", 1, 0),
        # Channel 1, which is seen in small only, while channel 0 is in sight.
        ("preset=digits&stage=5&inner=2&cells=13", 1, 0),
        # 64 pixels of a channel are too many to be followed.
        ("preset=digits&stage=2&inner=1", MOST_GHOSTS, 0),
    ],
    ids=["multiply", "pooling", "col2im", "a channel in small", "batch norm"],
)
def test_what_a_cell_is_made_of_flies_there(
    open_dashboard: Open, words: str, ghosts: int, lost: int
) -> None:
    dashboard = open_dashboard(f"?grain=Cell&{words}")
    page = dashboard.page
    stop_time(page)
    dashboard.press("Step")
    expect(page.locator(GHOSTS)).to_have_count(ghosts)
    expect(page.locator(".motion .lost")).to_have_count(lost)
    # It tells nobody anything: it is the same number.
    expect(page.locator(".motion")).to_have_attribute("aria-hidden", "true")
    expect(page.locator(".motion")).to_have_text("")


def test_the_result_appears_at_grain_inside_only(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&grain=Inside&stage=1&inner=1")
    result, page = Result(dashboard), dashboard.page
    page.evaluate(WATCH_MOTION)
    page.evaluate(WATCH_DRAWING)
    dashboard.press("Step")
    result.expect_inner("unroll")
    page.wait_for_function("window.moved.count > 0")
    assert moved(page)["longest"] <= 300
    expect(page.locator(".motion > *")).to_have_count(0)
    # However often it was laid out until it fitted.
    expect_no_change(page, lambda: page.evaluate("window.drawn"))
    assert page.evaluate("window.drawn") == {"matrix": 1, "losses": 0}
    before = moved(page)["count"]
    dashboard.press("Back")
    result.expect_inner("slide")
    expect_still(page, before)
    for grain, status in (("Layer", "forward relu"), ("Iteration", "iteration 2")):
        dashboard.press(grain)
        dashboard.press("Step")
        expect(dashboard.status).to_contain_text(status)
        expect_still(page, before)
    assert page.evaluate("window.drawn.losses") == 1


@pytest.mark.parametrize("grain", ["Inside", "Cell"])
def test_nothing_moves_for_who_wants_no_motion(open_dashboard: Open, grain: str) -> None:
    dashboard = open_dashboard(
        f"?preset=one&grain={grain}&stage=1&inner=2", reduced_motion="reduce"
    )
    result, page = Result(dashboard), dashboard.page
    page.evaluate(WATCH_MOTION)
    stop_time(page)
    heading = page.get_by_role("heading", level=2)
    for k, inner in enumerate(("multiply", "reshape", "relu")):
        dashboard.press("Step")
        if grain == "Cell":
            # There at once.
            result.expect(k + 1, 144)
            result.expect_filled("X_col", (9, 16), [[r, 0] for r in range(k + 1)])
        else:
            expect(heading).to_contain_text(inner)
    expect_still(page, 0)
    assert moved(page)["longest"] == 0
    expect(page.locator(".motion > *")).to_have_count(0)

"""The charts over a run, as they are met beside the board."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP, watch
from tests.browser.dashboard import Dashboard, eventually, settled, usual
from tools.serving import Served

Open = Callable[[str], Dashboard]

# Whether the middle of an element is in sight, and nothing lies over it or cuts it off.
IS_SEEN = """node => {
    const box = node.getBoundingClientRect();
    const root = node.getRootNode();
    return [box.top + 2, box.bottom - 2].every(
        y => node.contains(root.elementFromPoint(box.left + 3, y)));
}"""

# Words of the network's cards that are wider than their place, or that the card's edge cuts.
CUT = """strip => [...strip.querySelectorAll(".range, .note, .title")].filter(node => {
    const box = node.getBoundingClientRect(), card = node.closest(".card").getBoundingClientRect();
    return box.width > 0 &&
        (node.scrollWidth > node.clientWidth || box.left < card.left || box.right > card.right ||
            /……|NaN/.test(node.textContent));
}).map(node => node.textContent)"""
# The first and last row of a canvas in which anything is drawn beside the mark, which is as high.
INKED = """canvas => {
    const { width, height } = canvas, context = canvas.getContext("2d");
    const { data } = context.getImageData(0, 0, Math.floor(width / 3), height);
    const across = Math.floor(width / 3), rows = [];
    for (let k = 0; k < height; k++) {
        if (data.slice(4 * k * across, 4 * (k + 1) * across).some(byte => byte)) rows.push(k);
    }
    return { first: rows[0], last: rows.at(-1), height };
}"""


@pytest.fixture
def open_at(server: Served, browser: Browser) -> Iterator[Open]:
    """Give out what opens the dashboard at an address and waits for its iteration."""
    problems: list[str] = []
    context = browser.new_context(viewport=DESKTOP)

    def open_one(query: str) -> Dashboard:
        page = context.new_page()
        watch(page, server.address, problems)
        page.goto(server.address + usual(query))
        dashboard = Dashboard(page)
        iteration = re.search(r"iteration=(\d+)", query)
        dashboard.wait_for_iteration(int(iteration[1]) if iteration else 1)
        return dashboard

    yield open_one
    context.close()
    assert not problems, "\n".join(problems)


def chart(page: Page) -> Locator:
    """Return where the pointer is heard by the figure in front."""
    return page.locator(".bk-events").locator("visible=true")


def place(page: Page, across: float) -> tuple[float, float]:
    """Return a place in the middle of the chart's height."""
    expect(chart(page)).to_be_visible()
    chart(page).scroll_into_view_if_needed()
    box = settled(page, chart(page).bounding_box)
    assert box
    return box["x"] + across * box["width"], box["y"] + 0.5 * box["height"]


def test_the_loss_of_a_long_run_is_told_by_one_tooltip(open_at: Open) -> None:
    page = (dashboard := open_at("?preset=one&iteration=2000&side=loss")).page
    tooltip, seen = page.locator(".bk-Tooltip"), [0]
    for across in (0.3, 0.5, 0.7):
        page.mouse.move(*place(page, across))
        title = tooltip.locator("th").filter(has_not_text=f"iteration {seen[-1]}")
        expect(title).to_have_text(re.compile(r"^iteration \d+$"))
        expect(tooltip).to_have_count(1)
        box = settled(page, tooltip.bounding_box)
        assert box
        assert box["height"] < 150
        seen.append(int(title.inner_text().split()[1]))
    assert seen == sorted(set(seen))
    # A click goes where the tooltip says.
    page.mouse.click(*place(page, 0.7))
    dashboard.wait_for_iteration(seen[-1])


def test_all_findings_can_be_read_and_each_leads_to_where_it_happens(open_at: Open) -> None:
    page = open_at("?preset=deep-relu&iteration=30&rate=0.5&side=flow").page
    findings = page.locator(".lines button")
    expect(findings).to_have_count(4)
    figure = page.locator(".bk-Figure").locator("visible=true")
    bottom = 0.0
    for k in range(4):
        findings.nth(k).scroll_into_view_if_needed()
        eventually(page, partial(findings.nth(k).evaluate, IS_SEEN), bool, "it is not seen")
        box = settled(page, findings.nth(k).bounding_box)
        assert box
        bottom = box["y"] + box["height"]
    # The figure stands below them, is high enough to be read, and comes into sight as a whole.
    box = settled(page, figure.bounding_box)
    assert box
    assert box["y"] >= bottom
    assert box["height"] >= 180
    figure.scroll_into_view_if_needed()
    expect(chart(page)).to_be_in_viewport(ratio=0.99)
    # What comes first along the way of the gradient is told first.
    expect(findings.first).to_contain_text("relu4: ")
    findings.filter(has_text="relu2: ").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("← Backward · relu2")
    expect(findings).to_have_count(4)


def test_a_dead_layer_is_the_one_finding_and_the_figure_gives_way_to_it(open_at: Open) -> None:
    page = open_at("?preset=one&iteration=300&side=flow").page
    expect(page.locator(".lines button")).to_have_text(
        ["relu: all its units are zero for the whole batch: nothing before it learns"]
    )
    parts = (
        page.locator(".lines"),
        page.locator(".bk-Figure").locator("visible=true"),
        chart(page),
    )
    room, figure, canvas = settled(page, lambda: [part.bounding_box() for part in parts])
    assert room
    assert figure
    assert canvas
    assert figure["y"] >= room["y"] + room["height"]
    assert canvas["height"] == pytest.approx(figure["height"], abs=1)


@pytest.mark.parametrize("side", ["flow", "heat", "loss"])
def test_a_run_that_diverges_leaves_all_readable(open_at: Open, side: str) -> None:
    page = open_at(f"?iteration=12&preset=mnist&rate=1000000&side={side}").page
    page.mouse.move(*place(page, 0.6))
    expect(page.locator(".bk-Tooltip th").first).to_be_visible()
    # No label of a card is cut off, forward or backward, on a wide screen or a narrow one.
    for width in (1280, 1000, 600):
        page.set_viewport_size({"width": width, "height": 720})
        for stage in ("conv2", "linear"):
            page.locator("button.card", has_text=stage).click()
            expect(page.locator("button.card.on")).to_contain_text(stage)
            strip = page.locator(".strip")
            eventually(page, partial(strip.evaluate, CUT), lambda cut: not cut, "cut off")
    # The scrubber has drawn its line, from its lower end to its upper one.
    eventually(
        page,
        lambda: page.locator(".scrubber canvas").evaluate(INKED),
        lambda rows: rows.get("last", 0) - rows.get("first", 0) > 0.3 * rows["height"],
        "the line is not drawn",
    )


def test_a_run_without_any_loss_leaves_all_readable(open_at: Open) -> None:
    page = (dashboard := open_at("?preset=one&iteration=40&rate=1000&side=loss")).page
    for chart_name in ("Gradient flow", "Heat map", "Loss"):
        dashboard.bring_to_front(chart_name)
        page.mouse.move(*place(page, 0.4))
        expect(page.locator(".bk-Tooltip th").first).to_be_visible()
    slider = page.get_by_role("slider", name="iteration")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^iteration 40, loss \S+$"))

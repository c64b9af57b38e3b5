"""What stands at the title of a matrix, and the digits in its cells, beside each other."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.board.printed import LISTEN
from tests.browser.conftest import DESKTOP, Open
from tests.browser.dashboard import eventually, settled

pytestmark = pytest.mark.browser

# px that the button of a matrix may lie on words at its edge.
EDGE = (1, 4)
LARGE = ViewportSize(width=1920, height=1080)
STAGES = ("stage=1&inner=1", "stage=1&inner=4", "stage=5", "stage=12&inner=2", "stage=18&inner=2")

# Each matrix: words of its title that its button lies on, and by how much.
COVERED = """edge => {
    const found = [];
    const meet = (one, other) => [
        Math.min(one.right, other.right) - Math.max(one.left, other.left),
        Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top),
    ];
    const look = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) look(node.shadowRoot);
            if (!node.matches(".panel")) continue;
            const button = node.querySelector(".menu > button").getBoundingClientRect();
            for (const part of node.querySelectorAll(".title, .times, .as-picture, .caption")) {
                const words = document.createRange();
                words.selectNodeContents(part);
                for (const box of words.getClientRects()) {
                    const [across, down] = meet(button, box);
                    if (box.width && across > edge[0] && down > edge[1]) {
                        found.push([node.dataset.key, part.textContent, across, down]);
                    }
                }
            }
        }
    };
    look(document);
    return found;
}"""
# Each matrix: what is free at the least between numbers of neighbouring cells, in their size.
FREE = """() => {
    const found = {};
    const look = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) look(node.shadowRoot);
            if (!node.matches(".panel")) continue;
            const canvas = node.querySelector(".tile .base"), rows = {};
            for (const text of canvas?.texts?.values() ?? []) (rows[text[0]] ??= []).push(text);
            const gaps = Object.values(rows).flatMap((row) => {
                row.sort((one, other) => one[1] - other[1]);
                return row.slice(1).map(([, x, , wide, size], k) =>
                    (x - row[k][1] - (wide + row[k][3]) / 2) / size);
            });
            if (gaps.length) found[node.dataset.key] = Math.min(...gaps);
        }
    };
    look(document);
    return found;
}"""
MEASURED = LISTEN.replace(
    "[y, x, text]",
    "[y, x, text, this.measureText(text).width, parseFloat(this.font.match(/[\\d.]+px/))]",
)


@pytest.mark.parametrize("stage", STAGES)
def test_the_button_of_a_matrix_covers_no_word_of_a_title(open_dashboard: Open, stage: str) -> None:
    for screen in (DESKTOP, LARGE):
        page = open_dashboard(f"?preset=digits&{stage}", viewport=screen).page
        expect(page.locator(".panel").first).to_be_visible()
        assert settled(page, partial(page.evaluate, COVERED, EDGE)) == []


@pytest.mark.parametrize(
    "options",
    [{"viewport": DESKTOP}, {"viewport": LARGE}, {"viewport": {"width": 390, "height": 844}}],
    ids=["desktop", "large", "phone"],
)
def test_no_digits_of_neighbouring_cells_touch(
    open_dashboard: Open, options: dict[str, Any]
) -> None:
    probe = "probe=test:3;0,1,1:0.3333333;0,2,2:0.123456;0,4,4:-12.345678"
    for stage in ("stage=1&inner=1", "stage=3", "stage=18"):
        dashboard = open_dashboard("?preset=digits", **options)
        page = dashboard.page
        page.context.add_init_script(MEASURED)
        page.goto(f"{page.url.partition('?')[0]}?preset=digits&{stage}&{probe}")
        dashboard.wait_until_live()
        eventually(page, partial(page.evaluate, FREE), bool, "nothing is printed")
        found = settled(page, partial(page.evaluate, FREE))
        assert min(found.values()) > 0.17, found

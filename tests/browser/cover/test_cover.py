"""Covered numbers: they are nowhere in the page until they are uncovered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.access.matrix import Matrix
from tests.browser.access.test_table import copy, read
from tests.browser.board.printed import LISTEN
from tests.browser.board.printed import READ as PRINTED
from tests.browser.conftest import Open, watched_pages
from tests.browser.cover.covered import first_run, numbers
from tests.browser.dashboard import eventually
from tools.serving import served_app

pytestmark = pytest.mark.browser

# The product, whose cell 5 is covered, and whose other cells are made of a weight that is.
MULTIPLY = "?preset=one&grain=Inside&stage=1&inner=3"
SAID = "covered: answer first"
# Which of some sizes, also given as texts, are found in properties of Bokeh's models, in the texts
# and attributes of the page, and in what is drawn on its canvases.
FIND = """([sizes, texts]) => {
    const found = new Set(), seen = new Set();
    const look = (item) => {
        if (typeof item === "number") {
            const k = sizes.indexOf(Math.fround(Math.abs(item)));
            if (k >= 0) found.add(k);
        } else if (typeof item === "string") {
            texts.forEach((all, k) => all.some((text) => item.includes(text)) && found.add(k));
        } else if (item && typeof item === "object" && !seen.has(item)) {
            seen.add(item);
            const isPlain = Object.getPrototypeOf(item) === Object.prototype;
            for (const one of item[Symbol.iterator] ? item : isPlain ? Object.values(item) : []) {
                look(one);
            }
        }
    };
    for (const model of Bokeh.documents[0].all_models) look({ ...model.attributes });
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            for (const { value } of node.attributes) look(value);
            for (const child of node.childNodes) if (child.nodeType === 3) look(child.data);
            if (node.texts) look([...node.texts.values()].map(([, , text]) => text));
            if (node.shadowRoot) walk(node.shadowRoot);
        }
    };
    walk(document);
    return [...found].sort();
}"""


@pytest.fixture
def open_covered(browser: Browser) -> Iterator[Open]:
    """Opens the page of `covered.py`."""
    with (
        served_app(app="tests/browser/cover/covered.py") as served,
        watched_pages(served, browser) as open_one,
    ):
        yield open_one


def found(page: Page) -> list[int]:
    """Return which of the covered numbers the page tells."""
    sizes = [float(np.float32(abs(value))) for value in numbers(first_run())]
    # Without the zero in front, as some are printed.
    texts = [[f"{size:.{k}g}".removeprefix("0") for k in range(5, 10)] for size in sizes]
    told: list[int] = page.evaluate(FIND, [sizes, texts])
    return told


def drawn(page: Page, key: str) -> list[str]:
    """Return what stands in the cells of a matrix of one row."""
    texts = page.evaluate(PRINTED)[key]["texts"]
    return [text for _, _, text in sorted(texts, key=lambda item: item[1])]


def test_the_page_does_not_hold_what_is_covered(open_covered: Open) -> None:
    dashboard = open_covered(MULTIPLY, bare=True)
    page, product = dashboard.page, Matrix(dashboard.page, "KX(col)")
    page.evaluate(f"() => {{ {LISTEN} }}")
    why, tip = page.locator(".why"), page.locator(".tip")
    product.enter()
    beside = product.press("Home 4*ArrowRight").number
    # Whoever points at a cell, or hears of it.
    assert product.press("ArrowRight").words.endswith(SAID)
    expect(tip).to_contain_text(SAID)
    page.keyboard.press("Enter")
    expect(why).to_contain_text(SAID)
    expect(why.locator("table")).to_have_count(0)
    assert found(page) == []
    # The number beside it is made of a weight that is covered: neither that nor the sum is told.
    product.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(why.locator("tfoot")).to_contain_text("?")
    expect(why.locator("button.link", has_text="?")).to_have_count(1)
    # The others are printed as always.
    expect(why.locator("button.link", has_text="−0.4")).to_have_count(1)
    assert f"{beside:.4g}" not in why.inner_text()
    assert found(page) == []
    _, (_, line) = read(copy(dashboard, "KX(col)", "Copy as CSV"))
    assert line[6] == "?"
    assert float(line[5]) == pytest.approx(beside, rel=1e-5)
    product.menu("Show as table")
    expect(product.cells().nth(5)).to_have_text("?")
    assert found(page) == []
    page.keyboard.press("Escape")
    # Charts tell sizes, and are not there.
    dashboard.bring_to_front("Loss")
    expect(page.get_by_text("Covered: answer first.")).to_be_visible()
    assert found(page) == []
    dashboard.bring_to_front("Explain")
    # Cells that are computed one by one, here in the page.
    dashboard.choose_grain("Cell")
    bar = page.get_by_role("slider", name="computed cells")
    for done in range(8):
        expect(bar).to_have_attribute("aria-valuenow", str(done))
        if done < 7:
            dashboard.press("Step")
    eventually(page, lambda: drawn(page, "K_X_col"), lambda texts: texts[5:6] == ["?"], "no mark")
    assert found(page) == []
    page.get_by_role("button", name="Uncover").click()
    expect(page.locator(".panel[data-key=K_X_col]")).to_be_visible()
    eventually(page, lambda: found(page), lambda told: set(told) >= {0, 1}, "nothing is told")
    product.enter()
    value = numbers(first_run())[1]
    assert product.press("Home 5*ArrowRight").number == pytest.approx(value, rel=1e-5)
    expect(tip).to_contain_text(f"{value:.6g}")

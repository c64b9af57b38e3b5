"""The explanation as people read it: all terms in sight, true sums, a trail that leads back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from core.inspect.checks.check import check_gradient
from tests.browser.conftest import Open
from tests.browser.dashboard import eventually, settled, usual
from tests.browser.inside import Inside, number
from tests.viz_app.viewers import viewer_of

pytestmark = pytest.mark.browser

PRODUCT = "?preset=one&grain=Inside&stage=1&inner=3&cell=K_X_col,0,5"
PHONE = ViewportSize(width=390, height=844)
# The bias of a convolution in front of batch norm.
IDLE_BIAS = "?model=conv 4 k3 p1, bn, relu, flatten, linear {classes}"

# What the table says: each row's cells, and where its bar lies.
READ_ROWS = """rows => rows.map(row => {
    const bar = row.querySelector(".room i"), line = row.querySelector(".room b");
    const box = bar.getBoundingClientRect();
    return {
        index: row.querySelector(".index").textContent.trim(),
        factors: [...row.querySelectorAll(".factor")].map(cell => cell.textContent),
        product: row.querySelector(".number").textContent,
        width: box.width, left: box.left, right: box.right,
        zero: line.getBoundingClientRect().left,
        sign: bar.className,
        point: row.querySelector(".number").getBoundingClientRect().right,
    };
})"""
# Whether everything in the panel is seen without a scroll.
FITS = """why => {
    const host = why.getRootNode().host, room = host.getBoundingClientRect();
    const box = why.getBoundingClientRect();
    return host.scrollHeight <= host.clientHeight && box.bottom <= room.bottom + 1
        && room.bottom <= innerHeight;
}"""


def rows_of(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = settled(
        page, lambda: page.locator(".why .term").evaluate_all(READ_ROWS)
    )
    return found


def expect_to_fit(why: Locator) -> None:
    """Wait until all of the panel is seen without a scroll."""
    eventually(why.page, lambda: why.evaluate(FITS), bool, "it is scrolled")


def told(page: Page) -> str:
    """The name of the number that is explained."""
    return settled(page, page.locator(".why .top").inner_text)


def test_nine_terms_formula_and_result_are_in_sight(open_dashboard: Open) -> None:
    page = open_dashboard(query=PRODUCT).page
    why = page.locator(".why")
    expect(why.locator("h3")).to_have_text("Row 0 times column 5")
    rows = rows_of(page)
    assert [row["index"] for row in rows] == list("012345678")
    for part in (why.locator(".formula"), why.locator(".total"), why.locator(".stored")):
        expect(part).to_be_in_viewport(ratio=1)
    expect_to_fit(why)
    # With a trail above them too, and with the bias.
    why.locator(".onward button").click()
    expect(page.locator(".chip")).to_have_count(2)
    assert [row["index"] for row in rows_of(page)][:9] == list("012345678")
    expect_to_fit(why)


def test_what_is_printed_is_true(open_dashboard: Open) -> None:
    page = open_dashboard(query=PRODUCT).page
    for _ in range(2):
        rows = rows_of(page)
        decimals = {len(row["product"].partition(".")[2]) for row in rows}
        assert len(decimals) == 1
        # In one column, point below point.
        assert len({round(row["point"]) for row in rows}) == 1
        half = 0.5 * 10.0 ** -decimals.pop()
        for row in rows:
            if not row["factors"]:
                continue
            first, last = row["factors"]
            sign = last[-1]
            made = number(first.removesuffix(" ×")) * number(last[:-2])
            assert sign in "=≈"
            assert (abs(made - number(row["product"])) <= half * 1.0001) or sign == "≈", row
        total = page.locator(".why .total")
        sign = "≈" if "≈" in total.inner_text() else "="
        added = sum(number(row["product"]) for row in rows)
        printed = number(total.locator(".number").inner_text())
        assert (abs(added - printed) < half / 10) == (sign == "=")
        stored = number(page.locator(".why .stored b").inner_text())
        assert printed == pytest.approx(stored, abs=half * 1.01 + 5e-6 * abs(stored))
        before = told(page)
        page.locator(".why .onward button").click()
        expect(page.locator(".why .top")).not_to_have_text(before)


def test_bars_tell_size_by_length_and_sign_by_side(open_dashboard: Open) -> None:
    rows = rows_of(open_dashboard(query=PRODUCT).page)
    largest = max(rows, key=lambda row: abs(number(row["product"])))
    unit = largest["width"] / abs(number(largest["product"]))
    for row in rows:
        value = number(row["product"])
        assert row["width"] == pytest.approx(abs(value) * unit, abs=1.5)
        if abs(value) * unit > 1.5:
            assert row["sign"] == ("minus" if value < 0 else "plus")
            assert row["right" if value < 0 else "left"] == pytest.approx(row["zero"], abs=1.5)
    assert {row["sign"] for row in rows if abs(number(row["product"])) * unit > 1.5} == {
        "minus",
        "plus",
    }


def test_the_trail_and_the_browser_go_the_same_way(open_dashboard: Open) -> None:
    page = open_dashboard(query=PRODUCT).page
    chips, now, why = page.locator(".chip"), page.locator(".chip.now"), page.locator(".why")
    expect(chips).to_have_count(0)
    seen = [told(page)]
    for count in (2, 3):
        why.locator("td .link[title]").last.scroll_into_view_if_needed()
        why.locator("tbody .link[title]").nth(3 if count == 2 else 0).click()
        expect(chips).to_have_count(count)
        expect(why.locator(".top")).not_to_have_text(seen[-1])
        seen.append(told(page))

    def expect_at(k: int, stops: int = 3) -> None:
        eventually(page, lambda: told(page), seen[k].__eq__, f"not at stop {k}")
        expect(chips).to_have_count(stops)
        expect(chips.nth(k)).to_have_attribute("aria-current", "true")
        expect(now).to_have_count(1)

    page.get_by_role("button", name="Number before").click()
    expect_at(1)
    page.go_back()
    expect_at(0)
    expect(page.get_by_role("button", name="Number before")).to_be_disabled()
    page.get_by_role("button", name="Number behind").click()
    expect_at(1)
    page.go_forward()
    expect_at(2)
    chips.first.click()
    expect_at(0)
    chips.last.click()
    expect_at(2)
    # Another way from an earlier stop gives up what lay behind it.
    chips.first.click()
    expect_at(0)
    why.locator("tbody .link[title]").nth(5).click()
    expect(chips).to_have_count(2)
    page.go_back()
    expect_at(0, stops=2)


def explained_is_drawn(page: Page) -> bool:
    """Whether what is explained is the selected cell, if anything is, at the present place."""
    found = page.evaluate(
        """() => {
            const of = name => [...Bokeh.documents[0].all_models].find(m => m.name === name).data;
            return [of("ExplanationPanel").content.name ?? "", of("Board").selected];
        }"""
    )
    return bool(found[0]) == bool(found[1].get("key"))


def expect_true(inside: Inside) -> None:
    """Wait until what is explained is the number of the viewer's own trace, or nothing."""
    page, viewer = inside.page, inside.viewer
    stored = page.locator(".why .stored b")
    cell = viewer.cell
    if cell is None:
        expect(page.locator(".why .hint")).to_be_visible()
        inside.wait_for_selection({})
        return
    expected = inside.stored(cell)
    eventually(
        page,
        lambda: stored.inner_text() if stored.count() else "",
        lambda text: text and number(text) == pytest.approx(expected, rel=1e-5),
        f"not {expected}, the number of {cell}",
    )
    eventually(page, lambda: explained_is_drawn(page), bool, "another cell is explained")


def start_at(
    open_dashboard: Open, query: str, preset: str, move: Callable[[Inside], None]
) -> Inside:
    inside = Inside(open_dashboard(query=query))
    inside.viewer = viewer_of(preset)
    move(inside)
    inside.arrive()
    return inside


def test_it_follows_samples_and_iterations(open_dashboard: Open) -> None:
    inside = start_at(
        open_dashboard, "?inner=3", "digits", lambda inside: inside.viewer.go_to_stage(0, 2)
    )
    inside.canvas("K_X_col").click(position={"x": 30, "y": 12})
    cell = eventually(inside.page, lambda: inside.model("Board", "selected"), bool, "no selection")
    inside.viewer.select(cell["key"], cell["index"], cell["coordinates"])
    expect_true(inside)
    for sample in (3, 0, 5):
        inside.dashboard.field("Sample").select_option(index=sample)
        inside.viewer.choose_sample(sample)
        expect_true(inside)
    for _ in range(2):
        inside.step()
        expect_true(inside)
    inside.back()
    expect_true(inside)


def test_it_follows_or_closes_inside_a_layer(open_dashboard: Open) -> None:
    def move(inside: Inside) -> None:
        inside.viewer.change(grain="Inside")
        inside.viewer.go_to_stage(10)

    query = "?preset=one&grain=Inside&stage=11&inner=1&cell=g_K,0,4"
    inside = start_at(open_dashboard, query, "one", move)
    inside.viewer.select("g_K", (0, 4), {"o": 0})
    expect_true(inside)
    # g(L, K) is not drawn in the next inner stage.
    inside.step()
    assert inside.viewer.cell is None
    expect_true(inside)
    inside.select("g_X_col")
    inside.viewer.select("g_X_col", inside.selected.index, {})
    expect_true(inside)
    # This one is, and the number stays.
    inside.step()
    assert inside.viewer.cell is not None
    expect_true(inside)
    # Another layer has other numbers.
    inside.choose_grain("Layer")
    inside.step()
    assert inside.viewer.cell is None
    expect_true(inside)


def test_it_follows_play(open_dashboard: Open) -> None:
    inside = Inside(open_dashboard(query="?preset=one&grain=Iteration&stage=1&inner=3&cell=K,0,4"))
    page = inside.page
    expect(page.locator(".why h3")).to_contain_text("kernel 0, column 4")
    inside.dashboard.press("Play")
    eventually(page, lambda: inside.dashboard.iteration, lambda k: k >= 4, "Play does not run")
    inside.dashboard.press("Pause")
    expect(inside.dashboard.button("Play")).to_be_visible()
    settled(page, inside.dashboard.told)
    inside.viewer = viewer_of("one")
    for _ in range(inside.dashboard.iteration - 1):
        inside.viewer.step()
    inside.viewer.go_to_stage(0, 2)
    inside.viewer.select("K", (0, 4), {"o": 0})
    expect_true(inside)


def test_a_check_tells_how_it_was_made(open_dashboard: Open) -> None:
    query = "?preset=one&grain=Inside&stage=11&inner=1&cell=g_K,0,4"
    inside = Inside(open_dashboard(query=query))
    inside.viewer = viewer_of("one")
    inside.viewer.go_to_stage(10)
    inside.viewer.select("g_K", (0, 4), {"o": 0})
    cell = inside.viewer.cell
    assert cell is not None
    found = check_gradient(inside.viewer.trace, cell)
    inside.dashboard.press("Check this gradient")
    how = inside.page.locator(".why .how")
    said = r"moved by ±(\S+): loss (\S+) → (\S+), slope (\S+)"
    expect(how).to_contain_text(re.compile(said))
    read = re.search(said, how.inner_text())
    assert read
    step, below, above, slope = map(number, read.groups())
    assert step == found.step
    assert below == pytest.approx(found.below, abs=1e-8)
    assert above == pytest.approx(found.above, abs=1e-8)
    # What is printed is enough to see the slope in it.
    assert (above - below) / (2 * step) == pytest.approx(slope, rel=0.01)
    expect(inside.page.locator(".why .good")).to_contain_text("relative error")


def test_a_bias_before_batch_norm_is_told_as_zero_with_the_reason(open_dashboard: Open) -> None:
    dashboard = open_dashboard(query=f"{IDLE_BIAS}&grain=Layer&stage=11&cell=g_bias,1")
    why = dashboard.page.locator(".why")
    expect(why.locator(".reason")).to_contain_text("the loss does not depend on this bias")
    expect(why.locator(".total .number")).to_have_text("≈ 0")
    expect(why.locator(".stored")).to_contain_text("rounding only")


@pytest.mark.parametrize("by_size", [True, False])
def test_many_terms_keep_their_order_until_asked(open_dashboard: Open, by_size: bool) -> None:
    page = open_dashboard(query="?grain=Layer&stage=26&iteration=1").page
    there = usual("?grain=Inside&stage=21&inner=1&cell=g_K,0,4")
    page.goto(page.url.partition("?")[0] + there)
    why = page.locator(".why")
    expect(why.locator(".order")).to_contain_text("512 terms, in order")
    if by_size:
        why.get_by_role("button", name="largest first").click()
        expect(why.locator(".order")).to_contain_text("the largest first")
    sizes = [abs(number(row["product"])) for row in rows_of(page)]
    assert (sizes == sorted(sizes, reverse=True)) == by_size
    # Below all of them the result stays in sight.
    expect(why.locator(".total")).to_be_in_viewport(ratio=0.9)


def test_the_sheet_of_a_phone_holds_the_table(open_dashboard: Open) -> None:
    page = open_dashboard(query=PRODUCT, viewport=PHONE, has_touch=True, is_mobile=True).page
    why: Locator = page.locator(".why.open")
    expect(why.locator(".total")).to_be_in_viewport(ratio=0.9)
    # Nothing lies over the result.
    hit = """node => {
        const { left, top, width, height } = node.getBoundingClientRect();
        const seen = node.getRootNode().elementFromPoint(left + width / 2, top + height / 2);
        return node.contains(seen);
    }"""
    eventually(page, lambda: why.locator(".total .number").evaluate(hit), bool, "it is covered")
    width = "why => why.scrollWidth <= why.clientWidth"
    eventually(page, lambda: why.evaluate(width), bool, "it is scrolled sideways")

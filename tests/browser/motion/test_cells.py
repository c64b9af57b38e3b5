"""Grain Cell: which cells are computed by which press, and what Python hears of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.dashboard import eventually, expect_no_change, settled
from tests.browser.motion.result import Result, Sent

pytestmark = pytest.mark.browser

# Preset, stage, inner stage; then the array, how many cells, and its rows and columns if it is read
# column by column.
RESULTS = [
    ("one", 1, 2, "X(col)", 144, (9, 16), True),
    ("one", 1, 3, "KX(col)", 16, (1, 16), False),
    ("one", 1, 4, "X(out)", 16, (4, 4), False),
    ("one", 3, 2, "winner", 4, (2, 2), False),
    ("one", 3, 3, "X(out)", 4, (2, 2), False),
    ("one", 11, 3, "g(L,X(in))", 36, (6, 6), False),
    ("digits", 1, 2, "X(col)", 9 * 64, (9, 64), True),
    ("digits", 1, 3, "KX(col)", 8 * 64, (8, 64), False),
    ("digits", 2, 1, "μ", 8, (1, 8), False),
    ("digits", 2, 3, "x^", 64, (8, 8), False),
    ("digits", 4, 3, "X(out)", 16, (4, 4), False),
]
KEYS = {"X(col)": "X_col", "KX(col)": "K_X_col", "X(out)": "X_out", "winner": "winner",
        "g(L,X(in))": "g_X_in", "x^": "x_hat"}  # fmt: skip


def at(open_dashboard: Open, words: str, **options: object) -> Result:
    return Result(open_dashboard(f"?grain=Cell&{words}", **options))


@pytest.mark.parametrize(
    ("preset", "stage", "inner", "name", "total", "shape", "by_column"),
    RESULTS,
    ids=[f"{preset} {stage}.{inner} {name}" for preset, stage, inner, name, *_ in RESULTS],
)
def test_a_press_computes_the_next_cell(
    open_dashboard: Open,
    preset: str,
    stage: int,
    inner: int,
    name: str,
    total: int,
    shape: tuple[int, int],
    by_column: bool,
) -> None:
    result = at(open_dashboard, f"preset={preset}&stage={stage}&inner={inner}")
    result.expect(0, total)
    rows, columns = shape
    order = [[k % rows, k // rows] if by_column else [k // columns, k % columns] for k in range(12)]
    for k in range(min(total, 11)):
        r, c = order[k]
        place = [f"row {r}"] * (rows > 1) + [f"column {c}"] * (columns > 1)
        result.expect_next(f"Next: cell {', '.join(place)} of {name}")
        result.dashboard.press("Step")
        result.expect(k + 1, total)
        if preset == "one":
            result.expect_filled(KEYS[name], shape, order[: k + 1])


def test_nothing_is_asked_of_python_until_one_stops(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=one&stage=1&inner=2")
    page = result.dashboard.page
    sent = Sent(result.dashboard)
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)
    before = len(sent.messages)
    for _ in range(20):
        result.dashboard.press("Step")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    result.expect(20, 144)
    expect_no_change(page, lambda: len(sent.messages))
    assert sent.messages[before:] == []
    page.clock.resume()
    eventually(page, lambda: "cells=20&cell=X_col,1,2" in page.url, bool, page.url)
    expect_no_change(page, lambda: len(sent.messages))
    told = [text for text in sent.messages[before:] if '"cells"' in text]
    assert len(told) == 1
    # The explanation is of the last cell that was computed.
    expect(page.locator(".why")).to_contain_text("row 1, column 2")


def test_steps_lead_on_from_the_last_cell_and_back_from_the_first(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=one&stage=1&inner=3&cells=15")
    result.expect(15, 16)
    press = result.dashboard.press
    press("Step")
    result.expect(16, 16)
    result.expect_next("Next: reshape")
    press("Step")
    result.expect_inner("reshape")
    result.expect(0, 16)
    result.expect_filled("X_out", (4, 4), [])
    press("Step")
    press("Back")
    result.expect(0, 16)
    press("Back")
    # With all that was computed there.
    result.expect_inner("multiply")
    result.expect(16, 16)
    result.expect_filled("K_X_col", (1, 16), [[0, c] for c in range(16)])
    press("Back")
    result.expect(15, 16)


def test_a_step_without_a_result_is_one_press(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=one&stage=1&inner=1")
    expect(result.bar).to_be_hidden()
    result.dashboard.press("Step")
    result.expect_inner("unroll")
    result.expect(0, 144)


def test_what_is_not_computed_cannot_be_read(open_dashboard: Open) -> None:
    later = at(open_dashboard, "preset=one&stage=1&inner=2&cells=10&pin=X_out")
    later.expect_filled("X_out", (4, 4), [])
    result = at(open_dashboard, "preset=one&stage=1&inner=2&cells=10")
    page = result.dashboard.page
    result.expect_filled("X_col", (9, 16), [[k % 9, k // 9] for k in range(10)])
    overlay = page.locator('.panel[data-key="X_col"] .over')
    box = settled(page, overlay.bounding_box)
    assert box
    wide, high = box["width"] / 16, box["height"] / 9
    overlay.hover(position={"x": 0.5 * wide, "y": 2.5 * high})
    expect(page.locator(".tip")).to_contain_text("row 2, column 0")
    overlay.hover(position={"x": 5.5 * wide, "y": 2.5 * high})
    expect(page.locator(".tip")).to_be_hidden()
    address = settled(page, lambda: page.url)
    overlay.click(position={"x": 5.5 * wide, "y": 2.5 * high})
    expect_no_change(page, lambda: page.url)
    assert page.url == address


def test_the_address_leads_to_the_same_cell(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=digits&stage=1&inner=2&cells=30&cell=X_col,2,3")
    result.expect(30, 576)
    page = result.dashboard.page
    result.dashboard.press("Step")
    eventually(page, lambda: "cells=31" in page.url, bool, "no address")
    again = Result(open_dashboard("?" + page.url.partition("?")[2]))
    again.expect(31, 576)
    expect(again.dashboard.page.locator(".why")).to_contain_text("row 3, column 3")


def test_an_address_with_too_many_cells_says_so(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=one&stage=1&inner=3&cells=99")
    result.expect(16, 16)
    expect(result.dashboard.alert).to_contain_text("cells: 99 is not from 0 to 16")


def test_the_bar_is_dragged_and_has_keys(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=one&stage=1&inner=2")
    page = result.dashboard.page
    box = settled(page, result.bar.bounding_box)
    assert box
    y = box["y"] + 0.4 * box["height"]
    page.mouse.move(box["x"] + 1, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], y, steps=5)
    page.mouse.up()
    eventually(page, result.count, lambda count: abs(count - 72) <= 2, "not half of them")
    result.bar.press("Home")
    result.expect(0, 144)
    result.bar.press("ArrowRight")
    result.expect(1, 144)
    result.bar.press("End")
    result.expect(144, 144)
    result.expect_filled("X_col", (9, 16), [[r, c] for r in range(9) for c in range(16)])


def test_the_key_chooses_the_grain(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&grain=Inside&stage=1&inner=2")
    dashboard.page.keyboard.press("4")
    expect(dashboard.button("Cell")).to_have_attribute("aria-pressed", "true")
    result = Result(dashboard)
    result.expect(0, 144)
    dashboard.page.keyboard.press("ArrowRight")
    result.expect(1, 144)
    dashboard.press("Inside")
    expect(result.bar).to_be_hidden()
    result.expect_filled("X_col", (9, 16), [[r, c] for r in range(9) for c in range(16)])


def test_a_cell_that_is_chosen_is_lit_instead(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=one&stage=1&inner=2&cells=12")
    result.expect(12, 144)
    page = result.dashboard.page
    result.dashboard.press("Step")
    eventually(page, lambda: "cell=X_col,3,1" in page.url, bool, page.url)
    image = page.locator('.panel[data-key="X_in"] .over').first
    stepped = settled(page, lambda: image.evaluate("canvas => canvas.toDataURL()"))
    overlay = page.locator('.panel[data-key="X_col"] .over')
    box = settled(page, overlay.bounding_box)
    assert box
    overlay.click(position={"x": 0.5 * box["width"] / 16, "y": 0.5 * box["height"] / 9})
    eventually(page, lambda: "cell=X_col,0,0" in page.url, bool, page.url)
    page.mouse.move(0, 0)
    eventually(
        page,
        lambda: image.evaluate("canvas => canvas.toDataURL()"),
        lambda lit: lit != stepped,
        "the cell that was computed last is still lit",
    )
    # What is computed stays, and the next press goes on from there.
    result.expect(13, 144)
    result.dashboard.press("Step")
    result.expect(14, 144)


# Presses Step for the dashboard with this root; returns whether its board took it.
PRESS_IN = """(root) => !document.dispatchEvent(new CustomEvent("cs-press",
    { detail: { root, said: "step" }, cancelable: true }))"""


def test_a_press_in_another_dashboard_of_the_page_computes_nothing(open_dashboard: Open) -> None:
    result = at(open_dashboard, "preset=one&stage=1&inner=2")
    result.expect(0, 144)
    page = result.dashboard.page
    assert not page.locator("body").evaluate(PRESS_IN)
    expect_no_change(page, result.count)
    result.expect(0, 144)
    assert page.locator(".cs-dashboard").evaluate(PRESS_IN)
    result.expect(1, 144)

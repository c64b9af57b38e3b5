"""Every cell is reached, read and explained by keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.access.matrix import Matrix
from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually, expect_no_change, settled

pytestmark = pytest.mark.browser

# X^(col) of the first convolution: 9 × 512, of which 9 × 64 are sent.
UNROLL = "?preset=digits&grain=Inside&stage=1&inner=2"
RESHAPE = "?preset=digits&grain=Inside&stage=1&inner=4"

READ_LIT = """canvases => canvases.filter(canvas => canvas.width && canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height).data.some(part => part)).length"""


def lit(dashboard: Dashboard) -> int:
    """In how many pictures something is lit."""
    found: int = dashboard.page.locator(".panel .over").evaluate_all(READ_LIT)
    return found


def focused(dashboard: Dashboard) -> str:
    """The role and the name of what has the focus."""
    found: str = dashboard.page.evaluate(
        """() => {
            let node = document.activeElement;
            while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
            return `${node.role ?? node.tagName} ${node.ariaLabel ?? ""}`;
        }"""
    )
    return found


def test_the_tab_key_goes_from_matrix_to_matrix(open_dashboard: Open) -> None:
    dashboard = open_dashboard(UNROLL)
    matrix = Matrix(dashboard.page, "X(in)")
    matrix.enter()
    met = []
    while (now := focused(dashboard)).startswith("grid") or "numbers of" in now:
        met.append(now)
        dashboard.page.keyboard.press("Tab")
    grids = [name for name in met if name.startswith("grid")]
    assert grids == [
        "grid X(in), channel 0", "grid X(col)"
    ]  # fmt: skip


def test_keys_reach_every_corner_and_bring_it_into_sight(open_dashboard: Open) -> None:
    dashboard = open_dashboard(UNROLL)
    matrix = Matrix(dashboard.page, "X(col)")
    matrix.enter()
    assert matrix.at().words.startswith("X(col) row 0, column 0")
    places = {
        "2*ArrowDown 3*ArrowRight": (2, 3), "ArrowUp": (1, 3), "End": (1, 63), "Home": (1, 0),
        "20*ArrowRight": (1, 20), "PageDown": (8, 20), "2*PageUp": (0, 20),
        "Control+End": (8, 63), "Control+Home": (0, 0), "ArrowLeft ArrowUp": (0, 0),
    }  # fmt: skip
    for keys, place in places.items():
        at = matrix.press(keys)
        assert (at.row, at.column) == place, keys
        assert f"row {place[0]}, column {place[1]} " in at.words
    expect_no_change(dashboard.page, dashboard.told)
    expect(dashboard.status).to_contain_text("iteration 1 ")
    expect(dashboard.page.get_by_role("slider", name="stage")).to_have_count(1)


def test_keys_do_not_step_while_a_matrix_has_them(dashboard: Dashboard) -> None:
    matrix = Matrix(dashboard.page, "X(in)")
    matrix.enter()
    matrix.press("3*ArrowRight 2*ArrowLeft")
    expect_no_change(dashboard.page, dashboard.told)
    dashboard.page.keyboard.press("Escape")
    expect(matrix.grid).not_to_be_focused()
    dashboard.page.keyboard.press("ArrowRight")
    dashboard.wait_for_iteration(2)


def test_a_cell_that_is_reached_is_pointed_at(open_dashboard: Open) -> None:
    dashboard = open_dashboard(UNROLL)
    assert settled(dashboard.page, lambda: lit(dashboard)) == 0
    matrix = Matrix(dashboard.page, "X(col)")
    matrix.enter()
    at = matrix.press("4*ArrowDown 9*ArrowRight")
    eventually(dashboard.page, lambda: lit(dashboard), lambda count: count >= 2, "it is not lit")
    tip = dashboard.page.locator(".tip")
    expect(tip).to_contain_text("row 4, column 9")
    ring = settled(dashboard.page, matrix.grid.locator(".ring").bounding_box)
    assert ring
    # The same as under a mouse.
    told = tip.text_content() or ""
    dashboard.page.mouse.move(ring["x"] + 0.5 * ring["width"], ring["y"] + 0.5 * ring["height"])
    expect_no_change(dashboard.page, tip.text_content)
    expect(tip).to_have_text(told)
    assert told.endswith(at.words.rpartition(": ")[2])
    dashboard.page.mouse.move(2, 2)
    matrix.press("ArrowRight")
    dashboard.page.keyboard.press("Escape")
    eventually(dashboard.page, lambda: lit(dashboard), lambda count: count == 0, "it stays lit")
    expect(tip).to_be_hidden()


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_key_explains_the_cell_as_a_click_does(open_dashboard: Open, key: str) -> None:
    dashboard = open_dashboard(UNROLL)
    matrix = Matrix(dashboard.page, "X(col)")
    matrix.enter()
    at = matrix.press("3*ArrowDown 12*ArrowRight")
    dashboard.page.keyboard.press(key)
    expect(dashboard.page.locator(".why h3")).to_contain_text("row 3, column 12")
    expect(dashboard.page.locator(".why .stored b")).to_have_text(re.compile(r"[\d.−]+"))
    stored = dashboard.page.locator(".why .stored b").inner_text()
    assert float(stored.replace("−", "-")) == pytest.approx(at.number)
    # One goes on from there, and comes back to the cell.
    expect(matrix.grid).to_be_focused()
    expect_no_change(dashboard.page, dashboard.told)
    expect(dashboard.button("Play")).to_be_visible()


def test_all_pictures_of_an_array_are_reached(open_dashboard: Open) -> None:
    dashboard = open_dashboard(RESHAPE)
    matrix = Matrix(dashboard.page, "X(out)")
    matrix.enter()
    for channel in (0, 1, 2):
        dashboard.page.keyboard.press("Shift+ArrowRight")
        expect(dashboard.page.locator("[role=grid]:focus")).to_have_attribute(
            "aria-label", f"X(out), channel {channel}"
        )
    dashboard.page.keyboard.press("ArrowDown")
    expect(dashboard.page.locator("[role=grid]:focus [role=gridcell]")).to_have_attribute(
        "aria-label", re.compile("channel 2, row 1, column 0")
    )


def test_a_click_leaves_the_arrow_keys_to_the_player(dashboard: Dashboard) -> None:
    page, matrix = dashboard.page, Matrix(dashboard.page, "X(in)")
    # Not in the ring of padding.
    matrix.grid.click(position={"x": 60, "y": 60})
    expect(page.locator(".why.open")).to_be_visible()
    page.keyboard.press("ArrowRight")
    dashboard.wait_for_iteration(2)


def test_a_matrix_keeps_the_focus_when_others_are_drawn(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=digits&grain=Layer&stage=2")
    page, matrix = dashboard.page, Matrix(dashboard.page, "X(in)")
    matrix.enter()
    at = matrix.press("2*ArrowDown ArrowRight")
    # As Play does it.
    dashboard.button("Step").evaluate("button => button.click()")
    expect(dashboard.status).to_contain_text("forward relu1")
    expect(matrix.grid).to_be_focused()
    then = matrix.press("ArrowRight")
    assert (then.row, then.column) == (at.row, at.column + 1)
    expect(page.locator(".tip")).to_contain_text(f"column {then.column}")

"""Two runs side by side, as a visitor meets them: served, and without a server."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP
from tests.browser.dashboard import Dashboard, eventually, settled
from tests.browser.export import wait_for_python
from tests.browser.inside import READ_LIT
from tests.browser.motion.result import READ_FILLED
from tests.viz_app.compare.test_comparison import second
from tests.viz_app.viewers import arrive
from viz_app.compare.difference import Difference
from viz_app.place.address import parse, read
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.viewer import Viewer
from viz_app.words import loss_text

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Dashboard]
FASTER = Difference("learning_rate", 0.5)
PHONE = ViewportSize(width=390, height=844)
WORDS = "?preset=one&grain=Inside&stage=1&inner=4&iteration=3&against=rate:0.5&cell=X_out,0,0,1,2"
# Titles and numbers that are cut off, and panels that do not stand inside of the window.
CUT = """panels => panels.flatMap(panel => {
    const title = panel.querySelector(".title"), box = panel.getBoundingClientRect();
    const cut = title.scrollWidth > title.clientWidth + 1 && title.clientWidth > 0;
    const out = box.left < 0 || box.right > document.documentElement.clientWidth + 1;
    return cut || out ? [title.textContent] : [];
})"""


def here(iteration: int, difference: Difference = FASTER) -> Viewer:
    """The same two runs, without a page."""
    viewer = Viewer(Run(PRESETS["one"].recipe("one")))
    for _ in range(iteration - 1):
        viewer.run.advance()
    viewer.compare(difference)
    arrive(viewer)
    return viewer


def expect_losses(dashboard: Dashboard, viewer: Viewer) -> None:
    a, b = viewer.trace.loss, second(viewer).trace.loss
    expect(dashboard.status).to_contain_text(f"loss A {loss_text(a)}, B {loss_text(b)}")


def titles(page: Page) -> list[str]:
    found = page.locator(".panel .title").all_inner_texts()
    return [re.sub(r"\s+", "", text).partition(":")[0] for text in found]


def compare_in(dashboard: Dashboard) -> None:
    """Begin, step, go back and end a comparison with what stands beside the board."""
    page = dashboard.page
    dashboard.bring_to_front("Compare")
    page.get_by_label("In run B", exact=True).locator("visible=true").fill("0.5")
    page.get_by_label("In run B", exact=True).locator("visible=true").press("Tab")
    dashboard.press("Compare with this")
    expect_losses(dashboard, here(dashboard.iteration))
    for _ in range(2):
        dashboard.step()
    expect_losses(dashboard, here(dashboard.iteration))
    dashboard.press("Back")
    dashboard.wait_for_iteration(2)
    expect_losses(dashboard, here(2))
    expect(page).to_have_url(re.compile("iteration=2.*against=rate(:|%3A)0.5"))
    dashboard.press("End the comparison")
    expect(dashboard.status).not_to_contain_text("loss A")
    eventually(page, lambda: page.url, lambda url: "against" not in url, "it is still compared")


def test_a_visitor_compares_two_runs(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one")
    compare_in(dashboard)


def test_a_link_leads_to_both_and_one_cell_is_marked_in_all(open_dashboard: Open) -> None:
    dashboard = open_dashboard(WORDS)
    page, viewer = dashboard.page, here(3)
    expect_losses(dashboard, viewer)
    eventually(page, lambda: titles(page), ["A", "B", "B−A"].__eq__, "other panels")
    overlays = page.locator(".panel .over")
    lit = settled(page, lambda: overlays.evaluate_all(READ_LIT))
    assert [key for key, _ in lit] == ["X_out"] * 3
    assert all(count for _, count in lit)
    # Pointing at a cell of one marks it in the others.
    overlays.first.hover(position={"x": 10, "y": 10})
    eventually(
        page,
        lambda: overlays.evaluate_all(READ_LIT),
        lambda pointed: all(
            now[1] not in (0, then[1]) for now, then in zip(pointed, lit, strict=True)
        ),
        "not marked in all",
    )
    moment = read(parse(WORDS))
    index = moment.place.index
    a = viewer.trace.layers["conv"].output.value[index]
    b = second(viewer).trace.layers["conv"].output.value[index]
    line = page.locator(".why .runs")
    expect(line).to_contain_text(f"A {a:.4g}".replace("-", "−"))
    expect(line).to_contain_text(f"B {b:.4g}".replace("-", "−"))
    stored = page.locator(".why .stored b")
    page.get_by_role("button", name="explain B instead").click()
    expect(stored).to_have_text(f"{b:.6g}".replace("-", "−"))
    eventually(page, lambda: page.url, lambda url: "explained=b" in url, "run A is explained")
    page.reload()
    expect(stored).to_have_text(f"{b:.6g}".replace("-", "−"))


def test_what_only_run_b_has_is_told_and_swapped_runs_show_it(open_dashboard: Open) -> None:
    """The headline: with batch norm beside without it, whichever run is in sight."""
    dashboard = open_dashboard(
        "?preset=no-norm&grain=Layer&stage=1&iteration=2&against=preset:digits&side=compare"
    )
    page, sentence = dashboard.page, dashboard.page.locator(".head .sentence")
    expect(sentence).to_contain_text("Only run B has bn1 next")
    expect(dashboard.strip).not_to_contain_text("bn1")
    a, b = re.findall(r"(?<=loss A )[.\d]+|(?<=, B )\d\.\d{4}", dashboard.told())
    dashboard.press("Swap A and B")
    expect(dashboard.status).to_contain_text(f"loss A {b}, B {a}")
    expect(dashboard.strip).to_contain_text("bn1")
    dashboard.press("Step")
    expect(sentence).to_contain_text("Run B has no layer bn1: run A is shown alone.")
    said = ("stage=2", "preset=digits", "against=preset:no-norm")
    eventually(
        page, lambda: page.url, lambda url: all(one in url for one in said), "another address"
    )
    page.reload()
    expect(sentence).to_contain_text("Run B has no layer bn1: run A is shown alone.")
    expect(dashboard.status).to_contain_text(f"loss A {b}, B {a}")


def test_cells_appear_one_by_one_in_all_three(open_dashboard: Open) -> None:
    page = open_dashboard(
        "?preset=one&grain=Cell&stage=1&inner=4&iteration=3&against=rate:0.5&cells=2"
    ).page
    cells = page.locator('.panel[data-key="X_out"] .base')
    expect(cells).to_have_count(3)
    for canvas in cells.all():
        eventually(
            page,
            partial(canvas.evaluate, READ_FILLED, [4, 4]),
            lambda found: sorted(found) == [[0, 0], [0, 1]],
            "other cells are computed",
        )


@pytest.mark.parametrize(
    ("size", "dark"),
    [(DESKTOP, False), (ViewportSize(width=1920, height=1080), True), (PHONE, True)],
)
@pytest.mark.parametrize(
    "words",
    [
        WORDS,
        "?preset=digits&iteration=3&against=rate:0.2&side=compare&stage=1&inner=4",
        "?preset=digits&iteration=3&against=preset:no-norm&side=loss&stage=22",
    ],
)
def test_nothing_is_cut(open_dashboard: Open, size: ViewportSize, words: str, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    page = open_dashboard(words, viewport=size, color_scheme=scheme).page
    panels = page.locator(".panel")
    expect(panels.first).to_be_visible()
    eventually(page, lambda: panels.evaluate_all(CUT), lambda cut: not cut, "cut off")


def test_what_is_refused_covers_nothing_and_enter_tries_again(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&side=compare", viewport=DESKTOP)
    page = dashboard.page
    page.get_by_label("What differs").select_option(label="A change on the way")
    field = page.get_by_role("textbox", name="In run B")
    expect(field).to_have_value("1:learning_rate:0.1")
    field.fill("x")
    field.press("Enter")
    expect(dashboard.alert).to_have_text(
        "“x” is no change on the way; expected iteration:setting:value, such as "
        "1:learning_rate:0.1."
    )
    # It can be pressed while that is said.
    page.get_by_role("button", name="Compare with this").click(trial=True)
    field.fill("1:learning_rate:0.5")
    field.press("Enter")
    expect(page.get_by_role("button", name="End the comparison")).to_be_visible()
    expect(dashboard.status).to_contain_text("loss A ")


def test_the_row_of_what_stands_beside_the_board_does_not_break_by_a_warning(
    open_dashboard: Open,
) -> None:
    dashboard = open_dashboard("?preset=too-fast&iteration=20&grain=Iteration", viewport=DESKTOP)
    row = dashboard.page.get_by_role("group", name="beside the board")
    expect(row.locator(".warned")).to_have_count(1)
    buttons = row.get_by_role("button")
    boxes = settled(dashboard.page, lambda: [one.bounding_box() for one in buttons.all()])
    assert len({box["y"] for box in boxes if box}) == 1


def test_keys_reach_all_of_it(open_dashboard: Open) -> None:
    """What is said of a cell names its run, for who does not see where it stands."""
    page = open_dashboard(WORDS).page
    grids = page.locator(".panel [role=grid]")
    expect(grids).to_have_count(3)
    for grid, run in zip(grids.all(), ("A", "B", "B − A"), strict=True):
        expect(grid).to_have_attribute("aria-label", re.compile(f"^{run}:"))
    page.get_by_role("button", name="Compare", exact=True).focus()
    page.keyboard.press("Enter")
    end = page.get_by_role("button", name="End the comparison", exact=True)
    end.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cs-status")).not_to_contain_text("loss A")


def test_it_works_without_a_server(open_export: Open) -> None:
    dashboard = open_export("?preset=one&grain=Iteration")
    wait_for_python(dashboard.page)
    compare_in(dashboard)

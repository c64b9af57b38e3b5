"""A lost line between the page and its server: it is told, and the page comes back by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.connection.line import Line, line_to
from tests.browser.dashboard import Dashboard, eventually, expect_no_change, usual
from tests.browser.files import own_data, train_on_these, upload
from tools.serving import Served, free_port, served_app

pytestmark = pytest.mark.browser

# What is told of the moment that a page shows first.
FIRST = """(() => {
    const look = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.matches(".cs-status") && node.textContent) return node.textContent;
            const inside = node.shadowRoot && look(node.shadowRoot);
            if (inside) return inside;
        }
        return "";
    };
    const wait = () => {
        window.first = look(document);
        if (!first) requestAnimationFrame(wait);
    };
    wait();
})()"""
SOON = 20_000  # ms within which a lost line is told, on a busy machine too
BACK = 60_000  # ms


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """Serve the dashboard behind a line of its own."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        target = free_port()
        line = stack.enter_context(line_to(target))
        patch.setenv("BOKEH_ALLOW_WS_ORIGIN", f"localhost:{line.port}")
        stack.enter_context(served_app(port=target))
        yield line


@pytest.fixture
def page(browser: Browser, line: Line) -> Iterator[Page]:
    line.mend()
    context = browser.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()


def visit(page: Page, line: Line, query: str = "?iteration=3") -> Dashboard:
    page.goto(f"http://localhost:{line.port}/viz_app{usual(query)}")
    dashboard = Dashboard(page)
    dashboard.wait_until_live()
    # It listens by now.
    page.wait_for_function("document.documentElement.matches('.cs-drawn')")
    # And its moment is there, once a replay has led to it.
    expect(dashboard.status).to_contain_text("iteration ")
    return dashboard


def told(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="server since")


def mark(page: Page) -> None:
    """Mark the page, to tell it from the one that is opened in its place."""
    page.evaluate("window.before = true")


def expect_new_page(page: Page) -> None:
    page.wait_for_function("!window.before && window.Bokeh?.documents?.[0]?.is_idle", timeout=BACK)
    expect(told(page)).to_have_count(0)


def drawn(dashboard: Dashboard) -> list[str]:
    """What of the board and of the controls can be read."""
    texts = dashboard.page.locator(".cs-status, h2, .sentence").all_inner_texts()
    return [*texts, *(canvas.pixels[:1000] for canvas in dashboard.canvases())]


def test_a_server_that_is_started_again_goes_on_with_play(browser: Browser) -> None:
    port = free_port()
    page = browser.new_context(viewport=DESKTOP).new_page()
    with served_app(port=port) as served:
        page.goto(served.address + usual("?iteration=3"))
        dashboard = Dashboard(page)
        dashboard.wait_until_live()
        dashboard.press("Dark")
        expect(dashboard.button("Light")).to_be_visible()
        dashboard.field("Speed").select_option(label="slow")
        dashboard.bring_to_front("Loss")
        dashboard.press("Play")
        eventually(page, lambda: dashboard.iteration, lambda k: k >= 5, "no Play")
        mark(page)
        page.add_init_script(FIRST)
    expect(told(page)).to_be_visible(timeout=SOON)
    reached = dashboard.iteration
    assert len(drawn(dashboard)) > 10
    with served_app(port=port):
        expect_new_page(page)
        expect(dashboard.button("Pause")).to_be_visible()
        eventually(page, lambda: dashboard.iteration, lambda k: k > reached, "no Play")
        # It began where the page before had ended, or what was made while that was looked at.
        (began,) = re.findall(r"^iteration (\d+) ", page.evaluate("first"))
        assert reached <= int(began) <= reached + 3
        expect(dashboard.button("Light")).to_be_visible()
        expect(dashboard.field("Speed").locator("option:checked")).to_have_text("slow")
        expect(page.get_by_role("button", name="Loss", pressed=True)).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("how", ["button", "key", "field", "cell"])
def test_the_last_press_without_an_answer_is_done_after_coming_back(
    page: Page, line: Line, how: str
) -> None:
    dashboard = visit(page, line)
    mark(page)
    if how == "field":
        # Settings are made when they are opened, also in the page that comes back.
        expect(dashboard.field("Seed")).to_be_visible()
    before = drawn(dashboard)
    line.cut()
    expect(told(page)).to_be_visible(timeout=SOON)
    assert drawn(dashboard) == before
    if how == "button":
        dashboard.press("Step")
    elif how == "key":
        page.keyboard.press("ArrowRight")
    elif how == "field":
        dashboard.enter("Seed", "7")
    else:
        canvas = page.locator(".board canvas.over").first
        # Not in the ring of padding.
        canvas.click(position={"x": 60, "y": 60})
    expect(told(page)).to_contain_text("what was pressed last is done then")
    line.mend()
    expect_new_page(page)
    if how == "field":
        dashboard.wait_for_iteration(1)
        expect(dashboard.field("Seed")).to_have_value("7")
    elif how == "cell":
        page.wait_for_function("location.search.includes('cell=')")
        dashboard.wait_for_iteration(3)
    else:
        dashboard.wait_for_iteration(4)
    # Once only: the next page is a beginning of its own.
    iteration = dashboard.iteration
    page.wait_for_function(f"location.search.includes('iteration={iteration}')")
    page.reload()
    dashboard.wait_until_live()
    expect_no_change(page, dashboard.told)
    dashboard.wait_for_iteration(iteration)


def test_a_press_that_was_sent_into_a_dead_line_is_done(page: Page, line: Line) -> None:
    dashboard = visit(page, line)
    mark(page)
    line.hold()
    dashboard.press("Step")
    expect(told(page)).to_contain_text("No answer", timeout=SOON)
    line.cut()
    expect(told(page)).to_contain_text("No connection", timeout=SOON)
    line.mend()
    expect_new_page(page)
    dashboard.wait_for_iteration(4)


@pytest.mark.parametrize("seconds", [5, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", ["cut", "hold"])
def test_the_line_comes_back_after_a_while(page: Page, line: Line, way: str, seconds: int) -> None:
    dashboard = visit(page, line)
    dashboard.press("Play")
    eventually(page, lambda: dashboard.iteration, lambda k: k >= 5, "no Play")
    started = time.monotonic()
    getattr(line, way)()
    expect(told(page)).to_be_visible(timeout=SOON)
    reached = dashboard.iteration
    # The line is cut for as long as this, whatever the page does.
    page.wait_for_timeout(1000 * max(0.0, seconds - (time.monotonic() - started)))
    line.mend()
    expect(told(page)).to_have_count(0, timeout=BACK)
    expect(dashboard.button("Pause")).to_be_visible(timeout=BACK)
    eventually(page, lambda: dashboard.iteration, lambda k: k > reached, "no Play")


def test_a_line_that_is_lost_for_good_offers_the_way_without_a_server(
    page: Page, line: Line
) -> None:
    page.clock.install()
    dashboard = visit(page, line)
    before = drawn(dashboard)
    line.cut()
    expect(told(page)).to_be_visible(timeout=SOON)
    way = told(page).locator("p", has_text="convscope.html")
    expect(way).to_be_hidden()

    def later() -> bool:
        """Wind the clock on; each attempt to come back takes a while of its own."""
        page.clock.run_for(10_000)
        return way.is_visible()

    eventually(page, later, bool, "the way without a server is not offered")
    expect(way).to_contain_text("iteration=3")
    assert drawn(dashboard) == before
    # And still it tries.
    mark(page)
    line.mend()
    told(page).get_by_role("button", name="Try now").click()
    page.wait_for_function("!window.before", timeout=BACK)


def test_a_page_that_waits_says_nothing(page: Page, line: Line) -> None:
    dashboard = visit(page, line)
    # Several beats; that nothing happens can only be seen by waiting.
    page.wait_for_timeout(6000)
    expect(told(page)).to_have_count(0)
    dashboard.step()


def test_own_data_are_brought_along(page: Page, line: Line, tmp_path: Path) -> None:
    dashboard = visit(page, line)
    upload(dashboard, own_data(tmp_path), "halves (yours)")
    dashboard.step()
    dashboard.step()
    page.wait_for_function("location.search.includes('iteration=3')")
    status = dashboard.told()
    mark(page)
    line.cut()
    expect(told(page)).to_be_visible(timeout=SOON)
    dashboard.press("Step")
    line.mend()
    expect_new_page(page)
    dashboard.wait_for_iteration(4)
    expect(dashboard.field("Data set").locator("option:checked")).to_have_text("halves (yours)")
    dashboard.press("Back")
    expect(dashboard.status).to_have_text(status)


def test_own_weights_are_brought_along(page: Page, line: Line, tmp_path: Path) -> None:
    dashboard = visit(page, line)
    with page.expect_download() as waiting:
        dashboard.press("Save weights")
    path = tmp_path / "w.npz"
    waiting.value.save_as(path)
    dashboard.field("Load weights").set_input_files(path)
    expect(dashboard.alert).to_contain_text("weights of w.npz")
    dashboard.step()
    page.wait_for_function("location.search.includes('iteration=2')")
    status = dashboard.told()
    mark(page)
    line.cut()
    expect(told(page)).to_be_visible(timeout=SOON)
    dashboard.press("Step")
    line.mend()
    expect_new_page(page)
    dashboard.wait_for_iteration(3)
    page.wait_for_function("location.search.includes('weights=')")
    dashboard.press("Back")
    expect(dashboard.status).to_have_text(status)


def test_own_data_that_a_browser_does_not_keep_are_asked_for(
    page: Page, line: Line, tmp_path: Path
) -> None:
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    dashboard = visit(page, line)
    upload(dashboard, own_data(tmp_path), "halves (yours)")
    dashboard.step()
    page.wait_for_function("location.search.includes('iteration=2')")
    status = dashboard.told()
    mark(page)
    line.cut()
    expect(told(page)).to_be_visible(timeout=SOON)
    line.mend()
    expect_new_page(page)
    asked = page.get_by_role("alert").filter(has_text="choose the files under Your data")
    expect(asked).to_be_visible()
    dashboard.field("Your data").set_input_files(own_data(tmp_path))
    train_on_these(dashboard)
    expect(dashboard.status).to_have_text(status)


def test_an_address_joins_nobody(server: Served, browser: Browser) -> None:
    context = browser.new_context()
    for word in ("bokeh-session-id=shared", "bokeh-token=shared"):
        for _ in range(2):
            page = context.new_page()
            answer = page.goto(f"{server.address}?{word}&iteration=3")
            assert answer
            assert answer.status == 403
            expect(page.locator("body")).to_contain_text(f"Leave {word.split('=')[0]} out")
    context.close()

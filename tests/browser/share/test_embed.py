"""The page in a frame of another one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.dashboard import PATIENCE, STATUS, eventually, settled
from tests.browser.export import Built, serving
from tools.serving import Served, free_port, served_app

pytestmark = pytest.mark.browser

SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
WHERE = "?preset=one&grain=Inside&iteration=2&embed=1"
# The boxes of the parts in sight, by what is in them.
READ_BOXES = """() => {
    const found = {};
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) walk(node.shadowRoot);
            for (const css of [".line:has(h2)", ".sentence", ".moves", ".ways", ".full", ".strip",
                ".sides", "header select", ".why", ".lesson-panel"]) {
                if (node.matches(css) && node.checkVisibility()) found[css] = node;
            }
            if (node.matches(".frame")) {
                let room = node;
                for (let k = 0; k < 2; k++) room = room.getRootNode().host;
                found.board = room;
            }
        }
    };
    walk(document);
    return Object.fromEntries(Object.entries(found).map(([name, node]) => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return [name, [left, top, right, bottom]];
    }));
}"""


@pytest.fixture(scope="module")
def open_server() -> Iterator[Served]:
    """A server that answers frames without an origin too, as docs/classroom.md says."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOKEH_ALLOW_WS_ORIGIN", f"localhost:{port},:80")
        with served_app(port=port) as served:
            yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    yield context.new_page()
    context.close()


def framed(page: Page, address: str, width: int, height: int, sandbox: str | None) -> Frame:
    """Open an address in a frame, and wait for it."""
    box = "" if sandbox is None else f'sandbox="{sandbox}"'
    page.set_content(
        f'<iframe {box} width="{width}" height="{height}" style="border: 0" src="{address}">'
    )
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame
    expect(frame.locator(".cs-status")).to_have_text(STATUS, timeout=4000 * PATIENCE)
    frame.wait_for_function("Bokeh.documents[0].is_idle", timeout=1000 * PATIENCE)
    return frame


def expect_stepped(frame: Frame) -> None:
    """Wait until the address says the next inner step, and that it is in a frame."""
    eventually(
        frame,
        lambda: frame.evaluate("location.search"),
        lambda found: "inner=2" in found and "embed=1" in found,
        "another address",
    )


@pytest.mark.parametrize("size", [(600, 400), (800, 500), (1300, 700)])
@pytest.mark.parametrize("led", [False, True])
def test_nothing_overlaps_in_a_frame(
    open_server: Served, page: Page, size: tuple[int, int], led: bool
) -> None:
    where = "?lesson=1-one-iteration&step=2&embed=1" if led else WHERE
    frame = framed(page, open_server.address + where, *size, sandbox=SANDBOX)
    expect(frame.locator(".full")).to_be_visible()
    boxes: dict[str, list[float]] = settled(page, lambda: frame.evaluate(READ_BOXES))
    parts_in_sight = {".line:has(h2)", ".sentence", "board", ".moves", ".ways", ".full"}
    assert boxes.keys() == parts_in_sight | ({".lesson-panel"} if led else set())
    parts = list(boxes.items())
    for k, (name, (left, top, right, bottom)) in enumerate(parts):
        assert left >= 0, name
        assert top >= 0, name
        assert right <= size[0], name
        assert bottom <= size[1], name
        for other, (x0, y0, x1, y1) in parts[k + 1 :]:
            is_beside = right <= x0 + 0.5 or x1 <= left + 0.5
            assert is_beside or bottom <= y0 + 0.5 or y1 <= top + 0.5, (name, other)
    assert boxes["board"][3] - boxes["board"][1] >= (0.4 if led else 0.45) * size[1]
    assert frame.evaluate("document.scrollingElement.scrollHeight") <= size[1]
    assert frame.locator(".moves").evaluate("node => node.scrollWidth <= node.clientWidth")


def test_matrices_stand_in_a_frame_as_on_paper(open_server: Served, page: Page) -> None:
    address = open_server.address + WHERE + "&stage=1&inner=3"
    frame = framed(page, address, 600, 400, SANDBOX)
    panels = {key: frame.locator(f'.panel[data-key="{key}"]')
              for key in ("X_in", "X_col", "K", "K_X_col")}  # fmt: skip
    boxes = settled(page, lambda: {key: panel.bounding_box() for key, panel in panels.items()})
    for left, right in (("X_in", "X_col"), ("K", "K_X_col")):
        one, other = boxes[left], boxes[right]
        assert one
        assert other
        assert one["x"] + one["width"] <= other["x"]
        assert abs(one["y"] - other["y"]) <= 1
        assert other["y"] + other["height"] <= 400
    # Rows of numbers come before what stands round them.
    assert frame.locator('.panel[data-key="X_col"] .names div').count() >= 5
    for key in ("X_col", "K", "K_X_col"):
        expect(frame.locator(f'.panel[data-key="{key}"] .heads').first).to_be_hidden()


def test_a_frame_without_an_origin_steps_and_opens_in_full(open_server: Served, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    frame = framed(page, open_server.address + WHERE, 600, 400, SANDBOX)
    assert frame.evaluate("window.origin") == "null"
    frame.get_by_role("button", name="Step", exact=True).click()
    expect_stepped(frame)
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="Open in full").click()
    whole = opened.value
    expect(whole.locator(".cs-status")).to_have_text(re.compile("^iteration 2 · stage 1 "))
    expect(whole.get_by_role("tab").nth(1)).to_have_attribute("aria-selected", "true")
    expect(whole.get_by_role("button", name="Share", exact=True)).to_be_visible()
    assert "embed" not in whole.url
    assert whole.evaluate("window.origin") != "null"
    assert errors == []


def test_a_click_in_a_frame_is_explained_over_the_board(open_server: Served, page: Page) -> None:
    frame = framed(page, open_server.address + WHERE, 600, 400, SANDBOX)
    why = frame.locator(".why")
    expect(why).to_be_hidden()
    frame.locator('.panel[data-key="X_in"] .over').first.click()
    expect(why.locator(".stored")).to_be_visible()
    below = frame.locator(".moves")
    moves, box = settled(page, lambda: (below.bounding_box(), why.bounding_box()))
    assert moves
    assert box
    assert box["y"] + box["height"] <= moves["y"]
    why.get_by_role("button", name="Select nothing").click()
    expect(why).to_be_hidden()


def test_a_frame_of_another_page_needs_no_setting(server: Served, page: Page) -> None:
    frame = framed(page, server.address + WHERE, 600, 400, sandbox=None)
    frame.get_by_role("button", name="Step", exact=True).click()
    expect_stepped(frame)


def test_the_single_file_runs_in_a_frame_without_an_origin(built: Built, page: Page) -> None:
    with serving(built.file.parent) as site:
        address = f"{site.address}{built.file.name}?grain=Inside&embed=1"
        frame = framed(page, address, 600, 400, SANDBOX)
        assert frame.evaluate("window.origin") == "null"
        expect(frame.locator(".strip")).to_be_hidden()
        # As in `framed`: Python may still be on its way.
        frame.wait_for_function("window.convscope?.alive", timeout=4000 * PATIENCE)
        frame.get_by_role("button", name="Step", exact=True).click()
        expect_stepped(frame)

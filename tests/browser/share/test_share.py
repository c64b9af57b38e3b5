"""What is taken along from a page: picture, drawing, numbers, paper; and the menu that gives it."""

from __future__ import annotations

import csv
import io
import re
import struct
import unicodedata
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually, expect_no_change, settled
from tests.browser.inside import Inside, blocks

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"
# The product inside a convolution, with a cell selected.
PRODUCT = "?iteration=2&stage=1&inner=3&cell=K_X_col,0,9"
# Remembers what each canvas of the board was told to print since it was cleared.
PRINTED = """() => {
    const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
    Object.assign(CanvasRenderingContext2D.prototype, {
        clearRect(...box) { this.canvas.printed = []; clearRect.call(this, ...box); },
        fillText(text, ...place) {
            (this.canvas.printed ??= []).push(text); fillText.call(this, text, ...place);
        },
    });
}"""
READ_PRINTED = "canvases => canvases.flatMap(canvas => canvas.printed ?? [])"
# Text of the board beside its canvases.
READ_WORDS = """panels => panels.map(node => node.innerText).join(" ")"""
# All elements of a page in sight, also inside of shadow roots, that match.
SEEN = """css => {
    const found = [];
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) walk(node.shadowRoot);
            if (node.matches(css) && node.checkVisibility({ visibilityProperty: true })
                && node.getClientRects().length) found.push(node.outerHTML.slice(0, 80));
        }
    };
    walk(document);
    return found;
}"""


def opened(open_dashboard: Open, scheme: str) -> Page:
    """Open the product, and wait until its iteration is drawn."""
    dashboard = open_dashboard(PRODUCT, color_scheme=scheme)
    dashboard.wait_for_iteration(2)
    expect(dashboard.page.locator(".panel .over").first).to_be_visible()
    return dashboard.page


def choose(page: Page, title: str) -> None:
    """Choose from the menu."""
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("menuitem", name=title, exact=True).click()


def taken(page: Page, title: str, place: Path) -> bytes:
    """Return the file that the menu gives."""
    with page.expect_download() as found:
        choose(page, title)
    said = page.get_by_role("alert").filter(has_text="Saved as")
    expect(said).to_contain_text(f"Saved as {found.value.suggested_filename}, ")
    found.value.save_as(place / "taken")
    return (place / "taken").read_bytes()


def squeezed(text: str) -> str:
    """Return a text without its spaces; letters of formulas are letters."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def pixels_of(png: bytes) -> tuple[int, int, set[bytes]]:
    """Return width, height and the bytes of the rows of a PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    rows = zlib.decompress(data)
    step = len(rows) // height
    return width, height, {rows[k : k + step] for k in range(0, len(rows), step)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_drawing_has_every_number_and_every_word_as_text(
    open_dashboard: Open, tmp_path: Path, scheme: str
) -> None:
    page = opened(open_dashboard, scheme)
    page.evaluate(PRINTED)
    # Drawn anew, so that all that is printed has been heard.
    page.set_viewport_size({"width": 1700, "height": 1000})
    base = page.locator(".panel .base")
    eventually(page, lambda: base.evaluate_all(READ_PRINTED), bool, "nothing is printed")
    printed = settled(page, lambda: base.evaluate_all(READ_PRINTED))
    root = ElementTree.fromstring(taken(page, "Save drawing (SVG)", tmp_path))
    assert root.tag == f"{SVG}svg"
    texts = [node.text or "" for node in root.iter(f"{SVG}text")]
    assert not list(root.iter(f"{SVG}foreignObject"))
    missing = list(printed)
    for text in texts:
        if text in missing:
            missing.remove(text)
    assert len(printed) > 100
    assert missing == []
    drawn = squeezed("".join(texts))
    for locator in (page.locator(".panel .title"), page.locator(".panel .caption")):
        for words in locator.all_inner_texts():
            assert squeezed(words) in drawn, words
    assert squeezed(page.get_by_role("heading", level=2).inner_text()) in drawn
    assert squeezed(page.locator(".sentence").inner_text()) in drawn
    # Letters that the page slants by other characters are the same ones in italics.
    formula = unicodedata.normalize("NFKC", page.locator(".math").text_content() or "")
    assert squeezed(formula) in drawn
    assert "iteration=2" in drawn
    assert "cell=K_X_col,0,9" in drawn
    # A rectangle for each cell, and the outlines of what is selected.
    assert len(list(root.iter(f"{SVG}rect"))) > len(printed)
    assert len(list(root.iter(f"{SVG}path"))) > 4
    # What is on the page is what it was.
    eventually(page, lambda: base.evaluate_all(READ_PRINTED), printed.__eq__, "drawn otherwise")


def test_cells_that_are_too_many_are_one_picture(open_dashboard: Open, tmp_path: Path) -> None:
    page = open_dashboard("?preset=one").page
    # One panel is drawn again with more cells than a drawing takes.
    page.evaluate("""() => {
        document.addEventListener("cs-taking", ({ detail }) => {
            const { board } = detail, drawn = board.drawn.bind(board);
            detail.board = { node: board.node, csv: board.csv, drawn: (how, then) =>
                drawn(how, () => {
                    const canvas = board.node.querySelector(".base");
                    const context = how.contextOf(canvas);
                    context.fillStyle = "rgb(1, 2, 3)";
                    for (let k = 0; k < 6000; k++) context.fillRect(k % 80, k / 80, 1, 1);
                    return then();
                }) };
        });
    }""")
    root = ElementTree.fromstring(taken(page, "Save drawing (SVG)", tmp_path))
    assert len(list(root.iter(f"{SVG}rect"))) < 1000
    assert [node for node in root.iter(f"{SVG}image") if node.get("width") == "84"] or any(
        float(node.get("width", 0)) >= 80 for node in root.iter(f"{SVG}image")
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_is_of_what_is_seen(open_dashboard: Open, tmp_path: Path, scheme: str) -> None:
    page = opened(open_dashboard, scheme)
    base, pixels = page.locator(".panel .base").first, "canvas => canvas.toDataURL()"
    before = settled(page, lambda: base.evaluate(pixels))
    width, height, rows = pixels_of(taken(page, "Save picture (PNG)", tmp_path))
    root = ElementTree.fromstring(taken(page, "Save drawing (SVG)", tmp_path))
    assert (width, height) == (2 * int(root.get("width", 0)), 2 * int(root.get("height", 0)))
    board = settled(page, page.locator(".panels").bounding_box)
    assert board
    assert width >= 2 * 0.8 * board["width"]
    assert len(rows) > height / 2
    (ground, *_) = root.iter(f"{SVG}rect")
    paper = page.evaluate("getComputedStyle(document.body).getPropertyValue('--cs-paper').trim()")
    assert ground.get("fill") == paper
    # The page is drawn as it was.
    eventually(page, lambda: base.evaluate(pixels), before.__eq__, "another picture")


@pytest.mark.parametrize(
    ("phase", "layer", "inner"), [("forward", "conv1", 2), ("backward", "conv2", 1)]
)
def test_numbers_are_those_of_the_trace(
    open_dashboard: Open, tmp_path: Path, phase: str, layer: str, inner: int
) -> None:
    inside = Inside(open_dashboard())
    inside.start("Inside")
    inside.step()
    inside.go(phase, layer, inner)
    text = taken(inside.page, "Save numbers (CSV)", tmp_path).decode()
    found: list[list[list[str]]] = []
    for row in csv.reader(io.StringIO(text)):
        if row and row[0].startswith("#"):
            found.append([row])
        elif row:
            found[-1].append(row)
    stage = inside.viewer.place.stage + 1
    # A comma ends a field: the lines that say what it is have none.
    assert all(f"stage {stage}; {phase} {layer}" in head for (head,), *_ in found)
    assert all("iteration 1" in head for (head,), *_ in found)
    matrices = [_numbers(head, rows) for _, head, *rows in found]
    held = list(blocks(inside.stop(), inside.viewer))
    assert len(held) >= 2
    for key, _, array in held:
        assert any(_has(matrix, array) for matrix in matrices), key


def _numbers(head: list[str], rows: list[list[str]]) -> np.ndarray:
    """Return the numbers of a sheet without the indices of its lines."""
    first = next(k for k, cell in enumerate(head) if cell[0].isdigit() or cell == "value")
    return np.array([row[first:] for row in rows], dtype=np.float32)


def _has(matrix: np.ndarray, part: np.ndarray) -> bool:
    """Return whether some lines of a matrix, one behind the other, are another one."""
    starts = range(len(matrix) - len(part) + 1)
    return any(np.array_equal(matrix[k : k + len(part)], part) for k in starts)


def test_paper_is_light_and_without_controls(open_dashboard: Open, tmp_path: Path) -> None:
    page = opened(open_dashboard, "dark")
    screen = settled(page, lambda: page.evaluate(SEEN, "canvas"))
    page.emulate_media(media="print")
    expect(page.locator(".cs-print svg")).to_be_visible()
    controls = "button, select, input, canvas, [role=slider]"
    eventually(page, lambda: page.evaluate(SEEN, controls), lambda seen: not seen, "controls")
    text = page.locator(".cs-print").inner_text() or page.locator(".cs-print").text_content() or ""
    assert "iteration=2" in text
    colours = page.locator(".cs-print text").evaluate_all("nodes => nodes.map(n => n.outerHTML)")
    assert any("rgb(27, 33, 48)" in text for text in colours)
    assert not any("rgb(236, 239, 244)" in text for text in colours)
    page.emulate_media(media="null")
    expect(page.locator(".cs-print")).to_have_count(0)
    eventually(page, lambda: page.evaluate(SEEN, "canvas"), screen.__eq__, "another screen")
    paper = page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Count (\d+)", paper) == [b"1"]
    assert re.search(rb"/MediaBox \[0 0 841\.\d+ 594\.\d+\]", paper)
    expect(page.locator(".cs-print")).to_have_count(0)


def test_the_menu_by_keys(dashboard: Dashboard) -> None:
    page, share = dashboard.page, dashboard.button("Share")
    items = page.get_by_role("menuitem")
    expect(share).to_have_attribute("aria-expanded", "false")
    share.focus()
    page.keyboard.press("Enter")
    expect(share).to_have_attribute("aria-expanded", "true")
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(items.first).to_be_hidden()
    expect(share).to_be_focused()
    # Arrows and Escape meant the menu, not the run.
    expect_no_change(page, dashboard.told)
    assert dashboard.iteration == 1
    share.click()
    expect(items.first).to_be_visible()
    page.mouse.click(640, 400)
    expect(share).to_have_attribute("aria-expanded", "false")


def test_a_picture_can_be_copied(open_dashboard: Open) -> None:
    page = open_dashboard(permissions=["clipboard-read", "clipboard-write"]).page
    choose(page, "Copy picture")
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    kinds = page.evaluate("async () => (await navigator.clipboard.read()).flatMap(i => i.types)")
    assert kinds == ["image/png"]


def test_a_picture_that_cannot_be_copied_is_saved(dashboard: Dashboard, tmp_path: Path) -> None:
    page = dashboard.page
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    assert pixels_of(taken(page, "Copy picture", tmp_path))[0] > 600

"""The panel of a probe as a visitor meets it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from playwright.sync_api import Page, expect

from core.tensor import Array
from tests.browser.dashboard import Dashboard, eventually, settled
from viz_app.place import address
from viz_app.probe.probe import Probe

READ_SHEET = """canvas => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return [...data].filter((_, k) => k % 4 === 0);
}"""
# Several pixels in one go: Python hears of the first before it can answer any.
DRAW_AT_ONCE = """(canvas, count) => {
    for (let k = 0; k < count; k++) {
        for (const key of [" ", "ArrowRight"]) {
            canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }
    }
}"""
PASTE = """([name, type, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
}"""


class ProbePanel:
    """The panel in a dashboard."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard, self.page = dashboard, dashboard.page
        self.root = self.page.get_by_role("region", name="Probe", exact=True)
        self.sheet = self.page.get_by_role("application", name=re.compile("^Drawing"))
        self.alert = self.root.get_by_role("alert")
        self.images = self.page.get_by_role("button", name=re.compile("^Test image"))

    def open(self) -> None:
        """Bring it to the front."""
        self.page.get_by_role("button", name="Probe", exact=True).click()
        expect(self.root).to_be_visible()

    def expect_asked(self, words: str) -> None:
        """Wait until the network is asked about something."""
        expect(self.dashboard.status).to_contain_text(f"asked about {words}")

    def expect_training(self) -> None:
        """Wait until the training batch is shown."""
        expect(self.dashboard.status).not_to_contain_text("asked about")

    def stroke(self, *points: tuple[float, float]) -> None:
        """Draw a line by mouse through points, shares of width and height."""
        self.sheet.scroll_into_view_if_needed()
        box = settled(self.page, self.sheet.bounding_box)
        assert box is not None
        at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        self.page.mouse.move(*at[0])
        self.page.mouse.down()
        for point in at[1:]:
            self.page.mouse.move(*point, steps=6)
        self.page.mouse.up()

    def dots(self, count: int) -> None:
        """Draw pixels in a row by keys, faster than any answer."""
        self.sheet.evaluate(DRAW_AT_ONCE, count)

    def expect_heard(self) -> None:
        """Wait until the network is asked about what is drawn, and nothing else."""
        eventually(
            self.page,
            lambda: probe_in(self.page),
            lambda found: found is not None and [*found.pixels] == self.pixels().tolist(),
            "the drawing in the address",
        )

    def pixels(self) -> Array:
        """The brightness of what is drawn, 0 to 255, row by row."""
        return np.array(self.sheet.evaluate(READ_SHEET))

    def press(self, name: str) -> None:
        """Press one of its buttons."""
        self.root.get_by_role("button", name=name, exact=True).click()

    def bars(self) -> list[float]:
        """The answer of the network, class by class."""
        texts = self.root.locator(".bar .number").all_inner_texts()
        return [float(text) for text in texts]

    def expect_bars(self, answer: list[float]) -> None:
        """Wait until this is the answer."""
        eventually(self.page, self.bars, answer.__eq__, f"the answer is not {answer}")

    def paste(self, name: str, kind: str, content: bytes) -> None:
        """Paste a file."""
        self.page.evaluate(PASTE, [name, kind, list(content)])


def probe_in(page: Page) -> Probe | None:
    """Return the probe of the address of a page; None without one."""
    text = address.parse(page.url.partition("?")[2]).get("probe")
    return Probe.read(text) if text else None


def rounded(values: Sequence[float]) -> list[float]:
    """Numbers as they stand beside the bars."""
    return [float(f"{value:.2f}") for value in values]

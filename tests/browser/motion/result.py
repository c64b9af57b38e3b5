"""What the board shows of a result whose cells are computed one by one."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, WebSocket, expect

from tests.browser.dashboard import Dashboard, eventually

# Which cells of a canvas have a colour; those that are not computed yet have only a frame.
READ_FILLED = """(canvas, [rows, columns]) => {
    const context = canvas.getContext("2d"), found = [];
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
        const x = Math.floor((c + 0.3) * canvas.width / columns);
        const y = Math.floor((r + 0.3) * canvas.height / rows);
        if (context.getImageData(x, y, 1, 1).data[3] === 255) found.push([r, c]);
    }
    return found;
}"""
# What is on its way at this moment.
GHOSTS = ".motion .ghost"


@dataclass
class Result:
    """A dashboard at grain Cell."""

    dashboard: Dashboard

    @property
    def bar(self) -> Locator:
        return self.dashboard.page.get_by_role("slider", name="computed cells")

    def expect(self, done: int, total: int) -> None:
        """Wait until so many cells are computed."""
        expect(self.bar).to_have_attribute("aria-valuetext", f"{done} of {total} cells")

    def count(self) -> int:
        return int(self.bar.get_attribute("aria-valuenow") or -1)

    def expect_inner(self, name: str) -> None:
        tab = self.dashboard.page.locator('.timeline [role="tab"][aria-selected="true"]')
        expect(tab).to_have_text(name)

    def expect_filled(self, key: str, shape: tuple[int, int], cells: list[list[int]]) -> None:
        """Wait until these cells of a matrix that is in sight as a whole show their numbers."""
        canvas = self.dashboard.page.locator(f'.panel[data-key="{key}"] .base').first
        eventually(
            self.dashboard.page,
            lambda: canvas.evaluate(READ_FILLED, list(shape)),
            lambda found: sorted(found) == sorted(cells),
            f"other cells of {key} than {cells} are filled",
        )

    def expect_next(self, words: str) -> None:
        """Wait until this is said of the next press."""
        eventually(self.dashboard.page, lambda: self.next, words.__eq__, f"not {words}")

    def expect_at_rest(self) -> None:
        """Wait until nothing is on its way."""
        expect(self.dashboard.page.locator(GHOSTS)).to_have_count(0)

    @property
    def next(self) -> str:
        # The letters of a formula are slanted on the page only.
        return self.dashboard.page.locator(".next").text_content() or ""


class Sent:
    """Messages of the page to Python; beats of the connection are none.

    Args:
        dashboard: a page that is loaded again to hear its line.
    """

    def __init__(self, dashboard: Dashboard) -> None:
        self.messages: list[str] = []
        dashboard.page.on("websocket", self._listen)
        dashboard.page.reload()
        dashboard.wait_until_live()

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        if '"data_event"' in text and '"beat"' not in text:
            self.messages.append(text)

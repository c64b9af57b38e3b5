"""The field in which a number is changed, as a visitor meets it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.dashboard import settled

LONG_PRESS = 700  # ms, in which a finger that rests would have opened it


class Field:
    """The field of a page.

    Args:
        page: with the dashboard.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.node = page.get_by_role("dialog", name="Change")
        self.number = self.node.get_by_role("textbox")
        self.refused = self.node.get_by_role("alert")
        self.said = page.locator(".said .cs-message:visible")

    def matrix(self, name: str) -> Locator:
        return self.page.get_by_role("grid", name=name, exact=True)

    def place(self, name: str, across: float = 0.5, down: float = 0.5) -> tuple[float, float]:
        """Bring a matrix into sight; return a place of it, given as a share of width and height."""
        matrix = self.matrix(name)
        matrix.evaluate("node => node.scrollIntoView({ block: 'center' })")
        box = settled(self.page, matrix.locator("canvas.over").bounding_box)
        assert box
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def open(self, name: str, across: float = 0.5, down: float = 0.5) -> None:
        """Double click on a place of a matrix."""
        self.page.mouse.dblclick(*self.place(name, across, down))

    def rest(self, name: str, across: float = 0.5, *, still: bool = True) -> None:
        """Put a finger on a place of a matrix: until the field is there, or moving it in vain."""
        session = self.page.context.new_cdp_session(self.page)
        x, y = self.place(name, across)

        def touch(kind: str, *points: dict[str, float]) -> None:
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

        touch("touchStart", {"x": x, "y": y})
        if still:
            expect(self.node).to_be_visible()
        else:
            touch("touchMove", {"x": x + 30, "y": y})
            self.page.wait_for_timeout(LONG_PRESS)
        touch("touchEnd")

    def expect_in_sight(self) -> None:
        """See that nothing of it is cut off by the window."""
        expect(self.node).to_be_visible()
        box, size = settled(self.page, self.node.bounding_box), self.page.viewport_size
        assert box
        assert size
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]

    def undo(self) -> None:
        self.page.get_by_role("button", name="Undo", exact=True).click()

"""A matrix of the board as somebody meets it who has no mouse."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.dashboard import eventually

# What a screen reader is told of the cell at hand; the ring round it lies in the part in sight.
READ_CELL = """grid => {
    const cell = grid.querySelector("#" + grid.getAttribute("aria-activedescendant"));
    if (!cell) return null;
    const ring = cell.getBoundingClientRect(), box = grid.getBoundingClientRect();
    return { words: cell.ariaLabel,
        row: Number(cell.ariaRowIndex), column: Number(cell.ariaColIndex),
        inside: ring.left >= box.left - 1 && ring.right <= box.right + 1
            && ring.top >= box.top - 1 && ring.bottom <= box.bottom + 1 };
}"""

NUMBER = r"−?(?:\d+(?:\.\d+)?(?:e−?\d+)?|∞)|NaN"


@dataclass(frozen=True)
class At:
    """The cell at hand: its place, counted from 0, the index that is said, and its number."""

    row: int
    column: int
    words: str

    @property
    def number(self) -> float:
        """The number that is said."""
        found = re.search(rf": ({NUMBER})$", self.words)
        assert found, self.words
        return float(found[1].replace("−", "-"))


class Matrix:
    """The large picture of the array of that name."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.grid = page.get_by_role("grid", name=re.compile(rf"^{re.escape(name)}(, |$)")).first

    def enter(self) -> None:
        """Go to it by the Tab key."""
        before = self.page.get_by_role("button", name=f"numbers of {self.name}", exact=True).first
        before.focus()
        self.page.keyboard.press("Tab")
        expect(self.grid).to_be_focused()

    @property
    def name(self) -> str:
        """What it is called, without which picture it is."""
        return (self.grid.get_attribute("aria-label") or "").split(",")[0]

    def press(self, keys: str) -> At:
        """Press keys one after the other, "3*ArrowDown End"; return where that leads."""
        for key in keys.split():
            count, _, name = key.rpartition("*")
            for _ in range(int(count or 1)):
                self.page.keyboard.press(name)
        return self.at()

    def at(self) -> At:
        """The cell at hand, which is in sight."""
        found = eventually(
            self.page,
            lambda: self.grid.evaluate(READ_CELL),
            lambda cell: cell and cell["inside"],
            "no cell is at hand and in sight",
        )
        return At(found["row"] - 1, found["column"] - 1, found["words"])

    def menu(self, item: str) -> None:
        """Choose from the menu at its title, by keys."""
        button = self.page.get_by_role("button", name=f"numbers of {self.name}", exact=True).first
        button.press("Enter")
        chosen = self.page.get_by_role("menuitem", name=item)
        expect(self.page.get_by_role("menuitem").first).to_be_focused()
        while not chosen.evaluate("node => node.matches(':focus')"):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def cells(self) -> Locator:
        """The cells of the table that stands over the page."""
        return self.page.locator("dialog tbody td")

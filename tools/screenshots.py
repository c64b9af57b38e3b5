"""Take the pictures of the dashboard that the documentation shows.

Run as `python -m tools.screenshots`, or `make screenshots`; writes docs/screenshots/*.png.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Browser, Page, expect

from tools.serving import ROOT, chromium, served_app

FOLDER = ROOT / "docs" / "screenshots"
# Width and height of the window, in px.
SCREENS = {"main": (1280, 720), "phone": (390, 844)}
# So many that the curves have a shape.
STEPS = 30


def main() -> int:
    """Write all pictures; return the exit code of the program."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served_app() as served, chromium() as browser:
        for name, size in SCREENS.items():
            page = _trained_page(browser, served.address, size)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
    return 0


def _trained_page(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    """Open the dashboard and train for a while."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(address)
    status = page.locator(".cs-status")
    for iteration in range(1, STEPS + 1):
        expect(status).to_contain_text(f"iteration {iteration} ", timeout=60_000)
        if iteration < STEPS:
            page.get_by_role("button", name="Step", exact=True).click()
    page.mouse.move(0, 0)
    # Figures are drawn a little after the status.
    page.wait_for_timeout(1000)
    return page


if __name__ == "__main__":
    sys.exit(main())

"""A walk through all that a dashboard draws, wherever it stands."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def press(page: Page, name: str) -> None:
    """Press a button of the first dashboard on the page."""
    page.get_by_role("button", name=name, exact=True).first.click()


def look_at_everything(page: Page) -> None:
    """Begin at the first iteration: settings, an evaluation, steps in front of every chart."""
    status = page.locator(".cs-status")
    press(page, "Settings")
    rate = page.get_by_label("Learning rate", exact=True)
    press(page, "Evaluate the test images")
    expect(page.locator(".cs-note")).to_contain_text(" images, accuracy ")
    # So much that layers die or explode: the words above the charts change.
    rate.fill("100000")
    rate.press("Enter")
    press(page, "Settings")
    sound = page.get_by_text("No layer vanishes, explodes or dies.")
    press(page, "Iteration")
    iteration = 1
    for chart in ("Gradient flow", "Heat map", "Loss"):
        press(page, chart)
        expect(sound).to_have_count(int(iteration == 1))
        for _ in range(3):
            press(page, "Step")
            iteration += 1
            expect(status).to_contain_text(f"iteration {iteration} · ")
        expect(sound).to_have_count(0)
    press(page, "Explain")
    press(page, "Dark")
    expect(page.get_by_role("button", name="Light", exact=True)).to_be_visible()

"""What else the board can show: a kernel then and now, and an image as it looks."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from core.tensor import Array
from tests.browser.conftest import Open
from tests.browser.dashboard import eventually, settled
from tests.browser.inside import READ_SCENE
from tests.viz_app.viewers import viewer_of

pytestmark = pytest.mark.browser

# The colour in the middle of each cell of a picture of so many rows and columns.
READ_COLOURS = """(canvas, [rows, columns]) => {
    const { width, height } = canvas, context = canvas.getContext("2d");
    return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) =>
        [...context.getImageData((c + 0.5) * width / columns, (r + 0.5) * height / rows, 1, 1).data]
            .slice(0, 3)));
}"""
FIRST, LAST, NOW = "then@first", "then@last", "after@now"


def looks_as(picture: Locator, image: Array, ring: int = 0) -> None:
    """Wait until a picture shows an image (C, H, W) of brightnesses, with a ring of padding."""
    shape = [size + 2 * ring for size in image.shape[1:]]
    parts = np.broadcast_to(image, (3, *image.shape[1:]))
    wanted = np.floor(255 * np.moveaxis(parts, 0, -1).astype(np.float64) + 0.5).astype(int).tolist()

    def read() -> list[Any]:
        rows: list[Any] = picture.evaluate(READ_COLOURS, shape)
        inside = slice(ring, -ring or None)
        return [row[inside] for row in rows[inside]]

    eventually(picture.page, read, lambda found: found == wanted, f"it does not look as {wanted}")


def test_a_kernel_then_and_now(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one&grain=Iteration&stage=12", bare=True)
    page, viewer = dashboard.page, viewer_of("one")
    wanted = {FIRST: viewer.run.initial.values["conv", "weight"]}
    for name in ("", LAST, NOW):
        if name:
            dashboard.step()
            viewer.step()
            wanted[name] = viewer.run.params.values["conv", "weight"]
    compare = page.get_by_role("button", name="then and now", exact=True)
    compare.click()
    expect(compare).to_have_attribute("aria-pressed", "true")
    titles = page.locator(".panel .title")
    expect(titles).to_have_text(
        ["before iteration 1", "last: after iteration 2", "now: after iteration 3"]
    )
    panels = {panel["name"]: panel for panel in page.evaluate(READ_SCENE)["panels"]}
    for name, kernel in wanted.items():
        np.testing.assert_array_equal(
            np.float32(panels[name]["tiles"][0]["values"]), np.float32(kernel.ravel())
        )
    legends = settled(page, page.locator(".panel .legend").all_inner_texts)
    assert len({text.rstrip("+") for text in legends}) == 1
    expect(page).to_have_url(re.compile("pin=then_and_now"))
    tiles = page.locator(".panel .tile")
    boxes = settled(page, lambda: [tile.bounding_box() for tile in tiles.all()])
    assert all(boxes)
    assert len({(box["y"], box["width"]) for box in boxes if box}) == 1
    # The same weight is lit in all of them.
    page.locator(".panel .over").first.hover()
    expect(page.locator(".tip")).to_contain_text("before iteration 1")
    # The image of the network is grey, not green.
    image = viewer.look.trace.layers["conv"].input.value[0]
    looks_as(page.get_by_role("img", name=re.compile("^image 0 · .*, 6×6$")), image)
    page.set_viewport_size({"width": 390, "height": 844})

    def places() -> list[tuple[float, float]]:
        found = [tile.bounding_box() for tile in tiles.all()]
        return [(box["x"], box["y"]) for box in found if box]

    eventually(
        page, places,
        lambda at: len({x for x, _ in at}) == 1 and len({y for _, y in at}) == len(wanted),
        "they do not stand below each other",
    )  # fmt: skip
    compare.click()
    expect(titles.filter(has_text="before iteration 1")).to_have_count(0)


def test_an_image_as_it_looks(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=shapes", bare=True)
    page, image = dashboard.page, viewer_of("shapes").look.arrays["X_in"][0]
    grids = page.locator('[data-key="X_in"] [role=grid]')
    switch = page.get_by_role("button", name="picture", exact=True)
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("picture=1"))
    expect(grids.first).to_have_attribute("aria-label", re.compile("as a picture"))
    looks_as(grids.nth(0).locator(".base"), image, ring=1)
    # In small each channel has its part of the colour.
    green = image * np.array([0, 1, 0])[:, None, None]
    looks_as(grids.nth(2).locator(".base"), green)
    looks_as(page.get_by_role("img", name="image 0 · circle, 3×16×16"), image)
    # Its cells are those of the matrix.
    grids.first.locator(".over").hover()
    expect(page.locator(".tip")).to_contain_text(re.compile(r"row \d+.*red .*green .*blue"))
    grids.first.locator(".over").click()
    expect(page).to_have_url(re.compile("cell=X_in,0,0,"))
    switch.click()
    expect(grids.first).not_to_have_attribute("aria-label", re.compile("as a picture"))
    expect(page).not_to_have_url(re.compile("picture="))

"""The settings beside what is said: both are read and pressed, without a scroll."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import FloatRect, Locator, expect

from core.io.state.file import write_state
from core.io.text import parse_model
from tests.browser.access.test_zoom import expect_in_front
from tests.browser.conftest import DESKTOP, ON_PHONE, Open
from tests.browser.dashboard import Dashboard, eventually, settled

pytestmark = pytest.mark.browser

SCREENS = pytest.mark.parametrize(
    "screen", [{"viewport": DESKTOP}, ON_PHONE], ids=["desktop", "phone"]
)
TWELVE = (
    "conv 4 k3 p1, bn, relu, conv 4 k3 p1, bn, relu, pool 2, flatten, linear 16, relu, "
    "dropout 0.1, linear {classes}"
)


def expect_pressed(part: Locator) -> None:
    """Check that a part is whole in sight, and that nothing lies over it."""
    expect(part).to_be_in_viewport(ratio=0.99)
    expect_in_front(part)


def open_settings(dashboard: Dashboard) -> Locator:
    dashboard.field("Seed")
    settings = dashboard.page.get_by_role("region", name="settings")
    expect(settings).to_be_visible()
    return settings


def apart(one: FloatRect | None, other: FloatRect | None) -> bool:
    assert one
    assert other
    beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    return beside or below


def test_all_settings_are_in_sight_at_once(open_dashboard: Open) -> None:
    dashboard = open_dashboard()
    settings = open_settings(dashboard)
    beyond = "node => node.scrollHeight - node.clientHeight"
    eventually(
        dashboard.page, lambda: settings.evaluate(beyond), lambda px: px <= 0, "it is scrolled"
    )
    for name in ("Your data", "Load weights"):
        # The field lies over its label.
        expect_pressed(settings.get_by_label(name, exact=True))
    for name in ("Save weights", "Evaluate the test images", "Begin anew at iteration 1"):
        expect_pressed(settings.get_by_role("button", name=name))
    for field in (
        "Data set",
        "Learning rate",
        "Precision",
        "Colours",
        "Iterations at once, in Play",
    ):
        expect_pressed(settings.get_by_label(field, exact=True))


@SCREENS
@pytest.mark.parametrize("is_written", [False, True], ids=["fields", "network"])
def test_what_is_refused_is_read_beside_the_settings(
    open_dashboard: Open, screen: dict[str, Any], is_written: bool
) -> None:
    dashboard = open_dashboard(**screen)
    page, settings = dashboard.page, open_settings(dashboard)
    if is_written:
        settings.get_by_text("Network and training").click()
        expect(page.locator("#network-total")).to_contain_text("params")
    dashboard.enter("Learning rate", "-3")
    said = page.locator("div.said:not([hidden])")
    expect(said).to_contain_text("Learning rate is -3")
    expect(said).to_have_class("said refused")
    # The field that it speaks of is marked.
    expect(
        settings.locator(".cs-refused").get_by_label("Learning rate", exact=True)
    ).to_be_visible()
    boxes = settled(page, lambda: (settings.bounding_box(), said.bounding_box()))
    assert apart(*boxes), boxes
    expect_pressed(said.get_by_role("button", name="Close"))
    # All of them are reached above what is said.
    last = settings.get_by_role("button", name="Begin anew at iteration 1")
    last.scroll_into_view_if_needed()
    expect_pressed(last)


@SCREENS
def test_a_network_that_is_offered_is_in_sight_with_the_message(
    open_dashboard: Open, screen: dict[str, Any], tmp_path: Path
) -> None:
    dashboard = open_dashboard(**screen)
    other = parse_model("conv 4 k3 p1, relu, pool 2, flatten, linear 10", (1, 8, 8),
                        np.random.default_rng(0))  # fmt: skip
    write_state(tmp_path / "other.npz", other.state_dict())
    settings = open_settings(dashboard)
    settings.get_by_label("Load weights", exact=True).set_input_files(tmp_path / "other.npz")
    said = dashboard.page.locator("div.said:not([hidden])")
    expect(said).to_contain_text("offered under Settings")
    expect_pressed(said.get_by_role("button", name="Close"))
    expect_pressed(settings.get_by_role("button", name="Use this network"))


@pytest.mark.parametrize("data", ["digits", "fashion"])
def test_answers_cut_no_name_of_twelve_layers(open_dashboard: Open, data: str) -> None:
    where = f"?preset={data}&data={data}&model={quote(TWELVE)}"
    dashboard = open_dashboard(where)
    strip = dashboard.strip
    expect(strip.locator("button.card")).to_have_count(12)
    answers = strip.get_by_role("group", name="prediction")

    def ends() -> list[float]:
        return [box["x"] + box["width"] for box in map(_box, strip.locator(".title").all()[1:])]

    found = settled(dashboard.page, ends)
    assert max(found) < _box(answers)["x"], found


def test_the_status_is_read_whole_on_a_phone(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=digits&iteration=3&probe=test:17;0,1,1:0.5", **ON_PHONE)
    expect(dashboard.status).to_contain_text("asked about test image 17, changed by hand")
    wide = "node => [node.scrollWidth - node.clientWidth, node.getBoundingClientRect().right]"
    eventually(
        dashboard.page,
        lambda: dashboard.status.evaluate(wide),
        lambda found: found[0] <= 0 and found[1] <= 390,
        "the status is cut",
    )


def _box(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box
    return box

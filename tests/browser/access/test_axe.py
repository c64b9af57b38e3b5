"""What axe finds on the main screens, light and dark: nothing, and all of it in landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.browser.access.axe import faults
from tests.browser.conftest import ON_PHONE, Open

pytestmark = pytest.mark.browser

INSIDE = "?preset=digits&grain=Inside&stage="


class Screen(NamedTuple):
    """An address, how the browser is set up, and the button that is pressed there."""

    query: str = ""
    options: Mapping[str, Any] = MappingProxyType({})
    press: str = ""


SCREENS = {
    "first": Screen(),
    "conv forward, explained": Screen(INSIDE + "1&inner=3&cell=X_col,1,2"),
    "a sum of products, explained": Screen(INSIDE + "1&inner=4&cell=X_out,0,0,1,1"),
    "pool forward": Screen(INSIDE + "4"),
    "loss": Screen(INSIDE + "11"),
    "bn backward": Screen(INSIDE + "20"),
    "conv backward": Screen(INSIDE + "21&inner=2"),
    "update": Screen(INSIDE + "23"),
    "settings": Screen("?preset=one", press="Settings"),
    "keys": Screen("?preset=one", press="Keys (?)"),
    "gradient flow": Screen("?side=flow"),
    "heat map": Screen("?side=heat"),
    "loss over the run": Screen("?side=loss"),
    "lesson": Screen("?lesson=1-one-iteration&step=2", {"bare": True}),
    "lessons": Screen("?preset=one", press="Lessons"),
    "phone, lesson": Screen("?lesson=2-convolution-as-product&step=3", {**ON_PHONE, "bare": True}),
    "phone": Screen("?preset=one&grain=Inside", ON_PHONE),
    "phone, explained": Screen(
        "?preset=one&grain=Inside&stage=1&inner=3&cell=X_out,0,0,1,1", ON_PHONE
    ),
}


@pytest.mark.parametrize("name", SCREENS)
def test_axe_finds_nothing(open_dashboard: Open, name: str) -> None:
    query, options, press = SCREENS[name]
    dashboard = open_dashboard(query, color_scheme="dark", **options)
    # The button changes its name with what it would do.
    for scheme, other in (("dark", "Light"), ("light", "Dark")):
        expect(dashboard.page.get_by_role("button", name=other, exact=True)).to_be_visible()
        if press:
            dashboard.page.get_by_role("button", name=press, exact=True).click()
            shown = ".bk-input" if press == "Settings" else "dialog"
            dashboard.page.locator(shown).first.wait_for()
        assert faults(dashboard.page) == [], scheme
        if scheme == "dark":
            dashboard.page.keyboard.press("Escape")
            dashboard.page.get_by_role("button", name=other, exact=True).click()


def test_axe_finds_nothing_in_a_matrix_at_work(open_dashboard: Open) -> None:
    page = open_dashboard(INSIDE + "1&inner=3").page
    page.get_by_role("grid", name="X(col)").first.press("ArrowDown")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="numbers of X(col)", exact=True).click()
    assert faults(page) == []
    page.get_by_role("menuitem", name="Show as table").click()
    assert faults(page) == []


def test_axe_sees_into_the_components(open_dashboard: Open) -> None:
    page = open_dashboard("?preset=one").page
    page.get_by_role("button", name="Play").evaluate("node => node.setAttribute('role', 'slider')")
    assert [fault for fault in faults(page) if "aria-required-attr" in fault]

"""Formulas in the page: their font, their two notations, and that nothing of them is cut off."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually
from tests.browser.mathematics.formulas import (
    FONT_IS_THERE,
    READ_BOXES,
    READ_TEXTS,
    SCRIPT_SIZES,
    WIDTHS,
)
from viz_app.style.gradients import NOTATIONS, PARTIAL, G
from viz_app.style.theme import MATH_FAMILY

pytestmark = pytest.mark.browser

# One stage with an explanation, in which gradients are named in all places.
PLACE = "?preset=one&grain=Inside&stage=11&cell=g_K,0,4"
KERNEL = {G: "g(L,K)", PARTIAL: "∂L/∂K"}


def texts(page: Page) -> dict[str, str]:
    """What is read of a page, by where it stands; without spaces."""
    found: dict[str, str] = page.evaluate(READ_TEXTS)
    return found


def wait_for_notation(page: Page, notation: str) -> None:
    """Wait until all places have a notation, and none has the other one."""
    (other,) = set(NOTATIONS) - {notation}
    eventually(
        page,
        lambda: texts(page),
        lambda found: (
            KERNEL[notation] in found["board"]
            and KERNEL[notation] in found["explanation"]
            and not any(KERNEL[other][:4] in text for text in found.values())
        ),
        f"not everything is written in the notation {notation}",
    )


def test_the_font_of_formulas_is_given_to_the_page_once(open_dashboard: Open) -> None:
    page = open_dashboard(PLACE).page
    page.wait_for_function(FONT_IS_THERE, arg=MATH_FAMILY)
    # What is drawn with it is not what any other font gives.
    widths: list[float] = page.locator(".head math").first.evaluate(WIDTHS, MATH_FAMILY)
    used, alone, without = widths
    assert used == alone != without
    sizes: list[float] = page.evaluate(SCRIPT_SIZES)
    assert sizes == pytest.approx([0.7] * len(sizes), abs=0.01)
    assert sizes


def test_a_notation_is_that_of_all_places_and_of_the_address(open_dashboard: Open) -> None:
    dashboard = open_dashboard(PLACE)
    page = dashboard.page
    wait_for_notation(page, G)
    expect_whole(page)
    dashboard.field("Notation").select_option("∂L/∂K")
    wait_for_notation(page, PARTIAL)
    expect_whole(page)
    expect(page).to_have_url(re.compile(r"[?&]notation=partial(&|$)"))
    # The words of charts, in sight or only for those who point at something, too.
    dashboard.bring_to_front("Gradient flow")
    eventually(
        page,
        lambda: page.evaluate(AXIS_LABELS),
        lambda labels: "|∂L/∂·|" in labels,
        "the axis of the gradient flow has the other notation",
    )
    dashboard.press("Step")
    expect(page).to_have_url(re.compile(r"inner=2.*[?&]notation=partial(&|$)"))
    dashboard.field("Notation").select_option("g(L, K)")
    expect(page).not_to_have_url(re.compile("notation="))


def test_an_address_opens_its_notation_and_refuses_another(open_dashboard: Open) -> None:
    wait_for_notation(open_dashboard(f"{PLACE}&notation=partial").page, PARTIAL)
    refused = open_dashboard(f"{PLACE}&notation=dots")
    expect(refused.alert.first).to_contain_text("notation: dots is not one of g, partial")
    wait_for_notation(refused.page, G)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_no_formula_is_cut_off(open_dashboard: Open, notation: str) -> None:
    dashboard = open_dashboard(f"?preset=one&grain=Inside&notation={notation}")
    page = dashboard.page
    page.wait_for_function(FONT_IS_THERE, arg=MATH_FAMILY)
    seen = set[str]()
    while dashboard.iteration == 1:
        seen.add(dashboard.told())
        expect_whole(page)
        step(dashboard)
    assert len(seen) > 10


def cut_off(page: Page) -> list[dict[str, Any]]:
    """The formulas in sight that something cuts off, and where they lie."""
    boxes: list[dict[str, Any]] = page.evaluate(READ_BOXES)
    assert boxes
    return [box for box in boxes if not box["inside"]]


def expect_whole(page: Page) -> None:
    """Wait until nothing cuts off a formula."""
    eventually(page, lambda: cut_off(page), lambda found: not found, "cut off")


def step(dashboard: Dashboard) -> None:
    """Press Step and wait until the next stage or inner stage is named."""
    heading = dashboard.page.locator(".head h2")
    before = heading.inner_text()
    dashboard.press("Step")
    expect(heading).not_to_have_text(before)


AXIS_LABELS = """() => [...Bokeh.documents[0].all_models]
    .filter((model) => model.type === "LogAxis").map((axis) => axis.axis_label)"""

"""A network of one's own is typed, checked while one types, trained, and opened again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ON_PHONE, Open
from tests.browser.dashboard import Dashboard, eventually, expect_no_change, settled
from tests.browser.export import wait_for_python

pytestmark = pytest.mark.browser

AREA = "Network, one layer a line"


class Form:
    """The form of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.get_by_role("button", name="Settings", exact=True).click()
        page.get_by_text("Network and training", exact=True).click()
        self.area = page.get_by_label(AREA, exact=True)
        self.fault = page.locator("#network-fault")
        self.train = page.get_by_role("button", name="Train this network", exact=True)
        expect(page.locator("#network-total")).to_have_text(
            re.compile("Total: .* params; .* an image")
        )

    def type_at_end(self, text: str) -> None:
        self.area.click()
        self.area.press("Control+End")
        self.page.keyboard.type(text)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def lines(self) -> list[str]:
        return self.area.input_value().split("\n")

    @property
    def marked(self) -> Locator:
        return self.page.locator(".lines mark")


def walk_through(dashboard: Dashboard) -> str:
    """Type a network into the form, and train it; return the address."""
    page, form = dashboard.page, Form(dashboard.page)
    before, status = form.area.input_value(), dashboard.told()

    form.type_at_end("\ncnov 4")
    expect(form.fault).to_contain_text("'cnov' is not a layer; did you mean conv? known are")
    expect(form.marked).to_have_text("cnov 4")
    # It stands right under the letters that are wrong.
    expect(form.area).to_have_attribute("aria-invalid", "true")
    expect(form.train).to_be_disabled()
    expect_no_change(page, dashboard.told)
    expect(dashboard.status).to_have_text(status)

    form.press("Undo")
    eventually(page, form.area.input_value, lambda text: "cnov" not in text, "undone")
    form.type_at_end("\nrelu 3")
    expect(form.fault).to_contain_text("the layer relu takes no further words")
    form.press("Back to what is trained")
    expect(form.fault).to_be_hidden()
    expect(form.area).to_have_value(before)

    form.area.press("Control+Home")
    page.get_by_label("Insert a layer").select_option("tanh")
    assert form.lines[:2] == [before.split("\n")[0], "tanh"]
    form.area.press("Control+z")
    expect(form.area).to_have_value(before)
    form.press("Redo")
    eventually(page, lambda: form.lines[1], "tanh".__eq__, "not done again")
    expect(page.locator("ol.known > li").nth(1)).to_contain_text("4×4")
    form.train.click()
    expect(page.get_by_role("group", name="network", exact=True)).to_contain_text("tanh")
    expect(form.train).to_be_disabled()

    optimiser = page.get_by_label("Optimiser", exact=True)
    optimiser.fill("adam beta3 0.9")
    expect(page.locator("#part-optimizer-fault")).to_contain_text(
        "the optimiser adam takes beta1 <number>"
    )
    optimiser.fill("adam beta1 0.8")
    optimiser.press("Enter")
    page.get_by_label("Choose: Loss", exact=True).select_option("mse")
    said = ("loss=mse", "optimizer=adam+beta1+0.8", "tanh")
    url = eventually(
        page, lambda: page.url, lambda url: all(one in url for one in said), "not in the address"
    )
    page.get_by_role("button", name="Settings", exact=True).click()
    return url


def follow(dashboard: Dashboard) -> None:
    """Look whether a page shows what was typed."""
    page = dashboard.page
    expect(page.get_by_role("group", name="network", exact=True)).to_contain_text("tanh")
    form = Form(page)
    eventually(page, lambda: form.lines[1], "tanh".__eq__, "another network is written")
    expect(page.get_by_role("textbox", name="Optimiser", exact=True)).to_have_value(
        "adam beta1 0.8"
    )
    expect(page.get_by_role("textbox", name="Loss", exact=True)).to_have_value("mse")
    form.press("Back to the preset")
    strip = page.get_by_role("group", name="network", exact=True)
    expect(strip).not_to_contain_text("tanh")
    eventually(page, lambda: form.lines, lambda lines: "tanh" not in lines, "it is still written")


def test_a_network_is_typed_trained_and_opened_again(open_dashboard: Open) -> None:
    url = walk_through(open_dashboard("?preset=one", bare=True))
    follow(open_dashboard("?" + url.partition("?")[2], bare=True))


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 720)])
def test_the_form_fits_the_page(open_dashboard: Open, width: int, height: int) -> None:
    page = open_dashboard(viewport={"width": width, "height": height}).page
    form = Form(page)
    form.type_at_end("\nconv 8 q3")
    expect(form.fault).to_be_visible()
    for part in (form.area, form.fault, form.train, page.get_by_label("Augmentation", exact=True)):
        box = settled(page, part.bounding_box)
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_keys_of_the_page_are_letters_in_the_form(open_dashboard: Open) -> None:
    dashboard = open_dashboard()
    form, status = Form(dashboard.page), dashboard.told()
    form.type_at_end(" 1234 pa?")
    assert form.lines[-1].endswith(" 1234 pa?")
    form.area.press("ArrowLeft")
    expect_no_change(dashboard.page, dashboard.told)
    expect(dashboard.status).to_have_text(status)
    form.area.press("Escape")
    assert form.area.input_value().endswith(" 1234 pa?")
    expect(form.area).to_be_visible()


def test_what_is_written_otherwise_is_not_new_once_it_is_trained(open_dashboard: Open) -> None:
    form = Form(open_dashboard("?preset=one", bare=True).page)
    form.area.fill("conv 2 k3,relu\n\nresidual(\n conv 2 k3 p1\n)\nflatten\n linear {classes}")
    expect(form.train).to_be_enabled()
    form.train.click()
    strip = form.page.get_by_role("group", name="network", exact=True)
    expect(strip).to_contain_text("residual")
    expect(form.train).to_be_disabled()
    expect(form.page.get_by_role("button", name="Back to what is trained")).to_be_hidden()
    form.type_at_end("\nidentity")
    expect(form.train).to_be_enabled()


def test_what_is_underlined_stays_below_its_letters(open_dashboard: Open) -> None:
    """On a telephone a line may be longer than its room: it is as wide as it is, and scrolled."""
    form = Form(
        open_dashboard("?preset=one", bare=True, viewport={"width": 390, "height": 844}).page
    )
    form.area.fill("conv 2 k3 p1 s1 nobias, conv 2 k3 p1 s1 nobias\ncnov 4")
    expect(form.marked).to_have_text("cnov 4")
    # No letter is cut by the area itself.
    beyond = "a => a.scrollWidth - a.clientWidth"
    eventually(form.page, lambda: form.area.evaluate(beyond), lambda px: px <= 0, "letters are cut")
    form.area.press("Control+Home")
    form.area.press("End")
    eventually(
        form.page,
        lambda: form.area.evaluate("a => a.closest('.lines').scrollLeft"),
        bool,
        "the caret is not followed",
    )
    gap = """mark => mark.getBoundingClientRect().x
        - mark.closest(".text").querySelector("textarea").getBoundingClientRect().x"""
    left = form.area.evaluate("a => parseFloat(getComputedStyle(a).paddingLeft)")
    eventually(
        form.page,
        lambda: form.marked.evaluate(gap),
        lambda found: abs(found - left) < 1,
        "it lies beside its letters",
    )
    # Shapes are not cut either.
    form.area.fill("conv 128 k3 p1\nconv 128 k3 p1\nflatten\nlinear {classes}")
    shapes = form.page.locator(".known li > span:first-child")
    expect(shapes.first).to_have_text("128×6×6")
    cut = "all => all.map(s => s.scrollWidth - s.clientWidth)"
    eventually(
        form.page, lambda: max(shapes.evaluate_all(cut)), lambda px: px <= 0, "a shape is cut"
    )


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (
            "conv 8 k3 p1\nresidual(conv 8 k3 p1, relu)\nconv 8 k3 p1, relu, pool 2\nflatten\n"
            "linear {classes}",
            # 80 + 584 + 584 + 219; 2,592 + 20,736 + 20,736 + 216.
            "Total: 1,467 params; 44,280 multiply-adds an image",
        ),
        # What is in front of the wrong layer of a line.
        ("conv 8 k3 p1\nconv 2 k1, rellu", "So far: 98 params; 3,168 multiply-adds an image"),
        # A network whose layers fit, and that has no output a class.
        ("conv 8 k3 p1\nconv 2 k1", "So far: 98 params; 3,168 multiply-adds an image"),
    ],
)
def test_the_columns_add_up_to_the_total(open_dashboard: Open, text: str, total: str) -> None:
    form = Form(open_dashboard("?preset=one", bare=True).page)
    form.area.fill(text)
    said = form.page.locator("#network-total")
    expect(said).to_contain_text(total)
    lines = form.page.locator("ol.known > li")
    expect(lines).to_have_count(len(form.lines))
    printed = re.findall(r"[\d,]+", said.inner_text())[:2]
    for column, wanted in zip((2, 3), printed, strict=True):
        cells = lines.locator(f"span:nth-child({column})").all_inner_texts()
        assert sum(int(cell.replace(",", "")) for cell in cells) == int(wanted.replace(",", ""))


def test_the_table_is_that_of_the_data_and_the_batch_in_use(open_dashboard: Open) -> None:
    form = Form(open_dashboard("?preset=one", bare=True).page)
    page, total = form.page, form.page.locator("#network-total")
    expect(total).to_contain_text("Total: 25 params; 156 multiply-adds an image, 156 for")
    data, image = page.get_by_label("Data set", exact=True), page.locator("ol.known > li").first
    data.select_option(label="Digits 8×8")
    expect(image).to_contain_text("1×6×6")
    # 10 + 100; 324 + 90.
    expect(total).to_contain_text("Total: 110 params; 414 multiply-adds an image, 414 for")
    page.get_by_label("Batch size", exact=True).fill("4")
    page.get_by_label("Batch size", exact=True).press("Enter")
    expect(total).to_contain_text("an image, 1,656 for the forward pass of a batch of 4")
    # What is written, and not trained yet, too.
    form.area.fill("flatten\nlinear {classes}")
    expect(total).to_contain_text("Total: 650 params; 640 multiply-adds")
    data.select_option(label="Strokes 6×6")
    expect(total).to_contain_text("Total: 111 params; 108 multiply-adds")
    assert form.lines == ["flatten", "linear {classes}"]


OUTLINE = """field => {
    const { borderTopColor, borderTopWidth } = getComputedStyle(field);
    const label = getComputedStyle(field.labels[0]);
    return [borderTopColor, borderTopWidth, label.color, label.fontWeight];
}"""


def looks(field: Locator, holds: Callable[[list[str]], bool]) -> None:
    """Wait until what `OUTLINE` says of a field is as it should be."""
    eventually(field.page, lambda: field.evaluate(OUTLINE), holds, "the outline")


def enter(page: Page, name: str, text: str) -> None:
    field = page.get_by_role("textbox", name=name, exact=True)
    field.fill(text)
    field.press("Enter")


def test_a_refused_text_is_outlined_and_what_stays_in_force_is_said(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=one", bare=True)
    page, alert = dashboard.page, dashboard.alert
    Form(page)
    batch, optimiser, augmentation = (
        page.get_by_role("textbox", name=name, exact=True)
        for name in ("Batch size", "Optimiser", "Augmentation")
    )
    plain_batch, plain = settled(
        page, lambda: [one.evaluate(OUTLINE) for one in (batch, optimiser)]
    )
    enter(page, "Batch size", "12x")
    expect(alert).to_contain_text("expected a whole number from 1 to 120. Batch size stays 1.")
    looks(batch, lambda outline: outline != plain_batch)
    outlined = settled(page, lambda: batch.evaluate(OUTLINE))
    assert outlined not in (plain, plain_batch)
    enter(page, "Optimiser", "adan")
    expect(alert).to_contain_text("Optimiser stays sgd momentum 0.9.")
    expect(page.locator("#part-optimizer-knows")).to_contain_text("In force: sgd momentum 0.9.")
    looks(optimiser, lambda outline: outline == outlined)
    looks(batch, lambda outline: outline == plain_batch)
    # What only the run refuses.
    enter(page, "Augmentation", "shift 99")
    expect(alert).to_contain_text("Augmentation stays none.")
    looks(augmentation, lambda outline: outline == outlined)
    expect(page.locator("#part-augment-knows")).to_contain_text("In force: none.")
    expect(page.locator("#part-augment-fault")).to_be_hidden()
    enter(page, "Augmentation", "shift 1")
    expect(page.locator("#part-augment-knows")).not_to_contain_text("In force")
    looks(augmentation, lambda outline: outline == plain)


@pytest.mark.parametrize("options", [{}, ON_PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("name", "text"), [("Optimiser", "adan"), ("Augmentation", "rotate 10"), ("Seed", "x")]
)
def test_what_is_said_of_a_field_does_not_lie_on_it(
    open_dashboard: Open, options: dict[str, Any], name: str, text: str
) -> None:
    dashboard = open_dashboard("?preset=one", bare=True, **options)
    page = dashboard.page
    Form(page)
    field = page.get_by_role("textbox", name=name, exact=True)
    # As low as it may stand.
    field.evaluate("field => field.scrollIntoView({ block: 'end' })")
    enter(page, name, text)
    said = page.get_by_role("alert").filter(has_text="stays")
    expect(said).to_be_visible()
    width = page.viewport_size["width"] if page.viewport_size else 0

    def seen() -> bool:
        """Look whether the field is what one sees in its middle and at its lower edge."""
        seen: bool = field.evaluate("""field => {
            const box = field.getBoundingClientRect(), x = box.left + box.width / 2;
            const top = y => {
                let node = document.elementFromPoint(x, y);
                while (node?.shadowRoot) node = node.shadowRoot.elementFromPoint(x, y);
                return node;
            };
            return top(box.top + 4) === field && top(box.bottom - 4) === field;
        }""")
        return seen

    eventually(page, seen, bool, "the field is covered")
    beside = page.locator(".cs-settings")
    box, settings = settled(page, lambda: (said.bounding_box(), beside.bounding_box()))
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert settings is not None
    is_left = box["x"] + box["width"] <= settings["x"]
    assert is_left or settings["y"] + settings["height"] <= box["y"]


@pytest.mark.parametrize("options", [{}, ON_PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    "text",
    [
        "conv 8 k3 p1\nflatten\nlinear {classes}",
        "conv 8 k3 p1 s1 nobias, conv 8 k3 p1 s1 nobias, residual(conv 8 k3 p1 | conv 8 k1)\n"
        "flatten\nlinear {classes}",
        # 810,300 params and 29,160,000 multiply-adds in a line.
        "conv 300 k3 p1\nconv 300 k3 p1\nflatten\nlinear {classes}",
    ],
)
def test_all_columns_are_in_sight(open_dashboard: Open, options: dict[str, Any], text: str) -> None:
    form = Form(open_dashboard("?preset=one", bare=True, **options).page)
    form.area.fill(text)
    form.page.locator(".lines").evaluate("lines => { lines.scrollLeft = 0; }")
    cells = form.page.locator("ol.known > li").first.locator("span")
    expect(cells).to_have_count(3)
    expect(cells.first).to_contain_text("6×6")
    heads = form.page.locator(".head.known span")
    frame = settled(form.page, form.page.locator(".lines").bounding_box)
    assert frame is not None
    for cell in (*cells.all(), *heads.all()):
        box = settled(form.page, cell.bounding_box)
        assert box is not None
        assert box["x"] >= frame["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
        assert cell.evaluate("cell => cell.scrollWidth - cell.clientWidth") <= 0
    # And the caret is not below them.
    form.area.press("Control+Home")
    form.area.press("End")
    is_longest = len(form.lines[0]) == max(map(len, form.lines))
    gap = """area => area.closest(".lines").querySelector("ol.known").getBoundingClientRect().x
        - area.getBoundingClientRect().right"""
    if is_longest:
        eventually(form.page, lambda: form.area.evaluate(gap), lambda x: x > -18, "the caret")


@pytest.mark.parametrize("keyword", ["residual", "concat"])
@pytest.mark.parametrize("line", [1, 4], ids=["behind an image", "behind a vector"])
def test_the_menu_puts_branches_in_that_work(open_dashboard: Open, keyword: str, line: int) -> None:
    form = Form(open_dashboard("?preset=one", bare=True).page)
    page = form.page
    form.area.fill("conv 2 k3\nrelu\nflatten\nlinear 5\nlinear {classes}")
    expect(page.locator("ol.known > li").nth(3)).to_contain_text("5")
    form.area.press("Control+Home")
    for _ in range(line - 1):
        form.area.press("ArrowDown")
    page.get_by_label("Insert a layer").select_option(keyword)
    assert form.lines[line] == f"{keyword}("
    # All that is said from here on is said of the new text.
    expect(page.locator("ol.known > li")).to_have_count(len(form.lines))
    expect(form.fault).to_be_hidden()
    expect(page.locator("ol.known > li").nth(line)).to_contain_text("0")
    expect(page.locator("#network-total")).to_contain_text("Total")
    expect(form.train).to_be_enabled()


def test_how_branches_are_written_is_said(open_dashboard: Open) -> None:
    form = Form(open_dashboard("?preset=one", bare=True).page)
    form.area.fill("residual\nflatten\nlinear {classes}")
    expect(form.fault).to_have_text(
        "Line 1: residual needs one or two branches in brackets: write "
        "residual(conv 1 k3 p1, relu) or residual(conv 8 k3 p1 | conv 8 k1), for example; "
        "the layer residual takes (layers), to whose output the input is added, or "
        "(layers | layers), whose outputs are added"
    )
    form.area.fill("residual(conv 1 k3 p1, relu)\nflatten\nlinear {classes}")
    expect(form.fault).to_be_hidden()
    form.area.press("Control+Home")
    expect(form.page.get_by_text("The layer residual takes (layers), to whose")).to_be_visible()


def test_a_schedule_is_explained_with_its_numbers(open_dashboard: Open) -> None:
    form = Form(open_dashboard("?preset=one", bare=True).page)
    schedule, knows = form.page.get_by_label("Schedule", exact=True), "#part-schedule-knows"
    expect(form.page.locator(knows)).to_contain_text("The rate stays at 0.05.")
    schedule.fill("warmup 20, cosine 300")
    said = form.page.locator(knows)
    expect(said).to_contain_text("rises evenly from 0.0025 to 0.05 in iteration 20")
    expect(said).to_contain_text("to 0 in iteration 321 on half a cosine")
    expect(said).to_contain_text("cosine takes <total")


@pytest.mark.slow
def test_without_a_server_too(open_export: Open) -> None:
    dashboard = open_export("?preset=one")
    page = dashboard.page
    wait_for_python(page)
    url = walk_through(dashboard)
    page.goto("about:blank")
    page.goto(url)
    dashboard.wait_until_live()
    wait_for_python(page)
    follow(dashboard)


def test_layers_that_are_scrolled_pass_unseen_below_the_image(open_dashboard: Open) -> None:
    many = "conv 4 k3 p1, " + "relu, tanh, " * 8 + "flatten, linear {classes}"
    page = open_dashboard(f"?model={many}&augment=shift 1").page
    strip = page.get_by_role("group", name="network", exact=True)
    parts = (strip.locator(".source"), strip)
    source, whole = settled(strip.page, lambda: [part.bounding_box() for part in parts])
    assert source
    assert whole
    assert source["height"] >= whole["height"] - 1

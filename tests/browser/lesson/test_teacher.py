"""For a class: a lesson inside a link, an answer that is shown, a lesson on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.dashboard import eventually, expect_no_change
from tests.browser.first.sizes import small_words
from tests.browser.lesson.learner import Learner, asked
from viz_app.lessons import FILES, bundled
from viz_app.lessons.answer import spoken

pytestmark = pytest.mark.browser

LESSON = bundled("1-one-iteration")
COUNT = len(LESSON.steps)
# A lesson with a sum, some of whose terms are blank, and a sign.
PRODUCT, SUM = bundled("2-convolution-as-product"), 3
# px of a page between its margins, at 96 for an inch: A4, and letter.
PAPERS = {"A4": (595, 842, 688, 1017), "Letter": (612, 792, 710, 950)}
SIZES = """nodes => nodes.map(node => [node.scrollWidth, node.getBoundingClientRect().height])"""


def test_a_lesson_of_ones_own_travels_in_its_link(open_dashboard: Open, tmp_path: Path) -> None:
    clipboard = ["clipboard-read", "clipboard-write"]
    page = open_dashboard("?preset=one", bare=True, permissions=clipboard).page
    page.get_by_role("button", name="Lessons", exact=True).click()
    own = tmp_path / "mine.md"
    own.write_text(FILES[LESSON.name], encoding="utf-8")
    page.get_by_label("A lesson from a file").set_input_files(own)
    learner = Learner(page)
    learner.wait_for_step(1, COUNT)
    learner.wait_for_words(lesson="own", step="1")
    expect(learner.panel.get_by_text("characters")).to_have_text(
        re.compile(rf"^{len(page.url):,} characters$")
    )
    learner.press("Copy link of this lesson")
    expect(learner.panel.get_by_text("Copied: ")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    learner.press("Next")
    learner.wait_for_words(lesson="own", step="2")
    link = page.url
    page.go_back()
    learner.wait_for_step(1, COUNT)
    # Somebody else opens it, and comes back to it.
    other = open_dashboard(link.partition("viz_app")[2], bare=True).page
    there = Learner(other)
    there.wait_for_step(2, COUNT)
    other.reload()
    there.wait_for_step(2, COUNT)
    eventually(other, lambda: other.url, link.__eq__, "another address")
    # By a link that has lost something, or all, nothing begins.
    for broken, said in ((link[:-9], "damaged"), (link.split("#")[0], "again")):
        other.goto(broken)
        expect(other.get_by_role("alert")).to_contain_text(said)
        expect(there.panel).to_be_hidden()
        eventually(other, lambda: other.url, lambda url: "lesson" not in url, "the old address")


def test_before_a_class_an_answer_is_shown_on_a_key(open_dashboard: Open) -> None:
    large = ViewportSize(width=1920, height=1080)
    page = open_dashboard(f"?lesson={LESSON.name}&step={COUNT}", bare=True, viewport=large).page
    learner, answer = Learner(page), spoken(asked(LESSON, COUNT).right)
    learner.wait_for_step(COUNT, COUNT)
    show = learner.panel.get_by_role("button", name="Show the answer")
    expect(show).to_be_hidden()
    page.keyboard.press("a")
    page.keyboard.press("p")
    expect(show).to_be_visible()
    expect(learner.verdict).to_be_empty()
    eventually(page, lambda: small_words(page, 20), lambda found: not found, "small words")
    page.keyboard.press("a")
    expect(learner.verdict).to_contain_text(f"Right is: {answer}.")
    expect(learner.panel.get_by_role("textbox")).to_have_value(answer)
    eventually(page, lambda: small_words(page, 20), lambda found: not found, "small words")
    # With other numbers it is a question again.
    learner.press("Again with other numbers")
    learner.wait_for_words(seed="1")
    expect(learner.verdict).to_be_empty()
    # The key is in the list, and can be switched off there; the button stays.
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys.get_by_text("show the answer")).to_be_visible()
    keys.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect_no_change(page, learner.verdict.inner_text)
    show.click()
    expect(learner.verdict).to_contain_text(spoken(asked(LESSON, COUNT, 1).right))
    # Nobody has answered.
    learner.press("Finish")
    expect(learner.panel).to_contain_text("At the first try 0 of")


def test_a_lesson_on_paper_has_blanks_and_a_key_of_its_own(open_dashboard: Open) -> None:
    page = open_dashboard("?preset=one", bare=True, color_scheme="dark").page
    page.get_by_role("button", name="Lessons", exact=True).click()
    page.get_by_role("button", name=f"Hand-out: {PRODUCT.title}").click()
    dialog = page.get_by_role("dialog", name="Hand-out")
    expect(dialog.get_by_role("status")).to_contain_text("answer key")
    for paper, (wide, high, width, height) in PAPERS.items():
        dialog.get_by_label("Paper").select_option(paper)
        page.set_viewport_size(ViewportSize(width=width, height=height))
        page.emulate_media(media="print")
        sheet = page.locator(".cs-print .handout")
        expect(sheet).to_be_visible()
        check_sheet(page)
        # No matrix, nor a step, is larger than a page.
        for css in ("figure", ".step"):
            sizes = sheet.locator(css).evaluate_all(SIZES)
            assert sizes
            assert all(w <= width and h <= height for w, h in sizes), sizes
        page.emulate_media(media="null")
        expect(sheet).to_have_count(0)
        pdf = page.pdf(prefer_css_page_size=True)
        (box,) = set(re.findall(rb"/MediaBox \[0 0 (\d+)\.?\d* (\d+)\.?\d*\]", pdf))
        assert abs(int(box[0]) - wide) <= 1
        assert abs(int(box[1]) - high) <= 1
        (count,) = re.findall(rb"/Count (\d+)", pdf)
        assert len(PRODUCT.steps) / 3 < int(count) <= len(PRODUCT.steps) + 1
    page.set_viewport_size(ViewportSize(width=1280, height=720))
    dialog.get_by_role("button", name="Close").click()
    page.emulate_media(media="print")
    expect(page.locator(".cs-print svg").first).to_be_visible()
    expect(page.locator(".cs-print .handout")).to_have_count(0)
    page.emulate_media(media="null")
    # From the lesson itself.
    page.get_by_role("button", name="Lessons", exact=True).click()
    page.get_by_role("button", name=re.compile(f"^{PRODUCT.title}")).click()
    Learner(page).press("Hand-out")
    expect(dialog.get_by_role("heading", name=PRODUCT.title).first).to_be_visible()


def check_sheet(page: Page) -> None:
    """What the sheet that is to be printed asks, and what only its key tells."""
    sheet = page.locator(".cs-print .handout")
    products = asked(PRODUCT, SUM).terms
    step = sheet.locator(".step").nth(SUM - 1)
    expect(step.locator(".terms .box")).to_have_count(3)
    expect(step.locator("td.empty")).to_have_count(1)
    before, _, _ = sheet.inner_text().rpartition("Answer key")
    key = sheet.locator(".key > div", has_text=f"{SUM} {PRODUCT.steps[SUM - 1].title}")
    right = [spoken(value) for value in products]
    blanks = key.locator("b").inner_text().split(", ")
    assert len(blanks) == 2
    assert set(blanks) <= set(right)
    # Nor is there the sum of them.
    total = spoken(sum(products))
    assert total in key.inner_text()
    assert total not in before
    asking = step.inner_text()
    for text in blanks:
        assert not re.search(rf"(?<![\d.]){re.escape(text)}(?!\d)", asking), text
    assert sheet.locator("math").count() > 10

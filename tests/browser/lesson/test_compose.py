"""A lesson that is composed by clicking, tried, saved, and opened as a lesson."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.access.axe import faults
from tests.browser.conftest import Open
from tests.browser.lesson.learner import Asked, Learner
from viz_app.lessons import Lesson, read_lesson, record_of

pytestmark = pytest.mark.browser

WINDOW = [[0, 0, 0, 1], [0, 0, 0, 2]]


class Composer(Learner):
    """Somebody who composes in the page, and tries it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.form = page.get_by_role("region", name="Compose", exact=True)
        self.steps = self.form.get_by_role("list", name="Steps").get_by_role("button")

    def field(self, name: str) -> Locator:
        return self.form.get_by_label(name, exact=True)

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.field(name).fill(text)

    def do(self, name: str) -> None:
        self.form.get_by_role("button", name=name, exact=True).click()


def asked_in(lesson: Lesson, number: int, array: str, right: object) -> Asked:
    question = lesson.steps[number - 1].question
    assert question is not None
    return Asked(question, right, {}, array)


def test_a_lesson_is_composed_by_clicking(open_dashboard: Open, tmp_path: Path) -> None:
    page = open_dashboard("?preset=one&grain=Inside&stage=1&inner=3", bare=True).page
    page.get_by_role("button", name="Lessons", exact=True).click()
    page.get_by_role("button", name="New lesson").click()
    composer = Composer(page)
    composer.fill(Title="Sums")
    wrong = composer.form.get_by_text("nothing; expected 1 to 300 characters")
    expect(wrong).to_be_visible()
    expect(composer.field("What one can say at the end")).to_have_attribute("aria-invalid", "true")
    composer.field("What one can say at the end").fill("A product is a sum.")
    expect(wrong).to_have_count(0)

    # A number, clicked on the board.
    composer.do("Add this moment")
    expect(composer.field("Heading")).to_be_focused()
    page.keyboard.type("The product")
    composer.fill(Text="X^(col) has a column for each window.")
    expect(composer.form.locator(".shown math").first).to_be_visible()
    composer.field("Kind").select_option("number")
    composer.canvas("K_X_col").click(position={"x": 5, "y": 5})
    expect(composer.field("Rule")).to_have_value("K_X_col[0,0]")
    composer.fill(Question="How large is it?", Why="It is {K_X_col[0,0]}.")
    trace = record_of({"preset": "one", "seed": "0"}).trace
    value = float(trace.stages[0].array("K_X_col")[0, 0])
    expect(composer.form).to_contain_text(f"The iteration answers: {value:.4g}")

    # Cells, by keys alone; one is clicked too often.
    for inner in ("2", "1"):
        page.get_by_role("button", name="Back", exact=True).click()
        composer.wait_for_words(inner=inner, side="compose")
    composer.do("Add this moment")
    expect(composer.field("Heading")).to_have_value("Step 2")
    composer.fill(Heading="Cells", Text="Two cells.")
    composer.field("Kind").select_option("cells")
    composer.fill(Question="Which?", Why="So.")
    grid = page.get_by_role("grid", name="X(in)").first
    grid.focus()
    for key in ("Down", "Right", "Enter", "Right", "Enter", "Down", "Enter", "Enter"):
        grid.press(key if key == "Enter" else f"Arrow{key}")
    expect(composer.field("Rule")).to_have_value("X_in[0,0,0,1]; X_in[0,0,0,2]")
    assert faults(page) == []

    # The list, by keys: there and back.
    composer.steps.nth(2).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(composer.steps.nth(1)).to_contain_text("Cells")
    expect(composer.steps.nth(1)).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(composer.steps.nth(2)).to_contain_text("Cells")

    with page.expect_download() as download:
        composer.do("Save the file")
    assert download.value.suggested_filename == "sums.md"
    file = tmp_path / "sums.md"
    download.value.save_as(file)
    lesson = read_lesson(file.read_bytes())
    assert [step.title for step in lesson.steps] == ["The product", "Cells"]
    number = asked_in(lesson, 1, "", value)
    cells = asked_in(lesson, 2, "X_in", WINDOW)

    # Tried, from the step in hand on, right and wrong; and back.
    composer.do("Try")
    expect(composer.panel.locator(".count")).to_have_text("step 2 of 2")
    composer.commit(cells, WINDOW[:1])
    expect(composer.verdict).to_contain_text("✗ Not right.")
    composer.press("Back to composing")
    expect(composer.steps.nth(2)).to_have_attribute("aria-current", "step")
    expect(composer.field("Question")).to_have_value("Which?")

    # What is not saved is there when the page is opened anew.
    composer.fill(Heading="Neighbours")
    expect(composer.steps.nth(2)).to_contain_text("Neighbours")
    page.reload()
    expect(composer.field("Heading")).to_have_value("Neighbours")
    composer.do("Stop composing")

    page.get_by_role("button", name="Lessons", exact=True).click()
    page.get_by_label("A lesson from a file").set_input_files(file)
    composer.wait_for_step(1, 2)
    composer.commit(number, value)
    expect(composer.verdict).to_contain_text("✓ Right.")
    composer.press("Next")
    composer.wait_for_step(2, 2)
    composer.commit(cells, WINDOW)
    expect(composer.verdict).to_contain_text("✓ Right.")

"""A lesson in the page, as somebody goes through it, comes back to it, or brings a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.dashboard import eventually, expect_no_change, settled
from tests.browser.lesson.learner import Learner, asked
from viz_app.lessons import FILES, bundled
from viz_app.lessons.answer import spoken

pytestmark = pytest.mark.browser

LESSON = bundled("1-one-iteration")
COUNT = len(LESSON.steps)
# The step at which somebody answers wrongly: its number, and what is said of that.
WRONG = (2, "This is only")


def test_somebody_goes_through_the_first_lesson(open_dashboard: Open) -> None:
    page = open_dashboard("?preset=one", bare=True).page
    learner = Learner(page)
    page.get_by_role("button", name=f"{LESSON.title}, {LESSON.minutes} minutes").click()
    for step in LESSON.steps:
        learner.wait_for_step(step.number, COUNT)
        expect(learner.verdict).to_be_empty()
        if step.question is not None:
            here = asked(LESSON, step.number)
            if step.number == WRONG[0]:
                learner.commit(here, here.wrongs[WRONG[1]])
                expect(learner.verdict).to_contain_text(re.compile(rf"Not right.*{WRONG[1]}"))
            else:
                learner.commit(here, here.right)
                expect(learner.verdict).to_contain_text("✓ Right.")
        learner.press("Finish" if step.number == COUNT else "Next")
    questions = sum(step.question is not None for step in LESSON.steps)
    told = f"At the first try {questions - 1} of {questions} questions right."
    expect(learner.panel).to_contain_text(told)


@pytest.mark.parametrize("name", FILES)
def test_every_question_is_answered_wrongly_and_rightly(open_dashboard: Open, name: str) -> None:
    lesson = bundled(name)
    page = open_dashboard("?preset=one", bare=True).page
    page.get_by_role("button", name="Lessons", exact=True).click()
    dialog = page.get_by_role("dialog", name="Lessons")
    # Behind it in its line stand those that print it and edit a copy.
    item = dialog.get_by_role("listitem").nth([*FILES].index(name))
    item.get_by_role("button").first.click()
    Learner(page).go_through(lesson, wrongly=True)


@pytest.mark.parametrize("how", ["keys", "finger"])
def test_cells_are_chosen_without_a_mouse(open_dashboard: Open, how: str) -> None:
    lesson, number = bundled("7-pooling-routes"), 2
    size = {"width": 390, "height": 844}
    phone = {"viewport": size, "has_touch": True, "is_mobile": True}
    options = phone if how == "finger" else {}
    page = open_dashboard("?preset=one", bare=True, **options).page
    page.goto(page.url.partition("?")[0] + f"?lesson={lesson.name}&step={number}")
    learner, here = Learner(page), asked(lesson, number)
    learner.wait_for_step(number, len(lesson.steps))
    learner.commit(here, here.right, how)
    expect(learner.verdict).to_contain_text("✓ Right.")


def test_a_link_leads_to_a_step_that_covers_its_answer_and_is_resumed(open_dashboard: Open) -> None:
    number = COUNT
    page = open_dashboard(f"?lesson={LESSON.name}&step={number}", bare=True).page
    learner, here = Learner(page), asked(LESSON, number)
    learner.wait_for_step(number, COUNT)
    answer = spoken(here.right).removeprefix("\N{MINUS SIGN}")
    # Python has sent the page no number that tells it.
    assert answer not in page.locator("body").inner_text()
    learner.commit(here, -here.right)
    expect(learner.verdict).to_contain_text(answer)
    expect(learner.verdict).to_contain_text("The size is right")
    learner.press("Explain this number")
    expect(page.locator(".why .stored b")).to_be_visible()
    page.get_by_role("button", name="Select nothing").click()
    learner.press("Again with other numbers")
    learner.wait_for_words(step=str(number), seed="1")
    expect(learner.verdict).to_be_empty()
    again = asked(LESSON, number, 1)
    learner.commit(again, again.right)
    expect(learner.verdict).to_contain_text("✓ Right.")
    page.go_back()
    expect(learner.verdict).to_contain_text("✗ Not right.")
    page.reload()
    expect(learner.verdict).to_contain_text("✗ Not right.")


def test_a_broken_file_begins_no_lesson(open_dashboard: Open, tmp_path: Path) -> None:
    page = open_dashboard("?preset=one", bare=True).page
    page.get_by_role("button", name="Lessons", exact=True).click()
    dialog = page.get_by_role("dialog", name="Lessons")
    broken = tmp_path / "mine.md"
    broken.write_text("---\ntitle: Mine\nminutes: long\n---\n## One\nText.\n", encoding="utf-8")
    address = settled(page, lambda: page.url)
    dialog.get_by_label("A lesson from a file").set_input_files(broken)
    expect(dialog.get_by_role("alert")).to_contain_text("Line 3: minutes: long")
    expect_no_change(page, lambda: (page.url, page.get_by_role("region", name="Lesson").count()))
    assert page.url == address
    text = broken.read_text(encoding="utf-8")
    mended = text.replace("long", "5\nlearns: Much.\nmoment: preset=one")
    broken.write_text(mended, encoding="utf-8")
    dialog.get_by_label("A lesson from a file").set_input_files(broken)
    Learner(page).wait_for_words(lesson="own", step="1")
    expect(dialog).to_be_hidden()


# Each step lies in another run. The board has as much room at the second as at the first; what the
# third is about lies far to the right.
FAR = """---
title: Far
minutes: 5
learns: Where it is.
moment: preset=too-fast&batch=4&iteration=40&stage=3&inner=2&grain=Layer
---
## One
Text.
## Two
Text.
```step
moment: iteration=10&batch=8&stage=5&inner=2
```
## Three
Text.
```step
moment: preset=digits&iteration=12&stage=1&inner=3
point: X_col[:,50]
ask: How large is it?
number: K_X_col[0,50]
why: So.
```
"""


def test_a_step_in_another_run_fills_the_board_and_shows_what_it_is_about(
    open_dashboard: Open, tmp_path: Path
) -> None:
    page = open_dashboard("?preset=one", bare=True).page
    page.get_by_role("button", name="Lessons", exact=True).click()
    file = tmp_path / "far.md"
    file.write_text(FAR, encoding="utf-8")
    dialog = page.get_by_role("dialog", name="Lessons")
    dialog.get_by_label("A lesson from a file").set_input_files(file)
    learner = Learner(page)
    learner.wait_for_step(1, 3)
    expect(learner.canvas("gate")).to_be_visible()
    learner.press("Next")
    learner.wait_for_step(2, 3)
    eventually(
        page,
        lambda: learner.canvas("probabilities").bounding_box(),
        lambda box: box and box["width"] > 100,
        "the board is not filled",
    )
    learner.press("Next")
    learner.wait_for_step(3, 3)
    panel = page.locator('.panel[data-key="K_X_col"]')
    first, last = eventually(
        page,
        lambda: re.findall(r"columns (\d+)\D(\d+) of", panel.inner_text()),
        lambda found: len(found) == 1 and int(found[0][0]) <= 50 <= int(found[0][1]),
        "column 50 is out of sight",
    )[0]
    assert int(last) - int(first) > 5

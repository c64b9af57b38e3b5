"""Answers are saved from a lesson, and a teacher reads those of a class on a page of its own."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, Open
from tests.browser.lesson.learner import Learner, asked
from viz_app.answers.page import ANSWERS_PAGE
from viz_app.lessons import Progress, Verdict, bundled, hand_in, read_answers

pytestmark = pytest.mark.browser

LESSON, OTHER = bundled("1-one-iteration"), bundled("8-softmax-and-loss")
COUNT = len(LESSON.steps)
RIGHT, WRONG = Verdict(True, 0, "", ""), Verdict(False, 0, "", "", "You moved with it.")

DROP = """(texts) => {
    const dataTransfer = new DataTransfer();
    for (const name in texts) dataTransfer.items.add(new File([texts[name]], name));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
}"""


def saved(page: Page, press: str) -> tuple[str, str]:
    """Press a button that saves a file; return its name and text."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=press, exact=True).last.click()
    return waiting.value.suggested_filename, waiting.value.path().read_text(encoding="utf-8")


def test_answers_are_saved_with_a_name(open_dashboard: Open) -> None:
    page = open_dashboard(f"?lesson={LESSON.name}&step={COUNT}", bare=True).page
    learner, here = Learner(page), asked(LESSON, COUNT)
    learner.wait_for_step(COUNT, COUNT)
    learner.commit(here, here.right)
    expect(learner.verdict).to_contain_text("✓ Right.")
    learner.press("Save my answers")
    learner.panel.get_by_label("Your name").fill("Zoë B.")
    name, text = saved(page, "Save my answers")
    assert name == "answers-1-one-iteration-zoë-b.json"
    (one,) = read_answers(text).tries
    assert (one.step, one.seed, one.is_right) == (COUNT, 0, True)
    assert 0 < one.took < 60
    expect(learner.panel.get_by_label("Your name")).to_be_hidden()
    learner.press("Finish")
    expect(learner.panel.get_by_label("Your name")).to_be_visible()
    assert read_answers(saved(page, "Save my answers")[1]).tries == (one,)
    page.get_by_role("button", name="Lessons", exact=True).click()
    with page.expect_popup() as waiting:
        page.get_by_role("link", name="read the answers of a class").click()
    expect(waiting.value.get_by_role("heading", name="Answers of a class")).to_be_visible()


def class_at(folder: Path) -> dict[str, str]:
    """Write what a class hands in: two students, and what does not count. Return the texts."""
    progress = Progress.of(LESSON)
    ada = (
        progress.at(6).committed(0, "+", WRONG, 1e9, 20).again(1).committed(1, "-", RIGHT, 2e9, 10)
    )
    ben = progress.at(6).committed(0, "-", RIGHT, 3e9, 5)
    text = hand_in(ada, LESSON, "Ada <b>")
    files = {
        "ada.json": text,
        "ben.json": hand_in(ben, LESSON, ""),
        "copy.json": text,
        "changed.json": text.replace('"is_right": false', '"is_right": true'),
        "half.json": text[: len(text) // 2],
        "other.json": hand_in(Progress.of(OTHER), OTHER, "Cleo"),
        "notes.txt": "milk",
    }
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return files


def test_a_teacher_reads_a_folder_without_a_server(browser: Browser, tmp_path: Path) -> None:
    texts = class_at(tmp_path / "class")
    (tmp_path / "answers.html").write_text(ANSWERS_PAGE, encoding="utf-8")
    with browser.new_context(viewport=DESKTOP) as context:
        page, problems = context.new_page(), list[str]()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url))
        page.goto((tmp_path / "answers.html").as_uri())
        problems.clear()
        page.evaluate(DROP, {"ada.json": texts["ada.json"], "notes.txt": texts["notes.txt"]})
        expect(page.get_by_text("Left out: 1 file")).to_be_visible()
        expect(page.get_by_role("heading", name="Students: 1")).to_be_visible()
        page.get_by_label("Choose a folder").set_input_files(tmp_path / "class")
        students = page.get_by_role("region", name="Students").get_by_role("row")
        expect(students).to_have_count(3)
        expect(students.filter(has_text="Ada <b>")).to_contain_text("✓ 2")
        row = page.get_by_role("region", name="Questions").get_by_role("row").filter(has_text="6")
        expect(row.first).to_contain_text("50%, 1 of 2")
        expect(row.first).to_contain_text("1 × You moved with it.")
        for name, why in {
            "copy.json": "twice: the same answers as class/ada.json",
            "changed.json": "changed: its check code does not fit",
            "half.json": "damaged: it was changed or cut off",
            "other.json": f"of another lesson: {OTHER.title}",
            "notes.txt": "no file of answers",
        }.items():
            left_out = page.get_by_role("listitem").filter(has_text=f"class/{name} –")
            expect(left_out).to_have_text(f"class/{name} – {why}")
        name, text = saved(page, "Save as CSV")
        assert name.endswith("-students.csv")
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        assert [row["name"] for row in rows] == ["Ada <b>", "class/ben.json"]
        assert [row["step 6: right at try"] for row in rows] == ["2", "1"]
        assert problems == []

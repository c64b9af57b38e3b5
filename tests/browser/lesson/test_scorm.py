"""A lesson as a package in a learning platform, whose part a SCORM 1.2 run-time API plays."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from static.build import write_package
from tests.browser.conftest import DESKTOP, watch
from tests.browser.dashboard import eventually
from tests.browser.export import Built, SiteServer, serving
from tests.browser.lesson.learner import Learner, asked
from tools.check_javascript import FOLDER, install
from viz_app.lessons import Progress, Verdict, bundled, read_kept, write_short
from viz_app.place.address import parse

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = bundled("1-one-iteration")
COUNT = len(LESSON.steps)
LIVE = 120_000

# Where the platform has the package; how it opens it, with what it has stored of somebody.
PLATFORM = """<!DOCTYPE html><title>Platform</title><link rel="icon" href="data:,">
<script src="api.js"></script>"""
LAUNCH = """(core) => {
    window.API = new Scorm12API({ autocommit: false, logLevel: 5 });
    API.loadFromJSON(core, "cmi");
    document.querySelector("iframe")?.remove();
    const frame = Object.assign(document.createElement("iframe"), {
        src: "course/index.html", title: "Lesson", width: 1260, height: 700,
    });
    document.body.append(frame);
}"""
STORED = """() => {
    const { core, suspend_data } = API.renderCMIToJSONObject().cmi, { raw, min, max } = core.score;
    return {
        status: core.lesson_status, location: core.lesson_location, exit: core.exit,
        time: core.session_time, score: [min, raw, max], suspend_data, over: API.isTerminated(),
    };
}"""


@pytest.fixture
def server(built: Built, tmp_path: Path) -> Iterator[SiteServer]:
    assert install() == 0, "npm cannot install what checks the scripts"
    write_package(built.site, LESSON, tmp_path / "lesson.zip")
    with zipfile.ZipFile(tmp_path / "lesson.zip") as packed:
        packed.extractall(tmp_path / "course")
    api = FOLDER / "node_modules" / "scorm-again" / "dist" / "scorm12.min.js"
    (tmp_path / "api.js").write_bytes(api.read_bytes())
    (tmp_path / "platform.html").write_text(PLATFORM, encoding="utf-8")
    with serving(tmp_path) as started:
        yield started


def course(page: Page) -> Frame:
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame is not None
    return frame


def wait_for_stored(page: Page, **values: object) -> dict[str, Any]:
    return eventually(
        page,
        lambda: dict(page.evaluate(STORED)),
        lambda stored: values.items() <= stored.items(),
        f"the platform has not stored {values}",
    )


def test_a_platform_hears_what_somebody_does(browser: Browser, server: SiteServer) -> None:
    problems: list[str] = []
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    watch(page, server.address, problems)
    page.goto(f"{server.address}platform.html")

    # Somebody new begins with the first step; Python is not waited for.
    page.evaluate(LAUNCH, {})
    wait_for_stored(page, status="incomplete", score=["0", "", "100"])
    eventually(
        page,
        lambda: parse(course(page).url.partition("?")[2]),
        {"lesson": LESSON.name, "step": "1"}.__eq__,
        "another address",
    )

    # Somebody else comes back to the last step but one.
    progress = Progress.of(LESSON)
    for step in LESSON.steps[:-1]:
        progress = progress.at(step.number)
        if step.question is not None and step.number < COUNT - 1:
            verdict = Verdict(step.number != 3, "", "", "", "")
            progress = progress.committed(step.seed, 0, verdict, 1.0)
    kept = {"suspend_data": write_short(progress)}
    core = {"lesson_status": "incomplete", "lesson_location": str(COUNT - 1), "entry": "resume"}
    page.evaluate(LAUNCH, {"core": core, **kept})
    frame = course(page)
    frame.wait_for_function("window.convscope?.alive", timeout=LIVE)
    learner = Learner(frame)
    learner.wait_for_step(COUNT - 1, COUNT)
    here = asked(LESSON, COUNT - 1)
    learner.commit(here, next(iter(here.wrongs.values())))
    expect(learner.verdict).to_contain_text("✗ Not right.")
    learner.press("Next")
    learner.wait_for_step(COUNT, COUNT)
    wait_for_stored(page, status="incomplete", location=str(COUNT))
    here = asked(LESSON, COUNT)
    learner.commit(here, here.right)
    # Seven questions, of which the second and the sixth were not right.
    stored = wait_for_stored(page, status="completed")
    assert stored["score"] == ["0", "71", "100"]
    learner.press("Finish")
    expect(learner.panel).to_contain_text("At the first try 5 of 7 questions right.")
    page.evaluate("document.querySelector('iframe').remove()")
    stored = wait_for_stored(page, over=True)
    assert (stored["exit"], stored["status"]) == ("suspend", "completed")
    assert stored["time"] > "0000:00:00"
    found = read_kept(stored["suspend_data"])
    assert [one.is_right for one in found.tries] == [True, False, True, True, True, False, True]
    assert found.is_done(LESSON)
    # Nothing of it is in the browser, which somebody else may use next.
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('lesson'))") == []

    # Without a platform the lesson is the same; the page says that nobody hears of it.
    page.goto(f"{server.address}course/index.html")
    notice = page.locator("#cs-notice")
    expect(notice).to_contain_text("No learning platform answers here", timeout=LIVE)
    expect(notice).to_have_role("status")
    Learner(page).wait_for_step(1, COUNT)
    context.close()
    assert not problems, "\n".join(problems)

"""The dashboard without a server, opened in every way that a person may."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.data import load_npz
from static import build
from static.parts import DRAW, HEAP, IMPORT, LATER, LOOK, Site, SitePart
from tests.browser.conftest import DESKTOP, watch
from tests.browser.dashboard import (
    RESUMED,
    Dashboard,
    eventually,
    expect_no_change,
    settled,
    usual,
)
from tests.browser.dashboard import wait_until_kept as wait_until_frame_is_kept
from tests.browser.export import (
    KEPT,
    LIVE,
    WAYS,
    Built,
    SiteServer,
    address,
    serving,
    wait_for_python,
)
from tests.browser.files import (
    expect_saved_weights,
    own_data,
    own_pictures,
    upload,
)
from tests.browser.inside import Inside, blocks, read_number
from tests.browser.lesson.learner import Learner, asked
from tests.browser.mathematics.formulas import FONT_IS_THERE
from tests.rounding import assert_close
from tests.viz_app.viewers import arrive, viewer_of
from tools.serving import served_app
from viz_app.lessons import FILES, bundled, pack
from viz_app.place.address import carrying
from viz_app.run.presets import DEFAULT
from viz_app.style.theme import MATH_FAMILY

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Milliseconds within which Python lives, also where it has to import everything on a busy machine.

Visit = Callable[..., Dashboard]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Give out what opens an address as a new visitor; fail if a page reported an error.

    That is the usual run where Python is waited for, and otherwise the address as it is. Where
    trouble is what is tried, it goes into the list `expected`.
    """
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def open_one(
        address: str, *, live: bool = True, expected: list[str] | None = None
    ) -> Dashboard:
        context = browser.new_context(viewport=DESKTOP)
        contexts.append(context)
        page = context.new_page()
        watch(page, address, problems if expected is None else expected)
        place, _, query = address.partition("?")
        page.goto(place + usual(query) if live else address)
        dashboard = Dashboard(page)
        dashboard.wait_until_live()
        if live:
            wait_for_python(page)
        return dashboard

    yield open_one
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def server(built: Built) -> Iterator[SiteServer]:
    with serving(built.folder) as started:
        yield started


@pytest.mark.parametrize("way", WAYS)
def test_trains_and_explains_however_it_is_opened(built: Built, visit: Visit, way: str) -> None:
    with address(built, way) as place:
        inside = Inside(visit(place))
        page = inside.page
        for _ in range(3):
            inside.step()
        inside.back()
        assert inside.dashboard.iteration == 3
        assert inside.stop().height <= DESKTOP["height"]
        assert inside.dashboard.canvases()
        inside.go("backward", "conv2")
        assert compare(inside)
        cell = inside.select("g_K")
        stored = page.locator(".why .stored b")
        eventually(
            page,
            lambda: read_number(stored),
            lambda told: told == pytest.approx(inside.stored(cell), rel=1e-4),
            "the number of another cell is shown",
        )
        page.wait_for_function(FONT_IS_THERE, arg=MATH_FAMILY)
        page.get_by_role("button", name="Check this gradient").click()
        expect(page.locator(".why .good")).to_contain_text("relative error")
        inside.dashboard.press("Play")
        expect(inside.dashboard.button("Pause")).to_be_visible()
        eventually(page, lambda: inside.dashboard.iteration, lambda k: k >= 5, "Play does not run")
        inside.dashboard.press("Pause")
        expect(inside.dashboard.button("Play")).to_be_visible()


def compare(inside: Inside) -> int:
    """Compare what is drawn with the same run as it is natively; return of how many arrays."""
    count = 0
    for key, shown, held in blocks(inside.stop(), inside.viewer):
        size = inside.magnitude(key)
        # The layers before pass on roundings, other ones in the browser.
        assert_close(shown, held, magnitude=size, roundings=256, what=key)
        count += 1
    return count


def test_same_numbers_as_on_the_server_at_every_layer(server: SiteServer, visit: Visit) -> None:
    inside = Inside(visit(server.address))
    inside.start("Layer")
    count = 0
    for _ in inside.viewer.trace.stages:
        count += compare(inside)
        inside.step()
    assert inside.viewer.trace.iteration == 2
    assert count > len(inside.viewer.trace.stages)


@pytest.mark.parametrize("way", ["server", "file by double click"])
def test_takes_own_files_and_gives_the_weights(
    built: Built, visit: Visit, way: str, tmp_path: Path
) -> None:
    with address(built, way) as place:
        dashboard, viewer = visit(place), viewer_of()
        upload(dashboard, own_data(tmp_path, padding=3_000_000), "halves (yours)")
        viewer.use_data(load_npz(tmp_path / "halves.npz"))
        expect(dashboard.status).to_have_text(viewer.status)
        paths, data = own_pictures(tmp_path)
        upload(dashboard, paths, "your images (yours)")
        viewer.use_data(data)
        for _ in range(2):
            dashboard.step()
            viewer.step()
        expect(dashboard.status).to_have_text(viewer.status)
        dashboard.press("Back")
        dashboard.wait_for_iteration(2)
        viewer.goto(2)
        expect_saved_weights(dashboard, viewer, "convscope-your-images-iteration-2.npz")
        paths[0].write_bytes(b"broken")
        dashboard.field("Your data").set_input_files(paths)
        expect(dashboard.alert).to_contain_text("is no image that can be read")
        dashboard.wait_for_iteration(2)


def test_an_address_leads_to_the_same_moment(server: SiteServer, visit: Visit) -> None:
    dashboard = visit(f"{server.address}?seed=3&iteration=4&grain=Layer&stage=12")
    dashboard.wait_for_iteration(4)
    viewer = viewer_of()
    viewer.set("seed", 3)
    for _ in range(3):
        viewer.step()
    viewer.go_to_stage(11)
    expect(dashboard.status).to_have_text(viewer.status)


# What was to be seen, in this order: an iteration or a replay, the timeline, what the notice said.
WATCH = """
window.seen = [];
window.said = new Set();
const look = () => {
    const now = new Set();
    const shown = (root) => {
        for (const node of root.querySelectorAll("*")) {
            const isSeen = node.checkVisibility({ visibilityProperty: true });
            if (isSeen && node.matches(".track")) now.add("timeline");
            if (isSeen && node.matches(".cs-status, .cs-message") && node.textContent) {
                now.add(node.textContent.split(/ ·|:/)[0]);
            }
            if (node.shadowRoot) shown(node.shadowRoot);
        }
    };
    shown(document);
    const words = [...now].sort().join();
    if (words && seen.at(-1) !== words) seen.push(words);
    const notice = document.querySelector("#cs-notice:not([hidden]) p");
    if (notice) said.add(notice.textContent.replace(/[0-9]+[.][0-9]/g, "#"));
    requestAnimationFrame(look);
};
look();
"""


def test_a_moment_is_opened_without_another_one_first(server: SiteServer, visit: Visit) -> None:
    dashboard = visit(server.address)
    page = dashboard.page
    page.add_init_script(WATCH)
    server.gate.clear()
    page.goto(f"{server.address}?preset=mnist&iteration=30&stage=3")
    notice = page.locator("#cs-notice")
    loading = "Opening iteration 30 of MNIST: Loading Python: "
    expect(notice).to_contain_text(loading)
    expect(notice.get_by_role("progressbar")).to_be_visible()
    page.wait_for_function("recorded !== null", timeout=LIVE)
    expect(dashboard.status).to_be_hidden()
    server.gate.set()
    expect(dashboard.status).to_be_visible(timeout=LIVE)
    dashboard.wait_for_iteration(30)
    expect(notice).to_be_hidden()
    # What is seen is noted each time that the screen is drawn.
    seen = eventually(
        page,
        lambda: page.evaluate("seen"),
        lambda seen: seen[-1] == "iteration 30,timeline",
        "seen",
    )
    assert seen[0] in {"Replaying to iteration 30", "iteration 30,timeline"}
    assert not [words for words in seen if "iteration 1" in words]
    said = page.evaluate("[...said]")
    assert f"{loading}# of # MB" in said
    assert "Opening iteration 30 of MNIST" in said
    assert not [words for words in said if "click" in words]
    # An address without a moment shows the first look at once.
    server.gate.clear()
    page.goto(server.address)
    dashboard.wait_for_iteration(1)
    server.gate.set()


@pytest.mark.parametrize("way", ["server", "folder by double click"])
def test_a_moment_that_was_computed_once_is_there_at_once(
    built: Built, visit: Visit, way: str
) -> None:
    with address(built, way) as place:
        dashboard = visit(f"{place}?preset=mnist&iteration=200&stage=12")
        dashboard.wait_for_iteration(200, patience=120)
        told, page = dashboard.told(), dashboard.page
        assert page.evaluate(RESUMED) == 0
        wait_until_frame_is_kept(dashboard, 199)
        page.reload()
        wait_for_python(page)
        dashboard.wait_for_iteration(200)
        eventually(page, lambda: page.evaluate(RESUMED), (199).__eq__, "computed again")
        assert dashboard.told() == told


# All text in sight, and the pictures of the stage, in whose cells numbers are written; but for the
# charts, which a page without a server draws behind their tabs too.
READ_PRINTED = """() => {
    const found = [];
    const walk = (root) => {
        for (const node of root.childNodes) {
            const is_seen = root.checkVisibility?.({ visibilityProperty: true });
            if (node instanceof Text && is_seen) found.push(node.data);
            if (node instanceof Element && !node.matches("[class*=Tabs]")) {
                if (node.matches(".panel canvas")) found.push(node.toDataURL());
                walk(node.shadowRoot ?? node);
            }
        }
    };
    walk(document.body);
    return found.filter((text) => text.trim());
}"""


def test_the_same_digits_are_printed_after_three_thousand_iterations(
    server: SiteServer, visit: Visit
) -> None:
    viewer = viewer_of()
    viewer.run.replay(viewer.run.recipe, 3000)
    arrive(viewer)
    with served_app() as served:
        both = [
            Inside(visit(f"{server.address}?iteration=3000")),
            Inside(visit(served.address + usual("?iteration=3000"), live=False)),
        ]
        for inside in both:
            expect(inside.dashboard.status).to_contain_text("iteration 3000 ", timeout=LIVE)
            inside.viewer = viewer

        def expect_the_same_print() -> None:
            eventually(
                both[0].page,
                lambda: [inside.page.evaluate(READ_PRINTED) for inside in both],
                lambda found: len(found[0]) > 50 and found[0] == found[1],
                f"the export prints other digits: {viewer.status}",
            )

        for stage in viewer.trace.stages:
            for inside in both:
                inside.go(stage.phase, stage.layer)
            expect_the_same_print()
        for inside in both:
            inside.go("backward", "conv2")
            inside.select("g_K")
            expect(inside.page.locator(".why .stored")).to_be_visible()
        expect_the_same_print()
        for inside in both:
            inside.page.context.close()


def test_a_first_visit_loads_nothing_twice_and_is_small(
    built: Built, server: SiteServer, visit: Visit
) -> None:
    page = visit(server.address).page
    wait_until_kept(page)
    asked = Counter(settled(page, lambda: list(server.asked)))
    assert {path: count for path, count in asked.items() if count > 1} == {}
    # All of them: what is asked for before the page is live depends on how busy the machine is.
    files = [urlsplit(path).path[1:] or "index.html" for path in asked]
    sizes = [(built.folder / file).stat().st_size for file in files]
    assert sum(sizes) <= 34e6
    assert built.file.stat().st_size <= 45e6


def wait_until_kept(page: Page, old: str = "") -> str:
    """Wait until the page is kept for a visit without network; return under which name."""
    return eventually(
        page,
        lambda: str(page.evaluate(KEPT)),
        lambda name: bool(name) and name != old and "unfinished" not in name,
        "the page is not kept",
    )


def test_a_second_visit_needs_no_network(built: Built, visit: Visit) -> None:
    with serving(built.folder) as started:
        dashboard = visit(started.address)
        wait_until_kept(dashboard.page)
    dashboard.page.reload()
    dashboard.wait_until_live()
    wait_for_python(dashboard.page)
    dashboard.step()


def test_a_new_build_replaces_the_kept_one(built: Built, visit: Visit, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    build.write_folder(built.site, folder)
    with serving(folder) as started:
        dashboard = visit(started.address)
        first = wait_until_kept(dashboard.page)
        other = Site([*built.site.parts, SitePart.packed("note", b"new", (LATER,))],
                     built.site.rendering)  # fmt: skip
        build.write_folder(other, folder)
        started.asked.clear()
        dashboard.page.reload()
        dashboard.wait_until_live()
        wait_for_python(dashboard.page)
        wait_until_kept(dashboard.page, first)
        # Of all parts only the new one was asked for.
        assert [path for path in started.asked if "parts/" in path] == [f"/{other.parts[-1].file}"]


def test_a_click_before_python_lives_is_kept_and_answered(server: SiteServer, visit: Visit) -> None:
    server.gate.clear()
    dashboard = visit(server.address, live=False)
    dashboard.press("Iteration")
    dashboard.press("Step")
    notice = dashboard.page.locator("#cs-notice")
    expect(notice).to_contain_text(re.compile(r"Loading Python: \d+\.\d of \d+\.\d MB"))
    expect(notice).to_be_visible()
    dashboard.wait_for_iteration(1)
    server.gate.set()
    dashboard.wait_for_iteration(2)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "subfolder"])
def test_starts_by_importing_when_the_heap_cannot_be_restored(
    built: Built, visit: Visit, way: str, tmp_path: Path
) -> None:
    parts = [
        SitePart.packed(part.name, gzip.decompress(part.content)[:-100_000], part.modes)
        if part.name == "heap.bin"
        else part
        for part in built.site.parts
    ]
    other = Built(replace(built.site, parts=parts), tmp_path / "deep down", tmp_path / "site.html")
    build.write_folder(other.site, other.folder)
    build.write_file(other.site, other.file)
    said: list[str] = []
    with address(other, way) as place:
        dashboard = visit(place, expected=said)
        dashboard.step()
        assert dashboard.page.evaluate("mode") == "import"
    assert any("Python starts by importing instead" in text for text in said)


def test_a_part_that_is_missing_leaves_the_first_iteration_to_be_looked_at(
    built: Built, visit: Visit, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    build.write_folder(built.site, folder)
    (part,) = [part for part in built.site.parts if part.name == "pyodide.asm.wasm"]
    (folder / part.file).unlink()
    with serving(folder) as started:
        inside = Inside(visit(started.address, live=False, expected=[]))
        inside.viewer = viewer_of(DEFAULT)
        notice = inside.page.locator("#cs-notice")
        expect(notice).to_contain_text("the part pyodide.asm.wasm is missing", timeout=LIVE)
        expect(notice).to_contain_text("can be looked at", timeout=LIVE)
        inside.page.locator(".track .bar").nth(3).click()
        inside.viewer.go_to_stage(3)
        expect(inside.dashboard.status).to_have_text(inside.viewer.status)
        compare(inside)


def test_somebody_goes_through_all_lessons(server: SiteServer, visit: Visit) -> None:
    lessons = [bundled(name) for name in FILES]
    page = visit(f"{server.address}?lesson={lessons[0].name}", live=False).page
    wait_for_python(page)
    learner = Learner(page)
    for lesson in lessons:
        learner.go_through(lesson, wrongly=False)
        if lesson is not lessons[-1]:
            learner.press("The next lesson")


def test_a_lesson_inside_a_link_is_answered_and_printed(server: SiteServer, visit: Visit) -> None:
    lesson = bundled("1-one-iteration")
    number, text = len(lesson.steps), carrying(pack(FILES[lesson.name]))
    page = visit(f"{server.address}?lesson=own&step={number}{text}", live=False).page
    wait_for_python(page)
    learner, here = Learner(page), asked(lesson, number)
    learner.wait_for_step(number, number)
    learner.commit(here, here.right)
    expect(learner.verdict).to_contain_text("✓ Right.")
    learner.press("Hand-out")
    expect(page.get_by_role("dialog", name="Hand-out")).to_contain_text("Answer key")


def test_runs_in_a_frame_without_an_origin(server: SiteServer, visit: Visit) -> None:
    page = visit(server.address, live=False).page
    page.set_content(
        f'<iframe sandbox="allow-scripts" src="{server.address}" width=1200 height=700></iframe>'
    )
    frame = page.frames[1]
    frame.wait_for_function("window.convscope?.alive", timeout=LIVE)
    frame.get_by_role("button", name="Iteration", exact=True).click()
    frame.get_by_role("button", name="Step", exact=True).click()
    expect(frame.locator(".cs-status")).to_contain_text("iteration 2", timeout=LIVE)


def test_importing_gives_the_document_that_is_drawn_already(
    server: SiteServer, visit: Visit
) -> None:
    dashboard = visit(f"{server.address}?start=import", live=False)
    before = dashboard.page.evaluate("window.first = Bokeh.documents[0]; Bokeh.documents.length")
    dashboard.press("Iteration")
    dashboard.press("Step")
    wait_for_python(dashboard.page)
    dashboard.wait_for_iteration(2)
    assert dashboard.page.evaluate("Bokeh.documents.length") == before
    assert dashboard.page.evaluate("Bokeh.documents[0] === window.first")


def test_a_lost_worker_says_so_and_starts_again_where_it_was(
    server: SiteServer, visit: Visit
) -> None:
    dashboard = visit(server.address, expected=[])
    dashboard.step()
    dashboard.page.wait_for_function("location.search.includes('iteration=2')", timeout=LIVE)
    dashboard.page.evaluate("convscope.patience = 500; convscope.worker.terminate()")
    dashboard.press("Step")
    notice = dashboard.page.locator("#cs-notice")
    expect(notice).to_contain_text("Python has stopped")
    notice.get_by_role("button", name="Restart").click()
    dashboard.wait_until_live()
    wait_for_python(dashboard.page)
    dashboard.wait_for_iteration(2)


FAIL_ONCE = """() => {
    const page = Bokeh.documents[0];
    page.apply_json_patch = () => { delete page.apply_json_patch; throw new Error("not drawn"); };
}"""


def test_what_cannot_be_drawn_does_not_stop_what_follows(server: SiteServer, visit: Visit) -> None:
    said: list[str] = []
    dashboard = visit(server.address, expected=said)
    dashboard.page.evaluate(FAIL_ONCE)
    dashboard.press("Step")
    eventually(dashboard.page, lambda: list(said), bool, "the error is not reported")
    dashboard.press("Step")
    dashboard.wait_for_iteration(3)


def test_a_second_tab_is_independent(server: SiteServer, visit: Visit) -> None:
    one, other = visit(server.address), visit(server.address)
    one.step()
    one.step()
    other.step()
    assert [settled(page.page, page.told).split(" ·")[0] for page in (one, other)] == [
        "iteration 3",
        "iteration 2",
    ]


def test_pause_answers_at_once_while_training_runs(server: SiteServer, visit: Visit) -> None:
    dashboard = visit(server.address)
    dashboard.field("Speed").select_option("fast")
    dashboard.press("Play")
    eventually(dashboard.page, lambda: dashboard.iteration, lambda now: now > 5, "no training")
    dashboard.press("Pause")
    expect(dashboard.button("Play")).to_be_visible(timeout=5000)
    expect_no_change(dashboard.page, dashboard.told)


def test_every_part_has_a_purpose(built: Built) -> None:
    modes = Counter(mode for part in built.site.parts for mode in part.modes)
    assert set(modes) == {DRAW, LOOK, HEAP, IMPORT, LATER}


def test_the_first_iteration_can_be_looked_at_before_python_lives(
    server: SiteServer, visit: Visit
) -> None:
    server.gate.clear()
    inside = Inside(visit(server.address, live=False))
    inside.viewer = viewer_of(DEFAULT)
    inside.page.wait_for_function("recorded !== null", timeout=LIVE)
    count = 0
    for stage in (6, 3, 12, 10, 0, 9):
        inside.page.locator(".track .bar").nth(stage).click()
        for inner in range(len(inside.viewer.trace.stages[stage].inner)):
            if inner:
                inside.page.get_by_role("tab").nth(inner).click()
            inside.viewer.go_to_stage(stage, inner)
            expect(inside.dashboard.status).to_have_text(inside.viewer.status)
            count += compare(inside)
    assert count > 6
    assert not inside.page.evaluate("convscope.alive")
    server.gate.set()
    wait_for_python(inside.page)
    inside.arrive()
    compare(inside)

"""Whatever is wrong with a part, the storage or the browser: the page says what, and what to do.

The real page runs in a real browser here, around parts of a few bytes, so that every part can be
spoilt in every way. The real Python with a spoilt part is in `test_export.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Browser, BrowserContext, Page, expect

from static import build
from static.page import page as page_of
from static.parts import DRAW, HEAP, IMPORT, LATER, LOOK
from tests.browser.dashboard import eventually
from tests.browser.export import KEPT
from tests.browser.faults.stand_in import (
    CUT_CONNECTION,
    DAMAGE,
    FAULTS,
    MISSING,
    MODES,
    FaultyServer,
    flipped,
    serving_faults,
    spoil_embedded,
    spoil_script,
    stand_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.export]

SITE = stand_in()
PARTS = {part.name: part for part in SITE.parts}
# Without a connection there is nothing that could be cut.
AT_REST = [fault for fault in FAULTS if fault != CUT_CONNECTION]
LOOKED = "The first iteration can be looked at stage by stage all the same."
PATIENCE = 30_000  # ms
ALIVE = "window.convscope?.alive"

Open = Callable[..., Page]


def pairs(faults: Sequence[str]) -> list[ParameterSet]:
    """Return every part with every fault; of these each part and each fault is a quick test."""
    quick = some(faults)
    return [
        pytest.param(name, fault, marks=[] if (name, fault) in quick else [pytest.mark.slow])
        for name in MODES
        for fault in faults
    ]


def some(faults: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs that have each part and each fault: what is read is read as from a server."""
    return [(name, faults[i % len(faults)]) for i, name in enumerate(MODES)]


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return one for all tests: each has a server, and so an origin, of its own."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def visit(context: BrowserContext) -> Iterator[Open]:
    """Give out what opens an address; `script` runs before the page."""
    pages = []

    def open_one(address: str, script: str = "") -> Page:
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        if script:
            page.add_init_script(script)
        page.goto(address, wait_until="commit")
        return page

    yield open_one
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, which nothing spoils."""
    folder = tmp_path_factory.mktemp("site")
    build.write_folder(SITE, folder)
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[FaultyServer]:
    with serving_faults(folder) as started:
        yield started


def expect_alert(page: Page, *words: str) -> None:
    """Expect a notice that says all of the words, and no progress without an end."""
    notice = page.locator("#cs-notice")
    for word in words:
        expect(notice.locator("p")).to_contain_text(word)
    expect(notice).to_have_attribute("role", "alert")
    expect(notice).to_be_visible()
    expect(notice.get_by_role("progressbar")).to_be_hidden()


def expect_look(page: Page) -> None:
    """Expect that the first iteration can be looked at."""
    drawn = page.locator("#cs-p1 button")
    drawn.click()
    expect(drawn).to_have_text("stage 2")


def expect_told(page: Page, name: str, remedy: str) -> None:
    """Expect of a page with a part that cannot be had what the part is for."""
    modes = MODES[name]
    if DRAW in modes:
        expect_alert(page, "The page cannot be drawn: the part draw.js ", remedy)
    elif LOOK in modes:
        page.wait_for_function(ALIVE)
        expect_alert(page, "before Python was there: the part first-look.json ", remedy)
    elif IMPORT in modes:
        expect_alert(page, f"Python cannot start: the part {name} ", remedy, LOOKED)
        expect(page.get_by_role("button", name="Restart")).to_be_visible()
        expect_look(page)
    else:  # Python can be started without it.
        page.wait_for_function(ALIVE)
        expect(page.locator("#cs-notice")).to_be_hidden()


def query(name: str) -> str:
    """Return what makes the page need a part at its start."""
    return "?start=import" if LATER in MODES[name] else ""


@pytest.mark.parametrize(("name", "fault"), pairs(FAULTS))
def test_a_server_that_spoils_a_part(
    server: FaultyServer, visit: Open, name: str, fault: str
) -> None:
    server.faults[name] = (fault, 9)
    page = visit(server.address + query(name))
    expect_told(page, name, "copied to the server anew")
    eventually(
        page,
        lambda: [cache for part, cache in server.asked if part == name],
        ["", "no-cache"].__eq__,
        "it is asked for otherwise",
    )


@pytest.mark.parametrize(("name", "fault"), some(AT_REST))
def test_a_folder_with_a_spoilt_part(visit: Open, tmp_path: Path, name: str, fault: str) -> None:
    build.write_folder(SITE, tmp_path)
    spoil_script(tmp_path, PARTS[name], fault)
    page = visit((tmp_path / "index.html").as_uri() + query(name))
    expect_told(page, name, "Copy the whole folder anew")


@pytest.mark.parametrize(("name", "fault"), some(AT_REST))
def test_a_single_file_with_a_spoilt_part(
    visit: Open, tmp_path: Path, name: str, fault: str
) -> None:
    file = tmp_path / "convscope.html"
    spoilt = spoil_embedded(page_of(SITE, single=True), PARTS[name], fault)
    file.write_text(spoilt, encoding="utf-8")
    expect_told(visit(file.as_uri() + query(name)), name, "Get this file anew")


@pytest.mark.parametrize("way", ["server", "folder", "file"])
def test_python_is_imported_if_its_heap_is_of_another_build(
    visit: Open, tmp_path: Path, way: str
) -> None:
    site = stand_in(heap_bin=b"another")
    build.write_folder(site, tmp_path)
    build.write_file(site, tmp_path / "convscope.html")
    with serving_faults(tmp_path) as server:
        name = "convscope.html" if way == "file" else "index.html"
        page = visit(server.address if way == "server" else (tmp_path / name).as_uri())
        page.wait_for_function(ALIVE)
        assert page.evaluate("mode") == "import"
        expect(page.locator("#cs-notice")).to_be_hidden()


def test_what_python_imports_later_is_named_if_it_cannot_be_had(
    server: FaultyServer, visit: Open
) -> None:
    server.faults["site.zip"] = (MISSING, 9)
    page = visit(server.address)
    page.wait_for_function(ALIVE)
    expect_alert(page, "Some things will not work: the part site.zip is missing", "404")


def test_a_connection_that_falls_silent_is_given_up(server: FaultyServer, visit: Open) -> None:
    server.silent = "heap.bin"
    page = visit("about:blank")
    page.clock.install()
    page.goto(server.address)
    for times in (1, 2):
        eventually(
            page,
            lambda: [part for part, _ in server.asked].count("heap.bin"),
            lambda count, times=times: count == times,  # type: ignore[misc]
            "it is not asked for once more",
        )
        page.clock.fast_forward(61_000)
    page.wait_for_function(ALIVE)
    assert page.evaluate("mode") == "import"


CACHED = """async () => {
    const found = {};
    for (const cache of await caches.keys())
        for (const { url } of await (await caches.open(cache)).keys())
            if (url.includes("/parts/")) {
                const answer = await (await caches.open(cache)).match(url);
                const content = new Uint8Array(await answer.arrayBuffer());
                found[new URL(url).pathname.slice(1)] = [...content];
            }
    return found;
}"""


def expect_all_kept(page: Page, built: dict[str, bytes]) -> None:
    eventually(page, lambda: str(page.evaluate(KEPT)), bool, "the page is not kept")
    eventually(
        page,
        lambda: {name: bytes(content) for name, content in page.evaluate(CACHED).items()},
        lambda kept: kept == built,
        "what is kept is not what was built",
    )


BUILT = {part.file: part.content for part in SITE.parts}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, marks=[] if fault == "cut in half" else pytest.mark.slow)
        for fault in FAULTS
    ],
)
def test_what_came_spoilt_once_is_not_kept(server: FaultyServer, visit: Open, fault: str) -> None:
    server.faults |= dict.fromkeys(MODES, (fault, 1))
    page = visit(server.address)
    page.wait_for_function(ALIVE)
    expect_all_kept(page, BUILT)


SPOIL_KEPT = """async () => {
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys())
            if (request.url.includes("/parts/")) await cache.put(request, new Response("half"));
    }
}"""


def test_what_is_kept_and_damaged_is_fetched_and_kept_anew(
    server: FaultyServer, visit: Open
) -> None:
    page = visit(server.address)
    page.wait_for_function(ALIVE)
    expect_all_kept(page, BUILT)
    page.evaluate(SPOIL_KEPT)
    page.reload()
    page.wait_for_function(ALIVE)
    expect_all_kept(page, BUILT)


FULL = """Cache.prototype.put = async () => {
    throw new DOMException("Quota exceeded.", "QuotaExceededError"); }"""
FORBIDDEN = """for (const name of ["open", "has", "keys", "match"])
    CacheStorage.prototype[name] = async () => {
        throw new DOMException("denied", "SecurityError"); };"""


@pytest.mark.parametrize(("script", "why"), [(FULL, "Quota exceeded"), (FORBIDDEN, "denied")])
def test_a_storage_that_keeps_nothing(
    server: FaultyServer, visit: Open, script: str, why: str
) -> None:
    page = visit(server.address, script)
    page.wait_for_function(ALIVE)
    expect_alert(page, "cannot be opened without a network later", why, "Free some of its storage")
    if script == FULL:
        assert page.evaluate("caches.keys()") == []


INLINE = "script-src 'unsafe-inline' 'self' blob:"
POLICIES = {
    f"{INLINE}": ["Python cannot start: it needs WebAssembly and Worker", LOOKED],
    f"{INLINE} 'unsafe-eval'; worker-src 'none'": [
        "Python cannot start: its worker is not allowed", LOOKED
    ],
    "script-src 'unsafe-inline' 'self' 'unsafe-eval'": ["The page cannot be drawn: scripts"],
    "default-src 'self'": ["its scripts may not run here", "open the page by itself"],
    "sandbox": ["its scripts may not run here", "open the page by itself"],
}  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES)
def test_what_a_policy_forbids_is_named(server: FaultyServer, visit: Open, policy: str) -> None:
    server.headers["Content-Security-Policy"] = policy
    page = visit(server.address)
    expect_alert(page, *POLICIES[policy])
    if LOOKED in POLICIES[policy]:
        expect_look(page)


TOO_OLD = {
    "delete globalThis.WebAssembly": ["Python cannot start: it needs WebAssembly", LOOKED],
    "delete globalThis.Worker": ["Python cannot start: it needs WebAssembly and Worker", LOOKED],
    "delete globalThis.DecompressionStream": ["The page cannot be drawn", "too old"],
    "delete globalThis.URLSearchParams": ["cannot start (Uncaught ReferenceError", "too old"],
}


@pytest.mark.parametrize("script", TOO_OLD)
def test_what_an_old_browser_lacks_is_named(server: FaultyServer, visit: Open, script: str) -> None:
    page = visit(server.address, script)
    expect_alert(page, *TOO_OLD[script])
    if LOOKED in TOO_OLD[script]:
        expect_look(page)


@pytest.mark.parametrize("single", [False, True], ids=["folder", "single file"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_a_page_that_was_cut_short(visit: Open, tmp_path: Path, single: bool, share: float) -> None:
    build.write_folder(SITE, tmp_path)
    file = tmp_path / "index.html"
    text = page_of(SITE, single=single)
    start, end = text.index('<script type="application/json"'), text.rindex("</script>")
    file.write_text(text[: start + int(share * (end - start))], encoding="utf-8")
    expect_alert(visit(file.as_uri()), "its file was cut short", "download or copy it again")


def test_runs_in_a_frame_that_has_no_origin(
    server: FaultyServer, folder: Path, visit: Open
) -> None:
    page = visit(server.address)
    page.set_content(f'<iframe sandbox="allow-scripts" src="{server.address}"></iframe>')
    frame = page.frame_locator("iframe")
    expect(frame.locator("#cs-p1 button")).to_have_text("drawn")
    expect(frame.locator("#cs-notice")).to_be_hidden()


def test_nothing_is_said_where_nothing_is_wrong(server: FaultyServer, visit: Open) -> None:
    page = visit(server.address)
    page.wait_for_function(ALIVE)
    expect(page.locator("#cs-notice")).to_be_hidden()
    assert flipped(b"abc") != b"abc"
    assert set(DAMAGE) < set(FAULTS)
    assert {mode for modes in MODES.values() for mode in modes} == {DRAW, LOOK, HEAP, IMPORT, LATER}

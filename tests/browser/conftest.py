"""One server, one Chromium and one export for all tests here; every page is watched for errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, ViewportSize

from tests.browser.dashboard import Dashboard, usual
from tests.browser.export import Built, address, build_at
from tools.serving import Served, chromium, served_app

DESKTOP = ViewportSize(width=1280, height=720)
# Of a browser that is a phone's.
ON_PHONE: dict[str, Any] = {
    "viewport": ViewportSize(width=390, height=844),
    "has_touch": True,
    "is_mobile": True,
}

Open = Callable[..., Dashboard]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the page without a server, which is built once for all of it."""
    for item in items:
        if "built" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.export)


# Not "session": while Playwright runs, other tests would find themselves in its event loop.
@pytest.fixture(scope="package")
def server() -> Iterator[Served]:
    with served_app() as served:
        yield served


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_at(tmp_path_factory.mktemp("export"))


@contextmanager
def watched_pages(server: Served, browser: Browser) -> Iterator[Open]:
    """Give out what opens the dashboard as a new visitor; it takes the options of a context.

    `query` is put behind the address; the run is the usual one (see `usual`) unless the page is
    opened as it is (`bare`). Fails at the end if a page or the server reported an error,
    or if a page asked any other server for anything.
    """
    printed_before = len(server.log.read_bytes())
    contexts = []
    problems: list[str] = []

    def open_one(query: str = "", *, bare: bool = False, **options: Any) -> Dashboard:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        watch(page, server.address, problems)
        page.goto(server.address + (query if bare else usual(query)))
        dashboard = Dashboard(page)
        dashboard.wait_until_live()
        return dashboard

    yield open_one
    for context in contexts:
        context.close()
    printed = server.log.read_bytes()[printed_before:].decode(errors="replace")
    print(printed)
    # A page that is left while a message is on its way: Tornado's report, no fault of the app.
    told = re.sub(
        r"[^\n]*Task exception was never retrieved\n(?:(?!\n\d{4}-).)*WebSocketClosedError\n",
        "",
        printed,
        flags=re.DOTALL,
    )
    if re.search(r"Traceback|ERROR|Warning\b", told):
        problems.append(f"the server reported an error, or warned:\n{printed}")
    assert not problems, "\n".join(problems)


@pytest.fixture
def open_dashboard(server: Served, browser: Browser) -> Iterator[Open]:
    with watched_pages(server, browser) as open_one:
        yield open_one


@pytest.fixture
def open_export(built: Built, browser: Browser) -> Iterator[Open]:
    """Give out what opens the page without a server, behind whose address `query` is put.

    All pages are those of one visitor; `way` is one of the `WAYS`. Fails at the end if a page
    reported an error, or asked any other server for anything.
    """
    problems: list[str] = []
    homes: dict[str, str] = {}
    with ExitStack() as stack:
        context = stack.enter_context(browser.new_context(viewport=DESKTOP))

        def open_one(query: str = "", way: str = "server") -> Dashboard:
            if way not in homes:
                homes[way] = stack.enter_context(address(built, way))
            page = context.new_page()
            watch(page, homes[way], problems)
            page.goto(homes[way] + query)
            dashboard = Dashboard(page)
            dashboard.wait_until_live()
            return dashboard

        yield open_one
    assert not problems, "\n".join(problems)


@pytest.fixture
def dashboard(open_dashboard: Open) -> Dashboard:
    return open_dashboard()


def watch(page: Page, address: str, problems: list[str]) -> None:
    """Add to `problems` what goes wrong on a page from now on, other servers being one of it."""
    home = urlsplit(address).netloc

    def asked(url: str) -> None:
        # `blob:` and `data:` are made by the page itself and have no server.
        place = urlsplit(url)
        if place.scheme not in {"blob", "data"} and place.netloc != home:
            problems.append(f"the page asked another server: {url}")

    def wrote(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text}")

    def failed(error: Error) -> None:
        problems.append(f"error in the page: {error}")

    page.on("console", wrote)
    page.on("pageerror", failed)
    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))

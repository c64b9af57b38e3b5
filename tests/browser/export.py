"""The export as the tests need it: built once, and opened in every way that a person may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page

from static import build
from static.parts import Site, make_site
from static.serve import Quiet
from tests.browser.dashboard import PATIENCE

LIVE = 120_000  # ms until Python computes in the page
WAYS = ("server", "subfolder", "folder by double click", "file by double click")

# Returns the name under which the page is kept for a visit without network; empty if it is not.
KEPT = """async () => {
    const worker = await navigator.serviceWorker.getRegistration();
    return worker?.active ? (await caches.keys()).join() : "";
}"""


@dataclass(frozen=True)
class Built:
    """What was built: its parts, a folder and a single file, and a folder with the site inside."""

    site: Site
    folder: Path
    file: Path

    @property
    def above(self) -> Path:
        return self.folder.parent


def build_at(place: Path) -> Built:
    """Build the site below an empty folder."""
    site = make_site(place / "made", build.DOWNLOADS, None, print)
    found = Built(site, place / "out" / "deep down", place / "convscope.html")
    build.write_folder(site, found.folder)
    build.write_file(site, found.file)
    return found


@dataclass
class SiteServer:
    """A server of files that remembers what it was asked for.

    It keeps the saved heap back until `gate` is set.
    """

    address: str
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)


def wait_for_python(page: Page) -> None:
    page.wait_for_function("window.convscope?.alive", timeout=LIVE)


@contextmanager
def serving(folder: Path) -> Iterator[SiteServer]:
    told = SiteServer("")
    told.gate.set()

    class Remembering(Quiet):
        def do_GET(self) -> None:  # noqa: N802  the name that http.server calls
            told.asked.append(self.path)
            if "heap.bin" in self.path:
                told.gate.wait(PATIENCE)
            super().do_GET()

    handler = partial(Remembering, directory=str(folder))
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        told.address = f"http://localhost:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()


@contextmanager
def address(built: Built, way: str) -> Iterator[str]:
    """Give the address at which the site is, opened in one of the `WAYS`."""
    if way == "server":
        with serving(built.folder) as started:
            yield started.address
    elif way == "subfolder":
        with serving(built.above) as started:
            yield f"{started.address}deep%20down/"
    else:
        path = built.folder / "index.html" if way.startswith("folder") else built.file
        yield path.as_uri()

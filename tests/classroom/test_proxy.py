"""Several processes behind nginx, as `docs/classroom.md` says: sessions stay, and limits hold."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from tools.classroom.line import asking
from tools.classroom.page import Page
from tools.ensure_browser import all_is_required
from tools.ensure_nginx import find_nginx
from tools.serving import Served, free_port, served_app

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs/classroom/nginx.conf"
TEXT = (ROOT / "docs/classroom.md").read_text("utf-8")
HOST = "school.example"
SECONDS = 20.0  # until nginx listens
# What Debian's own configuration puts around a site; the log tells who was led where.
AROUND = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    log_format led '$convscope_visitor $upstream_addr $status $request_uri';
    access_log {folder}/access.log led;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class School:
    """A site behind a proxy.

    Attributes:
        site: address of the dashboard, by https.
        plain: the same by http.
        servers: the processes.
        folder: where nginx writes.
    """

    site: str
    plain: str
    servers: list[Served]
    folder: Path

    def led(self) -> dict[str, list[str]]:
        """Return to which process each request of a visitor was led, by the visitors' names."""
        found: dict[str, list[str]] = {}
        for line in (self.folder / "access.log").read_text().splitlines():
            visitor, process, _, path = line.split(" ", 3)
            if path.startswith("/viz_app"):
                found.setdefault(visitor, []).append(process)
        return found


def program() -> str:
    found = find_nginx()
    if found is None:
        message = "there is no nginx; python -m tools.ensure_nginx gets one"
        if all_is_required():
            pytest.fail(message)
        pytest.skip(message)
    return found


def options(origin: str) -> list[str]:
    """Return the options with which the document starts each process, at an origin of ours."""
    (command,) = re.findall(r"panel serve viz_app (.* --port \$port .*?) &$", TEXT, re.MULTILINE)
    words: list[str] = shlex.split(command.replace("--port $port", ""))
    assert HOST in words
    return [origin if word == HOST else word for word in words]


@contextmanager
def school(folder: Path) -> Iterator[School]:
    command, (port, plain, *ports) = program(), [free_port() for _ in range(4)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-keyout", folder / "key", "-out", folder / "certificate"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    text = SITE.read_text("utf-8")
    for there, here in {
        "listen 443 ": f"listen localhost:{port} ",
        "listen 80;": f"listen localhost:{plain};",
        "127.0.0.1:5101": f"127.0.0.1:{ports[0]}",
        "127.0.0.1:5102": f"127.0.0.1:{ports[1]}",
        "/etc/ssl/certs/school.example.pem": str(folder / "certificate"),
        "/etc/ssl/private/school.example.key": str(folder / "key"),
        HOST: "localhost",
    }.items():
        assert there in text, there
        text = text.replace(there, here)
    (folder / "site.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    with ExitStack() as stack:
        servers = [
            stack.enter_context(served_app(*options(f"localhost:{port}"), port=one))
            for one in ports
        ]
        nginx = subprocess.Popen([command, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
        stack.callback(nginx.wait)
        stack.callback(nginx.terminate)
        wait_for(port)
        yield School(
            f"https://localhost:{port}/viz_app", f"http://localhost:{plain}", servers, folder
        )


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("localhost", port)):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens at port {port}")


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with school(tmp_path_factory.mktemp("school")) as there:
        yield there


def fetch(address: str, **options: Any) -> HTTPResponse:
    async def ask() -> HTTPResponse:
        request = asking(address)
        for name, value in options.items():
            setattr(request, name, value)
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    return asyncio.run(ask())


def visitor(page: Page) -> str:
    """Return the name that the proxy has given to who opened a page."""
    return page.line.cookie.removeprefix("convscope=")


async def come(site: str, count: int) -> list[Page]:
    """Let a class open the dashboard and press Step."""
    pages = await asyncio.gather(*(Page.open(site) for _ in range(count)))
    for page in pages:
        await page.press("Step")
        await page.answered()
    return list(pages)


def test_everybody_stays_at_one_process(behind_proxy: School) -> None:
    async def lesson() -> None:
        pages = await come(behind_proxy.site, 16)
        assert {page.query for page in pages} == {pages[0].query}
        assert {page.digits for page in pages} == {pages[0].digits}
        for page in pages:
            page.line.close()

    asyncio.run(lesson())
    # A websocket is in the log once it is closed.
    end = time.monotonic() + SECONDS
    while sum(map(len, behind_proxy.led().values())) < 32 and time.monotonic() < end:
        time.sleep(0.05)
    led = behind_proxy.led().values()
    assert [len(requests) for requests in led] == [2] * 16
    assert {len(set(requests)) for requests in led} == {1}
    assert len({process for requests in led for process in requests}) == 2


def test_who_reloads_stays_there_too(behind_proxy: School) -> None:
    async def reload() -> Page:
        (page,) = await come(behind_proxy.site, 1)
        page = await page.again()
        page.line.close()
        return page

    page = asyncio.run(reload())
    assert "inner=2" in page.query
    assert len(set(behind_proxy.led()[visitor(page)])) == 1


def test_a_page_of_another_host_is_refused(behind_proxy: School) -> None:
    response = fetch(f"{behind_proxy.site}/ws", headers={
        "Origin": "https://elsewhere.example", "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "c29tZSBzaXh0ZWVuIGI=",
    })  # fmt: skip
    assert response.code == 403


@pytest.mark.parametrize(("size", "code"), [(16_000, 405), (17_000, 413)])
def test_a_large_body_is_refused(behind_proxy: School, size: int, code: int) -> None:
    response = fetch(behind_proxy.site, method="POST", body=b"." * size)
    assert response.code == code


def test_http_leads_to_https(behind_proxy: School) -> None:
    response = fetch(f"{behind_proxy.plain}/viz_app?iteration=3", follow_redirects=False)
    assert response.code == 301
    assert response.headers["Location"] == "https://localhost/viz_app?iteration=3"


def test_who_was_at_a_process_that_is_gone_goes_on_at_the_other(tmp_path: Path) -> None:
    async def lesson(there: School) -> None:
        pages = await come(there.site, 4)
        at = there.led()[visitor(pages[0])][0]
        (server,) = (one for one in there.servers if one.port == int(at.rpartition(":")[2]))
        os.kill(server.process, signal.SIGKILL)
        for page, new in zip(pages, await asyncio.gather(*map(Page.again, pages)), strict=True):
            assert (new.query, new.digits) == (page.query, page.digits)
            assert visitor(new) == visitor(page)
            new.line.close()

    with school(tmp_path) as there:
        asyncio.run(lesson(there))

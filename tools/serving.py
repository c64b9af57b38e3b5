"""The dashboard served on a free port, and the Chromium that looks at it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools.ensure_browser import find_chromium

ROOT = Path(__file__).resolve().parents[1]
# What Chromium does without: two pages that it would prepare for suggestions behind each address
# (a fifth of the work of a test), calls home, and what Playwright leaves out. As the last such
# list is the one that counts, Playwright's names are repeated.
_LEFT_OUT = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PreconnectToSearch",
    "MediaRouter",
    "LensOverlay",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "PaintHolding",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
]
# A sandbox needs rights that a container lacks; the others keep Chromium from calling home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_LEFT_OUT)}",
]
# Seconds until a server that does not answer counts as broken.
PATIENCE = 60


@dataclass(frozen=True)
class Served:
    """A running server: its port, the file into which it prints, its process, and its app."""

    port: int
    log: Path
    process: int
    app: str = "viz_app"

    @property
    def address(self) -> str:
        """Where the dashboard is."""
        return f"http://localhost:{self.port}/{self.app}"


@contextmanager
def served_app(*options: str, port: int | None = None, app: str = "viz_app") -> Iterator[Served]:
    """Serve the dashboard in a process of its own.

    Args:
        options: further ones of `panel serve`.
        port: where; a free one if None.
        app: path of what is served: a folder, or a file that makes the dashboard otherwise.

    Raises:
        RuntimeError: it does not start; the message holds what it printed.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "panel", "serve", app, "--port", str(port), *options]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT
            )
        try:
            deadline = time.monotonic() + PATIENCE
            served = Served(port, log, process.pid, Path(app).stem)
            while not _answers(served):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the dashboard does not start:\n{log.read_text('utf-8')}")
                time.sleep(0.2)
            yield served
        finally:
            process.kill()
            process.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a Chromium without a window.

    Raises:
        playwright.sync_api.Error: there is none; `python -m tools.ensure_browser` gets one.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(served: Served) -> bool:
    connection = http.client.HTTPConnection("localhost", served.port, timeout=PATIENCE)
    try:
        connection.request("GET", f"/{served.app}")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()

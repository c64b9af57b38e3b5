"""Serve a built site: `python -m static.serve site`. Any other web server will do as well."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Quiet(SimpleHTTPRequestHandler):
    """Answers without a line for every request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def site_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of a folder; port 0 is any free one."""
    return ThreadingHTTPServer(("localhost", port), partial(Quiet, directory=str(folder)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m static.serve", description="Serve a site.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0, help="(any free one)")
    options = parser.parse_args(arguments)
    if not (options.folder / "index.html").exists():
        print(f"{options.folder} holds no site; python -m static.build makes one", file=sys.stderr)
        return 1
    with site_server(options.folder, options.port) as server:
        print(f"http://localhost:{server.server_port}/ (Ctrl+C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A site with the real page around tiny parts, and what may become of a part on its way."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from static.parts import PARTS, Site, SitePart
from static.serve import Quiet

RENDERING = {"title": "stand-in", "css": [], "roots": ["p1"], "doc": {}}
# Draws one word, and hands every click on.
DRAW = """
const root = document.createElement("button");
globalThis.Bokeh = { embed: { async embed_items() {
    root.textContent = "drawn";
    document.getElementById("cs-p1").append(root);
    const drawn = {
        on_change(told) { root.onclick = () => told({
            kind: "MessageSent", sync: true,
            msg_data: { origin: { id: "player" }, data: { stage: 1 } } }); },
        apply_json_patch({ events }) { root.textContent = events[0]; },
        create_json_patch: (events) => ({ events }),
    };
    return [{ roots: new Map([["p1", { model: { document: drawn } }]]) }];
} } };
"""
# What the worker uses of Pyodide, without Python.
PYODIDE = """
self.loadPyodide = async ({ _loadSnapshot: heap }) => {
    if (heap && heap[0] !== 104) throw new Error("the heap is of another build");
    const line = { attach() {}, receive() {}, drawn() {} };
    return {
        _module: { linker: { GOT: {}, table: { length: 0 } }, FS: {}, HEAPU8: new Uint8Array(1) },
        _api: { sitePackages: "/" }, unpackArchive() {}, globals: { get: () => () => line },
        runPython: () => RENDERING,
    };
};
""".replace("RENDERING", json.dumps(json.dumps(RENDERING)))
LOOK = {"player": "player", "places": [[["stage 1"]], [["stage 2"]]]}
CONTENTS = {
    "draw.js": DRAW.encode(),
    "first-look.json": json.dumps(LOOK).encode(),
    "pyodide.js": PYODIDE.encode(),
    "pyodide.asm.js": b"// what it defines is in the part above",
    "heap.bin": b"heap",
    "link.json": b'{"modules": [], "offsets": {}, "table": 0}',
}
MODES = {Path(place).name: modes for place, modes in PARTS.items()}


def stand_in(**replaced: bytes) -> Site:
    """Return a site of all parts; `replaced` gives other contents, `heap_bin` for heap.bin."""
    contents = CONTENTS | {name.replace("_", "."): value for name, value in replaced.items()}
    parts = [
        # Long enough to be cut in half.
        SitePart.packed(name, contents.get(name, name.encode() * 50), modes)
        for name, modes in MODES.items()
    ]
    return Site(parts, json.dumps(RENDERING))


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


Fault = Callable[[bytes], bytes]
# What becomes of the bytes of a part, or of a page.
DAMAGE: dict[str, Fault] = {
    "empty": lambda _: b"",
    "cut in half": lambda content: content[: len(content) // 2],
    "one bit flipped": flipped,
    "replaced by an error page": lambda _: b"<!DOCTYPE html><title>Not found</title>",
}
MISSING, CUT_CONNECTION = "missing", "connection cut in the middle"
FAULTS = (*DAMAGE, MISSING, CUT_CONNECTION)


@dataclass
class FaultyServer:
    """A server of a folder that spoils what it is told to.

    Attributes:
        address: of the page.
        faults: by name of a part, its fault and how often it happens.
        asked: of what, and with which `Cache-Control`.
        headers: sent with everything.
        silent: name of a part of which only half comes, until this is set to something else.
    """

    address: str = ""
    faults: dict[str, tuple[str, int]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    silent: str = ""
    _spoken: threading.Condition = field(default_factory=threading.Condition)

    def take(self, name: str) -> str:
        fault, times = self.faults.pop(name, ("", 0))
        if times > 1:
            self.faults[name] = (fault, times - 1)
        return fault


class Spoiling(Quiet):
    """Answers as `FaultyServer` says."""

    def __init__(self, *args: object, told: FaultyServer, **options: object) -> None:
        self.told = told
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def end_headers(self) -> None:
        for name, value in self.told.headers.items():
            self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:  # noqa: N802  the name that http.server calls
        path = urlsplit(self.path).path
        name = part_of(path)
        self.told.asked.append((name or path, self.headers.get("Cache-Control", "")))
        fault = self.told.take(name)
        if not fault and not (name and name == self.told.silent):
            super().do_GET()
        elif fault == MISSING:
            self.send_error(404)
        else:
            content = Path(self.translate_path(path)).read_bytes()
            sent = DAMAGE["cut in half" if fault in {"", CUT_CONNECTION} else fault](content)
            self.send_response(200)
            told = content if fault in {"", CUT_CONNECTION} else sent
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(sent)
            self.wfile.flush()
            while not fault and name == self.told.silent:
                threading.Event().wait(0.05)
            self.close_connection = True


def part_of(path: str) -> str:
    """Return the part that a path names, as in `/parts/heap.bin.0123456789ab.bin`; else nothing."""
    return path.removeprefix("/parts/").rsplit(".", 2)[0] if path.startswith("/parts/") else ""


@contextmanager
def serving_faults(folder: Path) -> Iterator[FaultyServer]:
    told = FaultyServer()
    handler = partial(Spoiling, directory=str(folder), told=told)
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        told.address = f"http://localhost:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        told.silent = ""
        server.shutdown()


def spoil_script(folder: Path, part: SitePart, fault: str) -> None:
    """Spoil what a double click reads of a part."""
    script = folder / f"{part.file}.js"
    if fault == MISSING:
        script.unlink()
    else:
        script.write_bytes(DAMAGE[fault](script.read_bytes()))


def spoil_embedded(page: str, part: SitePart, fault: str) -> str:
    """Return the single file with a part spoilt."""
    text = base64.b64encode(part.content).decode()
    assert page.count(text) == 1
    if fault == MISSING:
        return page.replace(f'id="cs-part-{part.name}"', "")
    return page.replace(text, DAMAGE[fault](text.encode()).decode())


def is_whole(content: bytes, part: SitePart) -> bool:
    """Whether a part is what was built."""
    return content == part.content and bool(gzip.decompress(content))

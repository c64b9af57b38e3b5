"""Build the export: `python -m static.build --out site`, or `--single-file --out convscope.html`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from static.node import BuildError
from static.page import page, part_script, scripts, weights
from static.python_parts import HEAP, LATER, Python, make_python

DOWNLOADS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "convscope"


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def write_folder(python: Python, out: Path) -> dict[str, int]:
    """Write the site as a folder; return the size of each of its files."""
    files = {"index.html": page(python, single=False).encode()}
    files |= {name: text.encode() for name, text in scripts().items()}
    for part in python.parts:
        files[part.file] = part.content
        files[f"{part.file}.js"] = part_script(part).encode()
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {name: len(content) for name, content in files.items()}


def write_file(python: Python, out: Path) -> int:
    """Write the site as one HTML file; return its size."""
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.write_bytes(page(python, single=True).encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line asks for."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as work:
        try:
            python = make_python(Path(work), options.cache, options.pyodide, say)
        except (BuildError, ModuleNotFoundError) as error:
            print(error, file=sys.stderr)
            return 1
        if options.single_file:
            out = options.out or Path("convscope.html")
            say(f"{out}: {write_file(python, out) / 1e6:.1f} MB")
        else:
            out = options.out or Path("site")
            fresh = Path(work) / "site"
            sizes = write_folder(python, fresh)
            _replace(fresh, out)
            report(python, sizes, out)
    return 0


def report(python: Python, sizes: dict[str, int], out: Path) -> None:
    """Say what each part weighs."""
    say("\n".join(weights({k: v for k, v in sizes.items() if not k.endswith(".bin.js")})))
    early = sum(len(part.content) for part in python.parts if HEAP in part.modes)
    shell = sum(size for name, size in sizes.items() if "/" not in name)
    late = sum(len(part.content) for part in python.parts if LATER in part.modes)
    beside = sum(size for name, size in sizes.items() if name.endswith(".bin.js"))
    say(f"{out}: {(early + shell) / 1e6:.1f} MB until it is live, {late / 1e6:.1f} MB afterwards")
    say(f"  and {beside / 1e6:.1f} MB for opening it by double click, which no server sends")


def _replace(fresh: Path, out: Path) -> None:
    """Put the new site where the old one was, at once."""
    if out.exists() and not (out / "index.html").exists() and any(out.iterdir()):
        raise BuildError(f"{out} holds something else; name an empty folder or an older site")
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(fresh, out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m static.build", description="Build the dashboard as a site without a server."
    )
    parser.add_argument("--out", type=Path, help="folder (site), or file (convscope.html)")
    parser.add_argument("--single-file", action="store_true", help="one HTML file")
    parser.add_argument("--pyodide", type=Path, metavar="DIR", help="folder with the runtime")
    parser.add_argument("--cache", type=Path, default=DOWNLOADS, help=f"downloads ({DOWNLOADS})")
    return parser


if __name__ == "__main__":
    sys.exit(main())

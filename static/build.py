"""Build the dashboard as a site without a server: `python -m static.build --help`.

Or one lesson of it as a package for a learning platform: `--scorm`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from static.page import page, part_script, served_files
from static.parts import DRAW, HEAP, LATER, LOOK, SHELL, Site, make_site
from static.runtime.node import BuildError
from static.scorm.package import choose, package
from viz_app.answers.page import ANSWERS_PAGE
from viz_app.lessons import Lesson

DOWNLOADS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "convscope"

# What an older site holds, and nothing else.
WRITTEN = {"index.html", "answers.html", "licences.txt", "service-worker.js", "parts"}


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def write_folder(site: Site, out: Path) -> None:
    """Write the site as a folder."""
    files = served_files(site)
    files["answers.html"] = ANSWERS_PAGE.encode()
    files["service-worker.js"] = (SHELL / "page" / "service-worker.js").read_bytes()
    for part in site.parts:
        files[f"{part.file}.js"] = part_script(part).encode()
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def write_file(site: Site, out: Path) -> int:
    """Write the site as one HTML file; return its size."""
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.write_bytes(page(site, single=True).encode())


def write_package(site: Site, lesson: Lesson, out: Path) -> int:
    """Write the site as a package for an LMS; return its size."""
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.write_bytes(package(site, lesson))


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line asks for; return 1 if it cannot be built."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as work:
        try:
            chosen = choose(options.scorm) if options.scorm else None
            single = "convscope.html" if options.single_file else ""
            single = f"{chosen.lesson.name}.zip" if chosen else single
            out = options.out or Path(single or "site")
            _check_replaceable(out, single=bool(single))
            more = chosen.files if chosen else {}
            site = make_site(Path(work) / "made", options.cache, options.pyodide, say, more)
        except (BuildError, ModuleNotFoundError) as error:
            print(error, file=sys.stderr)
            return 1
        report(site)
        if chosen:
            say(f"{out}: {write_package(site, chosen.lesson, out) / 1e6:.1f} MB")
        elif options.single_file:
            say(f"{out}: {write_file(site, out) / 1e6:.1f} MB")
        else:
            fresh = Path(work) / "site"
            write_folder(site, fresh)
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(fresh, out)
            say(f"{out}: {_size(out) / 1e6:.1f} MB, more than half of it only for a double click")
    return 0


def report(site: Site) -> None:
    """Say what each part weighs."""
    for part in site.parts:
        say(f"  {part.name:<18} {len(part.content) / 1e3:>9,.0f} kB  {', '.join(part.modes)}")
    html = len(page(site, single=False).encode())
    say(f"  {'index.html':<18} {html / 1e3:>9,.0f} kB")
    first = html + site.size(DRAW) + site.size(LOOK)
    say(
        f"a first visit: {first / 1e6:.1f} MB until it is drawn, "
        f"{(first + site.size(HEAP)) / 1e6:.1f} MB until it is live, "
        f"{site.size(LATER) / 1e6:.1f} MB afterwards"
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _check_replaceable(out: Path, *, single: bool) -> None:
    """Refuse to delete what is not an older export: a folder is replaced as a whole."""
    if single:
        if out.is_dir():
            raise BuildError(f"{out} is a folder; name a file")
        return
    if out.is_file():
        raise BuildError(f"{out} is a file; name a folder")
    names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    strangers = names if "service-worker.js" not in names else names - WRITTEN
    if strangers:
        raise BuildError(
            f"{out} holds {min(strangers)}, which no export wrote; "
            "name an empty folder or an older site"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m static.build", description="Build the dashboard as a site without a server."
    )
    parser.add_argument(
        "--out", type=Path, help="folder (site), or file (convscope.html; the lesson's name.zip)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--single-file", action="store_true", help="one HTML file")
    form.add_argument(
        "--scorm", metavar="LESSON", help="a SCORM 1.2 package of a lesson: its name, or its file"
    )
    parser.add_argument("--pyodide", type=Path, metavar="DIR", help="folder with the runtime")
    parser.add_argument("--cache", type=Path, default=DOWNLOADS, help=f"downloads ({DOWNLOADS})")
    return parser


if __name__ == "__main__":
    sys.exit(main())

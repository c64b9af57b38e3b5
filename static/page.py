"""The page: its shell, the recorded first iteration, and where Python's parts are."""

from __future__ import annotations

import base64
import json
import re
from html import escape

from static.drawing import style_sheets
from static.licences import licences
from static.parts import SHELL, Site, SitePart
from viz_app.place.address import ALL_WORDS
from viz_app.run.presets import DEFAULT, PRESETS

# In this order: each uses what those before it have made, `page.js` all of them.
SCRIPTS = ("site.js", "notice.js", "parts.js", "keep.js", "look.js", "opening.js", "page.js")
# Before what looks at the address.
LESSON_SCRIPTS = (*SCRIPTS[:2], "scorm.js", *SCRIPTS[2:])


def page(site: Site, *, single: bool, lesson: str = "") -> str:
    """Return the page as HTML.

    Args:
        site: what it draws and brings to life.
        single: whether everything is inside this one file.
        lesson: name of the lesson that it opens, and reports to a learning platform.
    """
    rendering = json.loads(site.rendering)
    told = {
        "version": site.version,
        "parts": [_entry(part) for part in site.parts],
        "rendering": rendering,
        "styles": style_sheets(site.rendering),
        "words": sorted(ALL_WORDS),
        "presets": {name: preset.title for name, preset in PRESETS.items()},
        "preset": DEFAULT,
        "lesson": lesson,
    }
    embedded = [_embedded(part) for part in site.parts] if single else []
    pieces = {
        "css": "\n".join(rendering["css"]),
        "page.css": _shell("page.css"),
        "site": _safe_json(told),
        "worker": _shell("restore.js") + _shell("worker.js"),
        "first.js": _shell("first.js"),
        "embedded": "\n".join(embedded),
        "page.js": "".join(map(_shell, LESSON_SCRIPTS if lesson else SCRIPTS)),
        "licences": licences(site.origins).replace("--", "–"),
    }
    return re.sub(r"<!--([\w.]+)-->", lambda match: pieces[match[1]], _shell("page.html"))


def served_files(site: Site, lesson: str = "") -> dict[str, bytes]:
    """Return what a server of files needs to serve the site, by name; `lesson` is as in `page`."""
    return {
        "index.html": page(site, single=False, lesson=lesson).encode(),
        "licences.txt": licences(site.origins).encode(),
        **{part.file: part.content for part in site.parts},
    }


def part_script(part: SitePart) -> str:
    """Return a part as a script, for a page that no server serves."""
    return f'csPart("{part.file}", "{base64.b64encode(part.content).decode()}")'


def _entry(part: SitePart) -> dict[str, object]:
    return {
        "name": part.name,
        "file": part.file,
        "size": len(part.content),
        "modes": part.modes,
    }


def _embedded(part: SitePart) -> str:
    text = base64.b64encode(part.content).decode()
    return f'<script type="text/plain" id="cs-part-{escape(part.name)}">{text}</script>'


def _safe_json(value: object) -> str:
    return json.dumps(value).replace("<", "\\u003c")


def _shell(name: str) -> str:
    return (SHELL / "page" / name).read_text(encoding="utf-8")

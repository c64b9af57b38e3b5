"""The page: its shell, the recorded first iteration, and where Python's parts are."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from static.packages import installed
from static.python_parts import SHELL, Python, SitePart

# What draws: Bokeh's and Panel's own scripts, of the versions that are installed here.
SCRIPTS = {
    "bokeh.min.js": ("bokeh", "bokeh/server/static/js/bokeh.min.js"),
    "bokeh-widgets.min.js": ("bokeh", "bokeh/server/static/js/bokeh-widgets.min.js"),
    "bokeh-tables.min.js": ("bokeh", "bokeh/server/static/js/bokeh-tables.min.js"),
    "panel.min.js": ("panel", "panel/dist/panel.min.js"),
}
# Panel names its style sheets by this address, and its version.
STYLES = re.compile(r"panel/[\d.]+/(dist/[\w/.-]+\.css)")


def scripts() -> dict[str, str]:
    """Return the scripts that draw, by file name, without the addresses of their source maps."""
    found = {}
    for name, (package, path) in SCRIPTS.items():
        text = _file(package, path).read_text(encoding="utf-8")
        found[name] = re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text)
    return found


def page(python: Python, *, single: bool) -> str:
    """Return the page as HTML.

    Args:
        python: what it brings to life.
        single: whether everything is inside this one file.
    """
    rendering = json.loads(python.rendering)
    site = {
        "parts": [_entry(part) for part in python.parts],
        "rendering": rendering,
        "styles": _style_sheets(python.rendering),
    }
    if single:
        tags = [_inline(text) for text in scripts().values()]
        embedded = [_embedded(part) for part in python.parts]
    else:
        tags = [f'<script src="{name}"></script>' for name in scripts()]
        embedded = []
    pieces = {
        "css": "\n".join(rendering["css"]),
        "page.css": _shell("page.css"),
        "site": _safe_json(site),
        "worker": _shell("restore.js") + _shell("worker.js"),
        "scripts": "\n".join(tags),
        "embedded": "\n".join(embedded),
        "page.js": _shell("parts.js") + _shell("page.js"),
    }
    return re.sub(r"<!--([\w.]+)-->", lambda match: pieces[match[1]], _shell("page.html"))


def part_script(part: SitePart) -> str:
    """Return a part as a script, for a page that no server serves."""
    return f'csPart("{part.file}", "{base64.b64encode(part.content).decode()}")'


def _entry(part: SitePart) -> dict[str, object]:
    return {
        "name": part.name,
        "file": part.file,
        "size": len(part.content),
        "gzip": part.gzip,
        "modes": part.modes,
    }


def _style_sheets(rendering: str) -> dict[str, str]:
    """Return the style sheets that a document names, by their addresses."""
    return {
        match[0]: _file("panel", f"panel/{match[1]}").read_text(encoding="utf-8")
        for match in STYLES.finditer(rendering)
    }


def _embedded(part: SitePart) -> str:
    text = base64.b64encode(part.content).decode()
    return f'<script type="text/plain" id="cs-part-{escape(part.name)}">{text}</script>'


def _inline(script: str) -> str:
    harmless = script.replace("</script", "<\\/script")
    return f"<script>{harmless}</script>"


def _safe_json(value: object) -> str:
    return json.dumps(value).replace("<", "\\u003c")


def _shell(name: str) -> str:
    return (SHELL / name).read_text(encoding="utf-8")


def _file(package: str, path: str) -> Path:
    return Path(str(installed(package).locate_file(path)))


def weights(files: dict[str, int]) -> Sequence[str]:
    """Return lines that tell how much each file weighs, in kB."""
    width = max(map(len, files))
    return [f"  {name:<{width}}  {size / 1e3:>9,.0f} kB" for name, size in files.items()]

"""What draws in the browser: Bokeh's and Panel's own scripts and style sheets."""

from __future__ import annotations

import re
from pathlib import Path

from static.packages import installed

# Of the versions that are installed here.
SCRIPTS = (
    ("bokeh", "bokeh/server/static/js/bokeh.min.js"),
    ("bokeh", "bokeh/server/static/js/bokeh-widgets.min.js"),
    ("bokeh", "bokeh/server/static/js/bokeh-tables.min.js"),
    ("panel", "panel/dist/panel.min.js"),
)
# Panel names its style sheets by this address, and its version.
STYLES = re.compile(r"panel/[\d.]+/(dist/[\w/.-]+\.css)")


def drawing_script() -> bytes:
    """Return the scripts that draw, without the addresses of their source maps."""
    texts = [_file(*where).read_text(encoding="utf-8") for where in SCRIPTS]
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", "\n".join(texts)).encode()


def style_sheets(rendering: str) -> dict[str, str]:
    """Return the style sheets that a document names, by their addresses."""
    return {
        match[0]: _file("panel", f"panel/{match[1]}").read_text(encoding="utf-8")
        for match in STYLES.finditer(rendering)
    }


def _file(package: str, path: str) -> Path:
    return Path(str(installed(package).locate_file(path)))

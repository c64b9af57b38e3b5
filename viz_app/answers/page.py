"""The page that reads files of answers, as one file that needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from viz_app.components.modules import joined
from viz_app.style import theme

FOLDER = Path(__file__).parent


def _page() -> str:
    pieces = {
        "theme": theme.PAGE_CSS,
        "page.css": (FOLDER / "page.css").read_text(encoding="utf-8"),
        "page.js": joined(FOLDER / "page.js"),
    }
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    return re.sub(r"<!--([\w.]+)-->", lambda found: pieces[found[1]], page)


# Read while this is imported: in a saved heap the files are gone.
ANSWERS_PAGE = _page()

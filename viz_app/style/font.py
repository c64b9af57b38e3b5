"""The font of formulas, which comes with the dashboard; `tools/math_font.py` makes its file."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from viz_app.style.theme import MATH_FAMILY

# What it is, and what was changed in it; its licence stands beside the file.
ORIGIN = "STIX Two Math: 2.12, SIL Open Font License 1.1"
CHANGED = "only the characters that formulas use; called ConvScope Math in the page"
FOLDER = Path(__file__).parent / "font"


@cache
def math_font() -> dict[str, str]:
    """Return its name, and its file (WOFF2) in base64, as `common/font.js` takes it."""
    content = (FOLDER / "math.woff2").read_bytes()
    return {"family": MATH_FAMILY, "content": base64.b64encode(content).decode()}

"""What the browser's Python runs first: the dashboard, ready to be linked with the page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import panel.io.pyodide  # noqa: F401  Panel adapts itself to the browser when this is imported
from pyodide.ffi import to_js

from static import bridge

# Bytes of blocks with which free memory is filled, and bytes that are filled with each.
FREE, WIPED = (65_536, 8_192, 1_024), 3_000_000

document = bridge.make_document()
rendering = bridge.rendering(document)


def wipe() -> None:
    """Overwrite memory that is free, as far as small blocks fill it: a saved heap holds it too."""
    blocks = [np.empty(size, np.uint8) for size in FREE for _ in range(WIPED // size)]
    for block in blocks:
        block.fill(0)


def connect(post: Callable[[str, object], None]) -> bridge.Line:
    """Return the line to the page; `post(patch, buffers)` sends a message along it."""
    return bridge.Line(document, lambda patch, buffers: post(patch, to_js(buffers)))
